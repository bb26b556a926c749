"""Mail about certificates: that one is ready, and a new link for whoever lost hers."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from certificates.models import Certificate
from events import printed
from office import post
from people import links
from people.models import EmailAddress, Person

PURPOSE = "certificates"
VALID_FOR = timedelta(days=365)
BETWEEN_LINKS = 3600
"""Seconds in which one person is mailed one new link, however often somebody asks for it."""


def link_of(person: Person) -> str:
    """The address of the page with all of a person's certificates: hers alone, good for a year, for any number of visits."""
    canonical = person.merged_into or person
    return post.link(reverse("certificates:mine", args=[links.sign(canonical, purpose=PURPOSE)]))


def announce(keys: Sequence[int], *, at: datetime) -> None:
    """Tell each person once that her certificate is ready. Who has no address that works is left out."""
    rows = Certificate.objects.filter(pk__in=keys).select_related("person__merged_into", "institute").order_by("pk")
    certificates = list(rows)
    addresses = _addresses_of({person for one in certificates for person in (one.person_id, one.person.canonical_id)})
    letters = []
    for certificate in certificates:
        to = addresses.get(certificate.person.canonical_id) or addresses.get(certificate.person_id)
        if to:
            letters.append(_letter(certificate, to))
    post.send_all(letters, at=at)


def send_links(address: str, *, at: datetime) -> None:
    """Mail a new link to each person with this address who has a certificate: schools share inboxes."""
    rows = (
        EmailAddress.objects.reachable().filter(address=address.strip().lower()).select_related("person__merged_into")
    )
    people = {row.person.canonical_id: row.person.merged_into or row.person for row in rows}
    letters = [
        post.Letter(
            to=address,
            subject=_("Your certificates"),
            template="mail/certificate_link",
            context={"url": link_of(person), "action": _("See your certificates")},
            person=person,
            about=f"certificates of person {key}",
            key=f"certificate-link-{key}-{int(at.timestamp()) // BETWEEN_LINKS}",
        )
        for key, person in sorted(people.items())
        if Certificate.objects.of(person).exists()
    ]
    post.send_all(letters, at=at)


def _addresses_of(people: set[int]) -> dict[int, str]:
    rows = EmailAddress.objects.reachable().filter(person__in=people).order_by("is_preferred", "pk")
    return {row.person_id: row.address for row in rows}


def _letter(certificate: Certificate, to: str) -> post.Letter:
    says = certificate.snapshot
    return post.Letter(
        to=to,
        subject=_("Your certificate: %(title)s") % {"title": says["title"]},
        template="mail/certificate",
        context={
            "person_name": certificate.name,
            "title": says["title"],
            "hours": printed.hours(certificate.minutes),
            "offered": printed.hours(certificate.minutes_offered),
            "code": certificate.code,
            "version": certificate.version,
            "url": link_of(certificate.person),
            "action": _("See your certificate"),
        },
        person=certificate.person,
        about=f"certificate {certificate.pk}",
        key=f"certificate-{certificate.pk}",
    )
