"""Where each dollar of an agreement is: promised to seats, invoiced, paid or left; and how it got there, day by day.

A charge is *reserved* while nobody is named in its seat (or the seat is only offered), *committed* once somebody is,
*invoiced* when an issued document prints it, and *paid* as far as its invoice is. Invoices are paid as a whole, so what
is paid is known by invoice, never by seat: at most what the invoice still comes to. What takes an invoiced charge back,
or is kept instead of it, belongs to that invoice at once, before its credit memo is issued. A grant that the provider
holds is never invoiced: its dollars are *spent* when the days of service are over.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from django.db.models import Exists, F, OuterRef, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.timezone import localdate

from billing.models import Allocation, Charge, FundingAgreement, Source
from people.models import Organization
from registrations.models import Registration, SeatCharge

ZERO = Decimal(0)


class State(StrEnum):
    RESERVED = "reserved"
    COMMITTED = "committed"
    INVOICED = "invoiced"
    PAID = "paid"


@dataclass(frozen=True)
class Step:
    """What a charge, or money that came in, did on a day."""

    on: date
    amount: Decimal


@dataclass
class Balance:
    """The four places of an agreement's dollars, recomputed from rows."""

    reserved: Decimal = ZERO
    committed: Decimal = ZERO
    invoiced: Decimal = ZERO
    paid: Decimal = ZERO

    @property
    def promised(self) -> Decimal:
        """All four: the charges of the agreement."""
        return self.reserved + self.committed + self.invoiced + self.paid


@dataclass(frozen=True)
class Burndown:
    """An agreement, where its dollars are, for which districts, and the days on which they went there."""

    agreement: FundingAgreement
    balance: Balance
    districts: list["Share"]
    promises: list[Step] = field(default_factory=list)
    payments: list[Step] = field(default_factory=list)
    first_day: date | None = None
    last_day: date | None = None

    @property
    def left(self) -> Decimal | None:
        """The amount less all four; none where there is no limit."""
        return None if self.agreement.amount is None else self.agreement.amount - self.balance.promised

    @property
    def is_within_its_period(self) -> bool:
        """Whether every day of service that it pays lies inside its period."""
        days = [day for day in (self.first_day, self.last_day) if day]
        return all(self.agreement.covers(day) for day in days)


@dataclass
class Share:
    """What a district uses of an agreement. `invoiced` counts what is paid too: an invoice may be of several districts."""

    district: Organization | None
    cap: Decimal | None = None
    reserved: Decimal = ZERO
    committed: Decimal = ZERO
    invoiced: Decimal = ZERO

    @property
    def used(self) -> Decimal:
        return self.reserved + self.committed + self.invoiced

    @property
    def left(self) -> Decimal | None:
        """Of its cap; none where it has none."""
        return None if self.cap is None else self.cap - self.used


@dataclass(frozen=True)
class Point:
    """What was left on the evening of a day: to promise, and unpaid."""

    on: date
    unpromised: Decimal
    unpaid: Decimal


@dataclass(frozen=True)
class Funder:
    """Who pays for seats at an institute: an agreement, or a line without one."""

    name: str
    is_this: bool
    amount: Decimal


@dataclass
class Together:
    """An institute that an agreement pays for, with all who pay for it."""

    code: str
    title: str
    first_day: date
    last_day: date
    funders: list[Funder] = field(default_factory=list)


@dataclass(frozen=True)
class _Row:
    """A charge, as far as a balance asks."""

    amount: Decimal
    made_on: date
    first_day: date
    last_day: date
    district: int | None
    based_on: int | None
    invoice: int | None
    is_named: bool


Place = State | int
"""A state, or the key of an invoice."""
Received = tuple[int, date, Decimal]
"""Dollars that came in for an invoice on a day."""


def of(agreement: FundingAgreement, *, on: date) -> Burndown:
    """The agreement as of a day, in four statements, however many its charges are."""
    rows = _rows(agreement)
    places = [(row, place_of(row, rows, agreement=agreement, on=on)) for row in rows.values()]
    came_in = list(_came_in(agreement))
    return Burndown(
        agreement=agreement,
        balance=_balance(places, came_in),
        districts=_districts(agreement, places),
        promises=[Step(row.made_on, row.amount) for row in rows.values()],
        payments=_payments(agreement, rows, came_in, on),
        first_day=min((row.first_day for row in rows.values() if row.amount), default=None),
        last_day=max((row.last_day for row in rows.values() if row.amount), default=None),
    )


def place_of(row: _Row, rows: Mapping[int, _Row], *, agreement: FundingAgreement, on: date) -> Place:
    """Where a charge is: on an invoice (its key), or in one of the states of what is never or not yet invoiced."""
    invoice = _invoice_of(row, rows)
    if invoice is not None:
        return invoice
    if not agreement.is_invoiced and row.last_day < on:
        return State.PAID
    return State.COMMITTED if row.is_named else State.RESERVED


def _invoice_of(row: _Row, rows: Mapping[int, _Row]) -> int | None:
    """The invoice of a charge: its own, or that of the charge which it takes back or is kept instead of."""
    found: _Row | None = row
    while found is not None and found.invoice is None:
        found = rows.get(found.based_on or 0)
    return found.invoice if found else None


