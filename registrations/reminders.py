"""A week before: to each person in a seat her agenda, what to bring and where to go, once."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat

from events import printed
from events.models import Institute, Session
from office import post
from office.models import Message
from registrations import confirmations
from registrations.models import Registration

KEY = "reminder-"
"""With the key of a registration: the key of its reminder."""
DAYS_BEFORE = 7
JUST_TOLD = timedelta(days=2)
"""Whose confirmation is as new as this needs no reminder yet."""
MORNING, EVENING = time(8), time(18)
"""In the institute's zone, between which a reminder goes out."""


@transaction.atomic
def send_due(*, at: datetime) -> int:
    """Remind those whose institute begins within a week, by day in its zone; how many mails. Nobody twice."""
    sent = 0
    for institute in _beginning(at):
        rows = list(_unreminded(institute, at))
        addresses = confirmations.addresses_of(rows)
        sessions = list(institute.sessions.in_order().select_related("strand"))
        letters = [_letter(row, addresses[row.person_id], sessions) for row in rows if row.person_id in addresses]
        sent += len(post.send_all(letters, at=at))
    return sent


def _beginning(at: datetime) -> Iterable[Institute]:
    """Institutes whose first day is one to seven days off, where it is day now."""
    today = at.date()
    coming = Institute.objects.published().held().select_related("venue")
    near = coming.filter(starts_on__gte=today, starts_on__lte=today + timedelta(days=DAYS_BEFORE + 1))
    for institute in near.order_by("starts_on", "pk"):
        local = at.astimezone(institute.tz)
        if 1 <= (institute.starts_on - local.date()).days <= DAYS_BEFORE and MORNING <= local.time() < EVENING:
            yield institute


def _unreminded(institute: Institute, at: datetime) -> QuerySet[Registration]:
    key = Concat(Value(KEY), Cast("pk", CharField()), output_field=CharField())
    reminded = Message.objects.filter(key=OuterRef("reminder"))
    rows: QuerySet[Registration] = (
        Registration.objects.live()
        .filter(institute=institute, made_at__lte=at - JUST_TOLD)
        .annotate(reminder=key)
        .filter(~Exists(reminded))
        .select_related("person", "seat__allotment__order__sponsor", "strand")
        .order_by("pk")
    )
    return rows


def _letter(registration: Registration, to: str, sessions: Sequence[Session]) -> post.Letter:
    institute = sessions[0].institute if sessions else registration.institute
    order = registration.seat.allotment.order
    return post.Letter(
        to=to,
        subject=f"{institute.title} begins on {printed.day(registration.first_day)}",
        template="mail/reminder",
        context={
            "institute": institute.title,
            "code": institute.code,
            "days": printed.days(registration.first_day, registration.last_day),
            "venue": institute.venue.name if institute.venue else "",
            "address": institute.venue.address if institute.venue else "",
            "what_to_bring": institute.what_to_bring.strip(),
            "agenda": agenda_of(registration, sessions),
            "sponsor": str(order.sponsor or ""),
            "url": confirmations.page_of(registration),
            "action": "See your place and your badge",
        },
        person=registration.person,
        about=confirmations.about(order),
        key=f"{KEY}{registration.pk}",
    )


def agenda_of(registration: Registration, sessions: Iterable[Session]) -> list[dict[str, Any]]:
    """Her days with their blocks as a mail says them: those of everyone and, where she chose one, of her strand."""
    days: dict[str, list[str]] = {}
    for session in sessions:
        starts, ends = (moment.astimezone(session.institute.tz) for moment in (session.starts_at, session.ends_at))
        another_strand = registration.strand_id and session.strand_id not in {None, registration.strand_id}
        if another_strand or not registration.covers(starts.date()):
            continue
        room = f", {session.room}" if session.room else ""
        days.setdefault(printed.day(starts.date()), []).append(f"{printed.clocks(starts, ends)} {session.title}{room}")
    return [{"day": day, "blocks": blocks} for day, blocks in days.items()]
