"""Institutes come about here: scheduled, cloned from the last one, changed and published."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import pghistory
from django.core.validators import slug_re
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from events import agenda, clocks, doors, printed, revisions
from events.agenda import Block
from events.models import Institute, Program, Season, Session, Strand, Terms
from people.models import User


class CannotSchedule(Exception):
    """Why not. `block` is the place among the changes of the block it is about, `field` the fact that is wrong."""

    def __init__(self, sentence: str, *, block: int | None = None, field: str | None = None) -> None:
        super().__init__(sentence)
        self.block = block
        self.field = field


@dataclass(frozen=True)
class Add:
    """A new block."""

    block: Block


@dataclass(frozen=True)
class Edit:
    """A block written anew: moved, renamed, in another room. `seen` is the revision that it is written over."""

    session_id: int
    block: Block
    seen: str = ""


@dataclass(frozen=True)
class Remove:
    """A block taken out of the agenda."""

    session_id: int


Change = Add | Edit | Remove


@dataclass(frozen=True)
class StrandWanted:
    """A strand as it shall be; without `id` a new one."""

    name: str
    capacity: int | None = None
    id: int | None = None


# --- Scheduling and cloning -------------------------------------------------------------------------------------------


@transaction.atomic
def schedule(institute: Institute, *, blocks: Sequence[Block] = (), by: User | None, at: datetime) -> Institute:
    """Save a new institute with its agenda; nobody sees it before it is published.

    Raises CannotSchedule with the field or the block that is wrong.
    """
    with _history(by, at):
        institute.code = institute.code or next_code(institute.program, institute.starts_on)
        _refuse_bad_facts(institute)
        _save_with_its_own_code(institute)
        _add_all(institute, blocks)
    return institute


@transaction.atomic
def clone(
    institute: Institute,
    *,
    starts_on: date,
    by: User | None,
    at: datetime,
    code: str | None = None,
    season: Season | None = None,
    again: bool = False,
) -> Institute:
    """The next one of its kind: strands, rooms and the whole agenda, on the days from `starts_on` on.

    Every time keeps its place on the clocks, also over a change of clocks; the registration window and the deadlines
    keep their distance to the first day; the terms are the newest of their name. Nobody is engaged or registered: they
    are asked anew. Raises CannotSchedule where one of its kind begins on that day already, unless it is one `again`.
    """
    if not again:
        _refuse_a_second(institute, starts_on)
    days = (starts_on - institute.starts_on).days
    made = _copy(institute, days=days)
    made.code = code or next_code(institute.program, starts_on)
    made.season = season or Season.objects.filter(starts_on__lte=starts_on, ends_on__gte=starts_on).first()
    with _history(by, at):
        schedule(made, by=by, at=at)
        strands = {
            strand.pk: Strand(institute=made, name=strand.name, capacity=strand.capacity, position=strand.position)
            for strand in institute.strands.order_by("position", "pk")
        }
        Strand.objects.bulk_create(strands.values())
        sessions = institute.sessions.in_order().select_related("strand")
        blocks = [_moved(session, institute, days=days, strands=strands) for session in sessions]
        _add_all(made, blocks)
        doors.copy_audience(institute, made)
    return made


def _refuse_a_second(institute: Institute, starts_on: date) -> None:
    """The way back and a second press: a form with a key of its own, and an institute nobody wants."""
    alike = Institute.objects.held().filter(program=institute.program_id, kind=institute.kind, starts_on=starts_on)
    if there := alike.order_by("pk").first():
        sentence = _("%(code)s is planned from %(day)s on already. Make one more only if there shall be both.")
        raise CannotSchedule(sentence % {"code": there.code, "day": printed.day(starts_on)}, field="again")


def suggested_start(institute: Institute) -> date:
    """The same weekday a year later: 52 weeks on."""
    return institute.starts_on + timedelta(weeks=52)


def next_code(program: Program, starts_on: date) -> str:
    """The program's next free code in the year of the first day, such as LT28-01."""
    prefix = f"{program.code}{starts_on:%y}-"
    codes = Institute.objects.filter(code__startswith=prefix).values_list("code", flat=True)
    numbers = [int(code.removeprefix(prefix)) for code in codes if code.removeprefix(prefix).isdecimal()]
    return f"{prefix}{max(numbers, default=0) + 1:02}"


