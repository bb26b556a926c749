"""Purchase orders of districts: recorded, changed by change orders, and drawn for what came before they did."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max

from billing import ledger
from billing.models import ChangeOrder, Charge, PurchaseOrder
from billing.wording import day, dollars
from office.models import StoredFile
from people.access import Action, Who, may
from people.models import User


class CannotRecord(Exception):
    """The purchase order stays as it was; the sentence says why."""


def may_record(who: Who, organization: int | None) -> bool:
    """Whether somebody may record an organization's purchase orders and change orders.

    The provider's finance staff may for all; whoever registers and sees the money there, for her own.
    """
    is_hers = organization is not None and may(who, Action.REGISTER, organization)
    return may(who, Action.FUND) or (is_hers and may(who, Action.SEE_MONEY, organization))


@transaction.atomic
def keep(order: PurchaseOrder) -> PurchaseOrder:
    """Write a purchase order, new or changed. Its number is the payer's affair; any form is right.

    Once something is drawn or a change order came, number and amount stay: only change orders change the amount.
    Raises CannotRecord.
    """
    twin = PurchaseOrder.objects.filter(payer=order.payer, number=order.number).exclude(pk=order.pk)
    if twin.exists():
        raise CannotRecord(f"{order.payer} has a purchase order {order.number} already.")
    if order.pk:
        before = PurchaseOrder.objects.select_for_update().get(pk=order.pk)
        _may_be_written(order, before)
        order.drawn = before.drawn  # what was drawn since the form was opened is not undone
    order.save()
    return order


def _may_be_written(order: PurchaseOrder, before: PurchaseOrder) -> None:
    is_used = before.drawn or before.change_orders.exists()
    if is_used and (order.payer_id, order.number, order.amount) != (before.payer_id, before.number, before.amount):
        raise CannotRecord(
            f"{dollars(before.drawn)} of {before} are drawn: its number and amount stay. "
            "Record a change order for another amount."
        )
    last = _last_day_covered(before)
    if order.expires_on and last and order.expires_on < last:
        raise CannotRecord(f"{before} covers service until {day(last)}; it cannot expire before.")


def _last_day_covered(order: PurchaseOrder) -> date | None:
    standing = Charge.objects.filter(draws__purchase_order=order, reversed_by__isnull=True)
    last: date | None = standing.aggregate(last=Max("last_day"))["last"]
    return last


@transaction.atomic
def change(
    order: PurchaseOrder,
    delta: Decimal,
    *,
    number: str = "",
    file: StoredFile | None = None,
    by: User | None,
    at: datetime,
) -> ChangeOrder:
    """Raise or lower a purchase order by a change order of the district; `number` is the change order's own.

    Raises CannotRecord where less would be left than is drawn (scenario 16).
    """
    before = PurchaseOrder.objects.select_for_update().get(pk=order.pk)
    amount = before.amount + delta
    if not delta:
        raise CannotRecord("A change order changes the amount: write by how much.")
    if amount < before.drawn:
        raise CannotRecord(
            f"{dollars(before.drawn)} of {before} are drawn; it cannot be lowered to {dollars(amount)}. "
            f"It can be lowered by {dollars(before.left)} at most."
        )
    if not amount:
        raise CannotRecord(f"{before} would be worth nothing. Let it expire instead.")
    before.amount = amount
    before.save(update_fields=["amount"])
    return ChangeOrder.objects.create(
        purchase_order=before, number=number.strip(), delta=delta, file=file, by=by, at=at
    )


@transaction.atomic
def cover(
    order: PurchaseOrder, groups: Sequence[Sequence[Charge]], *, by: User | None, at: datetime
) -> list[Sequence[Charge]]:
    """Draw a purchase order for groups of charges, each whole or not at all, from the first on: all that it can pay.

    Returns the groups that are covered. Left out: what is covered, printed or taken back meanwhile, and what lies
    after the day on which the order expires. Charges are locked before the order, as everywhere.
    """
    keys = [charge.pk for group in groups for charge in group]
    list(Charge.objects.select_for_update().filter(pk__in=keys).order_by("pk").values_list("pk"))
    open_ = set(Charge.objects.filter(pk__in=keys).uncovered().unprinted().values_list("pk", flat=True))
    locked = PurchaseOrder.objects.select_for_update().get(pk=order.pk)
    covered, left = [], locked.left
    for group in groups:
        wanted = sum((charge.amount for charge in group), Decimal(0))
        if wanted <= left and all(charge.pk in open_ and _is_in_time(charge, locked) for charge in group):
            covered.append(group)
            left -= wanted
    ledger.draw(locked, [charge for group in covered for charge in group], by=by, at=at)
    return covered


def _is_in_time(charge: Charge, order: PurchaseOrder) -> bool:
    return order.expires_on is None or charge.last_day <= order.expires_on
