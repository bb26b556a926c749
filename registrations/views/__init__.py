"""The pages of registrations: one file for each idea."""
