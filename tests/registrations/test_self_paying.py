"""Paying for oneself: a seat held while its person pays, an invoice when the money has come, and money that comes late."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from billing import books, checkouts, gateway
from billing.models import CheckoutAttempt, Invoice, Payment, PaymentMethod, Refund
from events.models import Institute, TeamRule
from office.models import Message
from registrations import recount, self_paying
from registrations.models import Order, Registration, Seat
from registrations.refusals import CannotRegister
from tests import make
from tests.billing.cards import *  # noqa: F403 - the fixtures of cards
from tests.billing.cards import arrive
from tests.fakes.stripe import Stripe
from tests.races import at_once

pytestmark = pytest.mark.django_db
NOW = make.NOW


@pytest.fixture
def winter(provider: object) -> Institute:
    make.payee()
    return make.institute(code="LT27-01")


def held(at: Institute, *, key: str = "own-1", now: datetime = NOW, email: str = "Owen@example.test") -> Order:
    return self_paying.hold(at, given_name="Owen", family_name="Prather", email=email, key=key, at=now)


def paid(order: Order, *, now: datetime = NOW) -> Payment:
    """What Stripe's message does: the visit's money is recorded."""
    attempt = CheckoutAttempt.objects.filter(order_key=f"order-{order.pk}").first() or self_paying._attempt(
        order, at=now
    )
    told = gateway.Session(
        id=f"cs_{attempt.pk}",
        intent=f"pi_{attempt.pk}",
        url="",
        amount=attempt.amount,
        is_paid=True,
        is_expired=False,
        is_debit=False,
    )
    checkouts.settle(attempt, told, method=PaymentMethod.CARD, at=now)
    return Payment.objects.get(checkout=attempt)


def seats(institute: Institute) -> tuple[int, int]:
    """Counted, and held."""
    institute.refresh_from_db()
    return institute.seats_taken, Seat.objects.held().filter(institute=institute).count()


def assert_true_books() -> None:
    assert [*books.broken_equations(), *recount.broken_equations()] == []


def test_a_held_seat_is_charged_and_not_invoiced(stripe: Stripe, winter: Institute) -> None:
    order = held(winter)

    [seat] = Seat.objects.filter(allotment__order=order)
    assert (seat.held_until, seats(winter)) == (NOW + timedelta(minutes=31), (1, 1))
    assert (Invoice.objects.count(), Message.objects.count()) == (0, 0)
    assert ProcrastinateJob.objects.filter(task_name="registrations.confirm").count() == 0
    assert_true_books()


def test_the_same_form_twice_holds_one_seat(stripe: Stripe, winter: Institute) -> None:
    assert held(winter) == held(winter)
    assert seats(winter) == (1, 1)


def test_the_invoice_is_issued_and_paid_when_the_money_arrives(stripe: Stripe, winter: Institute) -> None:
    order = held(winter)
    paid(order)

    self_paying.sweep(at=NOW + timedelta(minutes=2))
    self_paying.sweep(at=NOW + timedelta(minutes=3))

    invoice = Invoice.objects.with_balance().get()
    assert (str(invoice.payer), invoice.total, invoice.balance) == ("Owen Prather", Decimal("525.00"), Decimal("0.00"))
    assert Seat.objects.get().held_until is None
    assert ProcrastinateJob.objects.filter(task_name="registrations.confirm").count() == 1
    assert self_paying.standing(order, at=NOW)["is_confirmed"]
    assert_true_books()


def test_a_seat_whose_money_does_not_come_goes_back_free_of_charge(stripe: Stripe, winter: Institute) -> None:
    order = held(winter)

    self_paying.sweep(at=NOW + timedelta(minutes=30))
    assert seats(winter) == (1, 1)
    self_paying.sweep(at=NOW + timedelta(minutes=31))

    assert seats(winter) == (0, 0)
    assert not Registration.objects.live().exists()
    assert not self_paying.standing(order, at=NOW)["is_held"]
    assert_true_books()


def test_a_seat_for_which_a_bank_was_asked_is_kept(stripe: Stripe, winter: Institute) -> None:
    order = held(winter)
    attempt = self_paying._attempt(order, at=NOW)
    CheckoutAttempt.objects.filter(pk=attempt.pk).update(intent_id="pi_1")

    self_paying.sweep(at=NOW + timedelta(days=2))

    assert seats(winter) == (1, 1)


def test_money_that_comes_late_seats_her_where_a_seat_is_free(stripe: Stripe, winter: Institute) -> None:
    order = held(winter)
    self_paying._attempt(order, at=NOW)
    self_paying.sweep(at=NOW + timedelta(hours=1))
    paid(order, now=NOW + timedelta(hours=2))

    self_paying.sweep(at=NOW + timedelta(hours=2))

    assert seats(winter) == (1, 1)
    assert Invoice.objects.with_balance().get().balance == Decimal("0.00")
    assert_true_books()


def test_money_that_comes_when_no_seat_is_left_goes_back_and_she_is_told(stripe: Stripe, provider: object) -> None:
    make.payee()
    winter = make.institute(code="LT27-01", capacity=1)
    order = held(winter)
    self_paying._attempt(order, at=NOW)
    self_paying.sweep(at=NOW + timedelta(hours=1))
    held(winter, key="own-2", now=NOW + timedelta(hours=1), email="faster@example.test")
    paid(order, now=NOW + timedelta(hours=1))

    self_paying.sweep(at=NOW + timedelta(hours=1))
    self_paying.sweep(at=NOW + timedelta(hours=1))

    assert [refund.amount for refund in Refund.objects.all()] == [Decimal("525.00")]
    assert [(mail.to, mail.subject) for mail in Message.objects.all()] == [
        ("owen@example.test", "Your payment for LT27-01 goes back")
    ]
    assert (Invoice.objects.count(), seats(winter)) == (0, (1, 1))
    assert self_paying.standing(order, at=NOW)["is_sent_back"]
    assert_true_books()


def test_days_over_a_fiscal_years_end_are_two_invoices_of_one_payment(stripe: Stripe, provider: object) -> None:
    make.payee()
    days = {"starts_on": date(2027, 6, 28), "ends_on": date(2027, 7, 2)}
    summer = make.institute(code="SI27-06", price=Decimal("1250.00"), **days)
    paid(held(summer))

    self_paying.sweep(at=NOW)

    assert [str(invoice.total) for invoice in Invoice.objects.with_balance().order_by("pk")] == ["750.00", "500.00"]
    assert [str(invoice.balance) for invoice in Invoice.objects.with_balance()] == ["0.00", "0.00"]
    assert_true_books()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"price": Decimal(0)}, "costs nothing"),
        ({"canceled_at": NOW}, "was canceled"),
        ({"capacity": 0}, "has no seats left"),
    ],
)
def test_where_one_cannot_pay_for_oneself_it_says_why(
    stripe: Stripe, winter: Institute, change: dict[str, object], sentence: str
) -> None:
    Institute.objects.filter(pk=winter.pk).update(**change)
    winter.refresh_from_db()

    with pytest.raises(CannotRegister, match=sentence):
        held(winter)


def test_teams_are_registered_by_their_district(stripe: Stripe, winter: Institute) -> None:
    winter.team_rule = TeamRule.objects.create(name="Teams of 4 to 6", smallest=4)
    winter.save()

    assert "is for teams" in self_paying.why_not(winter, at=NOW)


def test_without_keys_cards_are_off_and_the_page_says_so(winter: Institute, client: Client) -> None:
    page = client.get(reverse("registrations:own_place_new", args=["LT27-01"])).content.decode()

    assert "Cards" in page
    assert "Hold my seat" not in page


def test_a_host_without_an_account_takes_no_cards(stripe: Stripe, winter: Institute) -> None:
    juniper = make.organization("Juniper COE")
    make.payee(juniper, prefix="JUN")
    winter.fiscal_agent = juniper

    assert self_paying.why_not(winter, at=NOW) == "LT27-01 takes no cards."


# --- Pages ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def soon(provider: object) -> Institute:
    """An institute that is open today, as pages ask the clock."""
    make.payee()
    today = timezone.localdate()
    return make.institute(
        code="SI-1", starts_on=today + timedelta(days=30), ends_on=today + timedelta(days=32),
        registration_closes_at=timezone.now() + timedelta(days=20),
    )  # fmt: skip


ASKED = {"given_name": "Owen", "family_name": "Prather", "email": "owen@example.test", "submission_key": "k1"}


def test_from_the_form_over_stripes_page_to_a_place(
    stripe: Stripe, soon: Institute, client: Client, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    asked = client.post(reverse("registrations:own_place_new", args=["SI-1"]), ASKED)
    attempt = CheckoutAttempt.objects.get()
    assert asked["Location"] == attempt.url
    mine = reverse("registrations:own_place", args=[self_paying.token_of(Order.objects.get())])
    assert "Your seat is held" in client.get(mine).content.decode()

    stripe.pay(str(attempt.session_id))
    arrive(stripe)
    self_paying.sweep(at=timezone.now())

    assert "You are registered" in client.get(mine).content.decode()


def test_a_bad_address_is_said_beside_its_field_and_holds_nothing(
    stripe: Stripe, soon: Institute, client: Client
) -> None:
    answer = client.post(reverse("registrations:own_place_new", args=["SI-1"]), ASKED | {"email": "owen"})

    assert answer.status_code == 422
    assert (Order.objects.count(), "Prather" in answer.content.decode()) == (0, True)


def test_a_seat_is_given_back_by_her_own_click(stripe: Stripe, soon: Institute, client: Client) -> None:
    client.post(reverse("registrations:own_place_new", args=["SI-1"]), ASKED)
    token = self_paying.token_of(Order.objects.get())

    shown = client.post(reverse("registrations:own_place_let_go", args=[token]), follow=True).content.decode()

    assert "not held any more" in shown
    assert seats(soon) == (0, 0)


def test_a_processor_that_is_away_leaves_the_seat_held_and_the_button_there(
    stripe: Stripe, soon: Institute, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: object, **_named: object) -> None:
        raise gateway.GatewayAway("Stripe does not answer.")

    monkeypatch.setattr(gateway, "open_session", away)
    shown = client.post(reverse("registrations:own_place_new", args=["SI-1"]), ASKED, follow=True).content.decode()
    monkeypatch.undo()

    assert "Pay by card" in shown
    assert seats(soon) == (1, 1)


@pytest.mark.parametrize("name", ["own_place", "own_place_pay", "own_place_let_go"])
def test_an_address_that_is_not_ours_opens_nothing(client: Client, name: str) -> None:
    where = reverse(f"registrations:{name}", args=["forged"])

    answer = client.get(where) if name == "own_place" else client.post(where)

    assert (answer.status_code, "not complete" in answer.content.decode()) == (403, True)


def test_the_sixth_try_within_an_hour_holds_nothing(stripe: Stripe, soon: Institute, client: Client) -> None:
    for number in range(6):
        key = {"submission_key": f"k{number}", "email": f"owen{number}@example.test"}
        answer = client.post(reverse("registrations:own_place_new", args=["SI-1"]), ASKED | key)

    assert "Too many places" in answer.content.decode()
    assert Order.objects.count() == 5


# --- Races ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_money_and_the_end_of_the_hold_at_once_leave_her_seated_or_paid_back(stripe: Stripe, provider: object) -> None:
    make.payee()
    winter = make.institute(code="LT27-01", capacity=1)
    order = held(winter)
    late = NOW + timedelta(minutes=31)
    self_paying._attempt(order, at=NOW)

    def pays() -> object:
        return paid(order, now=late)

    def sweeps() -> object:
        self_paying.sweep(at=late)
        return None

    at_once(pays, *[sweeps] * 7)
    self_paying.sweep(at=late)

    invoice = Invoice.objects.with_balance().get()
    assert (invoice.balance, seats(winter), Refund.objects.count()) == (Decimal("0.00"), (1, 1), 0)
    assert_true_books()


@pytest.mark.django_db(transaction=True)
def test_eight_who_want_the_last_seat_hold_one(stripe: Stripe, provider: object) -> None:
    make.payee()
    winter = make.institute(code="LT27-01", capacity=1)

    answers = at_once(
        *[
            lambda number=number: held(winter, key=f"own-{number}", email=f"o{number}@example.test")
            for number in range(8)
        ]
    )

    assert sum(isinstance(answer, Order) for answer in answers) == 1
    assert seats(winter) == (1, 1)
