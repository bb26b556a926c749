"""The ledger: the only writer of charges and of the draws that cover them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_DOWN, Decimal
from itertools import pairwise

from django.db import transaction
from django.db.models import F, Sum

from billing import limits
from billing.models import (
    AgreementCap,
    Charge,
    ChargeKind,
    Draw,
    FundingAgreement,
    FundingLine,
    Payee,
    PurchaseOrder,
    fiscal_year_of,
)
from billing.refusals import AgreementShort, CannotCharge, CapShort, PurchaseOrderShort, Short
from people.models import Organization, Provider, User

__all__ = [
    "AgreementShort",
    "CannotCharge",
    "CapShort",
    "Part",
    "PurchaseOrderShort",
    "Short",
    "Wanted",
    "by_fiscal_year",
    "charge_all",
    "draw",
    "payee_for",
    "reverse_all",
]

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Wanted:
    """A charge that is asked for: dollars of one line for service from first to last day, both inside one fiscal year."""

    line: FundingLine
    payee: Payee
    kind: ChargeKind
    words: str
    amount: Decimal
    first_day: date
    last_day: date
    purchase_order: PurchaseOrder | None = None
    instead_of: Charge | None = None


@dataclass(frozen=True)
class Part:
    """What of an amount falls into one fiscal year."""

    amount: Decimal
    first_day: date
    last_day: date
    fiscal_year: int


@transaction.atomic
def charge_all(wanted: Sequence[Wanted], *, by: User | None, at: datetime) -> list[Charge]:
    """Charge all of them or none; the charges come in the order of `wanted`.

    Locks agreements, caps and purchase orders, each in the order of their keys, and counts what they promise.
    Raises CannotCharge; its subclasses AgreementShort, CapShort and PurchaseOrderShort say how much is `left`.
    """
    for each in wanted:
        _check(each)
    agreements = limits.lock_agreements(wanted)
    caps = limits.lock_caps(wanted, agreements)
    purchase_orders = limits.lock_purchase_orders(wanted)
    _count(FundingAgreement, "charged", {key: limits.sum_of(parts) for key, parts in agreements.items()})
    _count(AgreementCap, "charged", {key: limits.sum_of(parts) for key, parts in caps.items()})
    _count(PurchaseOrder, "drawn", {key: limits.sum_of(parts) for key, parts in purchase_orders.items()})
    charges = Charge.objects.bulk_create(_charge(each, by=by, at=at) for each in wanted)
    Draw.objects.bulk_create(
        Draw(purchase_order=each.purchase_order, charge=charge, amount=each.amount, by=by, at=at)
        for each, charge in zip(wanted, charges, strict=True)
        if each.purchase_order is not None and each.amount
    )
    return charges


@transaction.atomic
def reverse_all(charges: Iterable[Charge], *, words: str, by: User | None, at: datetime) -> list[Charge]:
    """Take charges back: a negative one for each, in the same order; what they counted and drew is free again.

    Raises CannotCharge where one was reversed before, or is itself a reversal.
    """
    wanted = [charge.pk for charge in charges]
    found = _locked(wanted)
    for charge in found.values():
        if charge.reverses_id or hasattr(charge, "reversed_by"):
            raise CannotCharge(f"“{charge.words}” was taken back already.")
    _give_back(found.values(), by=by, at=at)
    return Charge.objects.bulk_create(_reversal(found[key], words=words, by=by, at=at) for key in wanted)


@transaction.atomic
def draw(purchase_order: PurchaseOrder, charges: Iterable[Charge], *, by: User | None, at: datetime) -> list[Draw]:
    """Cover charges with a purchase order that came later than they did; all of them or none.

    Raises CannotCharge where a charge is covered, taken back, or printed already, and what `charge_all` raises.
    """
    found = _locked([charge.pk for charge in charges])
    covered = set(Draw.objects.filter(charge__in=found).values_list("charge", flat=True))
    for charge in found.values():
        _may_be_drawn(charge, is_covered=charge.pk in covered)
    wanted = [_wanted_again(charge, purchase_order) for charge in found.values()]
    for key, parts in limits.lock_purchase_orders(wanted).items():
        _count(PurchaseOrder, "drawn", {key: limits.sum_of(parts)})
    return Draw.objects.bulk_create(
        Draw(purchase_order=purchase_order, charge=charge, amount=charge.amount, by=by, at=at)
        for charge in found.values()
    )


def by_fiscal_year(amount: Decimal, first_day: date, last_day: date) -> list[Part]:
    """Split dollars over the fiscal years of the service days, by the number of days; the last takes the odd cent.

    Pure. Scenario 20: $1,250 for 28 June to 2 July 2027 is $750 in 2027 and $500 in 2028.
    """
    spans = _spans(first_day, last_day)
    all_days = (last_day - first_day).days + 1
    parts: list[Part] = []
    rest = amount
    for first, last in spans:
        share = (amount * ((last - first).days + 1) / all_days).quantize(CENT, ROUND_DOWN)
        part = rest if last == last_day else share
        parts.append(Part(part, first, last, fiscal_year_of(first)))
        rest -= part
    return parts


def payee_for(organization: Organization | None) -> Payee:
    """Who is paid: the fiscal agent where there is one, else the provider."""
    homes = [organization] if organization else Provider.objects.values("organization")
    payee: Payee | None = Payee.objects.filter(organization__in=homes).first()
    if payee is None:
        home = organization or Provider.objects.select_related("organization").get().organization
        raise CannotCharge(f"{home} cannot be paid yet: set its remit-to address first.")
    return payee


# --- Checks and counters ---------------------------------------------------------------------------------------------


def _locked(keys: Iterable[int]) -> dict[int, Charge]:
    """The charges under lock, each with what became of it: read once the lock is held, as a charge never changes."""
    rows = Charge.objects.filter(pk__in=keys).order_by("pk")
    list(rows.select_for_update().values_list("pk"))
    found = rows.select_related("line__payer", "line__organization", "payee", "reversed_by", "invoice_line__invoice")
    return {charge.pk: charge for charge in found}


def _check(wanted: Wanted) -> None:
    """What needs no lock: the amount, the days, whose paper it is."""
    if wanted.amount < 0 or wanted.amount != wanted.amount.quantize(CENT):
        raise CannotCharge(f"${wanted.amount} cannot be charged: write dollars and whole cents, not below zero.")
    if wanted.last_day < wanted.first_day:
        raise CannotCharge("The last day of service is before the first.")
    if fiscal_year_of(wanted.first_day) != fiscal_year_of(wanted.last_day):
        raise CannotCharge("A charge lies inside one fiscal year: split it on July 1.")


def _may_be_drawn(charge: Charge, *, is_covered: bool) -> None:
    if charge.reverses_id or hasattr(charge, "reversed_by"):
        raise CannotCharge(f"“{charge.words}” was taken back; no purchase order is needed for it.")
    if is_covered:
        raise CannotCharge(f"“{charge.words}” is covered by a purchase order already.")
    if hasattr(charge, "invoice_line"):
        raise CannotCharge(f"“{charge.words}” is on {charge.invoice_line.invoice} already.")


def _count(model: type, column: str, sums: dict[int, Decimal]) -> None:
    """Add to the counters of locked rows."""
    for key in sorted(sums):
        model.objects.filter(pk=key).update(**{column: F(column) + sums[key]})  # type: ignore[attr-defined]


def _give_back(charges: Iterable[Charge], *, by: User | None, at: datetime) -> None:
    """Count back agreements, then caps, then purchase orders; each update takes its row's lock, in that order."""
    agreements: dict[int, Decimal] = defaultdict(Decimal)
    shares: dict[tuple[int, int | None], Decimal] = defaultdict(Decimal)
    for charge in charges:
        if charge.line.agreement_id:
            agreements[charge.line.agreement_id] -= charge.amount
            shares[charge.line.agreement_id, charge.line.organization_id] -= charge.amount
    _count(FundingAgreement, "charged", agreements)
    caps = AgreementCap.objects.filter(agreement__in=agreements)
    served = {cap.pk: (cap.agreement_id, cap.organization_id) for cap in caps}
    _count(AgreementCap, "charged", {key: shares[pair] for key, pair in served.items() if pair in shares})
    _draw_back(charges, by=by, at=at)


