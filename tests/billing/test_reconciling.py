"""Every night: what a lost message left behind is found and acted on."""

from datetime import timedelta

import pytest
from django.utils import timezone

from billing import books, reconciling, tasks
from billing.models import Dispute, Invoice, Payee, Payment, PaymentMethod, Refund, StripeEvent
from tests.billing.cards import *  # noqa: F403 - the fixtures of cards
from tests.billing.cards import arrive, balances, paid_by_card, visit
from tests.fakes.stripe import Stripe

pytestmark = pytest.mark.django_db


def night(days: int = 0) -> str:
    row = reconciling.reconcile(at=timezone.now() + timedelta(days=days))
    assert row == reconciling.last_night()
    return str(row and row.answer)


def lose(stripe: Stripe) -> None:
    """All messages that wait are lost."""
    stripe.mail.clear()


def test_a_quiet_night_says_so(stripe: Stripe, invoice: Invoice) -> None:
    paid_by_card(stripe, invoice)
    visit_of_nobody(stripe)

    assert night() == "Nothing was missing."


@pytest.mark.parametrize(("by", "method"), [("card", PaymentMethod.CARD), ("us_bank_account", PaymentMethod.ACH)])
def test_a_lost_payment_is_recorded_by_the_road_it_came(
    stripe: Stripe, invoice: Invoice, by: str, method: PaymentMethod
) -> None:
    attempt = visit(invoice)
    stripe.pay(str(attempt.session_id), by=by)
    if by != "card":
        stripe.settle(str(attempt.session_id))
    late = stripe.mail[-1]
    lose(stripe)

    assert night() == "1 message had not come; acted on."
    assert Payment.objects.get().method == method
    stripe.mail.append(late)
    arrive(stripe)
    assert night() == "Nothing was missing."
    assert balances(invoice) == {"owed": "0.00", "credit": ["0.00"]}


def test_a_lost_end_of_a_visit_is_found(stripe: Stripe, invoice: Invoice) -> None:
    attempt = visit(invoice)
    stripe.let_expire(str(attempt.session_id))
    lose(stripe)

    assert night() == "1 message had not come; acted on."
    attempt.refresh_from_db()
    assert attempt.ended_as == "Left without paying"


def test_lost_refunds_and_failures_are_found(stripe: Stripe, invoice: Invoice) -> None:
    intent = str(paid_by_card(stripe, invoice).gateway_id)
    stripe.refund_by_hand(intent, 2500)
    failed = stripe.refund_by_hand(intent, 1000)
    arrive(stripe)
    stripe.refund_by_hand(intent, 500)
    stripe.fail_refund(failed)
    lose(stripe)

    assert night() == "2 messages had not come; acted on."
    assert Refund.objects.standing().count() == 2
    assert balances(invoice) == {"owed": "40.00", "credit": ["10.00"]}
    assert list(books.broken_equations()) == []


@pytest.mark.parametrize("days", [0, 30])
def test_a_lost_dispute_and_its_end_are_found(stripe: Stripe, invoice: Invoice, days: int) -> None:
    """A bank takes months: a dispute that is open here is asked about, however old it is."""
    key = stripe.dispute(str(paid_by_card(stripe, invoice).gateway_id))
    lose(stripe)
    assert night() == "1 message had not come; acted on."

    stripe.close(key, "lost")
    lose(stripe)

    assert night(days) == "1 message had not come; acted on."
    assert Dispute.objects.get().outcome.kind == "lost"


def test_what_others_do_on_the_same_account_is_nobodys_loss(stripe: Stripe, invoice: Invoice) -> None:
    intent = stripe.pay(visit_of_nobody(stripe))
    stripe.refund_by_hand(intent, 100)
    stripe.dispute(intent)
    paid = str(paid_by_card(stripe, invoice).gateway_id)
    stripe.dispute(paid, status="warning_needs_response")
    lose(stripe)

    assert night() == "Nothing was missing."


def test_an_agents_account_is_looked_at_too(stripe: Stripe, invoice: Invoice) -> None:
    Payee.objects.update(stripe_account="acct_juniper")
    stripe.pay(str(visit(invoice).session_id))
    lose(stripe)

    tasks.reconcile(0)

    assert StripeEvent.objects.get(type="checkout.session.completed").account == "acct_juniper"
    assert balances(invoice) == {"owed": "0.00", "credit": ["0.00"]}


def test_where_cards_are_off_nothing_is_asked(db: None) -> None:
    assert reconciling.reconcile(at=timezone.now()) is None
    assert reconciling.last_night() is None


def visit_of_nobody(stripe: Stripe) -> str:
    facts = {"object": "checkout.session", "status": "open", "payment_status": "unpaid", "amount_total": 100,
             "currency": "usd", "payment_intent": None}  # fmt: skip
    return str(stripe._made("sessions", "cs", facts)["id"])
