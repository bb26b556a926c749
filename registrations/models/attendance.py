"""Who came: the ledger of attendance, and the hours derived from it."""

import uuid
from typing import Self

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from events.access import InstituteScoped
from events.models import Engagement, HourType, Institute, Session
from people.models import User
from registrations.models.seats import Registration


class DeskDeviceQuerySet(InstituteScoped):
    institute_path = "institute"


class DeskDevice(models.Model):
    """A tablet enrolled for one institute's desk."""

    institute = models.ForeignKey(Institute, models.PROTECT, related_name="desk_devices")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    enrolled_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    enrolled_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = DeskDeviceQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class EventKind(models.TextChoices):
    PRESENT = "present", _("Present")
    IN = "in", _("In")
    OUT = "out", _("Out")
    ADJUST = "adjust", _("Adjustment")
    VOID = "void", _("Void")


class AttendanceEventQuerySet(InstituteScoped):
    sponsor_path = "registration__seat__allotment__order__sponsor"
    person_path = "registration__person"
    institute_path = "session__institute"

    def standing(self) -> Self:
        """Neither taken back nor what took another back."""
        return self.filter(voided_by__isnull=True).exclude(kind=EventKind.VOID)


@pgtrigger.register(pgtrigger.Protect(name="attendance_is_never_edited", operation=pgtrigger.Update | pgtrigger.Delete))
class AttendanceEvent(models.Model):
    """Something seen at a session, under an id made by the client: the same event sent twice counts once.

    `present` is the whole session; `in` and `out` are moments (`at`, aware); `adjust` adds or takes `minutes`, with a
    reason; `void` takes back the event it names, with a reason.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    registration = models.ForeignKey(Registration, models.PROTECT, null=True, blank=True, related_name="attendance")
    engagement = models.ForeignKey(Engagement, models.PROTECT, null=True, blank=True, related_name="attendance")
    session = models.ForeignKey(Session, models.PROTECT, related_name="attendance")
    kind = models.CharField(max_length=8, choices=EventKind)
    at = models.DateTimeField()
    minutes = models.SmallIntegerField(null=True, blank=True)
    device = models.ForeignKey(DeskDevice, models.PROTECT, null=True, blank=True, related_name="attendance")
    device_at = models.DateTimeField(null=True, blank=True)
    voids = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="voided_by")
    reason = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()

    objects = AttendanceEventQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(registration__isnull=True, engagement__isnull=False)
                | Q(registration__isnull=False, engagement__isnull=True),
                name="an_event_is_of_one_registration_or_one_engagement",
            ),
            models.CheckConstraint(
                condition=(Q(kind=EventKind.VOID) & Q(voids__isnull=False) & ~Q(reason=""))
                | (~Q(kind=EventKind.VOID) & Q(voids__isnull=True)),
                name="a_void_names_its_event_and_its_reason",
            ),
            models.CheckConstraint(
                condition=(Q(kind=EventKind.ADJUST) & Q(minutes__isnull=False) & ~Q(reason=""))
                | (~Q(kind=EventKind.ADJUST) & Q(minutes__isnull=True)),
                name="an_adjustment_has_its_minutes_and_its_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["registration", "at"], name="event_by_registration"),
            models.Index(fields=["session", "registration"], name="event_by_session"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d %H:%M}"


class HoursEarnedQuerySet(InstituteScoped):
    sponsor_path = "registration__seat__allotment__order__sponsor"
    person_path = "registration__person"
    institute_path = "registration__institute"


class HoursEarned(models.Model):
    """Minutes of one type that a person earned on one day: derived from the events, and made anew from them."""

    registration = models.ForeignKey(Registration, models.CASCADE, related_name="hours")
    day = models.DateField()
    hour_type = models.CharField(max_length=12, choices=HourType)
    minutes = models.PositiveIntegerField()
    agenda_revision = models.PositiveIntegerField()
    worked_out_at = models.DateTimeField()

    objects = HoursEarnedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["registration", "day", "hour_type"], name="hours_of_a_day_and_type_are_kept_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.minutes} minutes on {self.day}"
