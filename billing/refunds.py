"""Money back: allocations that fall, what is left of a payment sent back to its payer, and refunds that fail."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from billing.models import Allocation, Invoice, Payment, PaymentMethod, Refund, RefundFailure, WriteOff
from billing.wording import dollars
from people.models import User

CENT = Decimal("0.01")


class CannotRefund(Exception):
    """No money moves; the sentence says why."""


@transaction.atomic
def take_back(payment: Payment, *, reason: str, by: User | None, at: datetime) -> list[Allocation]:
    """Take back all that was allocated of a payment: a check that bounced, a share put on the wrong invoice.

    The invoices owe again. Raises CannotRefund.
    """
    if not reason.strip():
        raise CannotRefund("Write why the payment is taken off its invoices.")
    shares = _net(payment)
    list(Invoice.objects.select_for_update().filter(pk__in=shares).order_by("pk").values_list("pk"))
    Payment.objects.select_for_update().get(pk=payment.pk)
    back = [
        Allocation(payment=payment, invoice_id=key, amount=-amount, reason=reason.strip()[:200], by=by, at=at)
        for key, amount in sorted(_net(payment).items())
    ]
    if not back:
        raise CannotRefund(f"Nothing of {payment.reference} is on an invoice.")
    return Allocation.objects.bulk_create(back)


@transaction.atomic
def bounce(payment: Payment, *, reason: str, by: User | None, at: datetime) -> Refund:
    """Remember that a payment was returned by its bank: its invoices owe again, and nothing of it is anyone's credit.

    Raises CannotRefund where all of it went back before.
    """
    if not reason.strip():
        raise CannotRefund("Write what the bank says: why the payment came back.")
    if _net(payment):
        take_back(payment, reason=reason, by=by, at=at)
    Payment.objects.select_for_update().get(pk=payment.pk)
    rest = Payment.objects.with_rest().get(pk=payment.pk).rest
    if rest <= 0:
        raise CannotRefund(f"Nothing of {payment.reference} is left: it went back before.")
    method = PaymentMethod(payment.method)
    return refund(payment, rest, method=method, reason=reason, reference=payment.reference, by=by, at=at)


def free(invoice: Invoice, *, reason: str, by: User | None, at: datetime) -> list[Allocation]:
    """Of an invoice that is settled over, as it was credited: what was given up is owed no more, what was paid is free.

    Runs under the invoice's lock. Write-offs are taken back first, then allocations, the latest payment first; these
    dollars are the payer's credit. Returns the allocations taken back.
    """
    credited: Invoice = Invoice.objects.with_balance().get(pk=invoice.pk)
    over = -credited.balance
    given_up = min(over, credited.written_off)
    if given_up > 0:
        WriteOff.objects.create(invoice=invoice, amount=-given_up, reason=reason[:200], by=by, at=at)
        over -= given_up
    paid = _paid_by(invoice)
    list(Payment.objects.select_for_update().filter(pk__in=paid).order_by("pk").values_list("pk"))
    back = []
    for payment, allocated in reversed(paid.items()):
        part = min(allocated, over)
        if part > 0:
            taken = {"invoice": invoice, "amount": -part, "reason": reason[:200], "by": by, "at": at}
            back.append(Allocation(payment_id=payment, **taken))
            over -= part
    return Allocation.objects.bulk_create(back)


@transaction.atomic
def refund(
    payment: Payment,
    amount: Decimal,
    *,
    method: PaymentMethod,
    reason: str,
    reference: str = "",
    gateway_id: str | None = None,
    by: User | None,
    at: datetime,
) -> Refund:
    """Send dollars of a payment that are on no invoice back to the payer. Raises CannotRefund."""
    if not reason.strip():
        raise CannotRefund("Write the reason of the refund.")
    if amount <= 0 or amount != amount.quantize(CENT):
        raise CannotRefund("Write dollars and whole cents, above zero.")
    Payment.objects.select_for_update().get(pk=payment.pk)
    rest = Payment.objects.with_rest().get(pk=payment.pk).rest
    if amount > rest:
        raise CannotRefund(
            f"{payment.reference} has {dollars(rest)} that is on no invoice; {dollars(amount)} would be too much."
        )
    made: Refund = Refund.objects.create(
        payment=payment,
        method=method,
        reference=reference.strip(),
        amount=amount,
        reason=reason.strip()[:200],
        gateway_id=gateway_id,
        by=by,
        at=at,
    )
    return made


@transaction.atomic
def fail(made: Refund, *, reason: str, at: datetime) -> RefundFailure:
    """Remember that a refund did not arrive: its dollars are the payment's again. The same failure twice counts once."""
    Payment.objects.select_for_update().get(pk=made.payment_id)
    failure: RefundFailure = RefundFailure.objects.get_or_create(
        refund=made, defaults={"reason": reason[:200], "at": at}
    )[0]
    return failure


def _paid_by(invoice: Invoice) -> dict[int, Decimal]:
    """What of which payment, by its key, is on an invoice; the payment that was touched last stands last."""
    net: dict[int, Decimal] = {}
    for row in Allocation.objects.filter(invoice=invoice).order_by("pk"):
        net[row.payment_id] = net.pop(row.payment_id, Decimal(0)) + row.amount
    return net


def _net(payment: Payment) -> dict[int, Decimal]:
    """What of a payment is on which invoice, by the invoice's key."""
    net: dict[int, Decimal] = {}
    for row in Allocation.objects.filter(payment=payment).order_by("pk"):
        net[row.invoice_id] = net.get(row.invoice_id, Decimal(0)) + row.amount
    return {invoice: amount for invoice, amount in net.items() if amount > 0}
