"""Days on which California's schools are closed: federal holidays and those of Education Code § 37220, computed."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.utils.translation import gettext as _

MONDAY, THURSDAY, SATURDAY, SUNDAY = 0, 3, 5, 6


def between(first: date, last: date) -> list[tuple[date, str]]:
    """The holidays from one day to another, both included."""
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [(day, name) for day in days if (name := named(day))]


def named(day: date) -> str:
    """What the holiday is called, or nothing; one that falls on a weekend is also observed beside it."""
    for year in sorted({day.year, (day + timedelta(days=1)).year}):  # New Year's may be kept on December 31
        for kept, name in _of_year(year):
            if day == kept:
                return name
            if day == _observed(kept):
                return _("%(holiday)s (observed)") % {"holiday": name}
    return ""


def _of_year(year: int) -> Iterator[tuple[date, str]]:
    thanksgiving = _nth(4, THURSDAY, 11, year)
    yield date(year, 1, 1), _("New Year's Day")
    yield _nth(3, MONDAY, 1, year), _("Martin Luther King, Jr. Day")
    yield date(year, 2, 12), _("Lincoln Day")
    yield _nth(3, MONDAY, 2, year), _("Presidents' Day")
    yield date(year, 3, 31), _("Cesar Chavez Day")
    yield _nth(1, MONDAY, 6, year) - timedelta(days=7), _("Memorial Day")
    yield date(year, 6, 19), _("Juneteenth")
    yield date(year, 7, 4), _("Independence Day")
    yield _nth(1, MONDAY, 9, year), _("Labor Day")
    yield _nth(2, MONDAY, 10, year), _("Indigenous Peoples' Day")
    yield date(year, 11, 11), _("Veterans Day")
    yield thanksgiving, _("Thanksgiving")
    yield thanksgiving + timedelta(days=1), _("Day after Thanksgiving")
    yield date(year, 12, 25), _("Christmas Day")


def _nth(number: int, weekday: int, month: int, year: int) -> date:
    """The nth Monday (or other weekday) of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))


def _observed(day: date) -> date:
    """The weekday on which a holiday of the weekend is kept: the Friday before or the Monday after."""
    shift = {SATURDAY: -1, SUNDAY: 1}.get(day.weekday(), 0)
    return day + timedelta(days=shift)