def _copy(institute: Institute, *, days: int) -> Institute:
    """The institute's facts, unsaved, so many days later."""
    names = (
        "program", "title", "kind", "modality", "description", "what_to_bring", "zone", "venue", "host", "fiscal_agent",
        "capacity", "price", "minimum", "hours_rule", "team_rule", "certificates_after_hours", "chaperones",
    )  # fmt: skip
    made = Institute(**{name: getattr(institute, name) for name in names})
    for name in ("starts_on", "ends_on", "names_due_on", "decision_on"):
        day = getattr(institute, name)
        setattr(made, name, day and day + timedelta(days=days))
    for name in ("registration_opens_at", "registration_closes_at"):
        setattr(made, name, _later(getattr(institute, name), days, institute, field=name))
    made.terms = Terms.objects.filter(name=institute.terms.name).latest("version")
    return made


def _later(when: datetime, days: int, institute: Institute, *, field: str) -> datetime:
    try:
        return clocks.days_later(when, days, institute.tz)
    except clocks.NoSuchTime as refusal:
        raise CannotSchedule(str(refusal), field=field) from refusal


def _moved(session: Session, institute: Institute, *, days: int, strands: dict[int, Strand]) -> Block:
    block = Block.of(session, institute=institute)
    strand = strands[session.strand_id] if session.strand_id else None
    return replace(block, day=block.day + timedelta(days=days), strand=strand)


# --- Changing the facts and publishing --------------------------------------------------------------------------------


@transaction.atomic
def change_facts(institute: Institute, *, seen: str = "", by: User | None, at: datetime) -> Institute:
    """Save what was changed on the institute; an agenda moves along when the first day moves.

    Raises CannotSchedule when seats are taken and its days would move, when fewer seats are wanted than are taken, or
    when a block would lie outside the new days; ChangedMeanwhile when `seen` is not the revision that is saved.
    """
    with _history(by, at):
        before = Institute.objects.select_for_update().get(pk=institute.pk)
        revisions.refuse_another(seen, revisions.of(before), saved=before)
        institute.code = institute.code or before.code
        _refuse_bad_facts(institute)
        if institute.capacity < before.seats_taken:
            raise CannotSchedule(
                _("%(count)s seats are taken already; there can be no fewer.") % {"count": before.seats_taken},
                field="capacity",
            )
        if before.seats_taken and (before.days, before.zone) != (institute.days, institute.zone):
            raise CannotSchedule(
                _("%(count)s seats are taken for these days, so they cannot change.") % {"count": before.seats_taken},
                field="starts_on",
            )
        institute.seats_taken, institute.agenda_revision = before.seats_taken, before.agenda_revision
        _save_with_its_own_code(institute)
        _move_along(institute, before)
    return institute


def _move_along(institute: Institute, before: Institute) -> None:
    """Every block keeps its place within the days and on the clocks."""
    days = (institute.starts_on - before.starts_on).days
    sessions = list(before.sessions.select_related("strand"))
    if (before.days, before.zone) == (institute.days, institute.zone) or not sessions:
        return
    written = [Block.of(session, institute=before) for session in sessions]
    changes = [
        Edit(session.pk, replace(block, day=block.day + timedelta(days=days)))
        for session, block in zip(sessions, written, strict=True)
    ]
    try:
        _apply(institute, changes)
    except CannotSchedule as refusal:
        raise CannotSchedule(str(refusal), field="ends_on") from refusal


def publish(institute: Institute, *, by: User | None, at: datetime) -> None:
    """Show the institute to everyone. Publishing again changes nothing.

    Raises CannotSchedule when it is canceled or nothing in its agenda counts toward hours.
    """
    if institute.is_canceled:
        raise CannotSchedule(_("%(code)s is canceled, so it is not published.") % {"code": institute.code})
    if not institute.sessions.filter(counts=True).exists():
        raise CannotSchedule(_("Its agenda has no block yet that counts toward hours. Add one, then publish."))
    with _history(by, at):
        Institute.objects.filter(pk=institute.pk, published_at__isnull=True).update(published_at=at)
    institute.refresh_from_db(fields=["published_at"])


