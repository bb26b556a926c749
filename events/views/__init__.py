"""The pages of institutes: what anyone sees, and what the provider's staff do."""
