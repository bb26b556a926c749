"""Attendance: a ledger of what was seen, added to and never changed; each event acts once, whoever sends it how often."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db import connection, transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from events.models import Engagement, Institute
from people.models import User
from registrations import hours
from registrations.hours_rules import Block
from registrations.models import AttendanceEvent, DeskDevice, EventKind, Registration

LONGEST_ADJUSTMENT = 24 * 60
LONGEST_REASON = 200
PRESENCE = frozenset({EventKind.PRESENT, EventKind.IN, EventKind.OUT})


class CannotRecord(Exception):
    """Nothing can be recorded at this institute; the sentence says why."""


@dataclass(frozen=True)
class Seen:
    """Something seen at a session, as a client tells it, under the client's own id. `at` is aware; `minutes` may be negative."""

    id: UUID
    session_id: int
    kind: str
    at: datetime
    registration_id: int | None = None
    engagement_id: int | None = None
    minutes: int | None = None
    reason: str = ""
    voids_id: UUID | None = None
    device_id: int | None = None
    device_at: datetime | None = None


_COLUMNS = tuple(field.name for field in fields(Seen))


class Result(StrEnum):
    NEW = "new"
    REPEATED = "repeated"
    REFUSED = "refused"


@dataclass(frozen=True)
class Answer:
    """What became of one event; a refusal says why."""

    id: UUID
    result: Result
    sentence: str = ""


@dataclass(frozen=True)
class Recorded:
    """One answer for each event, in the order in which they were given."""

    answers: tuple[Answer, ...]

    @property
    def new(self) -> list[UUID]:
        return self._with(Result.NEW)

    @property
    def repeated(self) -> list[UUID]:
        return self._with(Result.REPEATED)

    @property
    def refused(self) -> dict[UUID, str]:
        return {answer.id: answer.sentence for answer in self.answers if answer.result == Result.REFUSED}

    def _with(self, result: Result) -> list[UUID]:
        return [answer.id for answer in self.answers if answer.result == result]


@transaction.atomic
def record(seen: Sequence[Seen], *, institute: Institute, by: User | None, at: datetime) -> Recorded:
    """Keep what was seen and work out the hours it changes.

    All that is right is kept; each event that is not gets its sentence, and the same event sent again is `repeated`.
    Raises CannotRecord when the institute was canceled.
    """
    if institute.is_canceled:
        raise CannotRecord(_("%(institute)s was canceled; no attendance is taken.") % {"institute": institute.code})
    first: dict[UUID, Seen] = {}
    for event in seen:
        first.setdefault(event.id, event)
    blocks = hours.blocks_of(institute)
    locked = hours.locked({event.registration_id for event in seen if event.registration_id})
    known = _Known.of(seen, institute=institute, blocks=blocks, registrations=locked)
    answers: dict[UUID, Answer] = {}
    for wave in _waves(first.values()):  # a void may follow its event in one batch
        answers |= _keep(wave, known=known, by=by, at=at)
    touched = {first[key].registration_id for key, answer in answers.items() if answer.result == Result.NEW}
    hours.work_out_for([row for row in locked if row.pk in touched], institute=institute, blocks=blocks, at=at)
    return Recorded(tuple(_answers(seen, first, answers)))


def _waves(events: Iterable[Seen]) -> list[list[Seen]]:
    waves: list[list[Seen]] = [[], []]
    for event in events:
        waves[event.kind == EventKind.VOID].append(event)
    return [wave for wave in waves if wave]


def _answers(seen: Sequence[Seen], first: dict[UUID, Seen], answers: dict[UUID, Answer]) -> Iterator[Answer]:
    """An answer for each event; one that stands twice in the batch was new only the first time."""
    told: set[UUID] = set()
    for event in seen:
        answer = answers[event.id]
        if event != first[event.id]:
            yield Answer(event.id, Result.REFUSED, _used_before())
        elif event.id in told and answer.result == Result.NEW:
            yield Answer(event.id, Result.REPEATED)
        else:
            yield answer
        told.add(event.id)


def _used_before() -> str:
    return _("This id was used before for something else; send it under a new one.")


def _keep(wave: Sequence[Seen], *, known: "_Known", by: User | None, at: datetime) -> dict[UUID, Answer]:
    known.read_targets(wave)
    objections = {event.id: known.objection_to(event) for event in wave}
    new = _insert([event for event in wave if not objections[event.id]], by=by, at=at)
    there = _there([event.id for event in wave if event.id not in new])
    answers = {}
    for event in wave:
        if event.id in new:
            answers[event.id] = Answer(event.id, Result.NEW)
        elif event.id in there:
            same = there[event.id] == event
            answers[event.id] = Answer(event.id, *((Result.REPEATED,) if same else (Result.REFUSED, _used_before())))
        else:
            sentence = objections[event.id] or _("This event was taken back before.")
            answers[event.id] = Answer(event.id, Result.REFUSED, sentence)
    return answers


_INSERT = """
    INSERT INTO registrations_attendanceevent (id, registration_id, engagement_id, session_id, kind, at, minutes,
                                               device_id, device_at, voids_id, reason, by_id, recorded_at)
    SELECT id, registration_id, engagement_id, session_id, kind, at, minutes,
           device_id, device_at, voids_id, reason, %s, %s
    FROM jsonb_populate_recordset(NULL::registrations_attendanceevent, %s::jsonb)
    ON CONFLICT DO NOTHING
    RETURNING id
"""


