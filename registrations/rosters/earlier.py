"""Last season's roster: whom a sponsor sent to an earlier institute of the same program."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from events.models import Institute
from people.access import Who
from people.models import Employment, Organization, Person
from registrations.models import Registration


@dataclass(frozen=True)
class Earlier:
    """Those who may be carried forward, and those who left the district since."""

    here: list[Registration]
    left: list[Registration]


def institutes(sponsor: Organization, institute: Institute) -> QuerySet[Institute]:
    """Earlier institutes of the same program to which the sponsor sent people, the latest first; `sent` says how many."""
    hers = Q(registrations__seat__allotment__order__sponsor=sponsor, registrations__ended_at__isnull=True)
    same = Institute.objects.filter(program=institute.program_id, starts_on__lt=institute.starts_on)
    counted = same.annotate(sent=Count("registrations__person", filter=hers, distinct=True)).filter(sent__gt=0)
    found: QuerySet[Institute] = counted.order_by("-starts_on", "pk")
    return found


def people_at(earlier: Institute, sponsor: Organization, *, who: Who, at: datetime) -> Earlier:
    """Who was there for the sponsor, in order of their names, with what they worked as then."""
    rows = Registration.objects.visible_to(who).live().filter(institute=earlier)
    sent = rows.filter(seat__allotment__order__sponsor=sponsor).select_related("person__merged_into", "school")
    by_person: dict[int, Registration] = {row.person.canonical_id: row for row in sent.in_name_order()}
    working = Employment.objects.on(at.date()).filter(organization=sponsor, person__in=by_person)
    here = set(working.values_list("person", flat=True))
    return Earlier(
        here=[row for key, row in by_person.items() if key in here],
        left=[row for key, row in by_person.items() if key not in here],
    )


def person_of(registration: Registration) -> Person:
    """Who sat there, as merged today."""
    person: Person = registration.person.merged_into or registration.person
    return person
