"""Staff pages about mail and background work."""
