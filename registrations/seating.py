"""Seats taken and given back together with their money: what every verb about seats is made of.

Each function runs inside its caller's transaction, under the lock of the institute's row (`lock_institute`). The order
of locks is the same everywhere: people, institutes by their keys, seats, then money as `billing.ledger` locks it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import ROUND_DOWN, Decimal

from django.db.models import F, QuerySet

from billing import ledger
from billing.models import Charge, ChargeKind, Draw, Payee, PurchaseOrder
from events import printed
from events.models import Institute, Session
from people.models import Person, User
from registrations.models import Allotment, AllotmentFunding, Choice, Offer, Registration, Seat, SeatCharge, Team
from registrations.refusals import CannotChange, CannotRegister

CENT = Decimal("0.01")


# --- Locks ------------------------------------------------------------------------------------------------------------


def lock_people(people: Iterable[Person]) -> list[Person]:
    """The people as merged today, in the order given, locked against a merge while they get their seats."""
    wanted = [person.canonical_id for person in people]
    rows = Person.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=wanted).order_by("pk")
    locked = {person.pk: person for person in rows}
    merged = [person.display_name for person in locked.values() if person.merged_into_id]
    if merged:
        raise CannotRegister(f"{', '.join(merged)} was merged with someone else just now. Open the roster again.")
    return [locked[key] for key in wanted]


def lock_institute(key: int) -> Institute:
    """The institute as it is now; who holds this lock decides about its seats. Rows that point to it may be added."""
    institute: Institute = Institute.objects.select_for_update(of=("self",), no_key=True).get(pk=key)
    return institute


def lock_seats(keys: Iterable[int]) -> list[Seat]:
    """Seats that are held, in the order of their keys. Raises CannotChange where one was given back meanwhile."""
    wanted = set(keys)
    rows = Seat.objects.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk")
    seats = list(rows.select_related("allotment__order", "institute"))
    if len(seats) < len(wanted) or any(seat.released_at for seat in seats):
        raise CannotChange("A seat was given back meanwhile. Look at the order again.")
    return seats


# --- Taking -----------------------------------------------------------------------------------------------------------


def take(
    allotments: Sequence[Allotment],
    institute: Institute,
    *,
    name_by: date | None = None,
    team: Team | None = None,
    offer: Offer | None = None,
) -> list[Seat]:
    """One seat for each allotment in the list, in its order; counts them at the institute. Charges nothing."""
    if not allotments:
        return []
    seats = Seat.objects.bulk_create(
        Seat(allotment=allotment, institute=institute, name_by=name_by, team=team, offer=offer)
        for allotment in allotments
    )
    Institute.objects.filter(pk=institute.pk).update(seats_taken=F("seats_taken") + len(seats))
    return seats


def charge(
    seats: Sequence[Seat],
    institute: Institute,
    *,
    by: User | None,
    at: datetime,
    parts: Mapping[int, Sequence[AllotmentFunding]] | None = None,
) -> list[Charge]:
    """Each seat's charges, one for each part of its price. Locks the agreements. Raises CannotRegister.

    `parts`, by the allotment's key, are those that need not be read.
    """
    paying = _paying(seats, parts or {})
    try:
        payee = ledger.payee_for(institute.fiscal_agent)
        words = words_for(institute)
        pairs = [(seat, _wanted(part, words, payee)) for seat in seats for part in paying[seat.allotment_id]]
        charges = _charged([wanted for _seat, wanted in pairs], by=by, at=at)
    except ledger.CannotCharge as refusal:
        raise CannotRegister(str(refusal)) from refusal
    _remember([seat for seat, _wanted in pairs], charges)
    return charges


def _charged(wanted: Sequence[ledger.Wanted], *, by: User | None, at: datetime) -> list[Charge]:
    while True:  # each turn asks less of a purchase order, so there is a last one
        try:
            return ledger.charge_all(wanted, by=by, at=at)
        except ledger.PurchaseOrderShort as short:
            wanted = _without(short, wanted)


def _without(short: ledger.PurchaseOrderShort, wanted: Sequence[ledger.Wanted]) -> list[ledger.Wanted]:
    """The same charges, but for those that the purchase order cannot pay: these go without it."""
    drawn = 0
    made = []
    for each in wanted:
        is_its = each.purchase_order == short.purchase_order
        made.append(replace(each, purchase_order=None) if is_its and drawn >= short.affordable else each)
        drawn += is_its
    return made


def _paying(
    seats: Sequence[Seat], known: Mapping[int, Sequence[AllotmentFunding]]
) -> dict[int, list[AllotmentFunding]]:
    """Who pays for each allotment; parts of nothing are not charged."""
    paying = {seat.allotment_id: [*known.get(seat.allotment_id, ())] for seat in seats}
    parts = AllotmentFunding.objects.filter(allotment__in=paying.keys() - known.keys())
    for part in parts.select_related("line__agreement", "line__payer", "purchase_order").order_by("first_day", "pk"):
        paying[part.allotment_id].append(part)
    return {allotment: [part for part in parts if part.amount > 0] for allotment, parts in paying.items()}


def _wanted(part: AllotmentFunding, words: str, payee: Payee) -> ledger.Wanted:
    return ledger.Wanted(
        line=part.line,
        payee=payee,
        kind=ChargeKind.SEAT,
        words=words,
        amount=part.amount,
        first_day=part.first_day,
        last_day=part.last_day,
        purchase_order=part.purchase_order,
    )


def _remember(seats: Sequence[Seat], charges: Sequence[Charge]) -> None:
    SeatCharge.objects.bulk_create(
        SeatCharge(seat=seat, charge=charge) for seat, charge in zip(seats, charges, strict=True)
    )


def words_for(institute: Institute) -> str:
    """What a seat's charge is for: "LT27-01 Leadership Training, January 21–23, 2027"."""
    return f"{institute.code} {institute.title}, {printed.days(institute.starts_on, institute.ends_on)}"[:300]


