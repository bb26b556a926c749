"""What was put together for a card holder's bank."""

from typing import Self

from django.db import models
from django.db.models import Q

from billing.access import MoneyScoped
from billing.models import Dispute
from office.models import StoredFile
from people.models import User


class EvidenceQuerySet(MoneyScoped):
    payee_path = "dispute__payment__payee"

    def unsent(self) -> Self:
        return self.filter(sent_at__isnull=True)


class Evidence(models.Model):
    """The packet of a dispute: what we know of the seats that the disputed payment paid, on the day it was made."""

    dispute = models.OneToOneField(Dispute, models.PROTECT, related_name="evidence")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    words = models.TextField()
    at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "evidence"
        constraints = [
            models.CheckConstraint(
                condition=Q(sent_by__isnull=True) | Q(sent_at__isnull=False), name="whoever_sent_evidence_sent_it_once"
            )
        ]

    def __str__(self) -> str:
        return f"Evidence for {self.dispute}"