def _balance(places: Iterable[tuple[_Row, Place]], came_in: Iterable[Received]) -> Balance:
    made, totals, paid = Balance(), defaultdict[int, Decimal](Decimal), defaultdict[int, Decimal](Decimal)
    for row, place in places:
        if isinstance(place, State):
            setattr(made, place, getattr(made, place) + row.amount)
        else:
            totals[place] += row.amount
    for invoice, _on, amount in came_in:
        paid[invoice] += amount
    made.paid += sum((min(paid[key], total) for key, total in totals.items()), ZERO)
    made.invoiced += sum((max(total - paid[key], ZERO) for key, total in totals.items()), ZERO)
    return made


def curve(found: Burndown, *, on: date) -> list[Point]:
    """The burn-down: from the whole amount down, a point for each day on which something changed, and one for today.

    Pure. Nothing where the agreement has no limit.
    """
    amount = found.agreement.amount
    if amount is None:
        return []
    promised, paid = _by_day(found.promises), _by_day(found.payments)
    days = {day for day in (*promised, *paid) if day <= on} | {found.agreement.starts_on, on}
    made, unpromised, unpaid = [], amount, amount
    for day in sorted(days):
        unpromised -= promised.get(day, ZERO)
        unpaid -= paid.get(day, ZERO)
        made.append(Point(day, unpromised, unpaid))
    return made


def _by_day(steps: Iterable[Step]) -> dict[date, Decimal]:
    days: dict[date, Decimal] = defaultdict(Decimal)
    for step in steps:
        days[step.on] += step.amount
    return days


def together(agreement: FundingAgreement) -> list[Together]:
    """The institutes that it pays for, newest first, each with all its funders. In one statement."""
    here = SeatCharge.objects.filter(charge__line__agreement=agreement).order_by().values("seat__institute")
    rows = SeatCharge.objects.filter(seat__institute__in=here).order_by().values(
        "seat__institute", "seat__institute__code", "seat__institute__title", "seat__institute__starts_on",
        "seat__institute__ends_on", "charge__line__agreement", "charge__line__agreement__name", "charge__line__source",
    )  # fmt: skip
    made: dict[int, Together] = {}
    for row in rows.annotate(dollars=Sum("charge__amount")).order_by("-seat__institute__starts_on", "-dollars"):
        key, code, title, first, last, its, name, source, amount = row.values()
        one = made.setdefault(key, Together(code, title, first, last))
        if amount:
            one.funders.append(Funder(name or str(Source(source).label), its == agreement.pk, amount))
    return [one for one in made.values() if any(funder.is_this for funder in one.funders)]


def _rows(agreement: FundingAgreement) -> dict[int, _Row]:
    """Its charges by their keys; what takes another back counts where that one does, so that both come to nothing."""
    seated = SeatCharge.objects.filter(charge=OuterRef("pk"))
    sitting = Registration.objects.live().filter(seat__seat_charges__charge=OuterRef("pk"))
    open_offer = seated.filter(seat__offer__isnull=False, seat__offer__answered_at__isnull=True)
    held = seated.filter(seat__released_at__isnull=True)
    charges = Charge.objects.filter(line__agreement=agreement).annotate(
        based_on=Coalesce(F("reverses"), F("instead_of")),
        printed_on=Coalesce(F("invoice_line__invoice__corrects"), F("invoice_line__invoice")),
        is_issued=Q(invoice_line__invoice__issued_at__isnull=False),
        is_promised=Exists(held) & (Exists(open_offer) | ~Exists(sitting)),
    )
    columns = ("pk", "amount", "at", "first_day", "last_day", "line__organization", "based_on", "printed_on")
    found = charges.order_by("pk").values_list(*columns, "is_issued", "is_promised")
    return {
        key: _Row(amount, localdate(at), first, last, district, based_on, printed if issued else None, not promised)
        for key, amount, at, first, last, district, based_on, printed, issued, promised in found.iterator()
    }


def _came_in(agreement: FundingAgreement) -> Iterable[Received]:
    """What of payments went to its invoices, by invoice and day."""
    rows = Allocation.objects.filter(invoice__agreement=agreement).order_by()
    found: Iterable[Received] = rows.values_list("invoice", "payment__received_on").annotate(dollars=Sum("amount"))
    return found


def _payments(
    agreement: FundingAgreement, rows: Mapping[int, _Row], came_in: Iterable[Received], on: date
) -> list[Step]:
    """When dollars were paid; of a grant that is never invoiced, when the days of service were over."""
    if agreement.is_invoiced:
        return [Step(day, amount) for _invoice, day, amount in came_in]
    return [Step(row.last_day, row.amount) for row in rows.values() if row.last_day < on]


def _districts(agreement: FundingAgreement, places: Iterable[tuple[_Row, Place]]) -> list[Share]:
    """Those it serves and those that use it, by name."""
    caps: dict[int | None, Decimal | None] = dict(agreement.caps.values_list("organization", "amount"))
    shares = {key: Share(None, cap) for key, cap in caps.items()}
    for row, place in places:
        share = shares.setdefault(row.district, Share(None))
        name = place if place in {State.RESERVED, State.COMMITTED} else State.INVOICED
        setattr(share, str(name), getattr(share, str(name)) + row.amount)
    for key, district in Organization.objects.in_bulk([key for key in shares if key]).items():
        shares[key].district = district
    return sorted(shares.values(), key=lambda share: share.district.search_key if share.district else "")
