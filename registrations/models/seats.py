"""Seats, the people in them and the charges that pay for them."""

import secrets
from datetime import date, timedelta
from typing import Self

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from billing.models import Charge
from events.access import InstituteScoped
from events.models import Institute, Session, Strand
from people.models import GradeSpan, JobRole, Person, School
from registrations.models.orders import Allotment
from registrations.models.teams import Team
from registrations.models.waiting import Offer


class SeatQuerySet(InstituteScoped):
    sponsor_path = "allotment__order__sponsor"
    person_path = "registrations__person"
    institute_path = "institute"

    def held(self) -> Self:
        return self.filter(released_at__isnull=True)

    def unnamed(self) -> Self:
        """Held for a sponsor who says later who comes; not those that are only offered."""
        open_offer = Q(offer__isnull=False, offer__answered_at__isnull=True)
        sitting = Registration.objects.filter(seat=models.OuterRef("pk"), ended_at__isnull=True)
        return self.held().exclude(open_offer).filter(~models.Exists(sitting))


@pghistory.track()
class Seat(models.Model):
    """A place at an institute: taken for as long as it is not released, named or not."""

    allotment = models.ForeignKey(Allotment, models.PROTECT, related_name="seats")
    institute = models.ForeignKey(Institute, models.PROTECT, related_name="seats")
    name_by = models.DateField(null=True, blank=True)
    held_until = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="seats")
    offer = models.ForeignKey(Offer, models.PROTECT, null=True, blank=True, related_name="seats")

    objects = SeatQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["institute"], condition=Q(released_at__isnull=True), name="seat_held_by_institute"),
            # Few wait for a name, among millions of seats: a district's page took 75 seconds without.
            models.Index(
                fields=["name_by"],
                condition=Q(released_at__isnull=True, name_by__isnull=False),
                name="seat_to_be_named",
            ),
        ]

    def __str__(self) -> str:
        return f"Seat {self.pk}"


class SeatChargeQuerySet(InstituteScoped):
    sponsor_path = "seat__allotment__order__sponsor"


class SeatCharge(models.Model):
    """Which seat a charge pays for: billing itself has never heard of seats."""

    seat = models.ForeignKey(Seat, models.PROTECT, related_name="seat_charges")
    charge = models.OneToOneField(Charge, models.PROTECT, related_name="seat_charge")

    objects = SeatChargeQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.charge} for {self.seat}"


class Compensation(models.TextChoices):
    """How the person's time was paid, as reported: contracts count hours for salary by it."""

    UNKNOWN = "unknown", _("Not reported")
    OWN_TIME = "own_time", _("Own time, unpaid")
    RELEASE = "release", _("Paid release time")
    STIPEND = "stipend", _("Stipend")
    CONTRACT_DAY = "contract_day", _("Contract day")


def new_badge() -> str:
    """The secret of a badge's QR address: 96 bits, in 16 letters that a browser leaves alone."""
    return secrets.token_urlsafe(12)


class RegistrationQuerySet(InstituteScoped):
    sponsor_path = "seat__allotment__order__sponsor"
    person_path = "person"
    institute_path = "institute"

    def live(self) -> Self:
        """In their seats: not withdrawn, substituted or transferred."""
        return self.filter(ended_at__isnull=True)

    def in_name_order(self) -> Self:
        return self.order_by("person__sort_key", "pk")


@pghistory.track(exclude=["told_revision"])
class Registration(models.Model):
    """A person in a seat, for some or all of an institute's days. School, role and grades are as they were then."""

    seat = models.ForeignKey(Seat, models.PROTECT, related_name="registrations")
    institute = models.ForeignKey(Institute, models.PROTECT, related_name="registrations")
    person = models.ForeignKey(Person, models.PROTECT, related_name="registrations")
    days = DateRangeField()
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="registrations")
    role = models.CharField(max_length=20, choices=JobRole, blank=True)
    grade_span = models.CharField(max_length=10, choices=GradeSpan, blank=True)
    compensation = models.CharField(max_length=12, choices=Compensation, default=Compensation.UNKNOWN)
    compensation_reported_by = models.CharField(max_length=150, blank=True)
    badge = models.CharField(max_length=24, unique=True, default=new_badge, editable=False)
    strand = models.ForeignKey(Strand, models.PROTECT, null=True, blank=True, related_name="registrations")
    sequence = models.PositiveIntegerField(default=0, editable=False)  # how often her calendar entry was sent anew
    told_revision = models.PositiveIntegerField(null=True, editable=False)  # the agenda that her calendar knows
    cert_name = models.CharField(_("name on the certificate"), max_length=200, blank=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(days__isempty=False), name="a_registration_has_days"),
            ExclusionConstraint(
                name="a_seat_holds_one_person_a_day",
                expressions=[(F("seat"), RangeOperators.EQUAL), (F("days"), RangeOperators.OVERLAPS)],
                condition=Q(ended_at__isnull=True),
            ),
            # The person first: a search by name reads this index by person alone, and with the institute first that
            # took 85 seconds among 1,000,000 registrations.
            ExclusionConstraint(
                name="a_person_holds_one_place_a_day",
                expressions=[
                    (F("person"), RangeOperators.EQUAL),
                    (F("institute"), RangeOperators.EQUAL),
                    (F("days"), RangeOperators.OVERLAPS),
                ],
                condition=Q(ended_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(fields=["institute", "person"], name="registration_by_institute"),
            models.Index(fields=["person", "institute"], name="registration_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.person} at {self.institute.code}"

    @property
    def name_printed(self) -> str:
        return self.cert_name or self.person.display_name

    @property
    def first_day(self) -> date:
        first: date = self.days.lower
        return first

    @property
    def last_day(self) -> date:
        past_the_end: date = self.days.upper
        return past_the_end - timedelta(days=1)

    def covers(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day


class ChoiceQuerySet(InstituteScoped):
    sponsor_path = "registration__seat__allotment__order__sponsor"
    person_path = "registration__person"
    institute_path = "session__institute"


@pghistory.track()
class Choice(models.Model):
    """A session that a person chose among those in parallel."""

    registration = models.ForeignKey(Registration, models.CASCADE, related_name="choices")
    session = models.ForeignKey(Session, models.PROTECT, related_name="choices")

    objects = ChoiceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["registration", "session"], name="a_session_is_chosen_once")]

    def __str__(self) -> str:
        return f"{self.registration} · {self.session}"
