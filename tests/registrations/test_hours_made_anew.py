"""Hours follow the agenda: when it changes, they are worked out anew."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from events.models import Institute
from people.models import Organization, Person, User
from registrations import hours, tasks
from registrations.models import Registration
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def attended(ana: Person, alder_valley: Organization) -> Registration:
    """Ana at an institute, there for the whole first morning of 3.75 hours."""
    institute = make.institute()
    (morning, *_rest) = make.agenda(institute)
    registration = make.registration(ana, institute, alder_valley)
    registration.attendance.create(session=morning, kind="present", at=morning.starts_at, recorded_at=make.NOW)
    hours.work_out(institute, at=make.NOW)
    return registration


def minutes(registration: Registration) -> int:
    return sum(registration.hours.values_list("minutes", flat=True))


def shorten_the_morning(institute: Institute) -> None:
    morning = institute.sessions.order_by("starts_at")[0]
    morning.ends_at -= timedelta(hours=1)
    morning.save()
    institute.agenda_revision += 1
    institute.save()


def test_hours_that_know_the_agenda_are_left_alone(attended: Registration) -> None:
    assert list(hours.outdated()) == []


def test_a_changed_agenda_makes_the_hours_outdated(attended: Registration) -> None:
    shorten_the_morning(attended.institute)

    assert list(hours.outdated()) == [attended.institute]


def test_the_worker_makes_outdated_hours_anew(attended: Registration) -> None:
    before = minutes(attended)
    shorten_the_morning(attended.institute)

    tasks.work_out_hours(0)

    assert (before, minutes(attended), list(hours.outdated())) == (225, 165, [])


def test_presence_that_began_to_count_makes_hours(attended: Registration) -> None:
    attended.hours.all().delete()

    tasks.work_out_hours(0)

    assert minutes(attended) == 225


def test_a_rule_under_which_an_institute_began_stays_as_it_is(as_user: Any, omar: User) -> None:
    rule = make.hours_rule(name="Whole days")
    make.institute(hours_rule=rule, starts_on=date(2026, 1, 22), ends_on=timezone.localdate())
    asked = {"name": "Whole days", "full_day_percent": 50, "step_minutes": 15, "certificate_percent": 0}

    page = as_user(omar).post(reverse("events:reference_edit", args=["hours-rules", rule.pk]), asked)
    rule.refresh_from_db()

    assert (page.status_code, rule.full_day_percent) == (422, 90)
    assert "began under this rule" in page.content.decode()
