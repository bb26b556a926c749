"""Days of service under a contract without seats."""

from typing import Self

import pghistory
from django.db import models
from django.db.models import Q

from billing.models import Charge, FundingLine
from events.access import InstituteScoped
from events.models import Institute
from people.models import User


class ServiceDayQuerySet(InstituteScoped):
    sponsor_path = "line__organization"

    def standing(self) -> Self:
        return self.filter(taken_back_at__isnull=True)

    def waiting(self) -> Self:
        """Delivered, and not signed off yet."""
        return self.standing().filter(signed_off_at__isnull=True)


@pghistory.track()
class ServiceDay(models.Model):
    """A day that was delivered to a district: charged at its agreement's rate when the district signs it off."""

    institute = models.ForeignKey(Institute, models.PROTECT, related_name="service_days")
    line = models.ForeignKey(FundingLine, models.PROTECT, related_name="service_days")
    on = models.DateField()
    words = models.CharField(max_length=200)
    delivered_by = models.CharField(max_length=150)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    question = models.CharField(max_length=300, blank=True)  # why the district does not sign
    signed_off_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    signed_off_at = models.DateTimeField(null=True, blank=True)
    charge = models.OneToOneField(Charge, models.PROTECT, null=True, blank=True, related_name="service_day")
    taken_back_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    taken_back_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    objects = ServiceDayQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["institute", "line", "on", "delivered_by"],
                condition=Q(taken_back_at__isnull=True),
                name="a_day_of_service_is_recorded_once",
            ),
            models.CheckConstraint(
                condition=Q(signed_off_at__isnull=True, signed_off_by__isnull=True, charge__isnull=True)
                | Q(signed_off_at__isnull=False, signed_off_by__isnull=False, charge__isnull=False),
                name="a_day_is_charged_when_it_is_signed_off",
            ),
            models.CheckConstraint(
                condition=Q(taken_back_at__isnull=True) | (Q(taken_back_by__isnull=False) & ~Q(reason="")),
                name="a_day_taken_back_has_its_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.words}, {self.on}"
