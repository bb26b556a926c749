"""Purchase orders that come after the seats did: which seats still want one, and what a late one covers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Prefetch, Q, Sum
from django.utils.timezone import localdate

from billing import purchase_orders
from billing.models import Charge, FundingLine, PurchaseOrder, Source
from people.models import User
from registrations.models import AllotmentFunding, Order, Registration, Seat, SeatCharge

LOOKING_BACK = timedelta(days=180)
LCFF = (Source.LCFF_BASE, Source.LCFF_SUPPLEMENTAL)
"""Money that says which goal and action of the district's plan it serves."""


class CannotCover(Exception):
    """The purchase order covers none of these seats; the sentence says why."""


@dataclass
class Claim:
    """What one line owes for one seat in one fiscal year: covered together, or not at all."""

    seat: Seat
    charges: list[Charge] = field(default_factory=list)

    @property
    def amount(self) -> Decimal:
        return sum((charge.amount for charge in self.charges), Decimal(0))

    @property
    def name(self) -> str:
        """Who sits in the seat, or that nobody does yet."""
        people: list[Registration] = self.seat.people_now  # type: ignore[attr-defined]  # prefetched below
        return people[0].name_printed if people else "Seat not yet named"


@dataclass
class Part:
    """What one line pays of an order: the purchase orders meant for it, and the seats that wait for one.

    `printed` are dollars without cover that stand on an invoice already: no purchase order comes to them any more.
    """

    line: FundingLine
    orders: list[PurchaseOrder] = field(default_factory=list)
    seats: set[int] = field(default_factory=set)
    amount: Decimal = Decimal(0)
    waiting: list[Claim] = field(default_factory=list)
    printed: Decimal = Decimal(0)

    @property
    def uncovered(self) -> Decimal:
        return sum((claim.amount for claim in self.waiting), Decimal(0))

    @property
    def wants_change_order(self) -> bool:
        """A purchase order is here, and does not suffice (scenario 16)."""
        return bool(self.orders and self.waiting)

    @property
    def wants_reference(self) -> bool:
        """LCFF money that names no goal of the LCAP yet."""
        return self.line.source in LCFF and not self.line.lcap_reference

    @property
    def needs_paper(self) -> bool:
        return self.line.is_invoiced and self.line.payer.person_id is None


@dataclass(frozen=True)
class Covered:
    """What a purchase order did: the claims it covers now, and those that it cannot pay."""

    order: PurchaseOrder
    covered: list[Claim]
    left: list[Claim]

    @property
    def names_left(self) -> list[str]:
        return list(dict.fromkeys(claim.name for claim in self.left))


# --- Reading ----------------------------------------------------------------------------------------------------------


def parts_of(order: Order) -> list[Part]:
    """What each line pays of an order, in the order of its lines; in a fixed number of queries."""
    parts: dict[int, Part] = {}
    funds = AllotmentFunding.objects.filter(allotment__order=order).select_related("purchase_order")
    for fund in funds.select_related("line__agreement", "line__payer__organization").order_by("pk"):
        part = parts.setdefault(fund.line_id, Part(fund.line))
        if fund.purchase_order and fund.purchase_order not in part.orders:
            part.orders.append(fund.purchase_order)
    standing = Charge.objects.standing().filter(seat_charge__seat__allotment__order=order)
    for line, seat, amount in standing.values_list("line", "seat_charge__seat", "amount"):
        parts[line].seats.add(seat)
        parts[line].amount += amount
    for line, claims in _claims(order).items():
        parts[line].waiting = claims
    printed = standing.uncovered().filter(invoice_line__isnull=False).order_by()
    for line, amount in printed.values_list("line").annotate(sum=Sum("amount")):
        parts[line].printed = amount
    return list(parts.values())


