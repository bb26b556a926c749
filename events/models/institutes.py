"""An institute and its agenda."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Self
from zoneinfo import ZoneInfo

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Deferrable, F, Func, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from events.access import InstituteScoped
from events.models.programs import HoursRule, Program, Season, TeamRule, Terms, Venue
from people.access import Principal
from people.models import Organization, Person


def must_be_a_zone(name: str) -> None:
    """Refuse a zone that the IANA database does not know."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValidationError(
            _("“%(name)s” is no time zone; write one such as America/Los_Angeles."), params={"name": name}
        ) from None


class TimeSpan(Func):
    """tstzrange[from, to): a block that ends when the next one starts does not overlap it."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class InstituteKind(models.TextChoices):
    INSTITUTE = "institute", _("Institute")
    ROLL_OUT = "roll_out", _("Roll-out")
    LESSON_STUDY = "lesson_study", _("Lesson study")
    SERIES = "series", _("Series")
    ON_SITE = "on_site", _("On-site days")
    COACHING = "coaching", _("Coaching")


class Modality(models.TextChoices):
    IN_PERSON = "in_person", _("In person")
    ONLINE = "online", _("Synchronous online")
    HYBRID = "hybrid", _("In person and online")


class InstituteQuerySet(InstituteScoped):
    institute_path = "pk"

    def roads(self, principal: Principal) -> Q:
        return super().roads(principal) | Q(published_at__isnull=False)

    def published(self) -> Self:
        return self.filter(published_at__isnull=False)

    def held(self) -> Self:
        """Not canceled."""
        return self.filter(canceled_at__isnull=True)

    def latest_of_their_kind(self) -> Self:
        """For each program and month of the year the last one held: what the next one is cloned from."""
        kind = ("program__name", "starts_on__month")
        return self.held().order_by(*kind, "-starts_on").distinct(*kind)

    def open_for_registration(self, *, at: datetime) -> Self:
        return self.published().held().filter(registration_opens_at__lte=at, registration_closes_at__gt=at)


@pghistory.track(exclude=["seats_taken"])
class Institute(models.Model):
    """Days of learning that one may register for. Times are shown in its own zone; `price` is dollars a seat."""

    program = models.ForeignKey(Program, models.PROTECT, related_name="institutes")
    season = models.ForeignKey(Season, models.PROTECT, null=True, blank=True, related_name="institutes")
    code = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=150)
    kind = models.CharField(max_length=15, choices=InstituteKind, default=InstituteKind.INSTITUTE)
    modality = models.CharField(max_length=10, choices=Modality, default=Modality.IN_PERSON)
    description = models.TextField(blank=True)
    what_to_bring = models.TextField(blank=True)
    zone = models.CharField(max_length=50, default="America/Los_Angeles", validators=[must_be_a_zone])
    starts_on = models.DateField()
    ends_on = models.DateField()
    venue = models.ForeignKey(Venue, models.PROTECT, null=True, blank=True, related_name="institutes")
    host = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="hosted_institutes")
    fiscal_agent = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="institutes_as_fiscal_agent"
    )
    capacity = models.PositiveIntegerField()
    seats_taken = models.PositiveIntegerField(default=0, editable=False)
    price = models.DecimalField(max_digits=10, decimal_places=2, validators=[MinValueValidator(Decimal(0))])
    registration_opens_at = models.DateTimeField()
    registration_closes_at = models.DateTimeField()
    names_due_on = models.DateField(null=True, blank=True)
    minimum = models.PositiveIntegerField(null=True, blank=True)
    decision_on = models.DateField(null=True, blank=True)
    terms = models.ForeignKey(Terms, models.PROTECT, related_name="institutes")
    hours_rule = models.ForeignKey(HoursRule, models.PROTECT, related_name="institutes")
    team_rule = models.ForeignKey(TeamRule, models.PROTECT, null=True, blank=True, related_name="institutes")
    agenda_revision = models.PositiveIntegerField(default=1, editable=False)
    fills_small_gaps = models.BooleanField(
        _("fill small gaps from the waitlist"),
        default=True,
        help_text=_(
            "Seats too few for the first in line go to a later one whom they suffice, until 14 days before the first day."
        ),
    )
    chaperones = models.PositiveSmallIntegerField(
        default=0, help_text=_("How many each district may send with its people at no cost; each takes a seat.")
    )
    certificates_after_hours = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("Hours after the last session; empty: certificates are issued by hand.")
    )
    published_at = models.DateTimeField(null=True, blank=True)
    canceled_at = models.DateTimeField(null=True, blank=True)

    objects = InstituteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(seats_taken__gte=0, seats_taken__lte=F("capacity")), name="an_institute_is_never_overfull"
            ),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="an_institute_ends_after_it_starts"),
            models.CheckConstraint(condition=Q(price__gte=0), name="a_price_is_not_negative"),
            models.CheckConstraint(
                condition=Q(registration_closes_at__gt=F("registration_opens_at")),
                name="registration_closes_after_it_opens",
            ),
        ]
        indexes = [
            models.Index(fields=["starts_on", "id"], name="institute_by_date"),
            models.Index(fields=["program", "-starts_on"], name="institute_by_program"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def seats_left(self) -> int:
        return self.capacity - self.seats_taken

    @property
    def days(self) -> DateRange:
        """First to last day, as PostgreSQL stores it: the upper bound is outside."""
        return DateRange(self.starts_on, self.ends_on + timedelta(days=1))

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def is_canceled(self) -> bool:
        return self.canceled_at is not None

    def is_open_for_registration(self, *, at: datetime) -> bool:
        return (
            self.published_at is not None
            and not self.is_canceled
            and self.registration_opens_at <= at < self.registration_closes_at
        )


class Strand(models.Model):
    """One of several paths through an institute, such as Grades 3–5."""

    institute = models.ForeignKey(Institute, models.CASCADE, related_name="strands")
    name = models.CharField(max_length=80)
    capacity = models.PositiveIntegerField(null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["institute", "name"], name="an_institute_names_a_strand_once"),
        ]

    def __str__(self) -> str:
        return self.name


class HourType(models.TextChoices):
    INTENSIVE = "intensive", _("Intensive")
    FOLLOW_UP = "follow_up", _("Follow-up")
    LEADERSHIP = "leadership", _("Leadership")
    LESSON_STUDY = "lesson_study", _("Lesson study")
    CONTENT = "content", _("Content")


class SessionQuerySet(InstituteScoped):
    institute_path = "institute"

    def roads(self, principal: Principal) -> Q:
        return super().roads(principal) | Q(institute__published_at__isnull=False)

    def in_order(self) -> Self:
        return self.order_by("starts_at", "strand__position", "strand_id", "id")


@pghistory.track(exclude=["seats_taken"])
class Session(models.Model):
    """A block of the agenda: for one strand or for all, with or without hours."""

    institute = models.ForeignKey(Institute, models.CASCADE, related_name="sessions")
    strand = models.ForeignKey(Strand, models.PROTECT, null=True, blank=True, related_name="sessions")
    title = models.CharField(max_length=150)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    counts = models.BooleanField(_("counts toward hours"), default=True)
    hour_type = models.CharField(max_length=12, choices=HourType, default=HourType.INTENSIVE)
    standards = models.CharField(max_length=300, blank=True)
    room = models.CharField(max_length=80, blank=True)
    capacity = models.PositiveIntegerField(null=True, blank=True)
    seats_taken = models.PositiveIntegerField(default=0, editable=False)

    objects = SessionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="a_session_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(capacity__isnull=True) | Q(seats_taken__lte=F("capacity")),
                name="a_session_is_never_overfull",
            ),
            # Judged at the end of each statement, so that two blocks may change places in one.
            ExclusionConstraint(
                name="a_strand_is_in_one_session_at_a_time",
                deferrable=Deferrable.IMMEDIATE,
                expressions=[
                    (F("institute"), RangeOperators.EQUAL),
                    (Coalesce(F("strand"), Value(0)), RangeOperators.EQUAL),
                    (TimeSpan("starts_at", "ends_at", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
            ),
            ExclusionConstraint(
                name="a_room_holds_one_session_at_a_time",
                deferrable=Deferrable.IMMEDIATE,
                expressions=[
                    (F("institute"), RangeOperators.EQUAL),
                    (F("room"), RangeOperators.EQUAL),
                    (TimeSpan("starts_at", "ends_at", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                condition=~Q(room=""),
            ),
        ]
        indexes = [models.Index(fields=["institute", "starts_at"], name="session_by_institute")]

    def __str__(self) -> str:
        return self.title

    @property
    def minutes(self) -> int:
        """Real minutes between start and end, also over a change of clocks."""
        return int((self.ends_at - self.starts_at).total_seconds()) // 60


class EngagementRole(models.TextChoices):
    REGIONAL_DIRECTOR = "regional_director", _("Regional director")
    STAFF_DEVELOPER = "staff_developer", _("Staff developer")
    CONTENT_CADRE = "content_cadre", _("Content cadre")
    PRESENTER = "presenter", _("Presenter")


class EngagementQuerySet(InstituteScoped):
    institute_path = "institute"
    person_path = "person"


@pghistory.track()
class Engagement(models.Model):
    """A person who facilitates: at a session, or at the whole institute where no session is named."""

    institute = models.ForeignKey(Institute, models.PROTECT, related_name="engagements")
    session = models.ForeignKey(Session, models.PROTECT, null=True, blank=True, related_name="engagements")
    person = models.ForeignKey(Person, models.PROTECT, related_name="engagements")
    role = models.CharField(max_length=20, choices=EngagementRole)

    objects = EngagementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["institute", "session", "person"],
                nulls_distinct=False,
                name="a_person_is_engaged_once_a_session",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.get_role_display()}"
