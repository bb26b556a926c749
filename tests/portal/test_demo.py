"""The demo world: built once, by the verbs of the pages, around any day."""

from datetime import UTC, date, datetime

import pytest
from django.core.management import call_command

from billing.models import FundingAgreement, Invoice
from certificates.models import Certificate
from events.models import Institute
from people.models import Person
from portal import demo

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def test_the_demo_is_built_once() -> None:
    first = demo.build(today=TODAY, at=NOW)
    people = Person.objects.count()

    second = demo.build(today=TODAY, at=NOW)

    assert (first, second, Person.objects.count()) == (True, False, people)

    demo.build(today=TODAY, at=NOW)


def test_last_january_is_complete_with_attendance_invoices_and_certificates() -> None:
    demo.build(today=TODAY, at=NOW)
    january = Institute.objects.get(code="LT26-01")
    balances = [invoice.balance for invoice in Invoice.objects.issued().with_balance().order_by("pk")]

    assert Certificate.objects.filter(institute=january).count() == january.seats_taken == 53
    assert (balances[0], balances[1] > 0, len(balances)) == (0, True, 5)


def test_an_institute_runs_today_and_june_is_open() -> None:
    demo.build(today=TODAY, at=NOW)
    running = Institute.objects.get(starts_on__lte=TODAY, ends_on__gte=TODAY)

    assert (running.code, running.seats_taken) == ("RO26-01", 14)
    assert Institute.objects.open_for_registration(at=NOW).filter(starts_on__month=6).count() == 1


def test_a_grant_is_near_its_end() -> None:
    demo.build(today=TODAY, at=NOW)

    assert FundingAgreement.objects.get(name="NSF-LEAP").left == 405


@pytest.mark.parametrize("day", [date(2027, 1, 22), date(2027, 7, 1), date(2028, 2, 29)])
def test_the_demo_can_be_built_on_any_day(day: date) -> None:
    at = datetime(day.year, day.month, day.day, 20, tzinfo=UTC)

    assert demo.build(today=day, at=at)


def test_the_command_says_who_one_can_be(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("seed_demo", "--who")

    assert "dolores@avusd.example.test" in capsys.readouterr().out
