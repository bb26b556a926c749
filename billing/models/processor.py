"""What the card processor knows: visits to its page, what it told us, and payments that a bank asks back."""

from typing import Self

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.access import MoneyScoped
from billing.models.charges import NEVER_CHANGED
from billing.models.documents import Invoice, Payment
from billing.models.parties import Payee, Payer


class DisputeQuerySet(MoneyScoped):
    payer_path = "payment__payer"
    payee_path = "payment__payee"

    def open(self) -> Self:
        return self.filter(outcome__isnull=True)

    def holding(self) -> Self:
        """Those whose dollars the bank has: open or lost."""
        return self.exclude(outcome__kind=DisputeEnd.WON)


@pgtrigger.register(pgtrigger.Protect(name="a_dispute_is_never_changed", operation=NEVER_CHANGED))
class Dispute(models.Model):
    """A card holder asks her bank for a payment back: while it is open the bank has the dollars."""

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="disputes")
    gateway_id = models.CharField(max_length=100, unique=True)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    fee = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    reason = models.CharField(max_length=60, blank=True)
    evidence_due_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField()

    objects = DisputeQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="a_dispute_is_about_something")]

    def __str__(self) -> str:
        return f"Dispute of {self.payment.reference}"


class DisputeEnd(models.TextChoices):
    WON = "won", _("Won")
    LOST = "lost", _("Lost")


class DisputeOutcomeQuerySet(MoneyScoped):
    payer_path = "dispute__payment__payer"
    payee_path = "dispute__payment__payee"


@pgtrigger.register(pgtrigger.Protect(name="a_disputes_outcome_is_never_changed", operation=NEVER_CHANGED))
class DisputeOutcome(models.Model):
    """How a dispute ended: won, the dollars are the payment's again; lost, they are gone."""

    dispute = models.OneToOneField(Dispute, models.PROTECT, related_name="outcome")
    kind = models.CharField(max_length=4, choices=DisputeEnd)
    at = models.DateTimeField()

    objects = DisputeOutcomeQuerySet.as_manager()

    def __str__(self) -> str:
        return self.get_kind_display()


class StripeEventQuerySet(models.QuerySet["StripeEvent"]):
    def unanswered(self) -> Self:
        return self.filter(acted_at__isnull=True)


class StripeEvent(models.Model):
    """What the card processor told us, once each: kept as it came, and acted on once."""

    gateway_id = models.CharField(max_length=100, unique=True)
    type = models.CharField(max_length=80)
    account = models.CharField(max_length=100, blank=True)
    content = models.JSONField()
    created_at = models.DateTimeField()
    received_at = models.DateTimeField()
    acted_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=300, blank=True)

    objects = StripeEventQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["received_at"], condition=Q(acted_at__isnull=True), name="event_unanswered")]

    def __str__(self) -> str:
        return f"{self.type} {self.gateway_id}"


class CheckoutAttemptQuerySet(MoneyScoped):
    payer_path = "payer"
    payee_path = "payee"

    def open(self) -> Self:
        return self.filter(ended_at__isnull=True)


class CheckoutAttempt(models.Model):
    """A visit to the card processor's page to pay an invoice, or an order that is invoiced when the money arrives.

    Our key is the idempotency key of every call about it. `order_key` says which order, in the words of the app above.
    """

    payer = models.ForeignKey(Payer, models.PROTECT, related_name="checkouts")
    payee = models.ForeignKey(Payee, models.PROTECT, related_name="checkouts")
    invoice = models.ForeignKey(Invoice, models.PROTECT, null=True, blank=True, related_name="checkouts")
    order_key = models.CharField(max_length=100, blank=True, db_index=True)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    session_id = models.CharField(max_length=200, unique=True, null=True, blank=True)
    intent_id = models.CharField(max_length=100, blank=True, db_index=True)
    url = models.URLField(max_length=1000, blank=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    payment = models.OneToOneField(Payment, models.PROTECT, null=True, blank=True, related_name="checkout")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_as = models.CharField(max_length=200, blank=True)

    objects = CheckoutAttemptQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(invoice__isnull=True) & ~Q(order_key="")) | Q(invoice__isnull=False, order_key=""),
                name="an_attempt_is_for_one_invoice_or_one_order",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="an_attempt_is_for_something"),
        ]

    def __str__(self) -> str:
        return f"Checkout {self.pk}"
