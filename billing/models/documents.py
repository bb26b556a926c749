"""What is sent and what comes in: invoices and credit memos, payments and where they went."""

from datetime import date
from decimal import Decimal
from typing import Self

import pgtrigger
from django.apps import apps
from django.db import models
from django.db.models import DecimalField, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from billing import wording
from billing.access import MoneyScoped
from billing.models.charges import NEVER_CHANGED, Charge
from billing.models.parties import FundingAgreement, Payee, Payer, PurchaseOrder
from office.models import Message, StoredFile
from people.access import Principal
from people.models import User


class InvoiceKind(models.TextChoices):
    INVOICE = "invoice", _("Invoice")
    CREDIT_MEMO = "credit_memo", _("Credit memo")


def _sum(rows: QuerySet, path: str) -> Coalesce:
    """Dollars of the rows that lead to an invoice by a path: a subquery, so that no row counts twice."""
    dollars: DecimalField = DecimalField(max_digits=14, decimal_places=2)
    found = rows.filter(**{path: OuterRef("pk")}).order_by().values(path).annotate(dollars=Sum("amount"))
    return Coalesce(Subquery(found.values("dollars"), output_field=dollars), Value(Decimal(0)), output_field=dollars)


class InvoiceQuerySet(MoneyScoped):
    payer_path = "payer"
    payee_path = "payee"

    def roads(self, principal: Principal) -> Q:
        """A draft is the provider's own affair."""
        return super().roads(principal) & Q(issued_at__isnull=False)

    def drafts(self) -> Self:
        return self.filter(issued_at__isnull=True)

    def issued(self) -> Self:
        return self.filter(issued_at__isnull=False)

    def with_balance(self) -> Self:
        """Each with its `total`, what was `credited` (zero or below), `paid` and `written_off`, and the `balance`.

        A draft owes nothing yet; neither does a credit memo, which counts in the invoice it corrects.
        """
        memos = InvoiceLine.objects.filter(invoice__issued_at__isnull=False)
        return self.annotate(
            total=_sum(InvoiceLine.objects.all(), "invoice"),
            credited=_sum(memos, "invoice__corrects"),
            paid=_sum(Allocation.objects.all(), "invoice"),
            written_off=_sum(apps.get_model("billing", "WriteOff").objects.all(), "invoice"),
        ).annotate(balance=F("total") + F("credited") - F("paid") - F("written_off"))

    def with_lines(self) -> Self:
        """Each with its lines in order, their charges, and what took these back: one query more, however many."""
        lines = InvoiceLine.objects.select_related("charge__reversed_by").order_by("pk")
        return self.prefetch_related(Prefetch("lines", queryset=lines))

    def open(self) -> Self:
        """Issued, and something is still owed."""
        return self.issued().filter(kind=InvoiceKind.INVOICE).with_balance().filter(balance__gt=0)

    def overdue(self, *, on: date) -> Self:
        return self.open().filter(due_on__lt=on)

    def settled(self) -> Self:
        """Issued, and nothing is owed any more."""
        return self.issued().with_balance().filter(Q(balance__lte=0) | Q(kind=InvoiceKind.CREDIT_MEMO))


