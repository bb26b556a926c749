"""What a roster brings to people who have their places already: an address, a school, a role."""

from collections.abc import Sequence

from django.db import transaction

from people.models import EmailAddress
from registrations import tasks
from registrations.models import Registration
from registrations.rosters.judging import Kind, Verdict, changes_of


@transaction.atomic
def add(verdicts: Sequence[Verdict]) -> int:
    """Add new addresses, and tell schools, roles and grades anew, of rows that say so; how many rows.

    Takes no seat. Who had no address gets her confirmation now; nobody gets a second one.
    """
    bringing = [verdict for verdict in verdicts if verdict.kind == Kind.ADDED]
    _add_addresses([verdict for verdict in bringing if verdict.row.email])
    changed = [_anew(verdict) for verdict in bringing if changes_of(verdict)]
    Registration.objects.bulk_update(changed, ["school", "role", "grade_span"])
    orders = {verdict.registration.seat.allotment.order_id for verdict in bringing if verdict.registration}
    for order in sorted(orders):
        tasks.confirm.defer(order=order)
    return len(bringing)


def _add_addresses(verdicts: Sequence[Verdict]) -> None:
    people = [verdict.person for verdict in verdicts if verdict.person]
    reached = set(EmailAddress.objects.filter(person__in=people).values_list("person", flat=True))
    wanted = [(verdict.person, verdict.row.email) for verdict in verdicts if verdict.person]
    EmailAddress.objects.bulk_create(
        [
            EmailAddress(person=person, address=address, is_preferred=person.pk not in reached)
            for person, address in wanted
        ],
        ignore_conflicts=True,  # someone else may have added it a moment ago
    )


def _anew(verdict: Verdict) -> Registration:
    place = verdict.registration
    if place is None:
        raise AssertionError("who is told anew has a place")
    place.school = verdict.school or place.school
    place.role = verdict.role or place.role
    place.grade_span = verdict.grade_span or place.grade_span
    return place
