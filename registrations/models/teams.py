"""Teams: people of one sponsor who come together, and the days of a lesson study."""

from typing import Self

import pghistory
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from events.access import InstituteScoped
from events.models import Institute
from people.models import Person, School, User
from registrations.models.orders import Order


class TeamQuerySet(InstituteScoped):
    sponsor_path = "order__sponsor"
    person_path = "facilitator"
    institute_path = "institute"

    def standing(self) -> Self:
        """Not withdrawn."""
        return self.filter(ended_at__isnull=True)


@pghistory.track()
class Team(models.Model):
    """People of one sponsor who are registered, wait and are withdrawn as one.

    In a lesson study it has a host school and classroom, and a facilitator. A team outside its institute's rule stands
    by an override, with the reason of whoever on the staff allowed it.
    """

    institute = models.ForeignKey(Institute, models.PROTECT, related_name="teams")
    order = models.ForeignKey(Order, models.PROTECT, related_name="teams")
    name = models.CharField(max_length=80)
    host_school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="hosted_teams")
    host_classroom = models.CharField(max_length=80, blank=True)
    bell_times = models.CharField(max_length=200, blank=True)
    facilitator = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="facilitated_teams")
    override_reason = models.CharField(max_length=200, blank=True)
    override_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = TeamQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(override_reason="", override_by__isnull=True)
                | (~Q(override_reason="") & Q(override_by__isnull=False)),
                name="an_override_has_its_reason_and_its_who",
            )
        ]
        indexes = [models.Index(fields=["institute", "name"], name="team_by_institute")]

    def __str__(self) -> str:
        return self.name


class TeamDayKind(models.TextChoices):
    PLAN = "plan", _("Plan")
    TEACH = "teach", _("Teach")
    DEBRIEF = "debrief", _("Debrief and revise")
    RETEACH = "reteach", _("Re-teach")


class TeamDayQuerySet(InstituteScoped):
    sponsor_path = "team__order__sponsor"
    institute_path = "team__institute"
    person_path = "team__facilitator"


@pghistory.track()
class TeamDay(models.Model):
    """A day of a team's lesson study, and what happens on it."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="days")
    kind = models.CharField(max_length=8, choices=TeamDayKind)
    on = models.DateField()

    objects = TeamDayQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "kind"], name="a_team_has_a_day_of_a_kind_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.on}"
