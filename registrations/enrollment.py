"""Seats: taking them, with the people who sit in them and the money that pays for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from django.db import transaction

from events.models import Institute
from people.models import Organization, Person, User
from registrations import admission, choices, funding, later, needs, newcomers, places, seating, teams
from registrations.admission import Coming, Details, reasons_not_to_register, why_not_unnamed
from registrations.doors import why_closed
from registrations.models import Allotment, AllotmentFunding, Order, Registration, Seat, Team
from registrations.newcomers import Attendee
from registrations.places import why_not_so_many
from registrations.refusals import CannotChange, CannotRegister
from registrations.teams import TeamWanted

__all__ = [
    "CannotRegister",
    "Details",
    "Group",
    "Placement",
    "TeamWanted",
    "allot",
    "place",
    "reasons_not_to_register",
    "register",
    "registration_of",
    "seat_all",
    "why_closed",
    "why_not_so_many",
    "why_not_unnamed",
]


@dataclass(frozen=True)
class Placement:
    """People who sit under one allotment, and seats beside them that get their names later; perhaps of one team.

    The `parts` of its price need not be read again where they are at hand.
    """

    allotment: Allotment
    people: Sequence[Person]
    unnamed: int = 0
    parts: Sequence[AllotmentFunding] | None = None
    team: Team | None = None


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
    past_the_line: str = "",
) -> list[Registration]:
    """Seat people under several allotments of one institute at once: all of them or none.

    Together, because the locks of one step (people, institute, money) are taken once and in order. `past_the_line` is
    the reason for which the provider's staff seat them before those who wait.
    """
    people = seating.lock_people(person for placement in placements for person in placement.people)
    institute = seating.lock_institute(placements[0].allotment.institute_id)
    coming = Coming(
        people,
        sponsor=placements[0].allotment.order.sponsor,
        details=details or {},
        unnamed=sum(placement.unnamed for placement in placements),
        past_the_line=past_the_line,
    )
    return _seat(coming, placements, institute, by=by, at=at)


def _seat(
    coming: Coming, placements: Sequence[Placement], institute: Institute, *, by: User | None, at: datetime
) -> list[Registration]:
    """Under the institute's lock."""
    passed = admission.admit(coming, institute, by=by, at=at)
    seats, later = _take(placements, institute)
    parts = {placement.allotment.pk: placement.parts for placement in placements if placement.parts is not None}
    seating.charge([*seats, *later], institute, by=by, at=at, parts=parts)
    registrations = Registration.objects.bulk_create(
        registration_of(seat, person, institute, coming.details.get(person.pk, Details()), at)
        for seat, person in zip(seats, coming.people, strict=True)
    )
    _keep_wishes(registrations, coming.details, institute, by=by, at=at)
    places.tell_passed(passed, institute, at=at)
    return registrations


def _take(placements: Sequence[Placement], institute: Institute) -> tuple[list[Seat], list[Seat]]:
    """Seats for the people, in their order, and for those who get their names later; by team."""
    seats: list[Seat] = []
    later: list[Seat] = []
    for _key, of_a_team in groupby(placements, key=lambda placement: placement.team and placement.team.pk):
        run = list(of_a_team)
        named = [placement.allotment for placement in run for _person in placement.people]
        unnamed = [placement.allotment for placement in run for _seat in range(placement.unnamed)]
        seats += seating.take(named, institute, team=run[0].team)
        later += seating.take(unnamed, institute, team=run[0].team, name_by=institute.names_due_on)
    return seats, later


def _keep_wishes(
    registrations: Sequence[Registration],
    details: Mapping[int, Details],
    institute: Institute,
    *,
    by: User | None,
    at: datetime,
) -> None:
    """What people chose, where there is still room for all of them, and what they need."""
    try:
        choices.take(registrations, {key: detail.session_ids for key, detail in details.items()}, institute)
    except CannotChange as refusal:
        raise CannotRegister(str(refusal)) from refusal
    wanted = {
        registration: details[registration.person_id].needs
        for registration in registrations
        if registration.person_id in details
    }
    for registration, said in wanted.items():
        for kind, text in said:
            needs.keep(registration, kind, text, by=by, at=at)


