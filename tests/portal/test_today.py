"""The staff's first page of the day."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from people.access import Role
from people.models import Organization, User
from portal import today
from tests import make

pytestmark = pytest.mark.django_db


def running(district: Organization, people: int) -> None:
    day = timezone.localdate()
    institute = make.institute(starts_on=day, ends_on=day)
    make.session(institute)
    for number in range(people):
        make.registration(make.person(f"Teacher {number}"), institute, district)


def test_staff_see_what_is_in_session(as_user: Any, omar: User, alder_valley: Organization) -> None:
    running(alder_valley, people=2)

    page = as_user(omar).get(reverse("portal:today"))

    assert "0 of 2 seen today" in page.content.decode()


def test_a_coordinator_is_refused_the_staffs_page(as_user: Any, dolores: User) -> None:
    assert as_user(dolores).get(reverse("portal:today")).status_code == 403


def test_whoever_may_not_see_money_sees_none(alder_valley: Organization) -> None:
    sam = make.user("sam@ssc.example.test", Role.STAFF)

    assert today.of(sam, at=make.NOW).money is None


def test_an_institute_that_is_over_and_has_no_certificates_is_named(omar: User, alder_valley: Organization) -> None:
    institute = make.institute()
    (morning, *_rest) = make.agenda(institute)
    registration = make.registration(make.person(), institute, alder_valley)
    registration.attendance.create(session=morning, kind="present", at=morning.starts_at, recorded_at=morning.starts_at)

    shown = today.of(omar, at=datetime(2027, 1, 24, 20, tzinfo=UTC))

    assert list(shown.without_certificates) == [institute]


@pytest.mark.parametrize("institutes", [1, 3])
def test_the_page_asks_the_same_number_of_queries(
    institutes: int, omar: User, alder_valley: Organization, django_assert_num_queries: Any
) -> None:
    for _number in range(institutes):
        running(alder_valley, people=institutes)
    omar.memberships.all()
    today.of(omar, at=timezone.now() - timedelta(hours=1))  # the roles are read once

    with django_assert_num_queries(9):
        today.of(omar, at=timezone.now())
