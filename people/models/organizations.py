"""Places people work for: regions, counties, organizations and their schools."""

import pghistory
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from people.access import Scoped
from people.names import fold


class OrganizationKind(models.TextChoices):
    DISTRICT = "district", _("District")
    COUNTY_OFFICE = "county_office", _("County office of education")
    CHARTER = "charter", _("Charter school LEA")
    CMO = "cmo", _("Charter management organization")
    UNIVERSITY = "university", _("College or university")
    PRIVATE_SCHOOL = "private_school", _("Private school")
    AGENCY = "agency", _("Agency or joint powers authority")
    PARTNER = "partner", _("Partner")
    PROVIDER = "provider", _("Provider")


class Standing(models.TextChoices):
    """What the state's directory says of an organization or a school."""

    ACTIVE = "active", _("Active")
    PENDING = "pending", _("Opening soon")
    CLOSED = "closed", _("Closed")
    MERGED = "merged", _("Merged")


def _called(words: str) -> Q:
    code = words.replace("-", "").strip()
    by_code = Q(cds=code.ljust(14, "0")) if code.isascii() and code.isdigit() else Q()
    return Q(search_key=fold(words)) | by_code


class Region(models.Model):
    """A group of counties with a regional director."""

    name = models.CharField(max_length=100, unique=True)

    def __str__(self) -> str:
        return self.name


class County(models.Model):
    """A county of the state's directory; its code is the first two digits of a CDS code."""

    code = models.CharField(max_length=2, unique=True)
    name = models.CharField(max_length=100, unique=True)
    region = models.ForeignKey(Region, models.SET_NULL, null=True, blank=True, related_name="counties")

    def __str__(self) -> str:
        return self.name


class OrganizationQuerySet(Scoped):
    organization_path = "pk"

    def open(self) -> "OrganizationQuerySet":
        return self.filter(status__in=[Standing.ACTIVE, Standing.PENDING])

    def named_like(self, words: str) -> "OrganizationQuerySet":
        """Organizations whose folded name holds every word, in any order."""
        matches = self
        for word in fold(words).split():
            matches = matches.filter(search_key__contains=word)
        return matches

    def called(self, words: str) -> "OrganizationQuerySet":
        """Organizations of exactly this name or CDS code."""
        return self.filter(_called(words))

    def next_to(self, organization: "Organization") -> "OrganizationQuerySet":
        """Those that belong to an organization, or that it succeeded."""
        return self.filter(Q(parent=organization) | Q(successor=organization))


@pghistory.track(exclude=["directory_on"])
class Organization(models.Model):
    """A district, county office, charter, university or other body that employs, sponsors or pays."""

    kind = models.CharField(max_length=20, choices=OrganizationKind)
    name = models.CharField(max_length=200)
    search_key = models.CharField(max_length=250, editable=False)
    cds = models.CharField("CDS code", max_length=14, unique=True, null=True, blank=True)
    county = models.ForeignKey(County, models.PROTECT, null=True, blank=True, related_name="organizations")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    successor = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="predecessors")
    status = models.CharField(max_length=10, choices=Standing, default=Standing.ACTIVE)
    opened_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    street = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=2, blank=True)
    zip = models.CharField(max_length=10, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    directory_on = models.DateField(null=True, blank=True, editable=False)  # how new the file was that last spoke of it

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(cds__isnull=True) | Q(cds__regex=r"^[0-9]{14}$"), name="an_organizations_cds_has_14_digits"
            ),
            models.CheckConstraint(condition=~Q(parent=models.F("pk")), name="an_organization_is_not_its_own_parent"),
            models.CheckConstraint(
                condition=~Q(successor=models.F("pk")), name="an_organization_does_not_succeed_itself"
            ),
        ]
        indexes = [
            models.Index(fields=["search_key"], name="organization_by_name"),
            models.Index(fields=["kind", "status", "search_key"], name="organization_by_kind"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.status in {Standing.ACTIVE, Standing.PENDING}

    @property
    def name_and_county(self) -> str:
        """The name with its county, as names repeat across counties; load the county with the rows of a list."""
        return f"{self.name} ({self.county})" if self.county else self.name

    @property
    def cds_printed(self) -> str:
        """The code as it is read aloud: county, district."""
        return f"{self.cds[:2]}-{self.cds[2:7]}" if self.cds else ""


class SchoolQuerySet(Scoped):
    organization_path = "organization"

    def open(self) -> "SchoolQuerySet":
        return self.filter(status__in=[Standing.ACTIVE, Standing.PENDING])

    def named_like(self, words: str) -> "SchoolQuerySet":
        """Schools whose folded name holds every word, in any order."""
        matches = self
        for word in fold(words).split():
            matches = matches.filter(search_key__contains=word)
        return matches

    def called(self, words: str) -> "SchoolQuerySet":
        """Schools of exactly this name or CDS code."""
        return self.filter(_called(words))


@pghistory.track(exclude=["directory_on"])
class School(models.Model):
    """A site where teachers teach; a school without a known district keeps none."""

    cds = models.CharField("CDS code", max_length=14, unique=True, null=True, blank=True)
    name = models.CharField(max_length=200)
    search_key = models.CharField(max_length=250, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="schools")
    county = models.ForeignKey(County, models.PROTECT, null=True, blank=True, related_name="schools")
    successor = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="predecessors")
    status = models.CharField(max_length=10, choices=Standing, default=Standing.ACTIVE)
    is_charter = models.BooleanField(default=False)
    is_private = models.BooleanField(default=False)
    grades = models.CharField(max_length=20, blank=True)
    opened_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    street = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=100, blank=True)
    zip = models.CharField(max_length=10, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    directory_on = models.DateField(null=True, blank=True, editable=False)  # how new the file was that last spoke of it

    objects = SchoolQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(cds__isnull=True) | Q(cds__regex=r"^[0-9]{14}$"), name="a_schools_cds_has_14_digits"
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "search_key"], name="school_by_district_and_name"),
            models.Index(fields=["search_key"], name="school_by_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.status in {Standing.ACTIVE, Standing.PENDING}