@dataclass(frozen=True)
class Group:
    """People of an order whose seats are paid alike, and seats beside them that get their names later.

    Chaperones need no shares.
    """

    attendees: Sequence[Attendee]
    shares: Sequence[funding.Share]
    unnamed: int = 0
    team: TeamWanted | None = None
    is_chaperone: bool = False

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
    past_the_line: str = "",
) -> Order:
    """An order, whole or not at all: new people made, teams formed, seats taken, money charged.

    The worker mails a confirmation to each; that it will is part of the same transaction. `past_the_line` as in
    `seat_all`.

    Under a key that was used before, the order of that time. Raises CannotRegister.
    """
    defaults = {"sponsor": sponsor, "placed_by": by, "terms_id": institute.terms_id, "at": at}
    order, is_new = Order.objects.get_or_create(key=key, defaults=defaults | {"past_the_line": past_the_line})
    if not is_new:
        return order
    attendees = [attendee for group in groups for attendee in group.attendees]
    people = newcomers.enlist(attendees, sponsor=sponsor, at=at)
    made = {person.pk for person, attendee in zip(people, attendees, strict=True) if not attendee.person_id}
    seating.lock_people(person for person in people if person.pk not in made)
    placements = allot(groups, people, order, institute)
    later.confirm(order)  # before the institute's lock, which others wait for
    details = details_of(attendees, people)
    institute = seating.lock_institute(institute.pk)
    placements = _in_teams(groups, placements, details, order, institute, by=by, at=at)
    unnamed = sum(group.unnamed for group in groups)
    chaperones = sum(group.seats for group in groups if group.is_chaperone)
    coming = Coming(people, sponsor, details, unnamed, made, past_the_line, chaperones)
    _seat(coming, placements, institute, by=by, at=at)
    return order


def allot(groups: Sequence[Group], people: Sequence[Person], order: Order, institute: Institute) -> list[Placement]:
    """One allotment for each group, with the parts of its price. Raises CannotRegister."""
    allotments = Allotment.objects.bulk_create(
        Allotment(
            order=order,
            institute=institute,
            seats_wanted=group.seats,
            price=Decimal(0) if group.is_chaperone else institute.price,
            is_chaperone=group.is_chaperone,
        )
        for group in groups
    )
    placements = []
    waiting = iter(people)
    for group, allotment in zip(groups, allotments, strict=True):
        try:
            parts = [] if group.is_chaperone else funding.parts(group.shares, institute, allotment)
        except funding.CannotFund as refusal:
            raise CannotRegister(str(refusal)) from refusal
        placements.append(Placement(allotment, [next(waiting) for _attendee in group.attendees], group.unnamed, parts))
    AllotmentFunding.objects.bulk_create(part for placement in placements for part in placement.parts or ())
    return placements


def _in_teams(
    groups: Sequence[Group],
    placements: Sequence[Placement],
    details: Mapping[int, Details],
    order: Order,
    institute: Institute,
    *,
    by: User | None,
    at: datetime,
) -> list[Placement]:
    """The placements, each with the team it is for. Raises CannotRegister."""
    if not (institute.team_rule_id or any(group.team for group in groups)):
        return list(placements)
    parties = parties_of(groups, placements, details, order, institute)
    formed = teams.form(parties, order=order, institute=institute, by=by, at=at)
    return [replace(placement, team=team) for placement, team in zip(placements, formed, strict=True)]


def parties_of(
    groups: Sequence[Group],
    placements: Sequence[Placement],
    details: Mapping[int, Details],
    order: Order,
    institute: Institute,
) -> list[teams.Party]:
    """Who comes in each group, by name and role, and for which team."""
    roles = {key: detail.role for key, detail in details.items()}
    everyone = [person for placement in placements for person in placement.people]
    members = iter(teams.roles_of(everyone, roles, order.sponsor))
    return [
        teams.Party(
            teams.wanted_of(group.team, institute, order.sponsor),
            [next(members) for _person in placement.people],
            placement.unnamed,
        )
        for group, placement in zip(groups, placements, strict=True)
    ]


def details_of(attendees: Sequence[Attendee], people: Sequence[Person]) -> dict[int, Details]:
    """What the roster says of each person, by her key."""
    return {
        person.pk: Details(
            attendee.school_id,
            attendee.role,
            attendee.grade_span,
            attendee.strand_id,
            attendee.session_ids,
            attendee.needs,
        )
        for person, attendee in zip(people, attendees, strict=True)
    }


def registration_of(seat: Seat, person: Person, institute: Institute, details: Details, at: datetime) -> Registration:
    """A person in a seat for all of an institute's days, unsaved."""
    return Registration(
        seat=seat,
        institute=institute,
        person=person,
        days=institute.days,
        school_id=details.school_id,
        role=details.role,
        grade_span=details.grade_span,
        strand_id=details.strand_id,
        made_at=at,
    )