def _refuse_bad_facts(institute: Institute) -> None:
    """The rules that a form, a call and a clone share, each with its field."""
    opens, closes = institute.registration_opens_at, institute.registration_closes_at
    before_the_first_day = {"names_due_on": _("Names are due"), "decision_on": _("The decision is due")}
    if not slug_re.match(institute.code):
        raise CannotSchedule(_("A code has letters, digits and hyphens only: it is part of an address."), field="code")
    if institute.ends_on < institute.starts_on:
        raise CannotSchedule(_("The last day cannot lie before the first."), field="ends_on")
    if closes <= opens:
        raise CannotSchedule(_("Registration closes after it opens."), field="registration_closes_at")
    if closes.astimezone(institute.tz).date() > institute.ends_on:
        raise CannotSchedule(_("Registration closes on the last day at the latest."), field="registration_closes_at")
    for name, what in before_the_first_day.items():
        if (day := getattr(institute, name)) and day > institute.starts_on:
            raise CannotSchedule(_("%(what)s on the first day at the latest.") % {"what": what}, field=name)
    if institute.minimum and institute.minimum > institute.capacity:
        raise CannotSchedule(_("More people are needed than there are seats."), field="minimum")


def _save_with_its_own_code(institute: Institute) -> None:
    """Save; the unique code is judged by the database, so that two at once are told apart."""
    try:
        with transaction.atomic():
            institute.save()
    except IntegrityError as refusal:
        if "code" not in str(refusal):
            raise
        sentence = _("There is an institute %(code)s already; choose another code.") % {"code": institute.code}
        raise CannotSchedule(sentence, field="code") from refusal


# --- The agenda -------------------------------------------------------------------------------------------------------


@transaction.atomic
def change_agenda(institute: Institute, changes: Sequence[Change], *, by: User | None, at: datetime) -> list[str]:
    """Add, edit, move and remove blocks: all of the changes or none. The agenda's revision goes up by one.

    Returns sentences the page should say (a time that comes twice). Raises CannotSchedule with the place of the
    change that is wrong, and ChangedMeanwhile where an edit has seen another revision than the one that is saved.
    """
    with _history(by, at):
        locked = Institute.objects.select_for_update().get(pk=institute.pk)
        notes = _apply(locked, changes)
    institute.agenda_revision = locked.agenda_revision
    return notes


@transaction.atomic
def copy_day(institute: Institute, day: date, *, to: Sequence[date], by: User | None, at: datetime) -> list[str]:
    """Add the blocks of one day to other days as well."""
    with _history(by, at):
        locked = Institute.objects.select_for_update().get(pk=institute.pk)
        sessions = locked.sessions.in_order().select_related("strand")
        blocks = [block for session in sessions if (block := Block.of(session, institute=locked)).day == day]
        return _apply(locked, [Add(replace(block, day=other)) for other in to for block in blocks])


def _apply(institute: Institute, changes: Sequence[Change]) -> list[str]:
    """Changes of a locked institute's agenda; the rules look at the agenda as it will be."""
    agenda_now = {session.pk: session for session in institute.sessions.select_related("strand")}
    for session in agenda_now.values():
        session.institute = institute
    for place, change in enumerate(changes):
        if not isinstance(change, Add) and change.session_id not in agenda_now:
            raise CannotSchedule(_("That block is not in the agenda any more. Look at the agenda anew."), block=place)
        if isinstance(change, Edit):
            session = agenda_now[change.session_id]
            now = Block.of(session, institute=institute)
            revisions.refuse_another(change.seen, revisions.of(session), saved=now)
    removed = [(place, change.session_id) for place, change in enumerate(changes) if isinstance(change, Remove)]
    gone = [(place, agenda_now.pop(session_id)) for place, session_id in removed]
    edited = {
        place: (agenda_now[change.session_id], change.block)
        for place, change in enumerate(changes)
        if isinstance(change, Edit)
    }
    added = {
        place: (Session(institute=institute), change.block)
        for place, change in enumerate(changes)
        if isinstance(change, Add)
    }
    new = [session for session, _block in added.values()]
    notes = _write_all((edited | added).items(), among=[*agenda_now.values(), *new])
    _save(gone, [session for session, _block in edited.values()], new)
    institute.agenda_revision += 1
    institute.save(update_fields=["agenda_revision"])
    return notes


