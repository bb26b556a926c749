"""Purchase orders of districts: recorded, and changed until something is drawn."""

from django.db import transaction

from billing.models import PurchaseOrder
from billing.wording import dollars


class CannotRecord(Exception):
    """The purchase order stays as it was; the sentence says why."""


@transaction.atomic
def keep(order: PurchaseOrder) -> PurchaseOrder:
    """Write a purchase order, new or changed. Its number is the payer's affair. Raises CannotRecord."""
    twin = PurchaseOrder.objects.filter(payer=order.payer, number=order.number).exclude(pk=order.pk)
    if twin.exists():
        raise CannotRecord(f"{order.payer} has a purchase order {order.number} already.")
    if order.pk:
        before = PurchaseOrder.objects.select_for_update().get(pk=order.pk)
        if before.drawn:
            raise CannotRecord(f"{dollars(before.drawn)} of {before} are drawn: what it says stays.")
    order.save()
    return order
