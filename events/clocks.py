"""Clocks of a zone: what they show, what they skip in spring and what they show twice in autumn."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events import printed


class NoSuchTime(Exception):
    """A time that the clocks of a zone skip on the night they go forward."""


ZONES = [
    ("America/Los_Angeles", gettext_lazy("Pacific")),
    ("America/Phoenix", gettext_lazy("Arizona")),
    ("America/Denver", gettext_lazy("Mountain")),
    ("America/Chicago", gettext_lazy("Central")),
    ("America/New_York", gettext_lazy("Eastern")),
    ("America/Anchorage", gettext_lazy("Alaska")),
    ("Pacific/Honolulu", gettext_lazy("Hawaii")),
]


def zone_name(zone: str) -> str:
    """Pacific; a zone that has no common name here keeps its own."""
    return str(dict(ZONES).get(zone, zone))


def moment(shown: datetime, zone: ZoneInfo) -> datetime:
    """The aware moment at which the zone's clocks show this (naive) time; the first one when they show it twice.

    Raises NoSuchTime when they never show it.
    """
    first = shown.replace(tzinfo=zone, fold=0)
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != shown:
        raise NoSuchTime(
            _("There is no %(time)s on %(day)s: the clocks go forward that night. Choose another time.")
            % {"time": printed.clock(shown), "day": printed.days(shown.date(), shown.date())}
        )
    return first


def comes_twice(shown: datetime, zone: ZoneInfo) -> bool:
    """Whether the zone's clocks show this (naive) time twice, as they do on the night they go back."""
    first, second = (shown.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    return first.utcoffset() != second.utcoffset() and first.astimezone(UTC) < second.astimezone(UTC)


def days_later(when: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The same time on the clocks, so many days later; over a change of clocks that is not 24 hours a day.

    Raises NoSuchTime when that day's clocks never show it.
    """
    shown = when.astimezone(zone).replace(tzinfo=None, fold=0) + timedelta(days=days)
    return moment(shown, zone)
