"""Words from the district's business side: approvals by a mailed link, and leave to come before the paper does."""

from typing import Self

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from events.access import InstituteScoped
from people.models import User
from registrations.models.orders import Allotment, RosterDraft


class Decision(models.TextChoices):
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")


class ApprovalQuerySet(InstituteScoped):
    sponsor_path = "draft__sponsor"

    def asked(self) -> Self:
        """Not answered, and not taken back."""
        return self.filter(decided_at__isnull=True, taken_back_at__isnull=True)


class Approval(models.Model):
    """A principal or the business office was asked by mail whether a roster may be sent, as it stood at a revision.

    Answered on the page behind the link, by a click and without an account. `amount` is the roster's total then.
    """

    draft = models.ForeignKey(RosterDraft, models.PROTECT, related_name="approvals")
    revision = models.PositiveIntegerField()
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    email = models.EmailField()
    name = models.CharField(max_length=150, blank=True)
    note = models.CharField(max_length=300, blank=True)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(max_length=8, choices=Decision, blank=True)
    decided_by = models.CharField(max_length=150, blank=True)
    answer = models.CharField(max_length=300, blank=True)

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decision="")
                | (Q(decided_at__isnull=False) & ~Q(decision="") & ~Q(decided_by="")),
                name="a_decision_has_its_who_and_when",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email}: {self.get_decision_display() or 'asked'}"


class PaperHoldQuerySet(InstituteScoped):
    sponsor_path = "allotment__order__sponsor"


@pgtrigger.register(pgtrigger.Protect(name="a_hold_is_never_changed", operation=pgtrigger.Update | pgtrigger.Delete))
class PaperHold(models.Model):
    """Staff keep the seats of an allotment although its purchase order is late, until a day, for a reason."""

    allotment = models.ForeignKey(Allotment, models.PROTECT, related_name="holds")
    until = models.DateField()
    reason = models.CharField(max_length=200)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    objects = PaperHoldQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="a_hold_has_its_reason")]

    def __str__(self) -> str:
        return f"Seats held until {self.until}"
