"""Days on which California's schools are closed: federal holidays and those of Education Code § 37220, computed."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MONDAY, THURSDAY, SATURDAY, SUNDAY = 0, 3, 5, 6


def between(first: date, last: date) -> list[tuple[date, str]]:
    """The holidays from one day to another, both included."""
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [(day, name) for day in days if (name := named(day))]


def named(day: date) -> str:
    """What the holiday is called, or nothing; one that falls on a weekend is also observed beside it."""
    for year in sorted({day.year, (day + timedelta(days=1)).year}):  # New Year's may be kept on December 31
        for kept, observed, name in _of_year(year):
            if day == kept:
                return str(name)
            if day == observed:
                return _("%(holiday)s (observed)") % {"holiday": name}
    return ""


@cache
def _of_year(year: int) -> tuple[tuple[date, date, Promise], ...]:
    """The day of each holiday, the day on which it is observed, its name."""
    return tuple((day, _observed(day), name) for day, name in _kept_in(year))


def _kept_in(year: int) -> Iterator[tuple[date, Promise]]:
    thanksgiving = _nth(4, THURSDAY, 11, year)
    yield date(year, 1, 1), gettext_lazy("New Year's Day")
    yield _nth(3, MONDAY, 1, year), gettext_lazy("Martin Luther King, Jr. Day")
    yield date(year, 2, 12), gettext_lazy("Lincoln Day")
    yield _nth(3, MONDAY, 2, year), gettext_lazy("Presidents' Day")
    yield date(year, 3, 31), gettext_lazy("Cesar Chavez Day")
    yield _nth(1, MONDAY, 6, year) - timedelta(days=7), gettext_lazy("Memorial Day")
    yield date(year, 6, 19), gettext_lazy("Juneteenth")
    yield date(year, 7, 4), gettext_lazy("Independence Day")
    yield _nth(1, MONDAY, 9, year), gettext_lazy("Labor Day")
    yield _nth(2, MONDAY, 10, year), gettext_lazy("Indigenous Peoples' Day")
    yield date(year, 11, 11), gettext_lazy("Veterans Day")
    yield thanksgiving, gettext_lazy("Thanksgiving")
    yield thanksgiving + timedelta(days=1), gettext_lazy("Day after Thanksgiving")
    yield date(year, 12, 25), gettext_lazy("Christmas Day")


def _nth(number: int, weekday: int, month: int, year: int) -> date:
    """The nth Monday (or other weekday) of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))


def _observed(day: date) -> date:
    """The weekday on which a holiday of the weekend is kept: the Friday before or the Monday after."""
    shift = {SATURDAY: -1, SUNDAY: 1}.get(day.weekday(), 0)
    return day + timedelta(days=shift)
