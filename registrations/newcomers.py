"""People of a roster: those who are known, and those who are made of what it says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from people.models import EmailAddress, Employment, JobRole, Organization, OrganizationKind, Person

OUTSIDE = (OrganizationKind.UNIVERSITY, OrganizationKind.PRIVATE_SCHOOL)
"""Who works there keeps that job where a district pays for her."""


@dataclass(frozen=True)
class Attendee:
    """Someone on a roster: a person who is known (`person_id`), or what is needed to make one.

    She may have chosen a strand and sessions in parallel; `needs` are pairs of a NeedKind and her words. An outsider
    works elsewhere, or nowhere: the district pays for her, as for a private school's teacher, and gives her no job.
    """

    given_name: str = ""
    family_name: str = ""
    email: str = ""
    person_id: int | None = None
    school_id: int | None = None
    role: str = ""
    grade_span: str = ""
    strand_id: int | None = None
    session_ids: tuple[int, ...] = ()
    needs: tuple[tuple[str, str], ...] = ()
    is_outsider: bool = False


def enlist(attendees: Sequence[Attendee], *, sponsor: Organization, at: datetime) -> list[Person]:
    """The person of each attendee, in their order: known ones as merged today, new ones made.

    An address that is new to a person is added to hers; who has no job at the sponsor today gets one, unless she is an
    outsider. In a fixed number of queries, fewer where nobody is known.
    """
    known = _known(attendees)
    people = [known.get(attendee.person_id or 0) or _made(attendee, at) for attendee in attendees]
    met_before = [person.pk for person in people if person.pk]
    Person.objects.bulk_create([person for person in people if person.pk is None])
    pairs = list(zip(people, attendees, strict=True))
    _add_addresses(pairs, met_before)
    _employ(pairs, met_before, sponsor, at)
    return people


def _known(attendees: Sequence[Attendee]) -> dict[int, Person]:
    keys = [attendee.person_id for attendee in attendees if attendee.person_id]
    rows = Person.objects.filter(pk__in=keys).select_related("merged_into")
    return {person.pk: person.merged_into or person for person in rows}


def _made(attendee: Attendee, at: datetime) -> Person:
    return Person.named(attendee.given_name, attendee.family_name, created_at=at)


def _add_addresses(pairs: Sequence[tuple[Person, Attendee]], met_before: Sequence[int]) -> None:
    held: dict[int, set[str]] = {}
    for person_id, address in EmailAddress.objects.filter(person__in=met_before).values_list("person", "address"):
        held.setdefault(person_id, set()).add(address)
    EmailAddress.objects.bulk_create(
        EmailAddress(person=person, address=attendee.email.lower(), is_preferred=person.pk not in held)
        for person, attendee in pairs
        if attendee.email and attendee.email.lower() not in held.get(person.pk, set())
    )


def _employ(
    pairs: Sequence[tuple[Person, Attendee]], met_before: Sequence[int], sponsor: Organization, at: datetime
) -> None:
    today = at.date()
    jobs = Employment.objects.filter(Q(ends_on__gte=today) | Q(ends_on__isnull=True), person__in=met_before)
    here_or_outside = Q(organization=sponsor) | Q(organization__kind__in=OUTSIDE, starts_on__lte=today)
    employed = set(jobs.filter(here_or_outside).values_list("person", flat=True))
    Employment.objects.bulk_create(
        Employment(
            person=person,
            organization=sponsor,
            school_id=attendee.school_id,
            role=attendee.role or JobRole.TEACHER,
            grade_span=attendee.grade_span,
            starts_on=today,
        )
        for person, attendee in pairs
        if person.pk not in employed and not attendee.is_outsider
    )