@pgtrigger.register(
    pgtrigger.Protect(
        name="an_issued_invoice_is_never_changed",
        operation=NEVER_CHANGED,
        condition=pgtrigger.Q(old__issued_at__isnull=False),
    )
)
class Invoice(models.Model):
    """An invoice or a credit memo: a draft until it is issued, then never changed.

    One payer, one payee, one fiscal year of service (`service_year`), one agreement, at most one purchase order.
    Its number belongs to the fiscal year of its date of issue (`number_year`). What is printed is copied here.
    """

    kind = models.CharField(max_length=12, choices=InvoiceKind, default=InvoiceKind.INVOICE)
    payer = models.ForeignKey(Payer, models.PROTECT, related_name="invoices")
    payee = models.ForeignKey(Payee, models.PROTECT, related_name="invoices")
    agreement = models.ForeignKey(FundingAgreement, models.PROTECT, null=True, blank=True, related_name="invoices")
    purchase_order = models.ForeignKey(PurchaseOrder, models.PROTECT, null=True, blank=True, related_name="invoices")
    service_year = models.PositiveSmallIntegerField()
    about = models.CharField(max_length=200)
    subject_key = models.CharField(max_length=40, db_index=True)
    number_year = models.PositiveSmallIntegerField(null=True, blank=True)
    number = models.PositiveIntegerField(null=True, blank=True)
    reference = models.CharField(max_length=40, blank=True)
    bill_to = models.TextField(blank=True)
    remit_to = models.TextField(blank=True)
    purchase_order_number = models.CharField(max_length=60, blank=True)
    funding_words = models.TextField(blank=True)
    terms_words = models.CharField(max_length=200, blank=True)
    due_on = models.DateField(null=True, blank=True)
    corrects = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="credit_memos")
    drafted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    drafted_at = models.DateTimeField()
    issued_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    issued_at = models.DateTimeField(null=True, blank=True)

    # What with_balance() adds.
    total: Decimal
    credited: Decimal
    paid: Decimal
    written_off: Decimal
    balance: Decimal

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["payee", "kind", "number_year", "number"], name="a_number_is_given_once_in_a_fiscal_year"
            ),
            models.CheckConstraint(
                condition=Q(issued_at__isnull=True, number__isnull=True, number_year__isnull=True)
                | Q(issued_at__isnull=False, number__isnull=False, number_year__isnull=False, due_on__isnull=False),
                name="an_issued_invoice_has_number_and_due_date",
            ),
            models.CheckConstraint(
                condition=Q(kind=InvoiceKind.INVOICE) | Q(corrects__isnull=False),
                name="a_credit_memo_corrects_an_invoice",
            ),
        ]
        indexes = [
            models.Index(fields=["payer", "-issued_at"], name="invoice_by_payer"),
            models.Index(fields=["-issued_at", "-id"], name="invoice_newest_first"),
        ]

    def __str__(self) -> str:
        return self.reference or f"Draft {self.pk}"

    @property
    def is_issued(self) -> bool:
        return self.issued_at is not None

    @property
    def service_years(self) -> str:
        """ "2026-27": the fiscal year of the service it charges for."""
        return wording.fiscal_year(self.service_year)


class InvoiceLineQuerySet(MoneyScoped):
    payer_path = "invoice__payer"
    payee_path = "invoice__payee"

    def roads(self, principal: Principal) -> Q:
        return super().roads(principal) & Q(invoice__issued_at__isnull=False)


@pgtrigger.register(
    pgtrigger.Trigger(
        name="a_line_of_an_issued_invoice_is_never_changed",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("invoice_key", "bigint")],
        func="""
            IF TG_OP = 'INSERT' THEN invoice_key := NEW.invoice_id; ELSE invoice_key := OLD.invoice_id; END IF;
            IF EXISTS (SELECT 1 FROM billing_invoice WHERE id = invoice_key AND issued_at IS NOT NULL)
            THEN RAISE EXCEPTION 'a line of an issued invoice is never changed' USING ERRCODE = 'check_violation';
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        """,
    )
)
class InvoiceLine(models.Model):
    """One charge, printed: each charge exactly once, on one line of one document."""

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="lines")
    charge = models.OneToOneField(Charge, models.PROTECT, related_name="invoice_line")
    words = models.CharField(max_length=300)
    amount = models.DecimalField(max_digits=10, decimal_places=2)

    objects = InvoiceLineQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.words} · ${self.amount}"


class DispatchQuerySet(MoneyScoped):
    payer_path = "invoice__payer"
    payee_path = "invoice__payee"


