"""The ledger: charges that are never changed, and the purchase orders drawn for them."""

from datetime import date
from typing import Self

import pgtrigger
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, When
from django.db.models.functions import ExtractYear
from django.utils.translation import gettext_lazy as _

from billing import wording
from billing.access import MoneyScoped
from billing.models.parties import FundingLine, Payee, PurchaseOrder
from people.models import User

NEVER_CHANGED = pgtrigger.Update | pgtrigger.Delete


def fiscal_year_of(day: date) -> int:
    """The year in which the fiscal year ends: 1 July 2026 to 30 June 2027 is 2027."""
    return day.year + (1 if day.month >= 7 else 0)


def _fiscal_year(column: str) -> Case:
    """The same, for the database."""
    year = ExtractYear(F(column))
    return Case(When(**{f"{column}__month__gte": 7}, then=year + 1), default=year)


class ChargeKind(models.TextChoices):
    SEAT = "seat", _("Seat")
    FEE = "fee", _("Fee")
    SERVICE_DAY = "service_day", _("Service day")
    ADJUSTMENT = "adjustment", _("Adjustment")


class ChargeQuerySet(MoneyScoped):
    payer_path = "line__payer"
    payee_path = "payee"
    organization_path = "line__organization"

    def unprinted(self) -> Self:
        """Not yet on a line of an invoice or credit memo."""
        return self.filter(invoice_line__isnull=True)

    def standing(self) -> Self:
        """Not taken back, and not what took another back."""
        return self.filter(reverses__isnull=True, reversed_by__isnull=True)

    def uncovered(self) -> Self:
        """Standing dollars of an organization's paper for which no purchase order is drawn.

        A standing charge has one draw at most, as a draw is taken back with its charge alone. People who pay for
        themselves have no purchase orders, and a grant that is never invoiced needs none.
        """
        drawn = Draw.objects.filter(charge=OuterRef("pk"))
        owed = self.standing().invoiced().filter(amount__gt=0, line__payer__person__isnull=True)
        return owed.filter(~Exists(drawn))

    def invoiced(self) -> Self:
        """Of lines that are invoiced at all: not those of a grant that the provider holds."""
        return self.filter(Q(line__agreement__isnull=True) | Q(line__agreement__payer__isnull=False))


@pgtrigger.register(pgtrigger.Protect(name="a_charge_is_never_changed", operation=NEVER_CHANGED))
class Charge(models.Model):
    """Dollars that one funding line owes one payee for service within one fiscal year. Only a reversal is negative.

    What is kept of a charge that was taken back is a charge `instead_of` it: both stand on one credit memo.
    """

    line = models.ForeignKey(FundingLine, models.PROTECT, related_name="charges")
    payee = models.ForeignKey(Payee, models.PROTECT, related_name="charges")
    kind = models.CharField(max_length=12, choices=ChargeKind)
    words = models.CharField(max_length=300)
    amount = models.DecimalField(max_digits=10, decimal_places=2)
    first_day = models.DateField()
    last_day = models.DateField()
    fiscal_year = models.PositiveSmallIntegerField()
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversed_by")
    instead_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="kept")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    objects = ChargeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gte=0, reverses__isnull=True) | Q(amount__lte=0, reverses__isnull=False),
                name="only_a_reversal_is_negative",
            ),
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="a_charge_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(fiscal_year=_fiscal_year("first_day")) & Q(fiscal_year=_fiscal_year("last_day")),
                name="a_charge_is_inside_one_fiscal_year",
            ),
        ]
        indexes = [models.Index(fields=["line", "fiscal_year"], name="charge_by_line")]

    def __str__(self) -> str:
        return f"{self.words} · ${self.amount}"

    @property
    def days(self) -> str:
        """ "January 21–23, 2027": the days of service."""
        return wording.days(self.first_day, self.last_day)


class DrawQuerySet(MoneyScoped):
    payer_path = "purchase_order__payer"


@pgtrigger.register(pgtrigger.Protect(name="a_draw_is_never_changed", operation=NEVER_CHANGED))
class Draw(models.Model):
    """Dollars of a purchase order that cover a charge; taken back by a negative draw."""

    purchase_order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="draws")
    charge = models.ForeignKey(Charge, models.PROTECT, related_name="draws")
    amount = models.DecimalField(max_digits=10, decimal_places=2)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    objects = DrawQuerySet.as_manager()

    def __str__(self) -> str:
        return f"${self.amount} of {self.purchase_order}"
