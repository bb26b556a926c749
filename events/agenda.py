"""Blocks of an agenda: written by day and clock, and where they may not stand."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils.translation import gettext as _

from events import clocks, holidays, printed
from events.models import HourType, Institute, Session, Strand


class CannotPlace(Exception):
    """A block that cannot stand where it is written."""


@dataclass(frozen=True, kw_only=True)
class Block:
    """A block as it is written: a day and two times on the institute's clocks."""

    day: date
    starts: time
    ends: time
    title: str
    strand: Strand | None = None
    counts: bool = True
    hour_type: str = HourType.INTENSIVE
    room: str = ""
    capacity: int | None = None
    standards: str = ""

    @classmethod
    def of(cls, session: Session, *, institute: Institute) -> "Block":
        """The block as it would be written to get this session."""
        starts, ends = (moment.astimezone(institute.tz) for moment in (session.starts_at, session.ends_at))
        return cls(
            day=starts.date(),
            starts=starts.time(),
            ends=ends.time(),
            title=session.title,
            strand=session.strand,
            counts=session.counts,
            hour_type=session.hour_type,
            room=session.room,
            capacity=session.capacity,
            standards=session.standards,
        )


def write(block: Block, onto: Session) -> list[str]:
    """Write a block onto a session that is not saved yet.

    Returns a sentence for each time that the clocks show twice: the first one was taken. Raises CannotPlace when the
    block ends before it starts, lies outside the institute's days, or at a time that the clocks skip.
    """
    institute = onto.institute
    starts, ends = (datetime.combine(block.day, shown) for shown in (block.starts, block.ends))
    if ends <= starts:
        raise CannotPlace(
            _("“%(title)s” ends at %(ends)s, before it starts at %(starts)s. Give it a later end.")
            % {"title": block.title, "starts": printed.clock(starts), "ends": printed.clock(ends)}
        )
    if not institute.starts_on <= block.day <= institute.ends_on:
        raise CannotPlace(
            _("%(day)s is not a day of %(institute)s, which goes from %(first)s to %(last)s.")
            % {
                "day": printed.day(block.day),
                "institute": institute.code,
                "first": printed.day(institute.starts_on),
                "last": printed.day(institute.ends_on),
            }
        )
    try:
        onto.starts_at, onto.ends_at = (clocks.moment(shown, institute.tz) for shown in (starts, ends))
    except clocks.NoSuchTime as refusal:
        raise CannotPlace(str(refusal)) from refusal
    for name, value in _facts(block).items():
        setattr(onto, name, value)
    return [
        _("The clocks show %(time)s twice on %(day)s; the first is meant.")
        % {"time": printed.clock(shown), "day": printed.day(block.day)}
        for shown in (starts, ends)
        if clocks.comes_twice(shown, institute.tz)
    ]


def _facts(block: Block) -> dict[str, Any]:
    names = ("title", "strand", "counts", "hour_type", "room", "capacity", "standards")
    return {name: getattr(block, name) for name in names}


def refuse_conflicts(session: Session, others: Iterable[Session]) -> None:
    """Raise CannotPlace when another block of the agenda stands in this one's way."""
    for other in others:
        if other is session or not (session.starts_at < other.ends_at and other.starts_at < session.ends_at):
            continue
        if session.room and session.room.casefold() == other.room.casefold():
            raise CannotPlace(
                _("%(room)s already holds %(other)s.") % {"room": session.room, "other": _described(other)}
            )
        if session.strand_id == other.strand_id:
            where = session.strand.name if session.strand else _("everyone")
            raise CannotPlace(
                _("“%(title)s” overlaps %(other)s for %(where)s.")
                % {"title": session.title, "other": _described(other), "where": where}
            )
        if session.strand_id is None or other.strand_id is None:
            raise CannotPlace(
                _("“%(title)s” overlaps %(other)s, and one of the two is for everyone.")
                % {"title": session.title, "other": _described(other)}
            )


def _described(session: Session) -> str:
    zone = session.institute.tz
    return f"“{session.title}” ({printed.clocks(session.starts_at.astimezone(zone), session.ends_at.astimezone(zone))})"


# --- How an agenda is shown -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """The blocks of one strand, or of everyone, within a stretch of time."""

    strand: Strand | None
    sessions: list[Session]


@dataclass(frozen=True)
class Day:
    """A day of an institute: stretches of time, each with its columns side by side."""

    day: date
    holiday: str
    stretches: list[list[Column]]
    minutes: int


FORTNIGHT = 14


def days_of(institute: Institute, sessions: Iterable[Session], *, also: date | None = None) -> list[Day]:
    """The agenda day by day; `sessions` in order, with their strands.

    Up to a fortnight shows every day; a longer one its first and last, those with blocks, and the one asked for.
    """
    count = (institute.ends_on - institute.starts_on).days + 1
    shown = [institute.starts_on + timedelta(days=number) for number in range(count)] if count <= FORTNIGHT else []
    by_day: dict[date, list[Session]] = {day: [] for day in [*shown, institute.starts_on, institute.ends_on]}
    if also:
        by_day.setdefault(also, [])
    for session in sessions:
        session.institute = institute
        by_day.setdefault(session.starts_at.astimezone(institute.tz).date(), []).append(session)
    return [
        Day(day, holidays.named(day), _stretches(blocks), sum(minutes_by_type(blocks).values()))
        for day, blocks in sorted(by_day.items())
    ]


def _stretches(blocks: Iterable[Session]) -> list[list[Column]]:
    """Blocks that overlap, directly or through others, stand beside each other."""
    stretches: list[list[Session]] = []
    end: datetime | None = None
    for block in blocks:
        if end is None or block.starts_at >= end:
            stretches.append([])
            end = block.ends_at
        stretches[-1].append(block)
        end = max(end, block.ends_at)
    return [_columns(stretch) for stretch in stretches]


def _columns(stretch: Iterable[Session]) -> list[Column]:
    columns: dict[int | None, Column] = {}
    for block in stretch:
        columns.setdefault(block.strand_id, Column(block.strand, [])).sessions.append(block)
    return sorted(
        columns.values(), key=lambda column: (column.strand.position, column.strand.pk) if column.strand else (0, 0)
    )


def minutes_by_type(sessions: Iterable[Session]) -> dict[str, int]:
    """Minutes that count toward hours, by type, for someone who follows the longest strand."""
    counting = [session for session in sessions if session.counts]
    for_all = _by_type(session for session in counting if session.strand_id is None)
    strands = {session.strand_id for session in counting if session.strand_id}
    paths = [_by_type(session for session in counting if session.strand_id == strand) for strand in sorted(strands)]
    longest = max(paths, key=lambda path: sum(path.values()), default=Counter[str]())
    return dict(for_all + longest)


def _by_type(sessions: Iterable[Session]) -> Counter[str]:
    minutes = Counter[str]()
    for session in sessions:
        minutes[session.hour_type] += session.minutes
    return minutes
