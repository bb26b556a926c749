"""Tags of the templates of institutes."""
