"""Rosters: a table is read, its columns are guessed, each row is judged, and a draft remembers what was decided."""
