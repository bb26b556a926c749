"""Scenario 9, the half of the seat: Priya Ellison leaves Alder Valley for Lodestar; her spring seat was paid already."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from billing.books import broken_equations
from billing.models import Charge
from office.models import Message
from people.access import Role
from people.models import Organization, Person, User
from registrations import funding, recount, takeovers, withdrawals
from registrations.models import PayerMove, Registration, Seat, WithdrawalCause
from registrations.refusals import CannotChange
from tests import make

MARCH_1 = datetime(2027, 3, 1, 18, 0, tzinfo=UTC)


@pytest.fixture
def lodestar(db) -> Organization:
    return make.organization("Lodestar Public Schools", "99001050000000")


@pytest.fixture
def leo(lodestar) -> User:
    return make.user("leo@lodestar.example.test", Role.COORDINATOR, at=lodestar, name="Leo Park")


@pytest.fixture
def priya(alder_valley) -> Person:
    return make.person("Priya Ellison", "priya@example.test", at=alder_valley)


@pytest.fixture
def winter(provider):
    make.payee()
    return make.institute(code="LT27-01")


@pytest.fixture
def april(winter):
    days = {"starts_on": date(2027, 4, 13), "ends_on": date(2027, 4, 14)}
    return make.institute(code="TLC27", registration_closes_at=datetime(2027, 4, 12, tzinfo=UTC), **days)


@pytest.fixture
def paid(alder_valley):
    return make.line(alder_valley)


@pytest.fixture
def january(winter, alder_valley, dolores, priya, paid) -> Registration:
    make.placed(alder_valley, winter, make.attendee(priya), by=dolores, paid_by=paid)
    return Registration.objects.get(institute=winter)


@pytest.fixture
def spring(january, april, alder_valley, dolores, priya, paid) -> Seat:
    make.placed(alder_valley, april, make.attendee(priya), by=dolores, paid_by=paid)
    return Seat.objects.get(institute=april)


@pytest.fixture
def asked(spring, lodestar, leo, dolores):
    return takeovers.ask(spring, lodestar, reason="She teaches with you now", by=dolores, at=MARCH_1)


def shares(of: Organization, at) -> list[funding.Share]:
    return [funding.Share(make.line(of), at.starts_on, at.ends_on)]


def owed_by(payer: Organization) -> Decimal:
    found = Charge.objects.filter(line__payer__organization=payer)
    return sum(found.values_list("amount", flat=True), Decimal(0))


def test_she_may_release_the_seat_for_credit(spring, alder_valley, dolores):
    cause = WithdrawalCause.LEFT_DISTRICT

    [made] = withdrawals.withdraw([spring], cause=cause, by=dolores, at=MARCH_1)

    assert (made.back, made.kept, owed_by(alder_valley)) == (Decimal(525), Decimal(0), Decimal(525))


def test_she_keeps_paying_until_the_other_accepts(asked, alder_valley, lodestar, leo):
    question = Message.objects.get(to=leo.email)

    assert (owed_by(alder_valley), owed_by(lodestar)) == (Decimal(1050), Decimal(0))
    assert "Alder Valley Unified asks you to take over a seat at TLC27" in question.text
    assert reverse("registrations:takeover", args=[asked.pk]) in question.text


def test_the_other_accepts_with_its_own_money(asked, spring, april, alder_valley, lodestar, leo):
    made = takeovers.accept(asked, shares=shares(lodestar, april), by=leo, at=MARCH_1)

    spring.refresh_from_db()
    assert (owed_by(alder_valley), owed_by(lodestar)) == (Decimal(525), Decimal(525))
    assert (made.takeover, spring.allotment.order.sponsor) == (asked, lodestar)
    assert spring.allotment.order.terms == made.from_allotment.order.terms
    assert [*broken_equations(), *recount.broken_equations()] == []


def test_the_old_coordinator_sees_january_and_never_april(asked, january, april, lodestar, leo, dolores):
    takeovers.accept(asked, shares=shares(lodestar, april), by=leo, at=MARCH_1)

    seen = {who.email: set(Registration.objects.visible_to(who).values_list("institute__code", flat=True))
            for who in (dolores, leo)}  # fmt: skip
    assert seen == {dolores.email: {"LT27-01"}, leo.email: {"TLC27"}}


def test_it_stays_where_it_is_when_the_other_declines(asked, spring, leo, alder_valley, dolores):
    takeovers.decline(asked, by=leo, at=MARCH_1)

    assert (owed_by(alder_valley), PayerMove.objects.count()) == (Decimal(1050), 0)
    with pytest.raises(CannotChange, match="answered meanwhile"):
        takeovers.accept(asked, shares=shares(asked.asked_of, spring.institute), by=leo, at=MARCH_1)


def test_a_seat_is_asked_over_once_at_a_time(asked, spring, lodestar, dolores):
    with pytest.raises(CannotChange, match="Another district was asked already"):
        takeovers.ask(spring, lodestar, by=dolores, at=MARCH_1)


def test_the_asked_coordinator_answers_on_a_page_and_nobody_else_does(asked, lodestar, leo, hal, dolores, as_user):
    line = make.line(lodestar)
    page = reverse("registrations:takeover", args=[asked.pk])

    others = [as_user(who).get(page).status_code for who in (hal, dolores)]
    answer = as_user(leo).post(page, {"pays": f"line-{line.pk}"})

    asked.refresh_from_db()
    assert (others, answer.url, asked.is_accepted) == ([404, 403], page, True)
    assert "See the seat" in as_user(leo).get(page).content.decode()
