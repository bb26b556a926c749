"""A week before the first day each person is told when, where and what to bring: by day, and once."""

from datetime import datetime, timedelta

import pytest

from events.models import Institute
from office.models import Message
from people.models import Organization, Person, User
from registrations import reminders
from registrations.models import Registration
from tests import make

A_WEEK_BEFORE = datetime(2027, 1, 14, 9, 0, tzinfo=make.PACIFIC)


@pytest.fixture
def institute(omar: User) -> Institute:
    made = make.institute(code="LT27-01", what_to_bring="A laptop.", venue=make.venue())
    make.agenda(made)
    return made


@pytest.fixture
def place(institute: Institute, ana: Person, alder_valley: Organization) -> Registration:
    return make.registration(ana, institute, alder_valley)


def test_she_is_told_when_where_and_what_to_bring(place: Registration) -> None:
    assert reminders.send_due(at=A_WEEK_BEFORE) == 1

    message = Message.objects.get()
    assert message.subject == "Leadership Training begins on Thursday, January 21"
    assert "Where: Alder Conference Center" in message.text
    assert "What to bring: A laptop." in message.text
    assert "\nThursday, January 21\n- 8:00–11:45 AM " in message.text


def test_nobody_is_reminded_twice(place: Registration) -> None:
    reminders.send_due(at=A_WEEK_BEFORE)

    assert reminders.send_due(at=A_WEEK_BEFORE + timedelta(days=1)) == 0


@pytest.mark.parametrize(
    ("moment", "mails"),
    [
        (datetime(2027, 1, 13, 17, 59, tzinfo=make.PACIFIC), 0),  # eight days
        (datetime(2027, 1, 14, 7, 59, tzinfo=make.PACIFIC), 0),  # still asleep
        (datetime(2027, 1, 14, 8, 0, tzinfo=make.PACIFIC), 1),
        (datetime(2027, 1, 14, 18, 0, tzinfo=make.PACIFIC), 0),  # evening
        (datetime(2027, 1, 20, 17, 0, tzinfo=make.PACIFIC), 1),  # the day before
        (datetime(2027, 1, 21, 8, 0, tzinfo=make.PACIFIC), 0),  # it is on
    ],
)
def test_reminders_go_out_by_day_in_the_institutes_zone(place: Registration, moment: datetime, mails: int) -> None:
    assert reminders.send_due(at=moment) == mails


def test_who_was_registered_yesterday_has_just_been_told(place: Registration) -> None:
    Registration.objects.update(made_at=A_WEEK_BEFORE - timedelta(days=1))

    assert reminders.send_due(at=A_WEEK_BEFORE) == 0


def test_who_withdrew_and_who_was_canceled_is_left_alone(place: Registration) -> None:
    Registration.objects.update(ended_at=make.NOW)
    assert reminders.send_due(at=A_WEEK_BEFORE) == 0

    Registration.objects.update(ended_at=None)
    Institute.objects.update(canceled_at=make.NOW)
    assert reminders.send_due(at=A_WEEK_BEFORE) == 0


def test_her_agenda_has_her_strand_and_her_days(place: Registration, institute: Institute) -> None:
    hers, other = make.strand(institute, "Grades 3–5"), make.strand(institute, "Grades 6–8")
    make.session(institute, institute.starts_on, "15:40", "16:30", title="For her", strand=hers)
    make.session(institute, institute.starts_on, "15:40", "16:30", title="For others", strand=other)
    place.strand = hers
    place.days = place.days.__class__(institute.starts_on, institute.starts_on + timedelta(days=1))
    place.save()

    [day] = reminders.agenda_of(place, institute.sessions.in_order())

    assert day["day"] == "Thursday, January 21"
    assert day["blocks"][-1] == "3:40–4:30 PM For her"


def test_an_institute_without_an_agenda_reminds_of_its_days(
    ana: Person, alder_valley: Organization, omar: User
) -> None:
    make.registration(ana, make.institute(), alder_valley)

    assert reminders.send_due(at=A_WEEK_BEFORE) == 1
