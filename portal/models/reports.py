"""What was told to a funder."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from billing.access import MoneyScoped
from billing.models import FundingAgreement
from office.models import StoredFile
from people.models import User


class ReportRunQuerySet(MoneyScoped):
    payer_path = "agreement__payer"


@pgtrigger.register(
    pgtrigger.Protect(name="what_was_reported_is_never_changed", operation=pgtrigger.Update | pgtrigger.Delete)
)
class ReportRun(models.Model):
    """A grant's report as it was given to its funder: the figures and the paper of that moment."""

    agreement = models.ForeignKey(FundingAgreement, models.PROTECT, related_name="report_runs")
    first_day = models.DateField()
    last_day = models.DateField()
    figures = models.JSONField()
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = ReportRunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="a_report_ends_after_it_starts")
        ]

    def __str__(self) -> str:
        return f"{self.agreement}, {self.first_day} to {self.last_day}"
