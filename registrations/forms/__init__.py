"""The forms of rosters: sheets, rows, money."""
