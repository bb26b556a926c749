"""Scenario 10, the half of the seats: Delta Vista withdraws 12 of 20, nine days before, after the invoice."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from billing import invoicing
from billing.books import broken_equations
from billing.models import Charge, ChargeKind, InvoiceLine
from events.models import Institute
from people.access import Role
from people.models import Organization, User
from registrations import billable, naming, recount, withdrawals
from registrations.models import Registration, Seat, Withdrawal
from registrations.newcomers import Attendee
from registrations.refusals import CannotChange
from tests import make

JANUARY_4 = datetime(2027, 1, 4, 17, 0, tzinfo=UTC)
JANUARY_12 = datetime(2027, 1, 12, 17, 0, tzinfo=UTC)


@pytest.fixture
def winter(provider) -> Institute:
    make.payee()
    return make.institute(code="LT27-01")


@pytest.fixture
def delta(db) -> Organization:
    return make.organization("Delta Vista Unified", "99001040000000")


@pytest.fixture
def vera(delta) -> User:
    return make.user("vera@delta.example.test", Role.COORDINATOR, at=delta, name="Vera Delgado")


@pytest.fixture
def paper(delta):
    return make.purchase_order(delta, "10500", number="PO-DV-1")


@pytest.fixture
def order(winter, delta, vera, paper):
    return make.placed(delta, winter, *[f"Ada No{number}" for number in range(20)], by=vera, purchase_order=paper)


@pytest.fixture
def invoice(order, winter, omar):
    [draft] = billable.draft_invoices(winter, by=omar, at=JANUARY_4)
    return invoicing.issue(draft, by=omar, at=JANUARY_4)


@pytest.fixture
def twelve(invoice, order) -> list[Seat]:
    return list(Seat.objects.filter(allotment__order=order).order_by("pk")[:12])


def owed() -> Decimal:
    return sum(Charge.objects.values_list("amount", flat=True), Decimal(0))


def test_the_screen_says_what_it_costs_before(twelve):
    price = withdrawals.price(twelve, at=JANUARY_12)

    assert (price.price, price.back, price.kept) == (Decimal(6300), Decimal(3150), Decimal(3150))
    assert price.sentences == ["8 to 14 days before: 50%."]
    assert {cost.days_before for cost in price.of_each} == {9}


def test_half_comes_back_and_half_is_a_fee(twelve, order, vera, paper):
    withdrawals.withdraw(twelve, seen=Decimal(3150), by=vera, at=JANUARY_12)

    fees = Charge.objects.filter(kind=ChargeKind.FEE)
    paper.refresh_from_db()
    assert (sum(fee.amount for fee in fees), fees.count()) == (Decimal(3150), 12)
    assert (owed(), paper.drawn) == (Decimal(7350), Decimal(7350))
    assert [*broken_equations(), *recount.broken_equations()] == []


def test_the_invoice_stays_as_it_was_issued(twelve, invoice, vera):
    withdrawals.withdraw(twelve, by=vera, at=JANUARY_12)

    printed = InvoiceLine.objects.filter(invoice=invoice)
    assert (printed.count(), invoicing.total_of(invoice)) == (20, Decimal(10500))
    assert InvoiceLine.objects.filter(charge__kind=ChargeKind.FEE).count() == 0


def test_each_withdrawal_keeps_the_terms_under_which_it_was_made(twelve, order, vera):
    withdrawals.withdraw(twelve, by=vera, at=JANUARY_12)

    found = Withdrawal.objects.values_list("terms", "percent", "back", "kept", "days_before", "by").distinct()
    assert list(found) == [(order.terms_id, 50, Decimal("262.50"), Decimal("262.50"), 9, vera.pk)]


def test_the_seats_go_to_those_who_wait(twelve, winter, bristlecone, vera):
    Institute.objects.filter(pk=winter.pk).update(capacity=20)
    waiting = make.waiting(winter, bristlecone)

    withdrawals.withdraw(twelve, by=vera, at=JANUARY_12)

    assert waiting.offers.open().count() == 1
    assert Seat.objects.held().filter(offer=None).count() == 8


def test_a_price_that_changed_meanwhile_is_shown_again(twelve, vera):
    midnight = datetime(2027, 1, 14, 8, 0, tzinfo=UTC)

    with pytest.raises(CannotChange, match=r"\$6,300.00 would be kept now"):
        withdrawals.withdraw(twelve, seen=Decimal(3150), by=vera, at=midnight)
    assert owed() == Decimal(10500)


def test_days_are_counted_on_the_institutes_clocks(twelve):
    still_the_thirteenth_in_california = datetime(2027, 1, 14, 7, 59, tzinfo=UTC)

    price = withdrawals.price(twelve, at=still_the_thirteenth_in_california)

    assert {cost.percent for cost in price.of_each} == {50}


# --- Substitutes later, instead ---------------------------------------------------------------------------------------


@pytest.fixture
def open_seats(twelve, vera) -> list[Seat]:
    leaving = list(Registration.objects.filter(seat__in=twelve))
    return naming.leave_open(leaving, until=date(2027, 1, 20), by=vera, at=JANUARY_12)


def test_names_are_taken_off_for_nothing(open_seats):
    assert (owed(), Seat.objects.unnamed().count(), Seat.objects.held().count()) == (Decimal(10500), 12, 20)
    assert Withdrawal.objects.count() == 0
    assert [*broken_equations(), *recount.broken_equations()] == []


def test_the_free_return_of_unnamed_seats_is_not_for_those_that_had_a_name(open_seats):
    assert withdrawals.price(open_seats, at=JANUARY_12).kept == Decimal(3150)


def test_who_is_named_later_is_the_substitute_of_whom_it_was(open_seats, vera):
    made = naming.name(open_seats[0], Attendee("Tomas", "Wexler"), by=vera, at=JANUARY_12)

    assert made.substitution.from_registration.seat_id == open_seats[0].pk
    assert owed() == Decimal(10500)


@pytest.mark.parametrize("until", [date(2027, 1, 12), date(2027, 1, 22)])
def test_a_substitute_is_named_between_tomorrow_and_the_first_day(until, twelve, vera):
    leaving = list(Registration.objects.filter(seat__in=twelve))

    with pytest.raises(CannotChange, match="Choose a day after today, and not later than January 21"):
        naming.leave_open(leaving, until=until, by=vera, at=JANUARY_12)


# --- The page ---------------------------------------------------------------------------------------------------------


def test_the_page_shows_each_price_and_the_sum_then_does_it_once(order, vera, as_user):
    client = as_user(vera)
    seats = list(Seat.objects.filter(allotment__order=order).values_list("pk", flat=True)[:2])
    page = reverse("registrations:withdraw")

    shown = client.get(page, {"seat": seats})
    kept, key = shown.context["price"].kept, shown.context["form"]["submission_key"].value()
    posted = {"seat": seats, "cause": "illness", "kept": kept, "submission_key": key}
    answers = [client.post(page, posted) for _time in range(2)]

    assert [cost.price for cost in shown.context["price"].of_each] == [Decimal(525)] * 2
    assert [answer.url for answer in answers[:1]] == [reverse("registrations:order", args=[order.pk])]
    assert Withdrawal.objects.count() == 2
