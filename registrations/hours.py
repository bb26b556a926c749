"""Hours earned: derived from the agenda and the events, explained, and made anew whenever either changes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from events.models import Institute, Session
from registrations.hours_rules import Block, Explanation, Mark, Rule
from registrations.hours_rules import explain as explain_marks
from registrations.models import AttendanceEvent, Choice, HoursEarned, Registration


def explain(registration: Registration) -> Explanation:
    """What this registration earned, day by day and block by block, and why (scenarios 6, 23 and 27)."""
    return explain_all([registration], institute=registration.institute)[registration.pk]


def explain_all(
    registrations: Sequence[Registration], *, institute: Institute, blocks: Sequence[Block] | None = None
) -> dict[int, Explanation]:
    """By the registrations' keys, in a number of queries that does not grow with them."""
    known = blocks_of(institute) if blocks is None else blocks
    return _explained(registrations, {institute.pk: known}, {institute.pk: institute})


def explain_many(registrations: Sequence[Registration]) -> dict[int, Explanation]:
    """As `explain_all`, for registrations at several institutes, which come with their rules of hours."""
    institutes = {registration.institute_id: registration.institute for registration in registrations}
    blocks: dict[int, list[Block]] = {key: [] for key in institutes}
    for session in Session.objects.filter(institute__in=institutes).select_related("strand").in_order():
        blocks[session.institute_id].append(_block(session, institutes[session.institute_id].tz))
    return _explained(registrations, blocks, institutes)


def _explained(
    registrations: Sequence[Registration], blocks: Mapping[int, Sequence[Block]], institutes: Mapping[int, Institute]
) -> dict[int, Explanation]:
    rules = {
        key: Rule(institute.hours_rule.full_day_percent, institute.hours_rule.step_minutes)
        for key, institute in institutes.items()
    }
    keys = [registration.pk for registration in registrations]
    marks = _marks_of(keys)
    in_parallel = any(block.strand_id for agenda in blocks.values() for block in agenda)
    chosen = _choices_of(keys) if in_parallel else {}
    return {
        registration.pk: explain_marks(
            [block for block in blocks[registration.institute_id] if registration.covers(block.day)],
            marks.get(registration.pk, []),
            chosen=[*chosen.get(registration.pk, []), *_of_strand(registration, blocks)],
            rule=rules[registration.institute_id],
        )
        for registration in registrations
    }


def _of_strand(registration: Registration, blocks: Mapping[int, Sequence[Block]]) -> list[int]:
    """The sessions of the strand that she chose: hers, unless she chose another of that time."""
    if registration.strand_id is None:
        return []
    return [block.id for block in blocks[registration.institute_id] if block.strand_id == registration.strand_id]


def blocks_of(institute: Institute) -> list[Block]:
    """The agenda, as the arithmetic needs it."""
    return [_block(session, institute.tz) for session in institute.sessions.select_related("strand").in_order()]


def _block(session: Session, zone: ZoneInfo) -> Block:
    return Block(
        id=session.pk,
        title=session.title,
        day=session.starts_at.astimezone(zone).date(),
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        counts=session.counts,
        hour_type=session.hour_type,
        strand_id=session.strand_id,
        strand=session.strand.name if session.strand else "",
    )


@transaction.atomic
def outdated() -> QuerySet[Institute]:
    """Institutes whose agenda changed after hours were worked out: some rows, or all that came, know an older one."""
    rows = HoursEarned.objects.filter(registration__institute=OuterRef("pk"))
    current = rows.filter(agenda_revision=OuterRef("agenda_revision"))
    came = Registration.objects.live().filter(institute=OuterRef("pk"), attendance__isnull=False)
    older = Exists(rows.exclude(agenda_revision=OuterRef("agenda_revision")))
    return Institute.objects.filter(older | (Exists(came) & ~Exists(current)))


@transaction.atomic
def work_out(institute: Institute, *, at: datetime) -> None:
    """Make the hours of every live registration anew, after the agenda or the rule has changed."""
    keys = institute.registrations.live().values_list("pk", flat=True)
    work_out_for(locked(keys), institute=institute, blocks=blocks_of(institute), at=at)


def locked(keys: Iterable[int]) -> list[Registration]:
    """The registrations, each locked until the transaction ends: of two desks at once the later sees both their events."""
    return list(Registration.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk"))


def work_out_for(
    registrations: Sequence[Registration], *, institute: Institute, blocks: Sequence[Block], at: datetime
) -> None:
    """Make the hours of these registrations, which the caller has locked, anew."""
    explained = explain_all(registrations, institute=institute, blocks=blocks)
    HoursEarned.objects.filter(registration__in=list(explained)).delete()
    HoursEarned.objects.bulk_create(
        HoursEarned(
            registration_id=key,
            day=day.day,
            hour_type=hour_type,
            minutes=minutes,
            agenda_revision=institute.agenda_revision,
            worked_out_at=at,
        )
        for key, explanation in explained.items()
        for day in explanation.days
        for hour_type, minutes in day.by_type.items()
    )


def _marks_of(keys: list[int]) -> dict[int, list[Mark]]:
    marks: dict[int, list[Mark]] = {}
    columns = ("registration_id", "id", "session_id", "kind", "at", "minutes", "voids_id", "reason")
    for registration, *mark in AttendanceEvent.objects.filter(registration__in=keys).values_list(*columns):
        marks.setdefault(registration, []).append(Mark(*mark))
    return marks


def _choices_of(keys: list[int]) -> dict[int, list[int]]:
    chosen: dict[int, list[int]] = {}
    for registration, session in Choice.objects.filter(registration__in=keys).values_list("registration", "session"):
        chosen.setdefault(registration, []).append(session)
    return chosen
