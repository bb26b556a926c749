"""Certificates: what was true when each was issued, and every PDF made of it."""

import secrets
from typing import Self

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from events.access import InstituteScoped
from events.models import Cohort, Institute
from office.models import StoredFile
from people.models import Organization, Person, User

NEVER_CHANGED = pgtrigger.Update | pgtrigger.Delete
# No 0, O, 1, I, L or U: a code is read from paper and typed.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_code() -> str:
    """Twelve letters in three groups, about 59 bits: nobody guesses one."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(12))
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"


class CertificateKind(models.TextChoices):
    ATTENDANCE = "attendance", _("Certificate of attendance")
    SERVICE = "service", _("Certificate of service")
    COHORT = "cohort", _("Certificate of a cohort's total")


class CertificateQuerySet(InstituteScoped):
    person_path = "person"
    institute_path = "institute"
    sponsor_path = "sponsor"

    def current(self) -> Self:
        """Neither superseded by a later version nor revoked."""
        return self.filter(superseded_by__isnull=True, revocations__isnull=True)

    def of(self, person: Person) -> Self:
        """Those of the person and of those merged into her."""
        return self.filter(Q(person=person.canonical_id) | Q(person__merged_into=person.canonical_id))

    def unprinted(self) -> Self:
        """Those that no PDF was made of yet."""
        return self.filter(renderings__isnull=True)


@pgtrigger.register(pgtrigger.Protect(name="a_certificate_is_never_changed", operation=NEVER_CHANGED))
class Certificate(models.Model):
    """What a person earned, as it was true when issued. A correction is a new version that supersedes the old.

    `snapshot` holds every word that is printed (see `certificates.issuing`); `sponsor` is the district that sent her.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="certificates")
    kind = models.CharField(max_length=12, choices=CertificateKind, default=CertificateKind.ATTENDANCE)
    institute = models.ForeignKey(Institute, models.PROTECT, null=True, blank=True, related_name="certificates")
    cohort = models.ForeignKey(Cohort, models.PROTECT, null=True, blank=True, related_name="certificates")
    sponsor = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="certificates")
    code = models.CharField(max_length=14, unique=True, default=new_code)
    version = models.PositiveSmallIntegerField(default=1)
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="superseded_by")
    snapshot = models.JSONField()
    reason = models.CharField(
        max_length=200, blank=True, help_text=_("Why a version took the place of the one before.")
    )
    issued_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    issued_at = models.DateTimeField()

    objects = CertificateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=CertificateKind.COHORT, cohort__isnull=False, institute__isnull=True)
                | (~Q(kind=CertificateKind.COHORT) & Q(cohort__isnull=True, institute__isnull=False)),
                name="a_certificate_is_of_an_institute_or_of_a_cohort",
            ),
            models.UniqueConstraint(
                fields=["person", "institute", "cohort", "kind", "version"],
                nulls_distinct=False,
                name="a_version_is_issued_once",
            ),
            models.CheckConstraint(
                condition=Q(version=1, supersedes__isnull=True, reason="")
                | (Q(version__gt=1, supersedes__isnull=False) & ~Q(reason="")),
                name="a_later_version_supersedes_one_and_says_why",
            ),
        ]
        indexes = [models.Index(fields=["institute", "person"], name="certificate_by_institute")]

    def __str__(self) -> str:
        return self.code

    @property
    def name(self) -> str:
        """The name it was issued to, as it was spelled then."""
        return str(self.snapshot["name"])

    @property
    def about(self) -> str:
        """What mail and papers about it are filed under."""
        return f"certificate {self.pk}"

    @property
    def minutes(self) -> int:
        return int(self.snapshot["minutes"]["earned"])

    @property
    def minutes_offered(self) -> int:
        return int(self.snapshot["minutes"]["offered"])


class RenderingQuerySet(InstituteScoped):
    person_path = "certificate__person"
    sponsor_path = "certificate__sponsor"


@pgtrigger.register(pgtrigger.Protect(name="a_rendering_is_never_changed", operation=NEVER_CHANGED))
class Rendering(models.Model):
    """A PDF that was made of a certificate: its hash, and its bytes."""

    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="renderings")
    sha256 = models.CharField(max_length=64, db_index=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    renderer = models.CharField(max_length=60)
    at = models.DateTimeField()

    objects = RenderingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["certificate", "sha256"], name="a_rendering_is_kept_once"),
        ]

    def __str__(self) -> str:
        return self.sha256


class RevocationQuerySet(InstituteScoped):
    person_path = "certificate__person"
    sponsor_path = "certificate__sponsor"


@pgtrigger.register(pgtrigger.Protect(name="a_revocation_is_never_changed", operation=NEVER_CHANGED))
class Revocation(models.Model):
    """That a certificate no longer holds, since when and why."""

    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="revocations")
    reason = models.CharField(max_length=200)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = RevocationQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.certificate} revoked"


class DownloadQuerySet(InstituteScoped):
    person_path = "certificate__person"
    sponsor_path = "certificate__sponsor"


@pgtrigger.register(pgtrigger.Protect(name="a_download_is_never_changed", operation=NEVER_CHANGED))
class Download(models.Model):
    """That a certificate was downloaded: by whom (nobody: through a link), and when."""

    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="downloads")
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    objects = DownloadQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.certificate} downloaded"
