"""The staff's first page of the day."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from people.access import Role
from people.models import Likeness, Organization, Suggestion, User
from portal import today
from registrations.models import Offer
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

    with django_assert_num_queries(12):
        today.of(omar, at=timezone.now())


def test_late_papers_duplicates_and_offers_that_end_today_wait_for_staff(
    as_user: Any, omar: User, alder_valley: Organization
) -> None:
    make.payee()
    now = timezone.now()
    opens, closes = now - timedelta(days=9), now + timedelta(days=5)
    soon = make.institute(
        code="LT30-01", starts_on=closes.date(), ends_on=closes.date() + timedelta(days=1),
        registration_opens_at=opens, registration_closes_at=closes, terms=make.terms(po_due_days=30),
    )  # fmt: skip
    make.placed(alder_valley, soon, make.attendee(make.person("Ida Late")), when=opens)
    one, other = sorted([make.person("Ana Torres").pk, make.person("A. Torres").pk])
    Suggestion.objects.create(one_id=one, other_id=other, reason=Likeness.CLAIM, found_at=now)
    entry = make.waiting(soon, alder_valley, make.person("Mei Wong"))
    Offer.objects.create(entry=entry, sent_at=now - timedelta(days=1), ends_at=now)
    Offer.objects.create(
        entry=make.waiting(soon, alder_valley, make.person("Kit Lowe")), sent_at=now, ends_at=now + timedelta(days=2)
    )

    shown = today.of(omar, at=now)
    page = as_user(omar).get(reverse("portal:today")).content.decode()

    assert (shown.late_papers, shown.duplicates, [offer.entry for offer in shown.offers]) == (1, 1, [entry])
    assert page.count("LT30-01") >= 2
