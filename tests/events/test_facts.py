"""The facts of an institute are changed, and it is published."""

from datetime import date, timedelta

import pytest

from events import scheduling
from events.models import Institute
from events.scheduling import CannotSchedule
from tests import make
from tests.events.test_scheduling import agenda, january
from tests.make import NOW

pytestmark = pytest.mark.django_db


def test_an_agenda_moves_along_with_the_first_day() -> None:
    institute = january()
    institute.starts_on, institute.ends_on = date(2027, 6, 17), date(2027, 6, 19)
    institute.names_due_on = institute.decision_on = None

    scheduling.change_facts(institute, by=None, at=NOW)

    assert agenda(institute)[0] == ("Thu 06-17", "08:00", "11:45", "Plenary")
    assert agenda(institute)[-1] == ("Sat 06-19", "08:00", "11:45", "Closing")
    assert Institute.objects.get().agenda_revision == 2


def test_a_change_of_other_facts_leaves_the_agenda_as_it_is() -> None:
    institute = january()
    institute.title = "Leadership"

    scheduling.change_facts(institute, by=None, at=NOW)

    assert Institute.objects.get().agenda_revision == 1
    assert Institute.objects.get().title == "Leadership"


def test_an_institute_does_not_get_shorter_than_its_agenda() -> None:
    institute = january()
    institute.ends_on = date(2027, 1, 22)

    with pytest.raises(CannotSchedule, match="Saturday, January 23 is not a day") as refusal:
        scheduling.change_facts(institute, by=None, at=NOW)

    assert refusal.value.field == "ends_on"
    assert Institute.objects.get().ends_on == date(2027, 1, 23)


def test_days_stay_once_seats_are_taken() -> None:
    institute = make.institute(seats_taken=3)
    institute.starts_on = date(2027, 1, 22)

    with pytest.raises(CannotSchedule, match="3 seats are taken for these days"):
        scheduling.change_facts(institute, by=None, at=NOW)


def test_there_are_never_fewer_seats_than_are_taken() -> None:
    institute = make.institute()
    Institute.objects.update(seats_taken=40)  # taken by another request since this one read the row
    institute.capacity = 39

    with pytest.raises(CannotSchedule, match="40 seats are taken already") as refusal:
        scheduling.change_facts(institute, by=None, at=NOW)

    assert refusal.value.field == "capacity"


def test_saving_facts_gives_back_no_seat_taken_meanwhile() -> None:
    institute = make.institute()
    Institute.objects.update(seats_taken=40)

    scheduling.change_facts(institute, by=None, at=NOW)

    assert Institute.objects.get().seats_taken == 40


def test_publishing_twice_keeps_the_first_moment() -> None:
    institute = make.institute(published_at=None)
    make.session(institute)

    scheduling.publish(institute, by=None, at=NOW)
    scheduling.publish(institute, by=None, at=NOW + timedelta(days=1))

    assert institute.published_at == NOW


@pytest.mark.parametrize(
    ("more", "sentence"), [({"canceled_at": NOW}, "is canceled"), ({}, "no block yet that counts toward hours")]
)
def test_an_institute_that_cannot_be_held_is_not_published(more, sentence: str) -> None:
    institute = make.institute(published_at=None, **more)
    make.session(institute, title="Lunch", counts=False)

    with pytest.raises(CannotSchedule, match=sentence):
        scheduling.publish(institute, by=None, at=NOW)

    assert Institute.objects.get().published_at is None
