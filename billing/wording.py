"""How billing writes dollars and days, in sentences, on pages and on paper."""

from datetime import date
from decimal import Decimal

from django.utils.formats import date_format


def dollars(amount: Decimal) -> str:
    """ "$1,575.00"; a credit as "−$75.00"."""
    sign = "−" if amount < 0 else ""
    return f"{sign}${abs(amount):,.2f}"


def day(on: date) -> str:
    """ "June 30, 2027"."""
    return date_format(on, "F j, Y")


def days(first: date, last: date) -> str:
    """ "July 1, 2027", "July 1–2, 2027", "June 28 – July 2, 2027"; with both years where they differ."""
    if first == last:
        return day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{date_format(first, 'F j')}–{date_format(last, 'j, Y')}"
    if first.year == last.year:
        return f"{date_format(first, 'F j')} – {day(last)}"
    return f"{day(first)} – {day(last)}"


def fiscal_year(ends_in: int) -> str:
    """ "2026-27" for the fiscal year that ends on 30 June 2027."""
    return f"{ends_in - 1}-{ends_in % 100:02}"


def as_text(cell: str) -> str:
    """A cell of a table that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell
