"""Who waits for places or for funds, and what was offered to them."""

from datetime import datetime
from typing import Self

import pghistory
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from events.models import Institute, Strand
from people.access import Scoped
from people.models import GradeSpan, JobRole, Person, School, User
from registrations.models.orders import Allotment
from registrations.models.teams import Team


class WaitsFor(models.TextChoices):
    PLACE = "place", _("A place")
    FUNDS = "funds", _("Funds")


class WaitEnd(models.TextChoices):
    SEATED = "seated", _("Seated")
    LEFT = "left", _("Left the list")
    LAPSED = "lapsed", _("The offer lapsed")


class WaitlistEntryQuerySet(Scoped):
    """A sponsor's own, and the person's: who hosts an institute does not read who waits for it."""

    sponsor_path = "allotment__order__sponsor"
    person_path = "people__person"

    def waiting(self) -> Self:
        return self.filter(ended_at__isnull=True)

    def in_line(self) -> Self:
        """First in, first offered."""
        return self.order_by("joined_at", "pk")


@pghistory.track()
class WaitlistEntry(models.Model):
    """One unit in line for an institute: a person, or a team that comes whole. `seats` is how many places it needs.

    `joins` is the team, which has its seats, that a person comes to.
    Its allotment says at what price and who pays; while it waits no seat is taken and nothing is charged.
    """

    allotment = models.ForeignKey(Allotment, models.PROTECT, related_name="waitlist")
    institute = models.ForeignKey(Institute, models.PROTECT, related_name="waitlist")
    team = models.OneToOneField(Team, models.PROTECT, null=True, blank=True, related_name="waiting")
    joins = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="waited_for")
    seats = models.PositiveSmallIntegerField(default=1)
    waits_for = models.CharField(max_length=5, choices=WaitsFor, default=WaitsFor.PLACE)
    joined_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_as = models.CharField(max_length=6, choices=WaitEnd, blank=True)
    refusal = models.CharField(max_length=300, blank=True)  # why its turn passed it by: what its money answered

    objects = WaitlistEntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "waitlist entries"
        constraints = [
            models.CheckConstraint(condition=Q(seats__gte=1), name="an_entry_waits_for_something"),
            models.CheckConstraint(
                condition=Q(team__isnull=True) | Q(joins__isnull=True), name="an_entry_is_a_team_or_joins_one"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_as="") | (Q(ended_at__isnull=False) & ~Q(ended_as="")),
                name="an_ended_wait_says_how",
            ),
        ]
        indexes = [
            models.Index(
                fields=["institute", "joined_at", "id"], condition=Q(ended_at__isnull=True), name="waitlist_in_line"
            )
        ]

    def __str__(self) -> str:
        return f"{self.seats} in line for {self.institute.code}"


class WaitlistPersonQuerySet(Scoped):
    sponsor_path = "entry__allotment__order__sponsor"
    person_path = "person"


class WaitlistPerson(models.Model):
    """Someone in line, as the roster said: seated so when the place comes."""

    entry = models.ForeignKey(WaitlistEntry, models.CASCADE, related_name="people")
    person = models.ForeignKey(Person, models.PROTECT, related_name="waits")
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="+")
    role = models.CharField(max_length=20, choices=JobRole, blank=True)
    grade_span = models.CharField(max_length=10, choices=GradeSpan, blank=True)
    strand = models.ForeignKey(Strand, models.PROTECT, null=True, blank=True, related_name="+")
    session_ids = models.JSONField(default=list, blank=True)  # chosen in parallel; hers if there is room by then

    objects = WaitlistPersonQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "person"], name="a_person_is_once_in_an_entry")]

    def __str__(self) -> str:
        return str(self.person)


class OfferQuerySet(Scoped):
    sponsor_path = "entry__allotment__order__sponsor"

    def open(self) -> Self:
        return self.filter(answered_at__isnull=True)

    def overdue(self, *, at: datetime) -> Self:
        return self.open().filter(ends_at__lte=at)


class OfferAnswer(models.TextChoices):
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    LAPSED = "lapsed", _("Lapsed")


class Offer(models.Model):
    """Places offered to an entry until `ends_at`: its seats are taken and charged meanwhile.

    By whom of the staff, where it was sent by hand; out of turn, for a reason.
    """

    entry = models.ForeignKey(WaitlistEntry, models.PROTECT, related_name="offers")
    sent_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=8, choices=OfferAnswer, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    sent_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entry"], condition=Q(answered_at__isnull=True), name="an_entry_has_one_open_offer"
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answer="") | (Q(answered_at__isnull=False) & ~Q(answer="")),
                name="an_answered_offer_says_how",
            ),
            models.CheckConstraint(
                condition=Q(reason="") | Q(sent_by__isnull=False), name="an_offer_out_of_turn_has_its_who"
            ),
        ]
        indexes = [models.Index(fields=["ends_at"], condition=Q(answered_at__isnull=True), name="offer_open_by_end")]

    def __str__(self) -> str:
        return f"Offer until {self.ends_at:%Y-%m-%d %H:%M}"
