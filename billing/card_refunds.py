"""Refunds by the road the money came: to a card or a bank account, through Stripe.

Ours is written first, so that its dollars are nobody else's, and asked for in the background; it learns its number from
the answer or from Stripe's message, whichever comes first. One that somebody makes on Stripe's own pages is written
down when Stripe tells of it.
"""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from billing import checkouts, disputes, gateway, refunds, tasks
from billing.models import Payment, PaymentMethod, Refund
from people.models import User


@transaction.atomic
def refund(payment: Payment, amount: Decimal, *, reason: str, by: User | None, at: datetime) -> Refund:
    """Send dollars of a card payment or bank debit back, in the background. Raises refunds.CannotRefund."""
    if not payment.gateway_id:
        raise refunds.CannotRefund(f"{payment.reference} did not come through Stripe: send it back by another road.")
    if off := gateway.why_off():
        raise refunds.CannotRefund(off)
    made = refunds.refund(payment, amount, method=PaymentMethod(payment.method), reason=reason, by=by, at=at)
    tasks.send_refund.defer(refund=made.pk)
    return made


def send(made: Refund, *, at: datetime) -> str:
    """Have Stripe send a refund; asked twice it is sent once. What Stripe refuses is the payment's again.

    Raises gateway.GatewayAway: ask again. Returns Stripe's number of it, or why it failed.
    """
    payment = made.payment
    account = checkouts.account_of(payment.payee) or ""
    key = f"refund-{made.pk}-{int(made.at.timestamp())}"
    try:
        told = gateway.refund(str(payment.gateway_id), made.amount, ours=made.pk, account=account, key=key)
    except gateway.GatewayRefused as refusal:
        refunds.fail(made, reason=str(refusal), at=at)
        return str(refusal)
    _learn(made, told.id)
    if told.failure:
        refunds.fail(made, reason=f"The refund failed: {told.failure}", at=at)
    return told.id


def write_down(payment: Payment, told: gateway.SentBack, *, at: datetime) -> Refund:
    """The row of a refund that Stripe tells of, made where it was asked for on Stripe's own pages.

    Such dollars are gone: as far as the payment's rest does not cover them, its invoices owe again. Runs under the lock
    of the payment's visit, so that two messages about one refund follow each other.
    """
    ours = Refund.objects.filter(payment=payment, pk=told.ours).first() if told.ours else None
    if ours:
        _learn(ours, told.id)
    known: Refund | None = ours or Refund.objects.filter(gateway_id=told.id).first()
    if known:
        return known
    disputes.lock(payment)
    if not told.failure:
        rest = Payment.objects.with_rest().get(pk=payment.pk).rest
        disputes.free(payment, told.amount - rest, reason=f"Refunded at Stripe: {told.id}", at=at)
    # One that failed before we heard of it moved nothing: it is written beside its failure, in one transaction.
    made: Refund = Refund.objects.create(
        payment=payment,
        method=payment.method,
        amount=told.amount,
        reason="Refunded on Stripe's own pages",
        gateway_id=told.id,
        at=at,
    )
    return made


def _learn(made: Refund, number: str) -> None:
    Refund.objects.filter(pk=made.pk, gateway_id=None).update(gateway_id=number)