def _draw_back(charges: Iterable[Charge], *, by: User | None, at: datetime) -> None:
    drawn = Draw.objects.filter(charge__in=charges).values("purchase_order", "charge").annotate(net=Sum("amount"))
    back = [
        Draw(purchase_order_id=row["purchase_order"], charge_id=row["charge"], amount=-row["net"], by=by, at=at)
        for row in drawn.order_by("purchase_order", "charge")
        if row["net"]
    ]
    sums: dict[int, Decimal] = defaultdict(Decimal)
    for each in back:
        sums[each.purchase_order_id] += each.amount
    _count(PurchaseOrder, "drawn", sums)
    Draw.objects.bulk_create(back)


# --- Rows ------------------------------------------------------------------------------------------------------------


def _charge(wanted: Wanted, *, by: User | None, at: datetime) -> Charge:
    return Charge(
        line=wanted.line,
        payee=wanted.payee,
        kind=wanted.kind,
        words=wanted.words,
        amount=wanted.amount,
        first_day=wanted.first_day,
        last_day=wanted.last_day,
        fiscal_year=fiscal_year_of(wanted.first_day),
        instead_of=wanted.instead_of,
        by=by,
        at=at,
    )


def _reversal(charge: Charge, *, words: str, by: User | None, at: datetime) -> Charge:
    return Charge(
        line=charge.line,
        payee_id=charge.payee_id,
        kind=charge.kind,
        words=words,
        amount=-charge.amount,
        first_day=charge.first_day,
        last_day=charge.last_day,
        fiscal_year=charge.fiscal_year,
        reverses=charge,
        by=by,
        at=at,
    )


def _wanted_again(charge: Charge, purchase_order: PurchaseOrder) -> Wanted:
    kind = ChargeKind(charge.kind)
    return Wanted(
        charge.line, charge.payee, kind, charge.words, charge.amount, charge.first_day, charge.last_day, purchase_order
    )


def _spans(first_day: date, last_day: date) -> list[tuple[date, date]]:
    """The days cut at each 1 July."""
    starts = [first_day]
    starts += [
        date(year, 7, 1)
        for year in range(first_day.year, last_day.year + 1)
        if first_day < date(year, 7, 1) <= last_day
    ]
    ends = [date(after.year, 6, 30) for _before, after in pairwise(starts)]
    return list(zip(starts, [*ends, last_day], strict=True))
