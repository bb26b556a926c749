"""Money that is given up or goes back; reminders held, remittances read, and what the books were told."""

from typing import Self

import pgtrigger
from django.db import models
from django.db.models import Count, F, Q, Sum
from django.utils.translation import gettext_lazy as _

from billing.access import MoneyScoped
from billing.models.charges import NEVER_CHANGED
from billing.models.documents import Invoice, Payment, PaymentMethod
from billing.models.parties import Payee, Payer
from office.models import StoredFile
from people.models import User


class WriteOffBatchQuerySet(MoneyScoped):
    payee_path = "payee"

    def undecided(self) -> Self:
        return self.filter(decided_at__isnull=True)

    def with_sums(self) -> Self:
        """Each with the dollars it asks to give up, and of how many `invoices`."""
        return self.annotate(dollars=Sum("wishes__amount"), invoices=Count("wishes"))


class WriteOffBatch(models.Model):
    """Open invoices that one person asks to give up, and another allows or not."""

    payee = models.ForeignKey(Payee, models.PROTECT, related_name="write_off_batches")
    reason = models.CharField(max_length=200)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    is_approved = models.BooleanField(null=True, blank=True)

    objects = WriteOffBatchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "write-off batches"
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("by")),
                name="nobody_allows_her_own_write_offs",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True, is_approved__isnull=True)
                | Q(decided_at__isnull=False, decided_by__isnull=False, is_approved__isnull=False),
                name="a_decided_batch_says_by_whom_and_how",
            ),
        ]

    def __str__(self) -> str:
        return self.reason


class WriteOffWishQuerySet(MoneyScoped):
    payer_path = "invoice__payer"
    payee_path = "invoice__payee"


class WriteOffWish(models.Model):
    """Dollars of one invoice that a batch asks to give up."""

    batch = models.ForeignKey(WriteOffBatch, models.CASCADE, related_name="wishes")
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="write_off_wishes")
    amount = models.DecimalField(max_digits=12, decimal_places=2)

    objects = WriteOffWishQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "write-off wishes"
        constraints = [
            models.UniqueConstraint(fields=["batch", "invoice"], name="an_invoice_is_once_in_a_batch"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_wish_gives_something_up"),
        ]

    def __str__(self) -> str:
        return f"${self.amount} of {self.invoice}"


class WriteOffQuerySet(MoneyScoped):
    payer_path = "invoice__payer"
    payee_path = "invoice__payee"


@pgtrigger.register(pgtrigger.Protect(name="a_write_off_is_never_changed", operation=NEVER_CHANGED))
class WriteOff(models.Model):
    """Dollars of an invoice that will not come any more; of a batch, two people stand behind it.

    Taken back by a negative one: when the money comes after all, or the invoice is credited.
    """

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="write_offs")
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    reason = models.CharField(max_length=200)
    batch = models.ForeignKey(WriteOffBatch, models.PROTECT, null=True, blank=True, related_name="write_offs")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    objects = WriteOffQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0) & ~Q(reason=""), name="a_write_off_is_of_something_and_why"),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("by")),
                name="a_write_off_is_allowed_by_someone_else",
            ),
            models.CheckConstraint(
                condition=Q(batch__isnull=True) | Q(approved_by__isnull=False),
                name="a_write_off_of_a_batch_has_its_second_person",
            ),
        ]
        indexes = [models.Index(fields=["invoice"], name="write_off_by_invoice")]

    def __str__(self) -> str:
        return f"${self.amount} of {self.invoice} written off"


class RefundQuerySet(MoneyScoped):
    payer_path = "payment__payer"
    payee_path = "payment__payee"

    def standing(self) -> Self:
        """Neither failed nor taken back by the bank."""
        return self.filter(failure__isnull=True)


