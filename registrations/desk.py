"""The desk: marking people present, one or all at once, with the times of those who come late or leave early."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.formats import time_format
from django.utils.translation import gettext as _

from events.models import Session
from people.models import User
from registrations import attendance, hours
from registrations.attendance import CannotRecord, Recorded, Seen
from registrations.hours_rules import Block
from registrations.models import AttendanceEvent, Choice, EventKind, Registration

GRACE = timedelta(minutes=10)
"""For so long a tick is taken back without a word: a slip of the finger, not a correction."""


class NeedsReason(CannotRecord):
    """What was marked some time ago is taken back only with a reason."""


def tick(registrations: Sequence[int], session: Session, *, key: UUID, by: User, at: datetime) -> Recorded:
    """Mark people present for a whole session. Under one key each is marked once."""
    seen = [
        Seen(uuid5(key, str(registration)), session.pk, EventKind.PRESENT, session.starts_at, registration)
        for registration in registrations
    ]
    return attendance.record(seen, institute=session.institute, by=by, at=at)


@transaction.atomic
def untick(registration: Registration, session: Session, *, key: UUID, by: User, at: datetime) -> Recorded:
    """Take back what was just marked. Raises NeedsReason when it was marked longer ago than GRACE."""
    hours.locked([registration.pk])
    standing = registration.attendance.standing().filter(session=session, kind__in=attendance.PRESENCE)
    marks = list(standing.order_by("recorded_at", "pk"))
    if marks and marks[0].recorded_at < at - GRACE:
        when = time_format(marks[0].recorded_at.astimezone(session.institute.tz))
        told = {"person": registration.person, "time": when}
        raise NeedsReason(_("%(person)s was marked at %(time)s. To take that back, say why on her hours page.") % told)
    voids = _voids(marks, key=key, reason=_("Unticked at the desk"), at=at)
    return attendance.record(voids, institute=session.institute, by=by, at=at)


@transaction.atomic
def tick_everyone(session: Session, *, key: UUID, by: User, at: datetime) -> Recorded:
    """Mark everyone who is registered for the day, unless marked already, here or in parallel, or expected elsewhere."""
    institute = session.institute
    day = session.starts_at.astimezone(institute.tz).date()
    at_that_time = institute.sessions.filter(starts_at__lt=session.ends_at, ends_at__gt=session.starts_at)
    seen = AttendanceEvent.objects.standing().filter(session__in=at_that_time, registration__isnull=False)
    elsewhere = Choice.objects.filter(session__in=at_that_time).exclude(session=session)
    chosen_here = Choice.objects.filter(session=session)
    expected = (
        institute.registrations.live()
        .filter(days__contains=day)
        .exclude(pk__in=seen.values("registration"))
        .exclude(pk__in=elsewhere.exclude(registration__in=chosen_here.values("registration")).values("registration"))
    )
    return tick(list(expected.order_by("pk").values_list("pk", flat=True)), session, key=key, by=by, at=at)


@transaction.atomic
def set_times(
    registration: Registration, day: date, came: datetime, left: datetime, *, key: UUID, by: User, at: datetime
) -> Recorded:
    """Put the time someone came and left (both aware) in the place of what was marked that day.

    Blocks between the two are marked whole, those cut by one of them get an `in` or an `out`.
    Raises CannotRecord when the times leave nothing of the day's blocks.
    """
    if left <= came:
        raise CannotRecord(_("The time of leaving is before the time of coming."))
    hours.locked([registration.pk])
    institute = registration.institute
    explained = {told.day: told for told in hours.explain(registration).days}
    offered = [part.session for part in explained[day].blocks if part.counts] if day in explained else []
    if not any(came < block.ends_at and left > block.starts_at for block in offered):
        raise CannotRecord(_("Nothing that counts lies between these times."))
    of_day = [block.id for block in hours.blocks_of(institute) if block.day == day]
    standing = registration.attendance.standing().filter(session__in=of_day, kind__in=attendance.PRESENCE)
    presence = [seen for block in offered for seen in _presence(registration, block, came, left, key)]
    replaced = standing.exclude(pk__in=[seen.id for seen in presence])  # those are there when the form is sent again
    voids = _voids(list(replaced.order_by("pk")), key=key, reason=_("Replaced by the times of the day"), at=at)
    return attendance.record([*voids, *presence], institute=institute, by=by, at=at)


def _presence(registration: Registration, block: Block, came: datetime, left: datetime, key: UUID) -> list[Seen]:
    """What the times of a day say of one block."""
    if left <= block.starts_at or came >= block.ends_at:
        return []
    cuts = [("in", came)] if came > block.starts_at else []
    cuts += [("out", left)] if left < block.ends_at else []
    return [
        Seen(uuid5(key, f"{kind} {block.id}"), block.id, kind, moment.astimezone(UTC), registration.pk)
        for kind, moment in cuts or [(EventKind.PRESENT.value, block.starts_at)]
    ]


def _voids(marks: Sequence[AttendanceEvent], *, key: UUID, reason: str, at: datetime) -> list[Seen]:
    return [
        Seen(
            id=uuid5(key, str(mark.pk)),
            session_id=mark.session_id,
            kind=EventKind.VOID,
            at=at,
            registration_id=mark.registration_id,
            engagement_id=mark.engagement_id,
            reason=reason,
            voids_id=mark.pk,
        )
        for mark in marks
    ]
