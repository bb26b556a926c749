"""The attendance of one day as a grid: a row for each person, a column for each session."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.utils.formats import time_format

from events.models import Institute, Session
from people.access import Who
from registrations.models import AttendanceEvent, EventKind, Registration


@dataclass(frozen=True)
class Cell:
    """One person in one session: not marked, present, or there for a part of it."""

    registration_id: int
    session_id: int
    key: UUID
    is_marked: bool = False
    part: str = ""

    @property
    def value(self) -> str:
        """What pressing it sends: who, where, and the key under which the press acts once."""
        return f"{self.registration_id}:{self.session_id}:{self.key}"


@dataclass(frozen=True)
class Row:
    registration: Registration
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Column:
    session: Session
    marked: int
    expected: int
    key: UUID


@dataclass(frozen=True)
class Board:
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


def days_of(institute: Institute) -> dict[date, list[Session]]:
    """The sessions that count, by the day in the institute's zone."""
    days: dict[date, list[Session]] = {}
    for session in institute.sessions.filter(counts=True).select_related("strand").in_order():
        days.setdefault(session.starts_at.astimezone(institute.tz).date(), []).append(session)
    return days


def board(institute: Institute, day: date, sessions: list[Session], *, who: Who) -> Board:
    """Everyone registered for the day whom `who` may see, with what stands in the ledger for these sessions."""
    people = (
        Registration.objects.visible_to(who)
        .filter(institute=institute, days__contains=day)
        .live()
        .select_related("person", "seat__allotment__order__sponsor")
        .in_name_order()
    )
    cells = _cells(sessions, institute.tz)
    rows = tuple(
        Row(person, tuple(cells.get((person.pk, session.pk)) or _empty(person.pk, session.pk) for session in sessions))
        for person in people
    )
    marked = [sum(row.cells[number].is_marked for row in rows) for number in range(len(sessions))]
    columns = (Column(session, count, len(rows), uuid4()) for session, count in zip(sessions, marked, strict=True))
    return Board(tuple(columns), rows)


def cell(registration: Registration, session: Session) -> Cell:
    """One cell, as it stands now."""
    found = _cells([session], session.institute.tz, registration=registration)
    return found.get((registration.pk, session.pk)) or _empty(registration.pk, session.pk)


def marked_in(session: Session, *, who: Who) -> int:
    """How many people are marked in a session."""
    day = session.starts_at.astimezone(session.institute.tz).date()
    people = Registration.objects.visible_to(who).live().filter(institute=session.institute, days__contains=day)
    events = AttendanceEvent.objects.standing().filter(session=session).exclude(kind=EventKind.ADJUST)
    return people.filter(pk__in=events.values("registration")).count()


def _empty(registration_id: int, session_id: int) -> Cell:
    return Cell(registration_id, session_id, uuid4())


def _cells(
    sessions: list[Session], tz: ZoneInfo, registration: Registration | None = None
) -> dict[tuple[int, int], Cell]:
    events = AttendanceEvent.objects.standing().filter(session__in=sessions, registration__isnull=False)
    if registration:
        events = events.filter(registration=registration)
    kinds: dict[tuple[int, int], list[tuple[str, datetime]]] = {}
    for key, session, kind, at in (
        events.exclude(kind=EventKind.ADJUST)
        .order_by("at", "kind")
        .values_list("registration_id", "session_id", "kind", "at")
    ):
        kinds.setdefault((key, session), []).append((kind, at))
    return {
        (key, session): Cell(key, session, uuid4(), is_marked=True, part=" ".join(_times(marks, tz)))
        for (key, session), marks in kinds.items()
    }


def _times(marks: list[tuple[str, datetime]], tz: ZoneInfo) -> Iterator[str]:
    """The moments of someone who was there for a part: "8:00" for coming, "–11:40" for leaving."""
    if any(kind == EventKind.PRESENT for kind, _at in marks):
        return
    for kind, at in marks:
        clock = time_format(at.astimezone(tz), "g:i")
        yield f"{clock}–" if kind == EventKind.IN else f"–{clock}"
