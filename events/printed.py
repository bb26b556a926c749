"""Days, times and hours as they are printed."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _


def day(on: date) -> str:
    """Thursday, January 21."""
    return date_format(on, "l, F j")


def clock(moment: datetime) -> str:
    """8:00 AM, on the clocks of the moment's own zone."""
    return date_format(moment, "g:i A")


def clocks(starts: datetime, ends: datetime) -> str:
    """8:00–11:45 AM, or 11:45 AM–12:45 PM."""
    same_half = (starts.hour < 12) == (ends.hour < 12)
    return f"{date_format(starts, 'g:i') if same_half else clock(starts)}–{clock(ends)}"


def days(first: date, last: date) -> str:
    """January 21–23, 2027; June 28 – July 2, 2027."""
    if first == last:
        return date_format(first, "F j, Y")
    if (first.year, first.month) == (last.year, last.month):
        return _("%(first)s–%(last)s") % {"first": date_format(first, "F j"), "last": date_format(last, "j, Y")}
    start = date_format(first, "F j" if first.year == last.year else "F j, Y")
    return f"{start} – {date_format(last, 'F j, Y')}"


def hours(minutes: int) -> str:
    """19.5 for 1,170 minutes: at least one decimal, at most two."""
    exact = (Decimal(minutes) / 60).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{exact:.1f}" if exact == exact.quantize(Decimal("0.1")) else f"{exact}"
