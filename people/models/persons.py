"""People: their names, addresses, where they work and what they were appointed to."""

from datetime import date
from typing import Self

import pghistory
import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from people import names
from people.access import Principal, Scoped, employed_at
from people.models.organizations import Organization, Region, School


class DateSpan(Func):
    """daterange(from, to], with the last day inside and an open end where it is null."""

    function = "DATERANGE"
    output_field = DateRangeField()


class PersonQuerySet(Scoped):
    person_path = "pk"
    employee_path = "pk"

    def roads(self, principal: Principal) -> Q:
        """A person is seen, too, where she works under the name of someone merged into her."""
        own = super().roads(principal)
        if not principal.organizations:
            return own
        merged = Person.objects.filter(merged_into__isnull=False, pk__in=employed_at(principal.organizations))
        return own | Q(pk__in=merged.values("merged_into"))

    def of(self, person: "Person") -> "PersonQuerySet":
        """The person and those merged into her."""
        return self.filter(Q(pk=person.canonical_id) | Q(merged_into=person.canonical_id))

    def canonical(self) -> "PersonQuerySet":
        return self.filter(merged_into__isnull=True)

    def named_like(self, words: str) -> "PersonQuerySet":
        """People whose folded name holds every word, in any order."""
        matches = self
        for word in names.fold(words).split():
            matches = matches.filter(sort_key__contains=word)
        return matches

    def reached_at(self, address: str) -> "PersonQuerySet":
        """People with an address that begins so."""
        having = EmailAddress.objects.filter(address__startswith=names.tidy(address).lower())
        return self.filter(pk__in=having.values("person"))

    def employed_at(self, organization: int, *, on: date | None = None) -> "PersonQuerySet":
        """People who work there, or did; with a day, those who did on that day."""
        jobs = Employment.objects.filter(organization=organization)
        return self.filter(pk__in=(jobs.on(on) if on else jobs).values("person"))


