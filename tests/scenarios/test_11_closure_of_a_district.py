"""Scenario 11: a whole district cannot come: full credit, or all of it moves to the next institute."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from billing.books import broken_equations
from billing.models import Charge
from registrations import recount, transfers, withdrawals
from registrations.models import Registration, Seat, Transfer, Withdrawal, WithdrawalCause
from registrations.refusals import CannotChange
from tests import make

THE_DAY_BEFORE = datetime(2027, 1, 20, 17, 0, tzinfo=UTC)
FIRE = "Wildfire closure, January 19–25"


@pytest.fixture
def winter(provider):
    make.payee()
    return make.institute(code="LT27-01")


@pytest.fixture
def spring(winter):
    days = {"starts_on": date(2027, 4, 22), "ends_on": date(2027, 4, 24), "names_due_on": date(2027, 4, 8)}
    return make.institute(
        code="LT27-02",
        price=Decimal(550),
        registration_closes_at=datetime(2027, 4, 20, tzinfo=UTC),
        **days,
    )


@pytest.fixture
def seats(winter, alder_valley, dolores) -> list[Seat]:
    """Of two orders, one seat without a name."""
    line = make.line(alder_valley)
    make.placed(alder_valley, winter, "Ana Torres", "Bo Li", by=dolores, paid_by=line)
    make.placed(alder_valley, winter, "Ines Barragán", by=dolores, paid_by=line)
    return list(Seat.objects.order_by("pk"))


def total() -> Decimal:
    return sum(Charge.objects.values_list("amount", flat=True), Decimal(0))


def closure(seats, omar, words=FIRE):
    cause = WithdrawalCause.CLOSURE
    return withdrawals.withdraw(seats, cause=cause, words=words, is_forced=True, by=omar, at=THE_DAY_BEFORE)


def test_all_comes_back_although_the_ladder_gives_nothing(seats, omar):
    assert withdrawals.price(seats, at=THE_DAY_BEFORE).back == 0

    closure(seats, omar)

    assert (total(), Seat.objects.held().count()) == (Decimal(0), 0)
    assert [*broken_equations(), *recount.broken_equations()] == []


def test_the_reason_and_the_version_of_the_terms_are_kept(seats, winter, omar):
    closure(seats, omar)

    found = Withdrawal.objects.values_list("terms", "cause", "words", "is_forced", "kept", "by").distinct()
    assert list(found) == [(winter.terms_id, "closure", FIRE, True, Decimal(0), omar.pk)]


def test_a_closure_has_its_reason(seats, omar):
    with pytest.raises(CannotChange, match="Say what happened"):
        closure(seats, omar, words=" ")


def test_all_of_it_moves_to_the_next_institute(seats, spring, omar):
    made = transfers.transfer(seats, to=spring, is_forced=True, reason=FIRE, by=omar, at=THE_DAY_BEFORE)

    names = [one.person.display_name for one in Registration.objects.live().in_name_order()]
    assert names == ["Ines Barragán", "Bo Li", "Ana Torres"]
    assert {one.to_seat.institute_id for one in made} == {spring.pk}
    assert (total(), {one.kept for one in made}) == (Decimal(1650), {Decimal(0)})
    assert {one.terms_id for one in made} == {seats[0].institute.terms_id}
    assert [*broken_equations(), *recount.broken_equations()] == []


def test_without_force_leaving_costs_what_the_ladder_keeps(seats, spring, omar):
    transfers.transfer(seats, to=spring, by=omar, at=THE_DAY_BEFORE)

    assert total() == Decimal(3 * 525 + 3 * 550)


def test_nobody_moves_where_one_does_not_fit(seats, spring, omar):
    spring.capacity = 2
    spring.save()

    with pytest.raises(CannotChange, match="2 seats left; you asked for 3"):
        transfers.transfer(seats, to=spring, is_forced=True, reason=FIRE, by=omar, at=THE_DAY_BEFORE)
    assert (Transfer.objects.count(), total()) == (0, Decimal(1575))


def test_a_coordinator_cannot_force_it(seats, dolores, as_user):
    client = as_user(dolores)
    keys = [seat.pk for seat in seats]
    price = withdrawals.price(seats, at=THE_DAY_BEFORE).kept

    posted = {"seat": keys, "cause": "closure", "words": FIRE, "is_forced": "on", "kept": price}
    answer = client.post(reverse("registrations:withdraw"), posted)

    assert answer.status_code == 422
    assert "is_forced" not in answer.context["form"].fields
    assert Withdrawal.objects.count() == 0


def test_staff_find_all_seats_of_a_district_on_one_page(seats, winter, alder_valley, omar, as_user):
    answer = as_user(omar).get(reverse("registrations:district_seats", args=[winter.pk, alder_valley.pk]))

    shown = {row.seat.pk for _allotment, rows in answer.context["groups"] for row, _mail in rows}
    assert shown == {seat.pk for seat in seats}
