"""The demo world: built once, by the verbs of the pages, around any day."""

from datetime import UTC, date, datetime

import pytest
from django.core.management import call_command

from billing.models import FundingAgreement, Invoice
from certificates.models import Certificate
from events.models import Institute
from people import matching
from people.models import Organization, Person, User
from portal import coordinator, demo
from registrations.models import Need, Offer, Substitution, Takeover, TeamDay, TeamDayKind, WaitlistEntry, Withdrawal

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

    assert (running.code, running.seats_taken) == ("RO26-01", 15)
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


@pytest.fixture
def june() -> Institute:
    demo.build(today=TODAY, at=NOW)
    return Institute.objects.get(starts_on__month=6)


def test_june_is_full_with_a_team_and_others_in_line_and_an_offer_that_is_open(june: Institute) -> None:
    line = [(entry.seats, entry.allotment.order.sponsor.name) for entry in WaitlistEntry.objects.waiting().in_line()]

    assert june.seats_left == 0
    assert line == [(4, "Lodestar Public Schools"), (1, "Alder Valley Unified"), (1, "Coyote Flat Elementary")]
    assert [offer.entry.allotment.order.sponsor.name for offer in Offer.objects.open().filter(ends_at__gt=NOW)] == [
        "Alder Valley Unified"
    ]


def test_somebody_withdrew_was_substituted_and_is_asked_over(june: Institute) -> None:
    assert [row.seat.institute for row in Withdrawal.objects.all()] == [june]
    assert [row.seat.institute for row in Substitution.objects.all()] == [june]
    assert [str(row.asked_of) for row in Takeover.objects.filter(answered_at=None)] == ["Alder Valley Unified"]
    assert {need.kind for need in Need.objects.filter(registration__institute=june)} == {"dietary", "access"}


def test_teams_have_their_days_and_one_person_two_names(june: Institute) -> None:
    assert set(TeamDay.objects.values_list("team__name", "kind")) == {
        (name, kind) for name in ("Alder Creek", "Delta Vista") for kind in TeamDayKind.values
    }
    pairs = [{str(pair.one), str(pair.other)} for pair in matching.suggestions()]
    assert {"Carmen Ortega", "Maria del Carmen Ruiz-Ortega"} in pairs


def test_dolores_has_something_to_do_of_each_kind(june: Institute) -> None:
    dolores = User.objects.get(email="dolores@avusd.example.test")
    district = Organization.objects.get(name="Alder Valley Unified")

    year = coordinator.year_of(district, who=dolores, at=NOW, may_register=True)

    assert {need.action for need in year.needs} >= {"Answer", "Name them", "Go on"}
    assert year.quotes
