"""What the staff's pages of institutes share."""

from datetime import date

from django.utils.dateparse import parse_date


def day_asked(text: str) -> date | None:
    """The day that an address names; nothing when it names none, such as February 30."""
    try:
        return parse_date(text)
    except ValueError:
        return None