@pgtrigger.register(
    pgtrigger.Protect(name="a_refund_is_never_taken_out", operation=pgtrigger.Delete),
    pgtrigger.Protect(
        name="a_refund_learns_its_number_once",
        operation=pgtrigger.Update,
        condition=pgtrigger.Q(old__gateway_id__isnull=False),
    ),
    pgtrigger.Protect(
        name="a_refund_is_never_changed",
        operation=pgtrigger.Update,
        condition=pgtrigger.AnyChange(exclude=["gateway_id"]),
    ),
)
class Refund(models.Model):
    """Dollars of a payment that go back to who paid them, by the road they came or by check.

    One to a card is written first and asked for then; `gateway_id` is what the card processor calls it, learned once.
    """

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    method = models.CharField(max_length=10, choices=PaymentMethod)
    reference = models.CharField(max_length=80, blank=True)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    reason = models.CharField(max_length=200)
    gateway_id = models.CharField(max_length=100, unique=True, null=True, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    objects = RefundQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0) & ~Q(reason=""), name="a_refund_is_of_something_and_why")
        ]

    def __str__(self) -> str:
        return f"${self.amount} of {self.payment.reference} refunded"


class RefundFailureQuerySet(MoneyScoped):
    payer_path = "refund__payment__payer"
    payee_path = "refund__payment__payee"


@pgtrigger.register(pgtrigger.Protect(name="a_failed_refund_stays_failed", operation=NEVER_CHANGED))
class RefundFailure(models.Model):
    """A refund that did not arrive: its dollars are the payment's again."""

    refund = models.OneToOneField(Refund, models.PROTECT, related_name="failure")
    reason = models.CharField(max_length=200)
    at = models.DateTimeField()

    objects = RefundFailureQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.refund}: {self.reason}"


class ReminderHoldQuerySet(MoneyScoped):
    payer_path = "payer"


class ReminderHold(models.Model):
    """Staff keep reminders from a payer, or about one of its invoices, until a day."""

    payer = models.ForeignKey(Payer, models.PROTECT, related_name="reminder_holds")
    invoice = models.ForeignKey(Invoice, models.PROTECT, null=True, blank=True, related_name="reminder_holds")
    until = models.DateField()
    reason = models.CharField(max_length=200)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    objects = ReminderHoldQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="a_reminder_hold_has_its_reason")]

    def __str__(self) -> str:
        return f"No reminders to {self.payer} until {self.until}"


class RemittanceQuerySet(MoneyScoped):
    payee_path = "payee"


class Remittance(models.Model):
    """A remittance or bank file that came in: its rows as they were, and what was decided of each.

    `rows` is a list of `{"line", "cells", "payer", "amount", "reference", "on", "mentions", "payment", "said"}`.
    """

    payee = models.ForeignKey(Payee, models.PROTECT, related_name="remittances")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    headers = models.JSONField(default=list)
    columns = models.JSONField(default=dict)
    rows = models.JSONField(default=list)
    revision = models.PositiveIntegerField(default=1)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    objects = RemittanceQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.file} of {self.at:%Y-%m-%d}"


class BookExportQuerySet(MoneyScoped):
    payee_path = "payee"


@pgtrigger.register(pgtrigger.Protect(name="a_book_export_is_never_changed", operation=NEVER_CHANGED))
class BookExport(models.Model):
    """A file of the books for the accounting system: what happened from one day to another, each row once ever."""

    payee = models.ForeignKey(Payee, models.PROTECT, related_name="book_exports")
    first_day = models.DateField()
    last_day = models.DateField()
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    rows = models.PositiveIntegerField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    objects = BookExportQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Books from {self.first_day} to {self.last_day}"


class BookKind(models.TextChoices):
    INVOICE = "invoice", _("Invoice or credit memo line")
    PAYMENT = "payment", _("Payment")
    ALLOCATION = "allocation", _("Allocation")
    WRITE_OFF = "write_off", _("Write-off")
    REFUND = "refund", _("Refund")
    FAILURE = "failure", _("Refund that did not arrive")
    DISPUTE = "dispute", _("Dispute")
    OUTCOME = "outcome", _("Dispute that was won")


class BookExportRowQuerySet(MoneyScoped):
    payee_path = "export__payee"


@pgtrigger.register(pgtrigger.Protect(name="an_exported_row_is_never_changed", operation=NEVER_CHANGED))
class BookExportRow(models.Model):
    """A row of the books that an export held: the same row is never exported as new again."""

    export = models.ForeignKey(BookExport, models.PROTECT, related_name="exported")
    kind = models.CharField(max_length=10, choices=BookKind)
    row_id = models.BigIntegerField()

    objects = BookExportRowQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "row_id"], name="a_row_of_the_books_is_exported_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.row_id}"
