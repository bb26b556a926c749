"""What scenarios 7 to 9 stand on: years of attendance, with the certificates that were issued for it."""

from datetime import date, datetime, timedelta
from uuid import uuid4

from certificates import issuing
from certificates.models import Certificate
from events.models import Institute
from people.models import Organization, Person
from registrations import hours
from registrations.models import AttendanceEvent, EventKind
from tests import make


def earned(who: Person, sponsor: Organization, first: date, days: int, daily: int, **more: object) -> Certificate:
    """The certificate of a person who was present at all of an institute of so many days of so many hours."""
    last = first + timedelta(days=days - 1)
    institute = make.institute(starts_on=first, ends_on=last, **more)
    for number in range(days):
        make.session(institute, first + timedelta(days=number), "08:00", f"{8 + daily:02}:00")
    registration = make.registration(who, institute, sponsor)
    over = datetime(last.year, last.month, last.day, tzinfo=institute.tz) + timedelta(days=2)
    AttendanceEvent.objects.bulk_create(
        AttendanceEvent(
            id=uuid4(), registration=registration, session=session, kind=EventKind.PRESENT,
            at=session.starts_at, recorded_at=over,
        )
        for session in institute.sessions.all()
    )  # fmt: skip
    hours.work_out(institute, at=over)
    return _issued(institute, over)


def _issued(institute: Institute, over: datetime) -> Certificate:
    [certificate] = issuing.issue_all(institute, by=None, at=over)
    return certificate
