"""Transfers: people move with their money from seats at one institute to seats at another."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from django.db import transaction
from django.utils.translation import gettext as _

from events.models import Institute
from people.models import Organization, User
from registrations import confirmations, costs, enrollment, seating, withdrawals
from registrations.costs import Costs
from registrations.funding import Share
from registrations.models import AllotmentFunding, AttendanceEvent, Order, Registration, Seat, Transfer
from registrations.newcomers import Attendee
from registrations.refusals import CannotChange, CannotRegister
from registrations.teams import TeamWanted


def price(seats: Iterable[Seat], *, at: datetime, is_forced: bool = False) -> Costs:
    """What leaving costs today; the seats at the other institute are charged at its price."""
    return costs.of_giving_back(seats, at=at, in_full=is_forced)


@transaction.atomic
def transfer(
    seats: Sequence[Seat],
    *,
    to: Institute,
    shares: Sequence[Share] | None = None,
    is_forced: bool = False,
    reason: str = "",
    seen: Decimal | None = None,
    by: User | None,
    at: datetime,
) -> list[Transfer]:
    """Move seats of one district to another institute, all or none: under an order of its own, at its terms and price.

    Who pays there are the `shares`, else whoever paid here. `is_forced`: leaving costs nothing, by the provider's
    staff, for `reason` (scenario 11). `seen` are the dollars kept that whoever asks was shown. Raises CannotChange.
    """
    if is_forced and not reason.strip():
        raise CannotChange(_("Say what happened: the reason is kept with the version of the terms."))
    leaving = list(Registration.objects.live().filter(seat__in=seats).select_related("person").order_by("pk"))
    _lock(leaving, {*(seat.institute_id for seat in seats), to.pk})
    held = seating.lock_seats(seat.pk for seat in seats)
    sponsor = _refuse(held, leaving, to)
    asked = price(held, at=at, is_forced=is_forced)
    costs.refuse_another(asked, seen)
    here = [seating.lock_institute(key) for key in sorted({seat.institute_id for seat in held})]
    words = _("Moved to %(code)s from") % {"code": to.code}
    withdrawals.free(here, held, asked, words=words, by=by, at=at)
    order = _placed(held, leaving, sponsor, to, shares, by=by, at=at)
    made = _written(asked, leaving, order, reason, by=by, at=at)
    confirmations.tell_end(leaving, why=_("You move to %(institute)s.") % {"institute": to}, at=at)
    return made


def _lock(leaving: Sequence[Registration], institutes: set[int]) -> None:
    """People, then institutes by their keys: the order of locks, as the other institute's are taken again below."""
    try:
        seating.lock_people(registration.person for registration in leaving)
    except CannotRegister as refusal:
        raise CannotChange(str(refusal)) from refusal
    for key in sorted(institutes):
        seating.lock_institute(key)


def _refuse(seats: Sequence[Seat], leaving: Sequence[Registration], to: Institute) -> Organization:
    """Refuse what cannot move; the district whose seats they are."""
    orders = {seat.allotment.order.sponsor_id: seat.allotment.order for seat in seats}
    [order] = orders.values() if len(orders) == 1 else [None]
    if order is None or order.sponsor is None:
        raise CannotChange(_("Move the seats of one district at a time."))
    if any(seat.institute_id == to.pk for seat in seats):
        raise CannotChange(_("They are at %(code)s already.") % {"code": to.code})
    if any(seat.offer and seat.offer.answered_at is None for seat in seats):
        raise CannotChange(_("One of these seats is offered to someone in line. Answer the offer first."))
    if len({one.seat_id for one in leaving}) < len(leaving):
        raise CannotChange(_("Two people share one of these seats, day by day; it cannot move."))
    came = AttendanceEvent.objects.standing().filter(registration__in=leaving).select_related("registration__person")
    for event in came[:1]:
        told = {"person": event.registration.person if event.registration else ""}
        raise CannotChange(_("%(person)s was seen there already; her seat stays.") % told)
    sponsor: Organization = order.sponsor
    return sponsor


def _placed(
    seats: Sequence[Seat],
    leaving: Sequence[Registration],
    sponsor: Organization,
    to: Institute,
    shares: Sequence[Share] | None,
    *,
    by: User | None,
    at: datetime,
) -> Order:
    """The order at the other institute, as if a roster had placed it. Its key is the first seat's, which moves once."""
    people = {registration.seat_id: registration for registration in leaving}
    groups = []
    ordered = sorted(seats, key=lambda seat: (seat.allotment_id, seat.team_id or 0, seat.pk))
    for (_allotment, team), rows in groupby(ordered, key=lambda seat: (seat.allotment_id, seat.team)):
        group = list(rows)
        named = [_attendee(people[seat.pk]) for seat in group if seat.pk in people]
        is_chaperone = group[0].allotment.is_chaperone
        paying = [] if is_chaperone else shares or _as_before(group[0], to)
        wanted = TeamWanted(team.name) if team and to.team_rule_id else None
        unnamed = len(group) - len(named)
        groups.append(enrollment.Group(named, paying, unnamed=unnamed, team=wanted, is_chaperone=is_chaperone))
    key = f"transfer-{ordered[0].pk}"
    try:
        return enrollment.place(groups, sponsor=sponsor, institute=to, key=key, by=by, at=at)
    except CannotRegister as refusal:
        raise CannotChange(str(refusal)) from refusal


def _attendee(registration: Registration) -> Attendee:
    return Attendee(
        person_id=registration.person.canonical_id,
        school_id=registration.school_id,
        role=registration.role,
        grade_span=registration.grade_span,
        is_outsider=True,  # where she works is known already
    )


def _as_before(seat: Seat, to: Institute) -> list[Share]:
    """The one line that paid here pays there, under its purchase order. Raises CannotChange where several did."""
    parts = AllotmentFunding.objects.filter(allotment=seat.allotment_id).select_related(
        "line__agreement", "line__payer", "purchase_order"
    )
    paid_by = {(part.line_id, part.purchase_order_id): part for part in parts.order_by("pk")}
    if len(paid_by) != 1:
        raise CannotChange(_("Several lines paid for this seat. Choose who pays at %(code)s.") % {"code": to.code})
    [part] = paid_by.values()
    return [Share(part.line, to.starts_on, to.ends_on, part.purchase_order)]


def _written(
    asked: Costs, leaving: Sequence[Registration], order: Order, reason: str, *, by: User | None, at: datetime
) -> list[Transfer]:
    here = {registration.seat_id: registration for registration in leaving}
    new = Seat.objects.filter(allotment__order=order).order_by("pk").prefetch_related("registrations")
    by_person = {registration.person_id: seat for seat in new for registration in seat.registrations.all()}
    unnamed = iter([seat for seat in new if not seat.registrations.all()])
    made = []
    for cost in asked.of_each:
        before = here.get(cost.seat.pk)
        made.append(
            Transfer(
                seat=cost.seat,
                from_registration=before,
                to_seat=by_person[before.person.canonical_id] if before else next(unnamed),
                back=cost.back,
                kept=cost.kept,
                terms=cost.terms,
                reason=reason.strip()[:200],
                by=by,
                at=at,
            )
        )
    return Transfer.objects.bulk_create(made)
