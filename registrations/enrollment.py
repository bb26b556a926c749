"""Seats: taking them, with the people who sit in them and the money that pays for them."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.timezone import localtime

from events.models import Institute
from people.access import Principal
from people.models import Organization, Person, User
from registrations import funding, newcomers, seating, tasks, wording
from registrations.models import Allotment, AllotmentFunding, Order, Registration, Seat
from registrations.newcomers import Attendee
from registrations.refusals import CannotRegister
from registrations.teams import TeamWanted

__all__ = ["CannotRegister", "Details", "Group", "Placement", "place", "register", "seat_all"]


@dataclass(frozen=True)
class Details:
    """Where and as what a person works, as the roster says it; kept with her registration."""

    school_id: int | None = None
    role: str = ""
    grade_span: str = ""


@dataclass(frozen=True)
class Placement:
    """People who sit under one allotment, and seats beside them that get their names later.

    The `parts` of its price need not be read again where they are at hand.
    """

    allotment: Allotment
    people: Sequence[Person]
    unnamed: int = 0
    parts: Sequence[AllotmentFunding] | None = None


def register(
    people: Sequence[Person],
    *,
    allotment: Allotment,
    by: User | None,
    at: datetime,
    details: Mapping[int, Details] | None = None,
) -> list[Registration]:
    """Seat people under one allotment and charge what pays for it: all of them or none.

    `details` go by the person's key. Sends no mail. Raises CannotRegister.
    """
    return seat_all([Placement(allotment, people)], by=by, at=at, details=details)


@transaction.atomic
def seat_all(
    placements: Sequence[Placement],
    *,
    by: User | None,
    at: datetime,
    details: Mapping[int, Details] | None = None,
) -> list[Registration]:
    """Seat people under several allotments of one institute at once: all of them or none.

    Together, because the locks of one step (people, institute, money) are taken once and in order.
    """
    people = seating.lock_people(person for placement in placements for person in placement.people)
    return _seat(placements, people, by=by, at=at, details=details or {})


def _seat(
    placements: Sequence[Placement],
    people: Sequence[Person],
    *,
    by: User | None,
    at: datetime,
    details: Mapping[int, Details],
    newcomers: Collection[int] = (),
) -> list[Registration]:
    """Seat people who are locked, or were made in this transaction (`newcomers`, by key)."""
    institute = seating.lock_institute(placements[0].allotment.institute_id)
    unnamed = [placement.allotment for placement in placements for _seat in range(placement.unnamed)]
    reasons = reasons_not_to_register(people, institute, at, unnamed=len(unnamed), by=by, newcomers=newcomers)
    if reasons:
        raise CannotRegister(" ".join(reasons))
    seats = seating.take([placement.allotment for placement in placements for _person in placement.people], institute)
    later = seating.take(unnamed, institute, name_by=institute.names_due_on)
    parts = {placement.allotment.pk: placement.parts for placement in placements if placement.parts is not None}
    seating.charge([*seats, *later], institute, by=by, at=at, parts=parts)
    return Registration.objects.bulk_create(
        _registration(seat, person, institute, details.get(person.pk, Details()), at)
        for seat, person in zip(seats, people, strict=True)
    )


@dataclass(frozen=True)
class Group:
    """People of an order whose seats are paid alike, and seats beside them that get their names later."""

    attendees: Sequence[Attendee]
    shares: Sequence[funding.Share]
    unnamed: int = 0
    team: TeamWanted | None = None

    @property
    def seats(self) -> int:
        return len(self.attendees) + self.unnamed


@transaction.atomic
def place(
    groups: Sequence[Group],
    *,
    sponsor: Organization,
    institute: Institute,
    key: str,
    by: User | None,
    at: datetime,
) -> Order:
    """An order, whole or not at all: new people made, seats taken, money charged.

    The worker mails a confirmation to each; that it will is part of the same transaction.

    Under a key that was used before, the order of that time. Raises CannotRegister.
    """
    defaults = {"sponsor": sponsor, "placed_by": by, "terms_id": institute.terms_id, "at": at}
    order, is_new = Order.objects.get_or_create(key=key, defaults=defaults)
    if not is_new:
        return order
    attendees = [attendee for group in groups for attendee in group.attendees]
    people = newcomers.enlist(attendees, sponsor=sponsor, at=at)
    made = {person.pk for person, attendee in zip(people, attendees, strict=True) if not attendee.person_id}
    seating.lock_people(person for person in people if person.pk not in made)
    placements = _allot(groups, people, order, institute)
    tasks.confirm.defer(order=order.pk)  # before the institute's lock, which others wait for
    _seat(placements, people, by=by, at=at, details=_details(attendees, people), newcomers=made)
    return order


def _allot(groups: Sequence[Group], people: Sequence[Person], order: Order, institute: Institute) -> list[Placement]:
    """One allotment for each group, with the parts of its price."""
    allotments = Allotment.objects.bulk_create(
        Allotment(order=order, institute=institute, seats_wanted=group.seats, price=institute.price) for group in groups
    )
    placements = []
    waiting = iter(people)
    for group, allotment in zip(groups, allotments, strict=True):
        try:
            parts = funding.parts(group.shares, institute, allotment)
        except funding.CannotFund as refusal:
            raise CannotRegister(str(refusal)) from refusal
        placements.append(Placement(allotment, [next(waiting) for _attendee in group.attendees], group.unnamed, parts))
    AllotmentFunding.objects.bulk_create(part for placement in placements for part in placement.parts or ())
    return placements


def _details(attendees: Sequence[Attendee], people: Sequence[Person]) -> dict[int, Details]:
    return {
        person.pk: Details(attendee.school_id, attendee.role, attendee.grade_span)
        for person, attendee in zip(people, attendees, strict=True)
    }


def reasons_not_to_register(
    people: Sequence[Person],
    institute: Institute,
    at: datetime,
    *,
    unnamed: int = 0,
    by: User | None = None,
    newcomers: Collection[int] = (),
) -> list[str]:
    """Sentences, none where nothing stands in the way. The provider's staff may register outside the window.

    `newcomers`: people, by key, who were made just now and so sit nowhere yet.
    """
    return [
        reason
        for reason in (
            _why_not_now(institute, at, by),
            why_not_so_many(len(people) + unnamed, institute),
            why_not_unnamed(unnamed, institute, at),
            _why_not_these(people, institute, newcomers),
        )
        if reason
    ]


def why_closed(institute: Institute, at: datetime) -> str:
    """Why a district cannot register now, or nothing."""
    if institute.is_open_for_registration(at=at):
        return ""
    if institute.is_canceled:
        return f"{institute.code} was canceled."
    if institute.published_at is None:
        return f"{institute.code} is not open for registration yet."
    if at < institute.registration_opens_at:
        return f"Registration for {institute.code} opens on {_clock(institute.registration_opens_at, institute)}."
    closed = _clock(institute.registration_closes_at, institute)
    return f"Registration for {institute.code} closed on {closed}. Ask us whether there is still a place."


def _clock(moment: datetime, institute: Institute) -> str:
    return date_format(localtime(moment, institute.tz), "F j, Y, g:i A")


def _why_not_now(institute: Institute, at: datetime, by: User | None) -> str:
    is_staff = by is not None and Principal.of(by).is_provider
    return "" if is_staff and not institute.is_canceled else why_closed(institute, at)


def why_not_so_many(wanted: int, institute: Institute) -> str:
    left = institute.seats_left
    if wanted <= left:
        return ""
    return f"{institute.code} has {wording.count(left, 'seat') if left else 'no seats'} left; you asked for {wanted}."


def why_not_unnamed(wanted: int, institute: Institute, at: datetime) -> str:
    """Seats without names are held until the day on which the institute wants the names, in its own zone."""
    due = institute.names_due_on
    if not wanted or (due and localtime(at, institute.tz).date() < due):
        return ""
    if due is None:
        return f"{institute.code} holds no seats without names. Write who will come."
    return f"Names for {institute.code} were due on {date_format(due, 'F j')}. Write who will come."


def _why_not_these(people: Sequence[Person], institute: Institute, newcomers: Collection[int]) -> str:
    names = {person.pk: person.display_name for person in people}
    known = names.keys() - newcomers
    live = Registration.objects.live().filter(institute=institute)
    seated = live.filter(Q(person__in=known) | Q(person__merged_into__in=known))
    keys = {merged or own for merged, own in seated.values_list("person__merged_into", "person")}
    if keys:
        return f"Already registered for {institute.code}: {', '.join(names[key] for key in names if key in keys)}."
    twice = [names[key] for key, times in Counter(person.pk for person in people).items() if times > 1]
    return f"On the roster twice: {', '.join(twice)}." if twice else ""


def _registration(seat: Seat, person: Person, institute: Institute, details: Details, at: datetime) -> Registration:
    return Registration(
        seat=seat,
        institute=institute,
        person=person,
        days=institute.days,
        school_id=details.school_id,
        role=details.role,
        grade_span=details.grade_span,
        made_at=at,
    )