@pgtrigger.register(pgtrigger.Protect(name="a_dispatch_is_never_changed", operation=NEVER_CHANGED))
class Dispatch(models.Model):
    """An issued document as it went out: the bytes of its PDF, and the mail that carried it."""

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="dispatches")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    message = models.ForeignKey(Message, models.PROTECT, null=True, blank=True, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    objects = DispatchQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.invoice} sent"


class SeriesKind(models.TextChoices):
    """What is numbered without gaps."""

    INVOICE = "invoice", _("Invoice")
    CREDIT_MEMO = "credit_memo", _("Credit memo")
    QUOTE = "quote", _("Quote")


class NumberSeries(models.Model):
    """The last number given of a payee's papers of one kind in a fiscal year; written under its row's lock."""

    payee = models.ForeignKey(Payee, models.PROTECT, related_name="series")
    kind = models.CharField(max_length=12, choices=SeriesKind)
    fiscal_year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["payee", "kind", "fiscal_year"], name="a_series_is_kept_once")]

    def __str__(self) -> str:
        return f"{self.payee} {self.kind} {self.fiscal_year}: {self.last}"


class PaymentMethod(models.TextChoices):
    CHECK = "check", _("Check")
    WARRANT = "warrant", _("County warrant")
    ACH = "ach", _("ACH")
    JOURNAL = "journal", _("County journal transfer")
    CARD = "card", _("Card")


class PaymentQuerySet(MoneyScoped):
    payer_path = "payer"
    payee_path = "payee"

    def with_rest(self) -> Self:
        """Each with what was `allocated` of it, `refunded` or is `disputed`, and the `rest` that waits for an invoice."""
        refunds = apps.get_model("billing", "Refund").objects.standing()
        disputes = apps.get_model("billing", "Dispute").objects.holding()
        return self.annotate(
            allocated=_sum(Allocation.objects.all(), "payment"),
            refunded=_sum(refunds, "payment"),
            disputed=_sum(disputes, "payment"),
        ).annotate(rest=F("amount") - F("allocated") - F("refunded") - F("disputed"))


@pgtrigger.register(pgtrigger.Protect(name="a_payment_is_never_changed", operation=NEVER_CHANGED))
class Payment(models.Model):
    """Money that came in from one payer."""

    payer = models.ForeignKey(Payer, models.PROTECT, related_name="payments")
    payee = models.ForeignKey(Payee, models.PROTECT, related_name="payments")
    method = models.CharField(max_length=10, choices=PaymentMethod)
    reference = models.CharField(max_length=80, help_text=_("The number of the check, warrant or journal entry."))
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    received_on = models.DateField()
    gateway_id = models.CharField(max_length=100, unique=True, null=True, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    # What with_rest() adds.
    allocated: Decimal
    refunded: Decimal
    disputed: Decimal
    rest: Decimal

    objects = PaymentQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="a_payment_is_more_than_nothing")]
        indexes = [
            models.Index(fields=["payer", "method", "reference"], name="payment_by_reference"),
            models.Index(fields=["-received_on", "-id"], name="payment_newest_first"),
        ]

    def __str__(self) -> str:
        return f"{self.get_method_display()} {self.reference} · ${self.amount}"


class AllocationQuerySet(MoneyScoped):
    payer_path = "payment__payer"
    payee_path = "payment__payee"


@pgtrigger.register(pgtrigger.Protect(name="an_allocation_is_never_changed", operation=NEVER_CHANGED))
class Allocation(models.Model):
    """What of a payment went to an invoice; taken back by a negative one, with its reason."""

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="allocations")
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="allocations")
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    reason = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    objects = AllocationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="an_allocation_moves_something"),
            models.CheckConstraint(
                condition=Q(amount__gt=0) | ~Q(reason=""), name="an_allocation_taken_back_has_its_reason"
            ),
        ]
        indexes = [models.Index(fields=["invoice"], name="allocation_by_invoice")]

    def __str__(self) -> str:
        return f"${self.amount} to {self.invoice}"
