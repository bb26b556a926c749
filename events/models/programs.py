"""What is offered in general: programs, seasons, venues, and the rules an institute chooses from."""

import pghistory
import pgtrigger
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from people.models import County, Organization, Person


class Program(models.Model):
    """A line of work that comes again, such as Leadership Training."""

    name = models.CharField(max_length=100, unique=True)
    slug = models.SlugField(unique=True)
    code = models.CharField(max_length=8, unique=True, help_text=_("Starts the code of each institute, such as LT."))
    summary = models.CharField(max_length=300, blank=True)
    description = models.TextField(blank=True)
    audience = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.name


class Season(models.Model):
    """A time of the year in which institutes are offered, such as June 2027."""

    name = models.CharField(max_length=60, unique=True)
    starts_on = models.DateField()
    ends_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="a_season_ends_after_it_starts")
        ]

    def __str__(self) -> str:
        return self.name


class Venue(models.Model):
    """A place where people meet."""

    name = models.CharField(max_length=150)
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="venues")
    county = models.ForeignKey(County, models.PROTECT, null=True, blank=True, related_name="venues")
    street = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=2, default="CA")
    zip = models.CharField(max_length=10, blank=True)
    directions = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """One line: street, city, state and zip."""
        place = f"{self.city}, {self.state} {self.zip}".strip(" ,")
        return ", ".join(part for part in [self.street, place] if part)


@pgtrigger.register(pgtrigger.Protect(name="terms_are_never_edited", operation=pgtrigger.Update | pgtrigger.Delete))
class Terms(models.Model):
    """A version of what a change of mind costs, and by when papers are due. A change is a new version.

    `ladder` is a list of steps `{"days_before": 15, "percent": 100}`, most days first: what of the price is given
    back when that many days or more are left before the first day; fewer days than the last step give back nothing.
    """

    name = models.CharField(max_length=60)
    version = models.PositiveSmallIntegerField(default=1)
    ladder = models.JSONField(default=list)
    free_substitution = models.BooleanField(default=True)
    unnamed_free = models.BooleanField(default=True)
    no_show_percent = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(100)])
    po_due_days = models.PositiveSmallIntegerField(null=True, blank=True)
    payment_due_days = models.PositiveSmallIntegerField(null=True, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="a_version_of_terms_is_made_once"),
            models.CheckConstraint(
                condition=Q(no_show_percent__lte=100), name="a_no_show_gives_back_100_percent_at_most"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"


class HoursRule(models.Model):
    """How presence becomes hours, and how much of it earns a certificate.

    Presence of `full_day_percent` or more of a day counts as the whole day; less is rounded down to steps of
    `step_minutes`. `certificate_percent` of the offered minutes must be reached for a certificate (0: any presence).
    """

    name = models.CharField(max_length=60, unique=True)
    full_day_percent = models.PositiveSmallIntegerField(default=90, validators=[MaxValueValidator(100)])
    step_minutes = models.PositiveSmallIntegerField(default=15)
    certificate_percent = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(100)])

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(full_day_percent__range=(1, 100), certificate_percent__range=(0, 100)),
                name="the_percents_of_a_rule_are_percents",
            ),
            models.CheckConstraint(condition=Q(step_minutes__range=(1, 60)), name="a_step_is_1_to_60_minutes"),
        ]

    def __str__(self) -> str:
        return self.name


class TeamRule(models.Model):
    """How a district's people must come: in teams of a size, perhaps with an administrator."""

    name = models.CharField(max_length=60, unique=True)
    smallest = models.PositiveSmallIntegerField(default=1)
    largest = models.PositiveSmallIntegerField(default=6)
    needs_administrator = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(largest__gte=F("smallest")), name="a_team_may_be_as_large_as_it_must")
        ]

    def __str__(self) -> str:
        return self.name


class Cohort(models.Model):
    """People who go through a program of several institutes or years together."""

    program = models.ForeignKey(Program, models.PROTECT, related_name="cohorts")
    name = models.CharField(max_length=100, unique=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class CohortMember(models.Model):
    """A person in a cohort, for an organization, from one day to another."""

    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="members")
    person = models.ForeignKey(Person, models.PROTECT, related_name="cohort_places")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="cohort_places")
    role = models.CharField(max_length=60, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.person} · {self.cohort}"
