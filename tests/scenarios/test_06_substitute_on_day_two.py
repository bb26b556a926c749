"""Scenario 6: Ines attends day 1, Tomas days 2 and 3: two people, one seat."""

from datetime import UTC, date, datetime

import pytest

from billing import invoicing
from billing.models import InvoiceLine
from certificates import issuing
from office.models import Message
from registrations import billable, confirmations, substitutes, withdrawals
from registrations.models import Registration, Seat
from registrations.newcomers import Attendee
from registrations.refusals import CannotChange
from tests import make
from tests.certificates.world import AFTER, seen

DAY_TWO = datetime(2027, 1, 22, 14, 52, tzinfo=UTC)
TOMAS = Attendee("Tomas", "Wexler", "tomas@avusd.example.test")


@pytest.fixture
def winter(provider):
    make.payee()
    institute = make.institute(code="LT27-01")
    make.agenda(institute)
    return institute


@pytest.fixture
def ines(winter, alder_valley, dolores) -> Registration:
    """Ninth of Alder Valley's sixteen, and seen on day 1."""
    people = [Attendee("Ada", f"No{number}") for number in range(16)]
    people[8] = Attendee("Ines", "Barragán", "ines@avusd.example.test")
    make.placed(alder_valley, winter, *people, by=dolores)
    return seen(Registration.objects.get(person__family_name="Barragán"), 0)


@pytest.fixture
def tomas(ines, dolores) -> Registration:
    made = substitutes.substitute(ines, TOMAS, by=dolores, at=DAY_TWO)
    return made.to_registration


def test_two_people_sit_in_one_seat(ines, tomas, winter):
    ines.refresh_from_db()

    assert (ines.first_day, ines.last_day, ines.ended_at) == (date(2027, 1, 21), date(2027, 1, 21), None)
    assert (tomas.first_day, tomas.last_day) == (date(2027, 1, 22), date(2027, 1, 23))
    assert Seat.objects.held().count() == 16


def test_each_has_her_own_hours_on_her_own_certificate(ines, tomas, winter, omar):
    seen(tomas, 1, 2)

    made = issuing.issue_all(winter, by=omar, at=AFTER)

    hours = {one.snapshot["name"]: one.snapshot["minutes"]["earned"] / 60 for one in made}
    assert hours == {"Ines Barragán": 6.5, "Tomas Wexler": 13.0}


def test_the_line_of_a_draft_says_who_on_which_days(ines, winter, dolores, omar):
    [draft] = billable.draft_invoices(winter, by=omar, at=make.NOW)

    substitutes.substitute(ines, TOMAS, by=dolores, at=DAY_TWO)

    words = set(draft.lines.values_list("words", flat=True))
    assert "seat 9 (Barragán 21 Jan; Wexler 22–23 Jan)" in words
    assert "Ines Barragán" not in words


def test_after_issue_it_is_a_notice_instead(ines, winter, dolores, omar):
    [draft] = billable.draft_invoices(winter, by=omar, at=make.NOW)
    invoicing.issue(draft, by=omar, at=make.NOW)

    substitutes.substitute(ines, TOMAS, by=dolores, at=DAY_TWO)

    notice = Message.objects.get(to="ap@example.test")
    assert "for January 22–23, 2027." in notice.text
    assert InvoiceLine.objects.filter(invoice=draft, words="Ines Barragán").exists()


def test_her_calendar_keeps_the_day_she_came(ines, tomas, alder_valley):
    confirmations.send(tomas.seat.allotment.order, at=DAY_TWO)

    hers, his = (Message.objects.filter(to=f"{who}@avusd.example.test").latest("pk") for who in ("ines", "tomas"))
    assert "From Friday, January 22 on Tomas Wexler comes in your place." in hers.text
    assert his.subject.startswith("Your place at")


def test_a_day_on_which_she_was_seen_is_hers(ines, dolores):
    with pytest.raises(CannotChange, match="Ines Barragán was marked present on Thursday, January 21"):
        substitutes.substitute(ines, TOMAS, from_day=date(2027, 1, 21), by=dolores, at=DAY_TWO)


def test_who_withdraws_after_day_one_keeps_its_hours(ines, winter, omar):
    withdrawals.withdraw([ines.seat], by=omar, at=DAY_TWO)

    made = issuing.issue_all(winter, by=omar, at=AFTER)
    assert [(one.snapshot["name"], one.snapshot["minutes"]["earned"]) for one in made] == [("Ines Barragán", 390)]