def _claims(order: Order, lines: Iterable[FundingLine] | None = None) -> dict[int, list[Claim]]:
    """What waits for a purchase order, by line, in the order of the seats."""
    waiting = Charge.objects.uncovered().unprinted()
    people = Registration.objects.live().select_related("person").order_by("days", "pk")
    rows = SeatCharge.objects.filter(seat__allotment__order=order, charge__in=waiting)
    if lines is not None:
        rows = rows.filter(charge__line__in=list(lines))
    found: dict[int, dict[tuple[int, int], Claim]] = {}
    seated = Prefetch("seat__registrations", queryset=people, to_attr="people_now")
    for row in rows.select_related("seat", "charge").prefetch_related(seated).order_by("seat", "charge"):
        claims = found.setdefault(row.charge.line_id, {})
        claims.setdefault((row.seat_id, row.charge.fiscal_year), Claim(row.seat)).charges.append(row.charge)
    return {line: list(claims.values()) for line, claims in found.items()}


# --- Covering ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def attach(
    order: Order, purchase_order: PurchaseOrder, *, lines: Sequence[FundingLine], by: User, at: datetime
) -> Covered:
    """Have a purchase order pay for the seats of an order's lines, those without cover too: as many as it can.

    What is left waits for a change order, and is covered by itself when there is one (`cover_waiting`). Raises
    CannotCover.
    """
    strange = [line for line in lines if line.payer_id != purchase_order.payer_id]
    if strange or not lines:
        raise CannotCover(f"Purchase order {purchase_order} is not one of whoever pays here.")
    meant = AllotmentFunding.objects.filter(allotment__order=order, line__in=lines)
    if purchase_order.expires_on:
        meant = meant.filter(last_day__lte=purchase_order.expires_on)
    if not meant.exists():
        raise CannotCover(f"Purchase order {purchase_order} expires before the last day of these seats.")
    meant.update(purchase_order=purchase_order)
    claims = [claim for found in _claims(order, lines).values() for claim in found]
    return _cover(purchase_order, claims, by=by, at=at)


def cover_waiting(*, at: datetime) -> int:
    """Draw what came free of purchase orders (a change order, a seat given back) for the seats that wait for them.

    How many claims are covered now. A purchase order is meant for the parts of a price that name it.
    """
    done = 0
    for fund in _waiting(at):
        found = _claims(fund.allotment.order, [fund.line]).get(fund.line_id, [])
        claims = [claim for claim in found if _is_part_of(claim, fund)]
        if fund.purchase_order:
            with transaction.atomic():
                done += len(_cover(fund.purchase_order, claims, by=None, at=at).covered)
    return done


def _is_part_of(claim: Claim, fund: AllotmentFunding) -> bool:
    """Whether a claim is for the seats and days of a part of a price: each may have a purchase order of its own."""
    days = all(fund.first_day <= charge.first_day and charge.last_day <= fund.last_day for charge in claim.charges)
    return days and claim.seat.allotment_id == fund.allotment_id


def _waiting(at: datetime) -> list[AllotmentFunding]:
    """Parts of a price whose purchase order has dollars left, and whose seats want them."""
    wanting = Charge.objects.uncovered().unprinted()
    wanting = wanting.filter(seat_charge__seat__allotment=OuterRef("allotment"), line=OuterRef("line"))
    order = Q(purchase_order__expires_on__isnull=True) | Q(purchase_order__expires_on__gte=F("last_day"))
    rows = AllotmentFunding.objects.filter(
        order,
        purchase_order__amount__gt=F("purchase_order__drawn"),
        allotment__institute__ends_on__gte=localdate(at) - LOOKING_BACK,
    )
    related = rows.filter(Exists(wanting)).select_related("allotment__order", "line", "purchase_order")
    return list(related.order_by("pk"))


def _cover(purchase_order: PurchaseOrder, claims: Sequence[Claim], *, by: User | None, at: datetime) -> Covered:
    groups = [claim.charges for claim in claims]
    drawn = {group[0].pk for group in purchase_orders.cover(purchase_order, groups, by=by, at=at)}
    covered = [claim for claim in claims if claim.charges[0].pk in drawn]
    left = [claim for claim in claims if claim.charges[0].pk not in drawn]
    purchase_order.refresh_from_db()
    return Covered(purchase_order, covered, left)
