"""What was earned, said once and never edited."""
