"""What limits a charge: agreements, districts' caps in them, and purchase orders, each checked under its lock."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Protocol

from billing.models import AgreementCap, FundingAgreement, FundingLine, PurchaseOrder
from billing.refusals import AgreementShort, CannotCharge, CapShort, PurchaseOrderShort, Short
from billing.wording import day, days

DAY = timedelta(days=1)


class Asked(Protocol):
    """What a limit looks at: `ledger.Wanted`."""

    @property
    def line(self) -> FundingLine: ...
    @property
    def amount(self) -> Decimal: ...
    @property
    def first_day(self) -> date: ...
    @property
    def last_day(self) -> date: ...
    @property
    def purchase_order(self) -> PurchaseOrder | None: ...


Parts = Mapping[int, Sequence[Asked]]


def sum_of(parts: Sequence[Asked]) -> Decimal:
    return sum((part.amount for part in parts), Decimal(0))


def lock_agreements(asked: Sequence[Asked]) -> Parts:
    """Lock the agreements behind the lines and refuse what they do not allow; what is asked of each, by its key."""
    parts = _grouped(asked, lambda each: each.line.agreement_id)
    for agreement in FundingAgreement.objects.select_for_update().filter(pk__in=parts).order_by("pk"):
        for part in parts[agreement.pk]:
            _must_cover(agreement, part)
        _must_suffice(agreement.left, parts[agreement.pk], AgreementShort, agreement)
    return parts


def lock_caps(asked: Sequence[Asked], agreements: Parts) -> Parts:
    """Lock the caps of the districts served; a grant that names districts pays for no other."""
    naming = set(AgreementCap.objects.filter(agreement__in=agreements).values_list("agreement", flat=True).distinct())
    by_district = defaultdict(list)
    for each in asked:
        if each.line.agreement_id in naming:
            by_district[each.line.agreement_id, each.line.organization_id].append(each)
    caps = AgreementCap.objects.select_for_update(of=("self",)).select_related("agreement", "organization")
    rows = caps.filter(agreement__in=naming, organization__in={served for _key, served in by_district if served})
    parts = {}
    for cap in rows.order_by("pk"):
        wanted = by_district.pop((cap.agreement_id, cap.organization_id), [])
        if wanted:
            left = None if cap.amount is None else cap.amount - cap.charged
            _must_suffice(left, wanted, CapShort, cap.agreement, cap.organization)
            parts[cap.pk] = wanted
    for wanted in by_district.values():
        line = wanted[0].line
        raise CannotCharge(f"{line.agreement} does not serve {line.organization or line.payer}.")
    return parts


def lock_purchase_orders(asked: Sequence[Asked]) -> Parts:
    """Lock the purchase orders named and refuse what they do not cover."""
    parts = _grouped(asked, lambda each: each.purchase_order.pk if each.purchase_order else None)
    for order in PurchaseOrder.objects.select_for_update().filter(pk__in=parts).order_by("pk"):
        for part in parts[order.pk]:
            _must_be_drawable(order, part)
        _must_suffice(order.left, parts[order.pk], PurchaseOrderShort, order)
    return parts


def _grouped(asked: Sequence[Asked], key_of: Callable[[Asked], int | None]) -> dict[int, list[Asked]]:
    groups: dict[int, list[Asked]] = defaultdict(list)
    for each in asked:
        key = key_of(each)
        if key is not None:
            groups[key].append(each)
    return dict(groups)


def _must_suffice(left: Decimal | None, parts: Sequence[Asked], refusal: Callable[..., Short], *of: object) -> None:
    if left is not None and sum_of(parts) > left:
        raise refusal(*of, left=left, amounts=[part.amount for part in parts])


def _must_cover(agreement: FundingAgreement, part: Asked) -> None:
    """An agreement pays for its own payer, and for service in its own time only (scenario 20)."""
    if agreement.payer_id not in {None, part.line.payer_id}:
        raise CannotCharge(
            f"{agreement} is an agreement with {agreement.payer}; it does not pay for {part.line.payer}."
        )
    if part.last_day > agreement.ends_on:
        outside = days(max(part.first_day, agreement.ends_on + DAY), part.last_day)
        raise CannotCharge(f"{agreement} ends on {day(agreement.ends_on)}; {outside} would be outside.")
    if part.first_day < agreement.starts_on:
        outside = days(part.first_day, min(part.last_day, agreement.starts_on - DAY))
        raise CannotCharge(f"{agreement} starts on {day(agreement.starts_on)}; {outside} would be outside.")


def _must_be_drawable(order: PurchaseOrder, part: Asked) -> None:
    if order.payer_id != part.line.payer_id:
        raise CannotCharge(f"Purchase order {order} is not one of {part.line.payer}.")
    if order.expires_on and part.last_day > order.expires_on:
        raise CannotCharge(
            f"Purchase order {order} expires on {day(order.expires_on)}; "
            f"a later one is required for {days(part.first_day, part.last_day)}."
        )
