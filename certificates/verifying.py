"""Whether a certificate holds: what anyone who has its code may know."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from certificates.models import Certificate, Rendering, Revocation
from people.models import NameRequest

GROUPS = re.compile(r"(.{4})(.{4})(.{4})")


@dataclass(frozen=True)
class Standing:
    """Whether a certificate is `valid`, `superseded` or `revoked`, since when, and whether its name may be shown."""

    certificate: Certificate
    state: str
    words: str
    since: datetime | None = None
    shows_name: bool = True
    hashes: tuple[str, ...] = ()

    @property
    def tone(self) -> str:
        return {"valid": "good", "superseded": "warn"}.get(self.state, "bad")


def tidy_code(typed: str) -> str:
    """A code as it is kept, whatever its case, dashes and spaces: "abcd efgh jkmn" is ABCD-EFGH-JKMN."""
    letters = "".join(sign for sign in typed.upper() if sign.isascii() and sign.isalnum())
    return GROUPS.sub(r"\1-\2-\3", letters) if len(letters) == 12 else letters


def find(typed: str) -> Certificate | None:
    """The certificate with this code, with what became of it."""
    rows = Certificate.objects.select_related("superseded_by", "supersedes", "institute", "person__merged_into")
    return rows.prefetch_related(
        Prefetch("revocations", Revocation.objects.order_by("at")),
        Prefetch("renderings", Rendering.objects.order_by("pk")),
    ).filter(code=tidy_code(typed)).first()  # fmt: skip


def state_of(certificate: Certificate) -> str:
    """`valid`, `superseded` or `revoked`."""
    if certificate.revocations.all():
        return "revoked"
    return "superseded" if getattr(certificate, "superseded_by", None) else "valid"


def standing_of(certificate: Certificate) -> Standing:
    """What a certificate is worth today. A former name is not shown when she hid it, or a later version bears another."""
    hashes = tuple(rendering.sha256 for rendering in certificate.renderings.all())
    later = getattr(certificate, "superseded_by", None)
    state = state_of(certificate)
    if state == "revoked":
        since = max(revocation.at for revocation in certificate.revocations.all())
        return Standing(certificate, state, _("Revoked"), since, not _was_hidden(certificate), hashes)
    if later:
        same_name = all(version.name == certificate.name for version in _later_versions(certificate))
        words = _("Superseded by a newer version: ask the holder for it")
        return Standing(certificate, state, words, later.issued_at, shows_name=same_name, hashes=hashes)
    return Standing(certificate, state, _("Valid"), None, not _was_hidden(certificate), hashes)


def _was_hidden(certificate: Certificate) -> bool:
    """Whether it bears a name that she had hidden since, and no version bears the other: it was revoked, or waits."""
    person = certificate.person.merged_into or certificate.person
    if certificate.name == person.display_name:
        return False
    granted = NameRequest.objects.of(person).filter(is_granted=True, hides_former=True)
    return granted.filter(decided_at__gte=certificate.issued_at).exists()


def _later_versions(certificate: Certificate) -> list[Certificate]:
    rows = Certificate.objects.filter(
        person=certificate.person_id,
        kind=certificate.kind,
        institute=certificate.institute_id,
        cohort=certificate.cohort_id,
        version__gt=certificate.version,
    )
    return list(rows)
