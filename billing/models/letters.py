"""What was said to payers and is said once: that an invoice is overdue, and that a year's purchase orders close."""

from typing import Self

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.access import MoneyScoped
from billing.models.charges import NEVER_CHANGED
from billing.models.documents import Invoice
from billing.models.parties import PurchaseOrder
from office.models import Message
from people.models import User


class InvoiceReminderQuerySet(MoneyScoped):
    payer_path = "invoice__payer"
    payee_path = "invoice__payee"


@pgtrigger.register(pgtrigger.Protect(name="an_invoice_reminder_is_never_changed", operation=NEVER_CHANGED))
class InvoiceReminder(models.Model):
    """A rung of the ladder on which a payer was reminded of an invoice: `days` after it was due, once each."""

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="reminders")
    days = models.PositiveSmallIntegerField()
    message = models.ForeignKey(Message, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = InvoiceReminderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["invoice", "days"], name="an_invoice_is_reminded_of_once_on_a_rung")
        ]

    def __str__(self) -> str:
        return f"{self.invoice}, {self.days} days after it was due"


class YearEndLetterQuerySet(MoneyScoped):
    payer_path = "purchase_order__payer"

    def of(self, fiscal_year: int) -> Self:
        return self.filter(fiscal_year=fiscal_year)


@pgtrigger.register(pgtrigger.Protect(name="a_year_end_letter_is_never_changed", operation=NEVER_CHANGED))
class YearEndLetter(models.Model):
    """A purchase order about which its payer was asked, before a fiscal year ends, whether the last invoice came."""

    purchase_order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="year_end_letters")
    fiscal_year = models.PositiveSmallIntegerField(_("fiscal year that ends"))
    message = models.ForeignKey(Message, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    objects = YearEndLetterQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["purchase_order", "fiscal_year"], name="a_purchase_order_is_asked_about_once_a_year"
            )
        ]

    def __str__(self) -> str:
        return f"{self.purchase_order}, end of {self.fiscal_year}"
