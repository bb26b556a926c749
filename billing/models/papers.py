"""Papers around the purchase: quotes, change orders, and what a district's business office asks of a payee."""

import pgtrigger
from django.db import models
from django.db.models import Q

from billing.access import MoneyScoped
from billing.models.charges import NEVER_CHANGED
from billing.models.parties import Payee, Payer, PurchaseOrder
from office.models import StoredFile
from people import access
from people.access import Principal
from people.models import Organization, User


class ChangeOrderQuerySet(MoneyScoped):
    payer_path = "purchase_order__payer"


@pgtrigger.register(pgtrigger.Protect(name="a_change_order_is_never_changed", operation=NEVER_CHANGED))
class ChangeOrder(models.Model):
    """A district raised or lowered a purchase order by `delta` dollars; the order's `amount` holds the sum."""

    purchase_order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="change_orders")
    number = models.CharField(max_length=60, blank=True)
    delta = models.DecimalField(max_digits=12, decimal_places=2)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    objects = ChangeOrderQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(delta=0), name="a_change_order_changes_something")]

    def __str__(self) -> str:
        return f"{self.delta:+} to {self.purchase_order}"


class QuoteQuerySet(MoneyScoped):
    payer_path = "payer"
    payee_path = "payee"
    organization_path = "organization"


@pgtrigger.register(pgtrigger.Protect(name="a_quote_is_never_changed", operation=NEVER_CHANGED))
class Quote(models.Model):
    """What seats would cost a payer, on paper, so that a purchase order can be written; promises no seat.

    `lines` is a list of `{"words", "quantity", "price", "amount"}`, dollars as text. `order_key` says of what;
    `organization` is the district whose people the seats are for, who may not be the payer.
    """

    organization = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="quotes")
    payer = models.ForeignKey(Payer, models.PROTECT, related_name="quotes")
    payee = models.ForeignKey(Payee, models.PROTECT, related_name="quotes")
    number_year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    reference = models.CharField(max_length=40, db_index=True)
    about = models.CharField(max_length=300)
    order_key = models.CharField(max_length=100, db_index=True)
    lines = models.JSONField()
    total = models.DecimalField(max_digits=12, decimal_places=2)
    bill_to = models.TextField()
    remit_to = models.TextField()
    account_string = models.CharField(max_length=120, blank=True)
    lcap_reference = models.CharField(max_length=150, blank=True)
    terms_words = models.TextField(blank=True)
    valid_until = models.DateField()
    issued_at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = QuoteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payee", "number_year", "number"], name="a_quote_is_numbered_once"),
            models.CheckConstraint(condition=Q(total__gte=0), name="a_quote_is_not_negative"),
        ]

    def __str__(self) -> str:
        return self.reference


class PayeePaperQuerySet(MoneyScoped):
    payee_path = "payee"

    def roads(self, principal: Principal) -> Q:
        """Made to be read by every district that may come to pay."""
        return ~Q(pk__in=[]) if access.may(principal, access.Action.SEE_MONEY) else super().roads(principal)


class PayeePaper(models.Model):
    """A paper that business offices ask of a new vendor, besides the W-9: insurance, a sole-source letter."""

    payee = models.ForeignKey(Payee, models.PROTECT, related_name="papers")
    title = models.CharField(max_length=100)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    objects = PayeePaperQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["payee", "title"], name="a_payee_has_a_paper_once")]

    def __str__(self) -> str:
        return self.title
