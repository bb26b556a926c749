"""What a person needs to take part: seen by few, and purged after the institute."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from events.access import InstituteScoped
from people.access import Scoped
from people.models import User
from registrations.models.seats import Registration
from registrations.models.waiting import WaitlistPerson


class NeedKind(models.TextChoices):
    DIETARY = "dietary", _("Food")
    ACCESS = "access", _("Access")


class NeedQuerySet(InstituteScoped):
    """A district's own and the person's; never by the institute: hosts and facilitators see none (ADR 8)."""

    sponsor_path = "registration__seat__allotment__order__sponsor"
    person_path = "registration__person"


class Need(models.Model):
    """A dietary or access need for one institute. Has no history: after `purge_on` nothing of it is left."""

    registration = models.ForeignKey(Registration, models.CASCADE, related_name="needs")
    kind = models.CharField(max_length=8, choices=NeedKind)
    text = models.CharField(max_length=300)
    purge_on = models.DateField(db_index=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    objects = NeedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["registration", "kind"], name="a_need_of_a_kind_is_kept_once")]

    def __str__(self) -> str:
        return self.get_kind_display()


class WaitingNeedQuerySet(Scoped):
    """As with needs: a district's own and the person's."""

    sponsor_path = "waits__entry__allotment__order__sponsor"
    person_path = "waits__person"


class WaitingNeed(models.Model):
    """What someone in line will need, until she has her seat or leaves the line. Has no history either."""

    waits = models.ForeignKey(WaitlistPerson, models.CASCADE, related_name="needs")
    kind = models.CharField(max_length=8, choices=NeedKind)
    text = models.CharField(max_length=300)
    purge_on = models.DateField(db_index=True)

    objects = WaitingNeedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["waits", "kind"], name="a_need_of_a_kind_waits_once")]

    def __str__(self) -> str:
        return self.get_kind_display()
