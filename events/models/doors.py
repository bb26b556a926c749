"""Who may come to an institute, who may register first, and for whom seats are set aside."""

from django.db import models
from django.db.models import Q

from events.access import InstituteScoped
from events.models.institutes import Institute
from events.models.programs import Cohort
from people.models import AppointmentKind, County, Organization, Region


class Audience(models.Model):
    """Those whom an institute is for: holders of an appointment, or members of a cohort.

    Who meets one such row may come; an institute without any is for everyone.
    """

    institute = models.ForeignKey(Institute, models.CASCADE, related_name="audiences")
    appointment = models.CharField(max_length=20, choices=AppointmentKind, blank=True)
    cohort = models.ForeignKey(Cohort, models.PROTECT, null=True, blank=True, related_name="audiences")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(appointment="") & Q(cohort__isnull=False)) | (~Q(appointment="") & Q(cohort__isnull=True)),
                name="an_audience_is_one_appointment_or_one_cohort",
            ),
            models.UniqueConstraint(
                fields=["institute", "appointment", "cohort"], nulls_distinct=False, name="an_audience_is_named_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.cohort or self.get_appointment_display())


class PriorityWindow(models.Model):
    """Districts of one county or region may register from this moment on, before registration opens to all."""

    institute = models.ForeignKey(Institute, models.CASCADE, related_name="priority_windows")
    county = models.ForeignKey(County, models.PROTECT, null=True, blank=True, related_name="priority_windows")
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, related_name="priority_windows")
    opens_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(county__isnull=True, region__isnull=False) | Q(county__isnull=False, region__isnull=True),
                name="a_window_is_for_one_county_or_one_region",
            ),
            models.UniqueConstraint(
                fields=["institute", "county", "region"], nulls_distinct=False, name="a_window_is_given_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.county or self.region} from {self.opens_at:%Y-%m-%d %H:%M}"


class SetAsideQuerySet(InstituteScoped):
    organization_path = "organization"
    institute_path = "institute"


class SetAside(models.Model):
    """Seats that only one district may take until a day has passed (in the institute's zone); then anyone may."""

    institute = models.ForeignKey(Institute, models.CASCADE, related_name="set_asides")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="set_asides")
    seats = models.PositiveIntegerField()
    until = models.DateField()

    objects = SetAsideQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["institute", "organization"], name="a_district_is_set_seats_aside_once"),
            models.CheckConstraint(condition=Q(seats__gte=1), name="a_set_aside_has_seats"),
        ]

    def __str__(self) -> str:
        return f"{self.seats} seats for {self.organization} until {self.until}"