@pghistory.track()
@pgtrigger.register(
    pgtrigger.Trigger(
        name="merge_into_a_canonical_person",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("merged_into_id"),
        condition=pgtrigger.Q(new__merged_into__isnull=False),
        func="""
            IF EXISTS (SELECT 1 FROM people_person WHERE id = NEW.merged_into_id AND merged_into_id IS NOT NULL)
               OR EXISTS (SELECT 1 FROM people_person WHERE merged_into_id = NEW.id)
            THEN RAISE EXCEPTION 'a person is merged into a canonical person only' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
    )
)
class Person(models.Model):
    """Someone who takes part, facilitates or works for a district; known by a name, not by a login."""

    given_name = models.CharField(_("first name"), max_length=100, blank=True)
    family_name = models.CharField(_("last name"), max_length=100, blank=True)
    display_name = models.CharField(_("name"), max_length=200, help_text=_("As it is printed on certificates."))
    legal_name = models.CharField(max_length=200, blank=True)
    former_name = models.CharField(max_length=200, blank=True)
    sort_key = models.CharField(max_length=250, editable=False)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="aliases")
    created_at = models.DateTimeField()

    objects = PersonQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(display_name=""), name="a_person_has_a_name"),
            models.CheckConstraint(condition=~Q(merged_into=F("pk")), name="a_person_is_not_her_own_alias"),
        ]
        indexes = [
            models.Index(fields=["sort_key", "id"], name="person_by_name"),
            GinIndex(OpClass("sort_key", name="gin_trgm_ops"), name="person_by_part_of_name"),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def canonical_id(self) -> int:
        return self.merged_into_id or self.pk

    @property
    def name_last_first(self) -> str:
        if self.given_name and self.family_name:
            return f"{self.family_name}, {self.given_name}"
        return self.display_name

    @classmethod
    def named(cls, given: str, family: str, **more: object) -> Self:
        """An unsaved person; the display name follows the two names unless it is given."""
        given, family = names.tidy(given), names.tidy(family)
        more.setdefault("display_name", names.full(given, family))
        return cls(given_name=given, family_name=family, sort_key=names.sort_key(given, family), **more)


class JobRole(models.TextChoices):
    TEACHER = "teacher", _("Teacher")
    TEACHER_LEADER = "teacher_leader", _("Teacher leader")
    COACH = "coach", _("Coach or TOSA")
    PRINCIPAL = "principal", _("Principal or vice principal")
    ADMINISTRATOR = "administrator", _("District or county administrator")
    SUPERINTENDENT = "superintendent", _("Superintendent")
    PARAPROFESSIONAL = "paraprofessional", _("Paraprofessional")
    FACULTY = "faculty", _("University faculty")
    OTHER = "other", _("Other")


ADMINISTRATORS = frozenset({JobRole.PRINCIPAL, JobRole.ADMINISTRATOR, JobRole.SUPERINTENDENT})


class GradeSpan(models.TextChoices):
    TK_2 = "tk-2", _("TK–2")
    GRADES_3_5 = "3-5", _("3–5")
    GRADES_6_8 = "6-8", _("6–8")
    GRADES_9_12 = "9-12", _("9–12")
    ALL = "all", _("All grades")
    NONE = "none", _("Not in a classroom")


class EmploymentQuerySet(Scoped):
    organization_path = "organization"
    person_path = "person"

    def on(self, day: date) -> "EmploymentQuerySet":
        return self.lasting(on=day).filter(starts_on__lte=day)

    def lasting(self, *, on: date) -> "EmploymentQuerySet":
        """Those that have not ended by that day, begun or not."""
        return self.filter(Q(ends_on__gte=on) | Q(ends_on__isnull=True))


@pghistory.track()
class Employment(models.Model):
    """Where a person works, as what, and from when to when (both days inside)."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="employments")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="employments")
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="employments")
    role = models.CharField(max_length=20, choices=JobRole, default=JobRole.TEACHER)
    grade_span = models.CharField(max_length=10, choices=GradeSpan, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = EmploymentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="an_employment_ends_after_it_starts",
            ),
            ExclusionConstraint(
                name="one_job_of_a_kind_at_a_time",
                expressions=[
                    (F("person"), RangeOperators.EQUAL),
                    (F("organization"), RangeOperators.EQUAL),
                    (F("role"), RangeOperators.EQUAL),
                    (
                        DateSpan("starts_on", "ends_on", RangeBoundary(inclusive_lower=True, inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]
        indexes = [models.Index(fields=["organization", "person"], name="employment_by_organization")]

    def __str__(self) -> str:
        return f"{self.person} · {self.organization}"


class AppointmentKind(models.TextChoices):
    STAFF_DEVELOPER = "staff_developer", _("Staff developer")
    CORE_LEADER = "core_leader", _("Core leadership team member")
    CONTENT_CADRE = "content_cadre", _("Content cadre")
    REGIONAL_DIRECTOR = "regional_director", _("Regional director")


class AppointmentQuerySet(Scoped):
    organization_path = "organization"
    person_path = "person"


@pghistory.track()
class Appointment(models.Model):
    """A part a person was given: for an organization or for a region, from one day to another."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="appointments")
    kind = models.CharField(max_length=20, choices=AppointmentKind)
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="appointments")
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, related_name="appointments")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(organization__isnull=True, region__isnull=False)
                | Q(organization__isnull=False, region__isnull=True),
                name="an_appointment_is_for_one_organization_or_one_region",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="an_appointment_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.get_kind_display()}"


class EmailAddressQuerySet(Scoped):
    person_path = "person"
    employee_path = "person"

    def reachable(self) -> "QuerySet[EmailAddress]":
        return self.filter(bounced_at__isnull=True)


@pghistory.track()
class EmailAddress(models.Model):
    """One of a person's addresses, in small letters. Schools share inboxes: one address may serve several people."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="addresses")
    address = models.EmailField()
    is_preferred = models.BooleanField(default=False)
    verified_at = models.DateTimeField(null=True, blank=True)
    bounced_at = models.DateTimeField(null=True, blank=True)

    objects = EmailAddressQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "address"], name="a_person_has_an_address_once"),
            models.CheckConstraint(
                condition=Q(address=Func(F("address"), function="LOWER")), name="an_address_is_in_small_letters"
            ),
            models.UniqueConstraint(
                fields=["person"], condition=Q(is_preferred=True), name="a_person_prefers_one_address"
            ),
        ]
        indexes = [models.Index(fields=["address"], name="person_by_address")]

    def __str__(self) -> str:
        return self.address