def _write_all(blocks: Iterable[tuple[int, tuple[Session, Block]]], *, among: Sequence[Session]) -> list[str]:
    """Write each block onto its session, then look for conflicts in the whole."""
    wanted = list(blocks)
    notes: list[str] = []
    for place, (session, block) in wanted:
        try:
            notes += agenda.write(block, session)
        except agenda.CannotPlace as refusal:
            raise CannotSchedule(str(refusal), block=place) from refusal
    for place, (session, _block) in wanted:
        try:
            agenda.refuse_conflicts(session, among)
        except agenda.CannotPlace as refusal:
            raise CannotSchedule(str(refusal), block=place) from refusal
        if session.capacity is not None and session.capacity < session.seats_taken:
            sentence = _("%(count)s people chose it already; its capacity can be no lower.")
            raise CannotSchedule(sentence % {"count": session.seats_taken}, block=place)
    return notes


def _save(gone: Sequence[tuple[int, Session]], edited: Sequence[Session], new: Sequence[Session]) -> None:
    """Three statements at most besides the removals; blocks that change places do so in one of them."""
    for place, session in gone:
        try:
            session.delete()
        except ProtectedError as refusal:
            sentence = _(
                "“%(title)s” stays: attendance was taken, someone facilitates or someone chose it. Change it instead."
            )
            raise CannotSchedule(sentence % {"title": session.title}, block=place) from refusal
    names = ["title", "strand", "starts_at", "ends_at", "counts", "hour_type", "room", "capacity", "standards"]
    Session.objects.bulk_update(edited, names)
    Session.objects.bulk_create(new)


def _add_all(institute: Institute, blocks: Sequence[Block]) -> None:
    """The first agenda of an institute that nobody else knows yet."""
    sessions = [Session(institute=institute) for _block in blocks]
    _write_all(enumerate(zip(sessions, blocks, strict=True)), among=sessions)
    Session.objects.bulk_create(sessions)


@transaction.atomic
def set_strands(
    institute: Institute, wanted: Sequence[StrandWanted], *, seen: str = "", by: User | None, at: datetime
) -> None:
    """The institute's strands, in this order; one that is left out goes, unless blocks are written for it.

    Raises CannotSchedule, and ChangedMeanwhile when `seen` is not the revision of the strands that are saved.
    """
    with _history(by, at):
        locked = Institute.objects.select_for_update().get(pk=institute.pk)
        there = list(locked.strands.order_by("position", "pk"))
        revisions.refuse_another(seen, revisions.of_all(there), saved=there)
        if len({strand.name.casefold() for strand in wanted}) < len(wanted):
            raise CannotSchedule(_("Two strands cannot have the same name."))
        try:
            locked.strands.exclude(pk__in=[strand.id for strand in wanted if strand.id]).delete()
        except ProtectedError as refusal:
            raise CannotSchedule(_("A strand with blocks stays. Remove its blocks first.")) from refusal
        # Names change places by way of names nobody has.
        for strand in (kept := [strand for strand in wanted if strand.id]):
            locked.strands.filter(pk=strand.id).update(name=f"({strand.id})")
        for position, strand in enumerate(wanted):
            facts = {"name": strand.name, "capacity": strand.capacity, "position": position}
            if strand in kept:
                locked.strands.filter(pk=strand.id).update(**facts)
            else:
                Strand.objects.create(institute=locked, **facts)


def _history(by: User | None, at: datetime) -> AbstractContextManager[object]:
    """Who changed what: kept with every row that changes inside."""
    context: AbstractContextManager[object] = pghistory.context(user=by.pk if by else None, acted_at=at.isoformat())
    return context
