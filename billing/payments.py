"""Payments by check, warrant, ACH or county journal: recorded, and allocated to invoices.

A share that is less than its invoice owes may say why: the reason is kept with the allocation, and the rest stays open.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from billing.models import Allocation, Invoice, InvoiceKind, Payee, Payer, Payment, PaymentMethod
from billing.models.documents import PaymentQuerySet
from billing.wording import day, dollars
from people.models import User

CENT = Decimal("0.01")


class CannotPay(Exception):
    """Nothing was recorded; the sentence says why."""


class AlreadyRecorded(CannotPay):
    """The same reference came from the same payer before: ask, and record it `again` if it is another one."""


@dataclass(frozen=True)
class Share:
    """Dollars of a payment for one invoice; where they are less than it owes, the payer's reason."""

    invoice: Invoice
    amount: Decimal
    reason: str = ""


@transaction.atomic
def record(
    *,
    payer: Payer,
    payee: Payee,
    method: PaymentMethod,
    reference: str,
    amount: Decimal,
    received_on: date,
    shares: Sequence[Share] = (),
    again: bool = False,
    gateway_id: str | None = None,
    by: User | None,
    at: datetime,
) -> Payment:
    """Record money that came in, and allocate it where shares say so.

    Raises CannotPay; AlreadyRecorded where the payer sent this reference before, unless it is said to be `again`.
    """
    _must_be_dollars(amount)
    if received_on > timezone.localdate(at):
        raise CannotPay(f"{day(received_on)} is still to come: write the day on which the payment arrived.")
    if not again:
        _must_be_new(payer, method, reference)
    payment = Payment.objects.create(
        payer=payer,
        payee=payee,
        method=method,
        reference=reference.strip(),
        amount=amount,
        received_on=received_on,
        gateway_id=gateway_id,
        by=by,
        at=at,
    )
    if shares:
        allocate(payment, shares, by=by, at=at)
    return payment


@transaction.atomic
def allocate(payment: Payment, shares: Sequence[Share], *, by: User | None, at: datetime) -> list[Allocation]:
    """Put what is left of a payment to invoices: all shares or none. Locks the invoices, then the payment.

    Raises CannotPay where a share is more than its invoice owes, or the shares more than the payment has left.
    """
    keys = [share.invoice.pk for share in shares]
    if len(set(keys)) < len(keys):
        raise CannotPay("An invoice is named twice: write one amount for it.")
    list(Invoice.objects.select_for_update().filter(pk__in=keys).order_by("pk").values_list("pk"))
    Payment.objects.select_for_update().get(pk=payment.pk)
    owed = {invoice.pk: invoice for invoice in Invoice.objects.filter(pk__in=keys).with_balance()}
    for share in shares:
        _must_be_owed(owed[share.invoice.pk], share, payment)
    rest = Payment.objects.with_rest().get(pk=payment.pk).rest
    wanted = sum((share.amount for share in shares), Decimal(0))
    if wanted > rest:
        raise CannotPay(f"{payment.reference} has {dollars(rest)} left; the invoices would take {dollars(wanted)}.")
    return Allocation.objects.bulk_create(
        Allocation(
            payment=payment,
            invoice=share.invoice,
            amount=share.amount,
            reason=share.reason.strip()[:200],
            by=by,
            at=at,
        )
        for share in shares
    )


def credit_of(payer: Payer, payee: Payee) -> PaymentQuerySet:
    """Payments of which something waits for an invoice between the two, the oldest first."""
    rows: PaymentQuerySet = Payment.objects.with_rest().filter(payer=payer, payee=payee, rest__gt=0)
    return rows.order_by("received_on", "pk")


@transaction.atomic
def use_credit(invoice: Invoice, *, by: User | None, at: datetime) -> list[Allocation]:
    """Put what earlier payments of its payer left to an invoice, the oldest first, until it owes nothing.

    Raises CannotPay. Locks the invoice, then the payments.
    """
    owed: Invoice = Invoice.objects.select_for_update(of=("self",)).select_related("payer", "payee").get(pk=invoice.pk)
    waiting = credit_of(owed.payer, owed.payee)
    keys = [payment.pk for payment in waiting]
    list(Payment.objects.select_for_update().filter(pk__in=keys).order_by("pk").values_list("pk"))
    balance: Decimal = Invoice.objects.with_balance().get(pk=owed.pk).balance
    made = []
    for payment in waiting.filter(pk__in=keys):
        part = min(payment.rest, balance)
        if part > 0:
            made += allocate(payment, [Share(owed, part)], by=by, at=at)
            balance -= part
    if not made:
        raise CannotPay(f"{owed.payer} has no credit left, or {owed} owes nothing.")
    return made


def _must_be_dollars(amount: Decimal) -> None:
    if amount <= 0:
        raise CannotPay("Write an amount above zero.")
    if amount != amount.quantize(CENT):
        raise CannotPay(f"${amount} has a fraction of a cent: write dollars and two decimals.")


def _must_be_new(payer: Payer, method: PaymentMethod, reference: str) -> None:
    earlier = Payment.objects.filter(payer=payer, method=method, reference=reference.strip()).order_by("-pk").first()
    if earlier:
        raise AlreadyRecorded(
            f"A {PaymentMethod(method).label.lower()} {earlier.reference} of {dollars(earlier.amount)} from {payer} "
            f"was recorded on {day(timezone.localdate(earlier.at))}: record another?"
        )


def _must_be_owed(invoice: Invoice, share: Share, payment: Payment) -> None:
    _must_be_dollars(share.amount)
    if not invoice.is_issued or invoice.kind != InvoiceKind.INVOICE:
        raise CannotPay(f"{invoice} is not an issued invoice.")
    if (invoice.payer_id, invoice.payee_id) != (payment.payer_id, payment.payee_id):
        raise CannotPay(f"{invoice} is not between {payment.payer} and {payment.payee}.")
    if share.amount > invoice.balance:
        raise CannotPay(f"{invoice} owes {dollars(invoice.balance)}; {dollars(share.amount)} would be too much.")
