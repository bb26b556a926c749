"""Calendar entries that are right in the institute's zone: an invitation for a person, a feed for anyone."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Literal
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from icalendar import Calendar, Event, vCalAddress

from events import printed
from events.models import Institute, Session

Method = Literal["PUBLISH", "REQUEST", "CANCEL"]


def invitation(
    institute: Institute,
    sessions: Iterable[Session],
    *,
    uid: str,
    sequence: int,
    method: Method = "PUBLISH",
    at: datetime,
    attendee: str = "",
) -> bytes:
    """An .ics file with one entry a day, from the first block to the last, in the institute's zone.

    `uid` says for whom and stays the same for ever; the day's number is put before it, so that an institute that moves
    moves the entries it made. `sequence` is the agenda's revision. Without sessions each day is an entry of its own
    without hours. `attendee` is the address that a REQUEST or a CANCEL goes to.
    """
    entries = _days(institute, sessions) or _empty_days(institute)
    calendar = _calendar(method)
    for number, entry in enumerate(entries, start=1):
        entry.add("uid", f"day{number}.{uid}")
        entry.add("sequence", sequence)
        entry.add("dtstamp", at.astimezone(UTC))
        entry.add("status", "CANCELLED" if method == "CANCEL" or institute.is_canceled else "CONFIRMED")
        entry.add("organizer", _organizer())
        if attendee:
            entry.add("attendee", vCalAddress(f"mailto:{attendee}"))
        _say_what_and_where(entry, institute)
        calendar.add_component(entry)
    # A year to each side: every change of clocks near the institute, and none of the last century.
    calendar.add_missing_timezones(institute.starts_on - timedelta(days=366), institute.ends_on + timedelta(days=366))
    return _bytes(calendar)


def feed(institutes: Iterable[Institute], *, name: str, at: datetime) -> bytes:
    """Institutes for a calendar program that asks again and again: one entry each, over all of its days."""
    calendar = _calendar("PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", timedelta(hours=12), parameters={"VALUE": "DURATION"})
    for institute in institutes:
        entry = _whole_days(institute.starts_on, institute.ends_on)
        entry.add("uid", f"institute-{institute.pk}@{urlsplit(settings.SITE_URL).hostname}")
        entry.add("sequence", institute.agenda_revision)
        entry.add("dtstamp", at.astimezone(UTC))
        entry.add("status", "CANCELLED" if institute.is_canceled else "CONFIRMED")
        entry.add("organizer", _organizer())
        _say_what_and_where(entry, institute)
        calendar.add_component(entry)
    return _bytes(calendar)


def _calendar(method: Method) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Cadre//Institutes//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    return calendar


def _bytes(calendar: Calendar) -> bytes:
    ics: bytes = calendar.to_ical()
    return ics


def _days(institute: Institute, sessions: Iterable[Session]) -> list[Event]:
    """An entry for each day that has a block; its description is the day's agenda."""

    def day_of(session: Session) -> date:
        return session.starts_at.astimezone(institute.tz).date()

    in_order = sorted(sessions, key=lambda session: (session.starts_at, session.ends_at))
    return [_day(institute, list(blocks)) for _day_, blocks in groupby(in_order, key=day_of)]


def _day(institute: Institute, blocks: Sequence[Session]) -> Event:
    entry = Event()
    entry.add("dtstart", _moment(blocks[0].starts_at, institute))
    entry.add("dtend", _moment(max(block.ends_at for block in blocks), institute))
    entry.add("description", "\n".join(_block(block, institute) for block in blocks))
    return entry


def _block(block: Session, institute: Institute) -> str:
    hours = printed.clocks(block.starts_at.astimezone(institute.tz), block.ends_at.astimezone(institute.tz))
    return f"{hours} {block.title}" + (f", {block.room}" if block.room else "")


def _moment(moment: datetime, institute: Institute) -> datetime:
    """The moment on the institute's clocks; in UTC when those clocks say it for the second time that night."""
    local = moment.astimezone(institute.tz)
    return moment.astimezone(UTC) if local.fold else local


def _empty_days(institute: Institute) -> list[Event]:
    count = (institute.ends_on - institute.starts_on).days + 1
    days = [institute.starts_on + timedelta(days=number) for number in range(count)]
    return [_whole_days(day, day) for day in days]


def _whole_days(first: date, last: date) -> Event:
    entry = Event()
    entry.add("dtstart", first)
    entry.add("dtend", last + timedelta(days=1))
    entry.add("transp", "TRANSPARENT")
    return entry


def _say_what_and_where(entry: Event, institute: Institute) -> None:
    entry.add("summary", f"{institute.title} ({institute.code})")
    if institute.venue:
        entry.add("location", ", ".join(filter(None, [institute.venue.name, institute.venue.address])))
    entry.add("url", settings.SITE_URL + reverse("events:institute", args=[institute.code]))


def _organizer() -> vCalAddress:
    return vCalAddress(f"mailto:{settings.DEFAULT_FROM_EMAIL}")
