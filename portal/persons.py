"""A person over all rooms: compared and merged, her address claimed, her name changed on what was issued to her.

These verbs stand here because they ask of places and certificates, which `people` cannot know.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from certificates import issuing
from certificates.models import Certificate
from events import printed
from office import post
from people import claims, corrections, merging
from people.merging import CannotMerge
from people.models import (
    AddressClaim,
    Appointment,
    EmailAddress,
    Employment,
    Merge,
    NameRequest,
    Person,
    User,
)
from registrations.models import HoursEarned, Registration

# --- Two people side by side ------------------------------------------------------------------------------------------


@dataclass
class Side:
    """One of two who may be one: what is known of her under all her names."""

    person: Person
    names: list[str]
    addresses: list[EmailAddress]
    claims: list[AddressClaim]
    employments: list[Employment]
    appointments: list[Appointment]
    places: list[Registration] = field(default_factory=list)
    minutes: int = 0
    certificates: int = 0
    last: Registration | None = None


def side_of(person: Person) -> Side:
    """In a fixed number of queries, however long her history."""
    hers = list(Person.objects.of(person).order_by("pk"))
    places = Registration.objects.live().filter(person__in=hers).select_related("institute", "person")
    sat = list(places.order_by("-institute__starts_on", "-pk"))
    jobs = Employment.objects.filter(person__in=hers).select_related("organization__county", "school")
    given = Appointment.objects.filter(person__in=hers).select_related("organization", "region")
    return Side(
        person=person,
        names=list(dict.fromkeys(name for one in hers for name in (one.display_name, one.former_name) if name)),
        addresses=list(EmailAddress.objects.filter(person__in=hers).order_by("-is_preferred", "pk")),
        claims=list(AddressClaim.objects.filter(person__in=hers).order_by("pk")),
        employments=list(jobs.order_by("-starts_on", "pk")),
        appointments=list(given.order_by("-starts_on", "pk")),
        places=sat,
        minutes=HoursEarned.objects.filter(registration__in=sat).aggregate(sum=Sum("minutes"))["sum"] or 0,
        certificates=Certificate.objects.of(person).current().count(),
        last=sat[0] if sat else None,
    )


def who_stays(one: Side, other: Side) -> Person:
    """The one who came last; of two who never came, the one we know longer."""
    if one.last and other.last:
        return one.person if one.last.institute.starts_on >= other.last.institute.starts_on else other.person
    return other.person if other.last else one.person


def clashes(one: Sequence[Registration], other: Sequence[Registration]) -> list[str]:
    """Where both hold places on one day: a person can sit in one, so the other is to be given up first."""
    return [
        _("Both have a place at %(code)s on %(days)s: withdraw or substitute %(one)s (place %(first)s) or %(other)s (place %(second)s) first.")
        % {
            "code": a.institute.code,
            "days": printed.days(max(a.first_day, b.first_day), min(a.last_day, b.last_day)),
            "one": a.person,
            "first": a.pk,
            "other": b.person,
            "second": b.pk,
        }
        for a in one
        for b in other
        if a.institute_id == b.institute_id and a.first_day <= b.last_day and b.first_day <= a.last_day
    ]  # fmt: skip


@transaction.atomic
def merge(person: Person, *, into: Person, evidence: str, by: User, at: datetime) -> Merge:
    """Make one person an alias of another. Raises CannotMerge, too, while both hold places on one day.

    Whoever registers one of them meanwhile waits for the lock on her, and is told that she was merged.
    """
    alias, canonical = merging.lock(person, into)
    both = [
        list(
            Registration.objects.live().filter(person__in=Person.objects.of(one)).select_related("institute", "person")
        )
        for one in (alias, canonical)
    ]
    reasons = clashes(*both)
    if reasons:
        raise CannotMerge(" ".join(reasons))
    return merging.merge(alias, into=canonical, evidence=evidence, by=by, at=at)


# --- Her addresses ----------------------------------------------------------------------------------------------------


@transaction.atomic
def claim_address(person: Person, address: str, *, at: datetime) -> AddressClaim:
    """Mail a link to an address that she says was hers. Raises claims.CannotClaim."""
    claim = claims.claim(person, address, at=at)
    letter = post.Letter(
        to=claim.address,
        subject=_("Was this your address?"),
        template="mail/notice",
        context={
            "text": _(
                "%(name)s says that she or he was reached at this address. If that is you, open the page and press the "
                "button there. If it is not, there is nothing to do."
            )
            % {"name": person.display_name},
            "url": post.link(reverse("portal:confirm_address", args=[claims.token_of(claim)])),
            "action": _("Open the page"),
        },
        about=f"address claim {claim.pk}",
        key=f"address-claim-{claim.pk}-{at:%Y-%m-%d}",
    )
    post.send(letter, at=at)
    return claim


# --- Her name ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Renamed:
    """Who was renamed, the certificates that say so now, and why others could not be issued anew."""

    person: Person
    reissued: list[Certificate]
    refused: list[str]


@transaction.atomic
def grant_name(request: NameRequest, *, by: User, at: datetime) -> Renamed:
    """Call her as she asked, on her certificates too: each gets a next version, and the old one names nobody (scenario 8)."""
    former = request.person.display_name
    person = corrections.grant(request, by=by, at=at)
    hers = Person.objects.of(person)
    Registration.objects.filter(person__in=hers, cert_name=former).update(cert_name="")
    made, refused = [], []
    for certificate in Certificate.objects.of(person).current().order_by("pk"):
        if certificate.name == person.display_name:
            continue
        try:
            made.append(issuing.reissue(certificate, reason=_("The name was changed."), by=by, at=at))
        except issuing.CannotReissue as refusal:
            refused.append(f"{certificate.code}: {refusal}")
    return Renamed(person, made, refused)
