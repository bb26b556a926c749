"""What tests of certificates stand on: an institute that is over, and people who were seen at it."""

from datetime import UTC, date, datetime
from uuid import uuid4

from events.models import Institute
from people.models import Organization, Person
from registrations.models import AttendanceEvent, EventKind, Registration
from tests import make

AFTER = datetime(2027, 1, 25, 18, 0, tzinfo=UTC)
"""Monday after LT27-01: its last session ended on Saturday, January 23 at 15:30."""


def institute(**more: object) -> Institute:
    """LT27-01 with its agenda of 19.5 hours, 6.5 a day."""
    made = make.institute(venue=make.venue(street="1 Alder Way"), **more)
    make.agenda(made)
    return made


def over(**more: object) -> Institute:
    """One that was over long ago: pages and calls look at the clock themselves."""
    return institute(starts_on=date(2020, 1, 16), ends_on=date(2020, 1, 18), **more)


def to_come(**more: object) -> Institute:
    return institute(starts_on=date(2999, 1, 17), ends_on=date(2999, 1, 19), **more)


def seen(registration: Registration, *days: int) -> Registration:
    """Present on the whole of these days, the first being 0."""
    sessions = list(registration.institute.sessions.in_order().filter(counts=True))
    AttendanceEvent.objects.bulk_create(
        AttendanceEvent(
            id=uuid4(),
            registration=registration,
            session=session,
            kind=EventKind.PRESENT,
            at=session.starts_at,
            recorded_at=AFTER,
        )
        for day in days
        for session in sessions[2 * day : 2 * day + 2]
    )
    return registration


def attended(who: Person, at: Institute, sponsor: Organization, days: tuple[int, ...] = (0, 1, 2)) -> Registration:
    """A person in a seat who was seen on these days."""
    return seen(make.registration(who, at, sponsor), *days)
