"""What the templates of registrations write themselves."""
