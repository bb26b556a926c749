"""Payers changed: a seat stays as it is, and other money pays for it."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import AgreementCap, FundingAgreement, PurchaseOrder
from events.models import Institute
from people.models import Organization, User
from registrations import billable, funding, seating
from registrations.funding import Share
from registrations.models import Allotment, AllotmentFunding, Order, PayerMove, Seat, Takeover
from registrations.refusals import CannotChange, CannotRegister


@transaction.atomic
def move(
    seats: Sequence[Seat],
    *,
    shares: Sequence[Share],
    order: Order | None = None,
    takeover: Takeover | None = None,
    reason: str = "",
    by: User | None,
    at: datetime,
) -> list[PayerMove]:
    """Have other lines pay for seats: what was charged is taken back whole, and charged anew at the same price.

    The seats stay in their orders unless another `order` takes them over. Changing who pays costs nothing; what an
    issued invoice printed stays, and is credited later. Raises CannotChange.
    """
    for key in sorted({seat.institute_id for seat in seats}):
        seating.lock_institute(key)
    held = seating.lock_seats(seat.pk for seat in seats)
    if any(seat.offer and seat.offer.answered_at is None for seat in held):
        raise CannotChange(_("One of these seats is offered to someone in line. Answer the offer first."))
    if any(seat.allotment.is_chaperone for seat in held):
        raise CannotChange(_("A chaperone’s seat costs nothing: there is nothing to pay for. Take it off the list."))
    _refuse_the_same(held, shares)
    _lock_money(held, shares)
    made = []
    held.sort(key=lambda seat: (seat.allotment_id, seat.pk))
    for _key, rows in groupby(held, key=lambda seat: seat.allotment_id):
        group = list(rows)
        before = group[0].allotment
        after = _allotted(group, before, order or before.order, shares)
        _recharge(group, after, by=by, at=at)
        made += [
            PayerMove(
                seat=seat,
                from_allotment=before,
                to_allotment=after,
                line=shares[0].line,
                takeover=takeover,
                reason=reason.strip()[:200],
                by=by,
                at=at,
            )
            for seat in group
        ]
    billable.follow(held)
    return PayerMove.objects.bulk_create(made)


def shares_of(
    pays: str,
    purchase_order: PurchaseOrder | None,
    *,
    sponsor: Organization | None,
    at: Institute,
    by: User,
    now: datetime,
) -> list[Share]:
    """What was chosen to pay for all days of an institute: `line-4`, or `agreement-2`. Raises CannotChange.

    Only what may pay for the sponsor's seats there, as it is offered to whoever asks.
    """
    options = {option.key: option for option in funding.eligible(sponsor, at, who=by)} if sponsor else {}
    option = options.get(pays)
    if option is None or sponsor is None or not option.is_whole:
        raise CannotChange(_("That money cannot pay here for all the days. Choose again."))
    line = funding.line_of(option, sponsor=sponsor, by=by, at=now)
    return [Share(line, at.starts_on, at.ends_on, purchase_order)]


def _refuse_the_same(seats: Sequence[Seat], shares: Sequence[Share]) -> None:
    wanted = {(share.line.pk, share.purchase_order.pk if share.purchase_order else None) for share in shares}
    parts = AllotmentFunding.objects.filter(allotment__in=[seat.allotment_id for seat in seats])
    if {(part.line_id, part.purchase_order_id) for part in parts} == wanted:
        raise CannotChange(_("They are paid so already."))


def _lock_money(seats: Sequence[Seat], shares: Sequence[Share]) -> None:
    """What is given back and what is taken, in the order of their keys: of two opposite moves neither waits in a ring."""
    parts = AllotmentFunding.objects.filter(allotment__in=[seat.allotment_id for seat in seats])
    agreements = {part.line.agreement_id for part in parts.select_related("line")}
    agreements |= {share.line.agreement_id for share in shares}
    orders = {part.purchase_order_id for part in parts}
    orders |= {share.purchase_order.pk for share in shares if share.purchase_order}
    list(FundingAgreement.objects.select_for_update().filter(pk__in=agreements - {None}).order_by("pk"))
    caps = AgreementCap.objects.select_for_update().filter(agreement__in=agreements - {None})
    list(caps.order_by("pk"))
    list(PurchaseOrder.objects.select_for_update().filter(pk__in=orders - {None}).order_by("pk"))


def _allotted(seats: Sequence[Seat], before: Allotment, order: Order, shares: Sequence[Share]) -> Allotment:
    """The seats under an allotment of their own, at the price at which they were ordered."""
    institute = seats[0].institute
    after = Allotment.objects.create(order=order, institute=institute, seats_wanted=len(seats), price=before.price)
    try:
        AllotmentFunding.objects.bulk_create(funding.parts(shares, institute, after))
    except funding.CannotFund as refusal:
        raise CannotChange(str(refusal)) from refusal
    return after


def _recharge(seats: Sequence[Seat], after: Allotment, *, by: User | None, at: datetime) -> None:
    institute = seats[0].institute
    words = _("Paid by another line: %(code)s") % {"code": institute.code}
    seating.take_back(seats, kept={}, words=words, by=by, at=at)
    Seat.objects.filter(pk__in=[seat.pk for seat in seats]).update(allotment=after)
    for seat in seats:
        seat.allotment = after
    try:
        seating.charge(seats, institute, by=by, at=at)
    except CannotRegister as refusal:
        raise CannotChange(str(refusal)) from refusal
