"""What became of seats: who changed what and when, from the rows that each change left."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

import pghistory
from django.db.models import F, Prefetch, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from billing.wording import dollars
from people.models import User
from registrations import billable, unnamed
from registrations.models import (
    PayerMove,
    Registration,
    Seat,
    Substitution,
    Takeover,
    Transfer,
    Withdrawal,
)

_HISTORY = "history__pgh_context"
"""What pghistory kept of a row, in the order in which it happened."""


@dataclass(frozen=True)
class Entry:
    """One change of one seat, in a sentence."""

    seat_id: int
    at: datetime
    who: str
    sentence: str


def made_by(by: User | None, at: datetime) -> AbstractContextManager[object]:
    """Who changed what: kept with every row that is changed inside and has no row of its own for it."""
    context: AbstractContextManager[object] = pghistory.context(user=by.pk if by else None, acted_at=at.isoformat())
    return context


def history_of(seats: Sequence[Seat]) -> dict[int, list[Entry]]:
    """What happened to each seat since it was ordered, the latest first; by its key. In a fixed number of queries."""
    told: dict[int, list[Entry]] = {seat.pk: [] for seat in seats}
    for entry in _all(list(told)):
        told[entry.seat_id].append(entry)
    for entries in told.values():
        entries.sort(key=lambda entry: entry.at, reverse=True)
    return told


def _all(keys: Sequence[int]) -> Iterator[Entry]:
    yield from _named(keys)
    yield from _left_open(keys)
    yield from _substituted(keys)
    yield from _given_back(keys)
    yield from _moved(keys)
    yield from _paid_by_another(keys)


def _named(keys: Sequence[int]) -> Iterator[Entry]:
    """Names that came after the order, and not as a substitute's."""
    rows = Registration.objects.filter(seat__in=keys, substitution__isnull=True)
    later = rows.filter(made_at__gt=F("seat__allotment__order__at")).select_related("person")
    named = [(row, row.history.all()[0]) for row in later.prefetch_related(_HISTORY)]
    users = _users([event for _row, event in named])
    for row, event in named:
        yield Entry(
            row.seat_id, row.made_at, users.get(event.pgh_id, ""), _("Named %(person)s") % {"person": row.person}
        )


def _left_open(keys: Sequence[int]) -> Iterator[Entry]:
    """Names that were taken off for a substitute who is found later."""
    opened = [
        event
        for seat in Seat.objects.filter(pk__in=keys).prefetch_related(_HISTORY)
        for last, event in pairwise(seat.history.all())
        if event.name_by and not last.name_by
    ]
    users = _users(opened)
    for event in opened:
        told = {"day": date_format(event.name_by, "F j")}
        sentence = _("Name taken off; a substitute is named by %(day)s") % told
        yield Entry(event.pgh_obj_id, event.pgh_created_at, users.get(event.pgh_id, ""), sentence)


def _users(events: Sequence[Any]) -> dict[int, str]:
    """Who acted, by the event's key, where it is known."""
    acted = {event.pgh_id: event.pgh_context.metadata.get("user") for event in events if event.pgh_context}
    users = User.objects.select_related("person").in_bulk([key for key in set(acted.values()) if key])
    return {event: str(users[user]) for event, user in acted.items() if user in users}


def _substituted(keys: Sequence[int]) -> Iterator[Entry]:
    rows = Substitution.objects.filter(seat__in=keys)
    for row in rows.select_related("from_registration__person", "to_registration__person", "by__person"):
        told = {
            "new": row.to_registration.person,
            "old": row.from_registration.person,
            "day": date_format(row.first_day, "F j"),
            "reason": f": {row.reason}" if row.reason else "",
        }
        yield _entry(row, _("%(new)s for %(old)s from %(day)s on%(reason)s") % told)


def _given_back(keys: Sequence[int]) -> Iterator[Entry]:
    for row in Withdrawal.objects.filter(seat__in=keys).select_related("by__person", "terms"):
        told = {
            "back": dollars(row.back),
            "kept": dollars(row.kept),
            "cause": row.words or row.get_cause_display(),
            "terms": row.terms,
        }
        yield _entry(row, _("Given back: %(back)s came back, %(kept)s kept (%(terms)s). %(cause)s") % told)


def _moved(keys: Sequence[int]) -> Iterator[Entry]:
    rows = Transfer.objects.select_related("seat__institute", "to_seat__institute", "by__person")
    for row in rows.filter(seat__in=keys):
        yield _entry(row, _("Moved to %(code)s") % {"code": row.to_seat.institute.code})
    for row in rows.filter(to_seat__in=keys):
        told = {"code": row.seat.institute.code}
        yield Entry(row.to_seat_id, row.at, _name(row.by), _("Moved here from %(code)s") % told)


def _paid_by_another(keys: Sequence[int]) -> Iterator[Entry]:
    for move in PayerMove.objects.filter(seat__in=keys).select_related("line__payer", "line__agreement", "by__person"):
        yield _entry(move, _("Paid by %(line)s, %(payer)s") % {"line": move.line, "payer": move.line.payer})
    asked = Takeover.objects.filter(seat__in=keys).select_related("asked_of", "asked_by__person", "answered_by__person")
    for row in asked:
        told = {"district": row.asked_of}
        sentence = _("%(district)s was asked to take the seat over") % told
        yield Entry(row.seat_id, row.asked_at, _name(row.asked_by), sentence)
        if row.answered_at and not row.is_accepted:
            sentence = _("%(district)s did not take the seat over") % told
            yield Entry(row.seat_id, row.answered_at, _name(row.answered_by), sentence)


def _entry(row: Any, sentence: str) -> Entry:
    return Entry(row.seat_id, row.at, _name(row.by), sentence)


def _name(user: User | None) -> str:
    return str(user) if user else ""


# --- The seats of an order, as its page shows them -------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A seat with who sits in it, until when it waits for a name, and what happened to it last."""

    seat: Seat
    number: int
    people: Sequence[Registration]
    due_at: datetime | None
    history: Sequence[Entry]

    @property
    def is_offered(self) -> bool:
        return self.seat.offer is not None and self.seat.offer.answered_at is None

    @property
    def last(self) -> Entry | None:
        return self.history[0] if self.history else None


def rows_of(seats: QuerySet[Seat]) -> list[Row]:
    """The seats in order of their people's names, those without a name last. In a fixed number of queries."""
    live = Registration.objects.live().select_related("person", "school", "strand").order_by("days", "pk")
    found = list(
        seats.select_related("institute", "team", "offer", "withdrawal__terms", "transfer_away__to_seat__institute")
        .prefetch_related(Prefetch("registrations", queryset=live, to_attr="people_now"))
        .order_by("pk")
    )
    numbers = billable.seat_numbers({seat.institute_id for seat in found})
    history = history_of(found)
    rows = [Row(seat, numbers[seat.pk], _sitting(seat), unnamed.due_at(seat), history[seat.pk]) for seat in found]
    return sorted(rows, key=lambda row: (row.people[0].person.sort_key if row.people else "\uffff", row.number))


def _sitting(seat: Seat) -> list[Registration]:
    people: list[Registration] = seat.people_now  # type: ignore[attr-defined]  # prefetched above
    return people
