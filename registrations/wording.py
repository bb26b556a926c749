"""How days and counts are said on pages, in mail and on the lines of an invoice."""

from datetime import date

from django.utils.formats import date_format


def days(first: date, last: date) -> str:
    """ "January 21–23, 2027", "June 28 – July 2, 2027", "January 21, 2027"."""
    if first == last:
        return date_format(first, "F j, Y")
    if first.year != last.year:
        return f"{date_format(first, 'F j, Y')} – {date_format(last, 'F j, Y')}"
    if first.month != last.month:
        return f"{date_format(first, 'F j')} – {date_format(last, 'F j, Y')}"
    return f"{date_format(first, 'F j')}–{date_format(last, 'j, Y')}"


def count(number: int, one: str, many: str = "") -> str:
    """ "1 seat", "4 seats", "2,000 people"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