# --- Giving back ------------------------------------------------------------------------------------------------------


def give_back(
    seats: Sequence[Seat],
    institute: Institute,
    *,
    kept: Mapping[int, Decimal] | None = None,
    words: str,
    by: User | None,
    at: datetime,
) -> None:
    """Release seats of one institute: nobody sits in them, what they cost is taken back, what is `kept` is charged.

    `kept` are dollars by the seat's key; a seat that is not in it is free of charge. Raises CannotChange.
    """
    keys = [seat.pk for seat in seats]
    Registration.objects.live().filter(seat__in=keys).update(ended_at=at)
    released = Seat.objects.filter(pk__in=keys, released_at__isnull=True).update(released_at=at)
    if released != len(keys):
        raise CannotChange("A seat was given back meanwhile. Look at the order again.")
    Institute.objects.filter(pk=institute.pk).update(seats_taken=F("seats_taken") - released)
    free_sessions(Choice.objects.filter(registration__seat__in=keys))
    take_back(seats, kept=kept or {}, words=words, by=by, at=at)


def free_sessions(choices: QuerySet[Choice]) -> None:
    """Give back the places that were chosen in sessions."""
    gone = Counter(choices.values_list("session", flat=True))
    for key, number in sorted(gone.items()):
        Session.objects.filter(pk=key).update(seats_taken=F("seats_taken") - number)
    if gone:
        choices.delete()


def take_back(
    seats: Sequence[Seat], *, kept: Mapping[int, Decimal], words: str, by: User | None, at: datetime
) -> list[Charge]:
    """Reverse what seats were charged, and charge what is kept as a fee on the same lines and purchase orders.

    What is kept whole stays as it was charged. Returns the reversals. Raises CannotChange.
    """
    owed = charges_of(seats)
    seats = [seat for seat in seats if kept.get(seat.pk, 0) < sum(charge.amount for charge in owed[seat.pk])]
    charges = [charge for seat in seats for charge in owed[seat.pk]]
    holders = [seat for seat in seats for _charge in owed[seat.pk]]
    try:
        reversals = ledger.reverse_all(charges, words=words, by=by, at=at)
        _remember(holders, reversals)
        fees = _fees(seats, owed, kept, words)
        made = ledger.charge_all([fee for _seat, fee in fees], by=by, at=at)
    except ledger.CannotCharge as refusal:
        raise CannotChange(str(refusal)) from refusal
    _remember([seat for seat, _fee in fees], made)
    return reversals


def charges_of(seats: Sequence[Seat]) -> dict[int, list[Charge]]:
    """The charges of each seat that stand (fees too), in order of their days, by the seat's key. In one query."""
    owed: dict[int, list[Charge]] = {seat.pk: [] for seat in seats}
    rows = SeatCharge.objects.filter(
        seat__in=list(owed), charge__reverses__isnull=True, charge__reversed_by__isnull=True
    )
    for row in rows.select_related("charge__line", "charge__payee").order_by("charge__first_day", "charge__pk"):
        owed[row.seat_id].append(row.charge)
    return owed


def _fees(
    seats: Sequence[Seat], owed: Mapping[int, Sequence[Charge]], kept: Mapping[int, Decimal], words: str
) -> list[tuple[Seat, ledger.Wanted]]:
    """What is kept of each seat, spread over its charges in proportion; the last takes the odd cent."""
    keeping = [seat for seat in seats if kept.get(seat.pk) and owed[seat.pk]]
    drawn = _drawn([charge for seat in keeping for charge in owed[seat.pk]])
    fees = []
    for seat in keeping:
        for charge, amount in spread(kept[seat.pk], owed[seat.pk]):
            wanted = ledger.Wanted(
                line=charge.line,
                payee=charge.payee,
                kind=ChargeKind.FEE,
                words=words,
                amount=amount,
                first_day=charge.first_day,
                last_day=charge.last_day,
                purchase_order=drawn.get(charge.pk),
                instead_of=charge,
            )
            fees.append((seat, wanted))
    return fees


def spread(amount: Decimal, charges: Sequence[Charge]) -> list[tuple[Charge, Decimal]]:
    """Dollars over charges in proportion to theirs, to the cent; the last takes the odd cent, nothing is left out."""
    whole = sum((charge.amount for charge in charges), Decimal(0))
    parts: list[tuple[Charge, Decimal]] = []
    rest = amount
    for charge in charges:
        is_last = charge is charges[-1]
        part = rest if is_last else (amount * charge.amount / whole).quantize(CENT, ROUND_DOWN)
        rest -= part
        if part:
            parts.append((charge, part))
    return parts


def _drawn(charges: Sequence[Charge]) -> dict[int, PurchaseOrder]:
    """The purchase order that covered each charge, by the charge's key."""
    rows = Draw.objects.filter(charge__in=charges, amount__gt=0).select_related("purchase_order")
    return {row.charge_id: row.purchase_order for row in rows.order_by("pk")}