def _insert(events: Sequence[Seen], *, by: User | None, at: datetime) -> set[UUID]:
    """The ids that were not there before. Django's own `ignore_conflicts` does not tell them."""
    if not events:
        return set()
    rows = json.dumps([asdict(event) for event in events], default=str)
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [by.pk if by else None, at, rows])
        return {row[0] for row in cursor.fetchall()}


def _there(ids: Sequence[UUID]) -> dict[UUID, Seen]:
    """Events that are in the ledger under these ids."""
    if not ids:
        return {}
    rows = AttendanceEvent.objects.filter(pk__in=ids).values_list(*_COLUMNS)
    return {row[0]: Seen(*row) for row in rows}


@dataclass
class _Known:
    """What the ledger is held against: the agenda, the people and the desks of one institute."""

    institute: Institute
    blocks: dict[int, Block]
    registrations: dict[int, Registration]
    engagements: dict[int, int | None]
    devices: set[int]
    targets: dict[UUID, Seen]

    @classmethod
    def of(
        cls,
        seen: Sequence[Seen],
        *,
        institute: Institute,
        blocks: Sequence[Block],
        registrations: Sequence[Registration],
    ) -> "_Known":
        facilitators = {event.engagement_id for event in seen if event.engagement_id}
        desks = {event.device_id for event in seen if event.device_id}
        engaged = Engagement.objects.filter(institute=institute, pk__in=facilitators).values_list("pk", "session_id")
        enrolled = DeskDevice.objects.filter(institute=institute, pk__in=desks).values_list("pk", flat=True)
        return cls(
            institute=institute,
            blocks={block.id: block for block in blocks},
            registrations={row.pk: row for row in registrations if row.institute_id == institute.pk},
            engagements=dict(engaged) if facilitators else {},
            devices=set(enrolled) if desks else set(),
            targets={},
        )

    def read_targets(self, wave: Sequence[Seen]) -> None:
        self.targets = _there([event.voids_id for event in wave if event.voids_id])

    def objection_to(self, event: Seen) -> str:
        """Why an event cannot be kept, or nothing."""
        block = self.blocks.get(event.session_id)
        if block is None:
            return _("This session is not on the agenda of %(institute)s.") % {"institute": self.institute.code}
        return (
            self._objection_to_shape(event)
            or _objection_to_correction(event)
            or self._objection_to_person(event, block)
            or (self._objection_to_moment(event, block) if event.kind in PRESENCE else "")
            or (self._objection_to_void(event) if event.kind == EventKind.VOID else "")
        )

    def _objection_to_shape(self, event: Seen) -> str:
        if event.kind not in EventKind.values:
            return _("Say present, in, out, adjust or void.")
        if event.at.tzinfo is None or (event.device_at and event.device_at.tzinfo is None):
            return _("A time needs its zone, such as 2027-01-21T08:00:00-08:00.")
        if event.device_id and event.device_id not in self.devices:
            return _("This device is not enrolled at the desk of %(institute)s.") % {"institute": self.institute.code}
        if len(event.reason) > LONGEST_REASON:
            return _("Say the reason in 200 letters or fewer.")
        return ""

    def _objection_to_person(self, event: Seen, block: Block) -> str:
        told = {"institute": self.institute.code, "day": date_format(block.day, "l, F j")}
        if (event.registration_id is None) == (event.engagement_id is None):
            return _("Name one registration or one engagement.")
        if event.engagement_id is not None:
            if self.engagements.get(event.engagement_id, -1) not in {None, event.session_id}:
                return _("This person does not facilitate in this session.")
            return ""
        registration = self.registrations.get(event.registration_id or 0)
        if registration is None:
            return _("This registration is not one of %(institute)s.") % told
        if event.kind not in PRESENCE:
            return ""
        if registration.ended_at is not None:
            return _("This person has given up the place at %(institute)s.") % told
        if not registration.covers(block.day):
            return _("This person is not registered for %(day)s.") % told
        return ""

    def _objection_to_moment(self, event: Seen, block: Block) -> str:
        moment = event.at.astimezone(self.institute.tz).date()
        if block.day <= moment <= (block.ends_at - timedelta(microseconds=1)).astimezone(self.institute.tz).date():
            return ""
        return _("The time is outside the session's day, %(day)s.") % {"day": date_format(block.day, "l, F j")}

    def _objection_to_void(self, event: Seen) -> str:
        target = self.targets.get(event.voids_id or event.id)
        if target is None:
            return _("The event to take back is not known.")
        if target.kind == EventKind.VOID:
            return _("What took an event back is not taken back itself; record the event again.")
        if (target.registration_id, target.engagement_id, target.session_id) != (
            event.registration_id,
            event.engagement_id,
            event.session_id,
        ):
            return _("The event to take back is of another person or session.")
        return ""


def _objection_to_correction(event: Seen) -> str:
    if (event.kind == EventKind.ADJUST) != (event.minutes is not None):
        return _("Minutes belong to an adjustment, and an adjustment needs them.")
    if event.minutes is not None and not 0 < abs(event.minutes) <= LONGEST_ADJUSTMENT:
        return _("An adjustment is of 1 minute to 24 hours.")
    if (event.kind == EventKind.VOID) != (event.voids_id is not None):
        return _("Only a void takes an event back, and it names the event.")
    if event.kind in {EventKind.ADJUST, EventKind.VOID} and not event.reason.strip():
        return _("Say why: a correction needs its reason.")
    return ""
