"""Calendar entries that are right in the institute's zone: an invitation for a person, a feed for anyone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Literal
from urllib.parse import urlsplit

from django.conf import settings
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse
from icalendar import Calendar, Event, vCalAddress

from events import printed
from events.models import Institute, Session

Method = Literal["PUBLISH", "REQUEST", "CANCEL"]


@dataclass(frozen=True)
class Copy:
    """One person's copy: `uid` says whose and stays the same for ever, `sequence` rises with every copy she gets.

    `days` are hers where they are not all; with `strikes` her calendar is told that the others are off.
    `attendee` is the address that a REQUEST or a CANCEL goes to.
    """

    uid: str
    sequence: int
    days: DateRange | None = None
    strikes: bool = False
    attendee: str = ""


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
    """The file of one person who has all of the days."""
    copy = Copy(uid, sequence, attendee=attendee)
    return invitations(institute, sessions, [copy], method=method, at=at)[0]


def invitations(
    institute: Institute,
    sessions: Iterable[Session],
    copies: Iterable[Copy],
    *,
    method: Method = "PUBLISH",
    ever: int = 0,
    at: datetime,
) -> list[bytes]:
    """An .ics file for each copy, with one entry a day, from the first block to the last, in the institute's zone.

    The day's number is put before the uid, so that an institute that moves moves the entries it made. Without sessions
    each day is an entry of its own without hours. What all copies share is made once. `ever` is how many days the
    agenda may have had before: a copy that strikes takes out what it does not have any more.
    """
    entries = _days(institute, sessions) or _empty_days(institute)
    here = len(entries)
    entries += [_whole_days(institute.ends_on, institute.ends_on) for _gone in range(here, ever)]
    for entry in entries:
        entry.add("dtstamp", at.astimezone(UTC))
        entry.add("organizer", _organizer())
        _say_what_and_where(entry, institute)
    whole = _calendar(method)
    whole.subcomponents.extend(entries)
    # A year to each side: every change of clocks near the institute, and none of the last century.
    whole.add_missing_timezones(institute.starts_on - timedelta(days=366), institute.ends_on + timedelta(days=366))
    zones = [part for part in whole.subcomponents if part.name == "VTIMEZONE"]
    is_off = method == "CANCEL" or institute.is_canceled
    files = []
    for copy in copies:
        whole.subcomponents = [*zones, *_stamped(entries, here, copy, institute, is_off=is_off)]
        files.append(_bytes(whole))
    return files


def _stamped(entries: Sequence[Event], here: int, copy: Copy, institute: Institute, *, is_off: bool) -> list[Event]:
    """The entries of one copy: the same ones each time, under another name; those after `here` are days that are gone."""
    stamped = []
    for number, entry in enumerate(entries, start=1):
        is_hers = number <= here and (copy.days is None or _day_of(entry, institute) in copy.days)
        if not is_hers and not copy.strikes:
            continue
        for name in ("uid", "sequence", "status", "attendee"):
            entry.pop(name, None)
        entry.add("uid", f"day{number}.{copy.uid}")
        entry.add("sequence", copy.sequence)
        entry.add("status", "CONFIRMED" if is_hers and not is_off else "CANCELLED")
        if copy.attendee:
            entry.add("attendee", vCalAddress(f"mailto:{copy.attendee}"))
        stamped.append(entry)
    return stamped


def _day_of(entry: Event, institute: Institute) -> date:
    starts: datetime | date = entry.decoded("dtstart")
    return starts.astimezone(institute.tz).date() if isinstance(starts, datetime) else starts


def days_ever(institute: Institute) -> int:
    """On how many days its agenda had a block, now or before: calendars know no more of them."""
    history = Session.pgh_event_model.objects.filter(institute=institute)  # type: ignore[attr-defined]  # django-pghistory's
    return len({starts.astimezone(institute.tz).date() for starts in history.values_list("starts_at", flat=True)})


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
