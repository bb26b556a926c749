"""What Stripe tells: kept once, acted on once, whatever the order in which it comes."""

import itertools
import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from billing import books, card_refunds, checkouts, payments, refunds, tasks, webhooks
from billing.models import Dispute, Invoice, Payment, PaymentMethod, Refund, StripeEvent
from people.models import User
from tests import make
from tests.billing.cards import *  # noqa: F403 - the fixtures of cards
from tests.billing.cards import arrive, balances, paid_by_card, send_refunds, to_us, visit, work
from tests.fakes.stripe import Stripe, signed
from tests.races import at_once

pytestmark = pytest.mark.django_db

PAID = {"owed": "0.00", "credit": ["0.00"]}


def answers() -> list[str]:
    return list(StripeEvent.objects.order_by("pk").values_list("answer", flat=True))


# --- At the door --------------------------------------------------------------------------------------------------------


def test_a_card_payment_pays_its_invoice(stripe: Stripe, invoice: Invoice) -> None:
    payment = paid_by_card(stripe, invoice)

    assert (payment.method, payment.amount) == (PaymentMethod.CARD, Decimal("525.00"))
    assert payment.gateway_id == payment.reference == next(iter(stripe.things["intents"]))
    assert balances(invoice) == PAID
    assert answers() == [f"$525.00 recorded for {invoice.reference}."]
    assert list(books.broken_equations()) == []


def test_a_message_with_a_wrong_signature_is_refused_and_not_kept(stripe: Stripe, client: Client) -> None:
    event = stripe.tell("checkout.session.completed", {"id": "cs_1", "amount_total": 52500})
    payload, signature = signed(event, secret="whsec_of_a_stranger")

    answer = client.post("/stripe/webhook/", payload, "application/json", headers={"Stripe-Signature": signature})

    assert (answer.status_code, answer.content.decode()) == (400, "The signature of this message is not Stripe's.")
    assert not StripeEvent.objects.exists()


def test_a_message_about_another_currency_is_refused_and_kept_to_be_seen(stripe: Stripe, invoice: Invoice) -> None:
    stripe.pay(str(visit(invoice).session_id), currency="eur")

    assert arrive(stripe, times=2) == [400, 400]
    assert answers() == ["This is about money in EUR; only US dollars are taken here."]
    assert balances(invoice) == {"owed": "525.00", "credit": []}


def test_an_event_we_do_not_know_is_kept_and_left_alone(stripe: Stripe) -> None:
    stripe.tell("customer.created", {"id": "cus_1", "object": "customer"})

    assert arrive(stripe) == [200]
    assert answers() == ["Not ours to act on."]


def test_a_kept_message_that_turns_out_to_be_of_another_currency_moves_nothing(stripe: Stripe) -> None:
    content = {"object": {"id": "re_1", "payment_intent": "pi_1", "amount": 1, "currency": "eur"}}
    moments = {"created_at": make.NOW, "received_at": make.NOW}
    event = StripeEvent.objects.create(gateway_id="evt_1", type="refund.created", content=content, **moments)

    webhooks.act(event.pk, at=make.NOW)

    assert answers() == ["This is about money in EUR; only US dollars are taken here."]


def test_a_visit_of_somebody_else_on_the_same_account_is_not_ours(stripe: Stripe) -> None:
    stranger = {"id": "cs_stranger", "amount_total": 100, "payment_status": "paid"}
    for end in ("completed", "async_payment_succeeded", "async_payment_failed", "expired"):
        stripe.tell(f"checkout.session.{end}", stranger)

    arrive(stripe)

    assert answers() == [webhooks.NOT_OURS] * 4
    assert not Payment.objects.exists()


# --- Twice, backwards, late ---------------------------------------------------------------------------------------------


def test_a_message_that_comes_three_times_pays_once(stripe: Stripe, invoice: Invoice) -> None:
    stripe.pay(str(visit(invoice).session_id))

    assert arrive(stripe, times=3) == [200, 200, 200]
    assert balances(invoice) == PAID


@pytest.mark.parametrize("backwards", [False, True])
def test_a_bank_debit_pays_when_the_money_arrives(stripe: Stripe, invoice: Invoice, backwards: bool) -> None:
    attempt = visit(invoice)
    stripe.pay(str(attempt.session_id), by="us_bank_account")
    stripe.settle(str(attempt.session_id))

    arrive(stripe, backwards=backwards)

    assert Payment.objects.get().method == PaymentMethod.ACH
    assert balances(invoice) == PAID


def test_a_bank_debit_on_its_way_is_waited_for_and_not_asked_for_twice(stripe: Stripe, invoice: Invoice) -> None:
    stripe.pay(str(visit(invoice).session_id), by="us_bank_account")
    arrive(stripe)

    assert balances(invoice) == {"owed": "525.00", "credit": []}
    with pytest.raises(checkouts.CannotCheckOut, match=r"A bank debit of \$525.00 was started on"):
        visit(invoice)


@pytest.mark.parametrize("backwards", [False, True])
def test_a_bank_that_does_not_pay_leaves_the_invoice_owing(stripe: Stripe, invoice: Invoice, backwards: bool) -> None:
    attempt = visit(invoice)
    stripe.pay(str(attempt.session_id), by="us_bank_account")
    stripe.bounce(str(attempt.session_id))

    arrive(stripe, backwards=backwards)

    attempt.refresh_from_db()
    assert attempt.ended_as == "The bank did not pay"
    assert balances(invoice) == {"owed": "525.00", "credit": []}


def test_a_visit_that_expired_ends_once(stripe: Stripe, invoice: Invoice) -> None:
    attempt = visit(invoice)
    stripe.let_expire(str(attempt.session_id))
    stripe.let_expire(str(attempt.session_id))

    arrive(stripe)

    assert answers() == ["Left without paying", "Ended before: Left without paying."]


def test_a_payment_is_never_recorded_twice_by_two_messages(stripe: Stripe, invoice: Invoice) -> None:
    paid_by_card(stripe, invoice)
    stripe.tell("checkout.session.async_payment_succeeded", next(iter(stripe.things["sessions"].values())))

    arrive(stripe)

    assert answers()[-1] == "Recorded before."
    assert balances(invoice) == PAID


ORDERS = list(itertools.permutations(range(4)))


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_the_order_of_messages_does_not_matter(stripe: Stripe, invoice: Invoice, order: tuple[int, ...]) -> None:
    """Paid, disputed, won; $25 of it refunded afterwards: the same books in all 24 orders, each message twice."""
    intent = stripe.pay(str(visit(invoice).session_id))
    stripe.close(stripe.dispute(intent), "won")
    stripe.refund_by_hand(intent, 2500)
    stripe.mail = [event for event in stripe.mail if event["type"] != "charge.refunded"]
    stripe.mail = [stripe.mail[place] for place in order]

    arrive(stripe, times=2)

    work()
    assert balances(invoice) == {"owed": "25.00", "credit": ["0.00"]}
    assert Refund.objects.get().amount == Decimal("25.00")
    assert not StripeEvent.objects.unanswered().exists()
    assert list(books.broken_equations()) == []


def test_what_waited_four_days_for_a_payment_is_not_about_ours(stripe: Stripe) -> None:
    stripe.tell("charge.dispute.created", {"id": "du_1", "amount": 100, "payment_intent": "pi_stranger"})
    arrive(stripe)
    assert answers() == ["Waits for the payment pi_stranger."]

    assert webhooks.act_due(at=timezone.now() + timedelta(days=3)) == 0
    assert webhooks.act_due(at=timezone.now() + timedelta(days=5)) == 1
    assert answers() == ["About a payment that is not ours."]


def test_the_workers_doors_act(stripe: Stripe, invoice: Invoice) -> None:
    stripe.pay(str(visit(invoice).session_id))
    stripe.deliver(to_us())

    tasks.act_on_event(StripeEvent.objects.get().pk)
    tasks.act_on_event(StripeEvent.objects.get().pk)
    tasks.act_on_waiting(0)

    assert balances(invoice) == PAID


# --- More than was owed -------------------------------------------------------------------------------------------------


def test_money_for_an_invoice_that_was_paid_meanwhile_is_the_payers_credit(
    stripe: Stripe, invoice: Invoice, omar: User
) -> None:
    attempt = visit(invoice)
    check: dict[str, Any] = {
        "payer": invoice.payer,
        "payee": invoice.payee,
        "reference": "88",
        "by": omar,
        "at": make.NOW,
    }
    shares = [payments.Share(invoice, Decimal("500.00"))]
    payments.record(
        **check, method=PaymentMethod.CHECK, amount=Decimal(500), received_on=make.NOW.date(), shares=shares
    )

    stripe.pay(str(attempt.session_id))
    arrive(stripe)

    assert balances(invoice) == {"owed": "0.00", "credit": ["0.00", "500.00"]}
    assert answers() == [f"$525.00 recorded for {invoice.reference}. $500.00 waits as the payer's credit."]


def test_an_order_of_the_app_above_is_recorded_and_waits_for_its_invoice(stripe: Stripe, invoice: Invoice) -> None:
    now = timezone.now()
    parties: dict[str, Any] = {"payer": invoice.payer, "payee": invoice.payee}
    attempt = checkouts.begin(
        **parties, amount=Decimal(525), order_key="order-7", expires_at=now + timedelta(minutes=31), at=now
    )
    checkouts.open_page(attempt, words="A seat at LT27-01", email="", success="/done", back="/back")

    stripe.pay(str(attempt.session_id))
    arrive(stripe)

    assert answers() == ["$525.00 recorded for order-7."]
    assert balances(invoice) == {"owed": "525.00", "credit": ["525.00"]}


# --- Refunds ------------------------------------------------------------------------------------------------------------


def credited(stripe: Stripe, invoice: Invoice, omar: User) -> Payment:
    """Paid by card, and taken off the invoice."""
    payment = paid_by_card(stripe, invoice)
    refunds.take_back(payment, reason="The seat was given back", by=omar, at=make.NOW)
    return payment


@pytest.mark.parametrize("asked_first", [True, False])
def test_a_refund_of_ours_goes_back_to_the_card_once(
    stripe: Stripe, invoice: Invoice, omar: User, asked_first: bool
) -> None:
    payment = credited(stripe, invoice, omar)
    made = card_refunds.refund(payment, Decimal("525.00"), reason="Given back", by=omar, at=timezone.now())

    tasks.send_refund(made.pk)
    if not asked_first:  # the worker died before it wrote the number down, and comes again after the message
        arrive(stripe)
    tasks.send_refund(made.pk)
    arrive(stripe)

    made = Refund.objects.get()
    assert (made.gateway_id, made.method) == (next(iter(stripe.things["refunds"])), PaymentMethod.CARD)
    assert balances(invoice) == {"owed": "525.00", "credit": ["0.00"]}


def test_the_message_teaches_a_refund_its_number(stripe: Stripe, invoice: Invoice, omar: User) -> None:
    payment = credited(stripe, invoice, omar)
    made = card_refunds.refund(payment, Decimal(525), reason="Given back", by=omar, at=timezone.now())
    stripe._refund(str(payment.gateway_id), 52500, {"refund": str(made.pk)})  # the answer to our call was lost

    arrive(stripe)

    assert Refund.objects.get().gateway_id == next(iter(stripe.things["refunds"]))


def test_a_refund_that_stripe_refuses_is_the_payers_credit_again(stripe: Stripe, invoice: Invoice, omar: User) -> None:
    payment = credited(stripe, invoice, omar)
    made = card_refunds.refund(payment, Decimal(525), reason="Given back", by=omar, at=timezone.now())
    stripe.things["charges"][stripe.things["intents"][str(payment.gateway_id)]["latest_charge"]]["amount_refunded"] = 1

    send_refunds()

    assert made.failure.reason == "Stripe refused: Refund amount is greater than unrefunded amount on charge."
    assert balances(invoice) == {"owed": "525.00", "credit": ["525.00"]}


def test_a_refund_that_the_bank_refuses_at_once_is_the_payers_credit_again(
    stripe: Stripe, invoice: Invoice, omar: User
) -> None:
    payment = credited(stripe, invoice, omar)
    stripe.declines.add(str(payment.gateway_id))
    made = card_refunds.refund(payment, Decimal(525), reason="Given back", by=omar, at=timezone.now())

    send_refunds()

    assert made.failure.reason == "The refund failed: failed"


@pytest.mark.parametrize("backwards", [False, True])
def test_a_refund_made_on_stripes_pages_that_fails_leaves_no_trace_in_the_sums(
    stripe: Stripe, invoice: Invoice, omar: User, backwards: bool
) -> None:
    payment = credited(stripe, invoice, omar)
    stripe.fail_refund(stripe.refund_by_hand(str(payment.gateway_id), 52500))

    arrive(stripe, backwards=backwards)

    assert Refund.objects.get().failure.reason == "The refund failed: expired or canceled card"
    assert balances(invoice) == {"owed": "525.00", "credit": ["525.00"]}


def test_a_charge_that_was_refunded_is_asked_for_its_refunds(stripe: Stripe, invoice: Invoice) -> None:
    payment = paid_by_card(stripe, invoice)
    for _time in range(3):
        stripe.refund_by_hand(str(payment.gateway_id), 1000)
    stripe.mail = [event for event in stripe.mail if event["type"] == "charge.refunded"][-1:]

    arrive(stripe)

    assert [made.amount for made in Refund.objects.all()] == [10, 10, 10]
    assert balances(invoice) == {"owed": "30.00", "credit": ["0.00"]}


def test_a_check_goes_back_by_no_card_and_nothing_does_without_keys(
    stripe: Stripe, invoice: Invoice, omar: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = credited(stripe, invoice, omar)
    check = Payment.objects.create(
        payer=invoice.payer, payee=invoice.payee, method=PaymentMethod.CHECK, reference="88", amount=Decimal(25),
        received_on=make.NOW.date(), at=make.NOW,
    )  # fmt: skip

    with pytest.raises(refunds.CannotRefund, match="88 did not come through Stripe"):
        card_refunds.refund(check, Decimal(25), reason="x", by=omar, at=make.NOW)
    monkeypatch.setattr(settings, "STRIPE_SECRET_KEY", "")  # noqa: F405
    with pytest.raises(refunds.CannotRefund, match="are off"):
        card_refunds.refund(card, Decimal(25), reason="x", by=omar, at=make.NOW)


def test_a_refund_learns_its_number_once_and_changes_in_nothing_else(
    stripe: Stripe, invoice: Invoice, omar: User
) -> None:
    payment = credited(stripe, invoice, omar)
    refunds.refund(payment, Decimal(5), method=PaymentMethod.CARD, reason="x", gateway_id="re_1", by=omar, at=make.NOW)
    refunds.refund(payment, Decimal(5), method=PaymentMethod.CHECK, reason="x", by=omar, at=make.NOW)

    for change in ({"gateway_id": "re_2"}, {"amount": Decimal(9)}):
        with pytest.raises(DatabaseError, match="Cannot update rows"), transaction.atomic():
            Refund.objects.filter(method=PaymentMethod.CARD if "gateway_id" in change else PaymentMethod.CHECK).update(
                **change
            )
    with pytest.raises(DatabaseError, match="Cannot delete rows"), transaction.atomic():
        Refund.objects.all()._raw_delete(using="default")


# --- At once ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_same_message_eight_times_at_once_pays_once(stripe: Stripe, invoice: Invoice) -> None:
    stripe.pay(str(visit(invoice).session_id))
    [event] = stripe.mail

    def come() -> int:
        status = to_us()(*signed(event))
        webhooks.act(StripeEvent.objects.get().pk, at=timezone.now())
        return status

    assert at_once(*[come] * 8) == [200] * 8
    assert balances(invoice) == PAID


@pytest.mark.django_db(transaction=True)
def test_eight_different_messages_about_one_payment_at_once_pay_once(stripe: Stripe, invoice: Invoice) -> None:
    attempt = visit(invoice)
    stripe.pay(str(attempt.session_id), payment_status="paid")
    for _time in range(7):
        stripe.tell("checkout.session.async_payment_succeeded", stripe.things["sessions"][str(attempt.session_id)])
    stripe.deliver(to_us())
    keys = list(StripeEvent.objects.values_list("pk", flat=True))

    done = at_once(*[lambda key=key: webhooks.act(key, at=timezone.now()).answer for key in keys])

    assert sorted(done) == sorted([f"$525.00 recorded for {invoice.reference}."] + ["Recorded before."] * 7)
    assert balances(invoice) == PAID


@pytest.mark.django_db(transaction=True)
def test_two_visits_that_both_paid_one_invoice_pay_it_once_and_leave_a_credit(stripe: Stripe, invoice: Invoice) -> None:
    first = visit(invoice)
    now = timezone.now()
    second = checkouts.begin(
        payer=invoice.payer, payee=invoice.payee, amount=Decimal(525), invoice=invoice,
        expires_at=now + timedelta(hours=23), at=now,
    )  # fmt: skip
    checkouts.open_page(second, words="Again", email="", success="/done", back="/back")
    for attempt in (first, second):
        stripe.pay(str(attempt.session_id))
    stripe.deliver(to_us())
    keys = list(StripeEvent.objects.values_list("pk", flat=True))

    done = at_once(*[lambda key=key: webhooks.act(key, at=timezone.now()).answer for key in keys * 4])

    assert {str(answer).split(" recorded")[0] for answer in done} == {"$525.00"}
    assert balances(invoice)["owed"] == "0.00"
    assert sorted(balances(invoice)["credit"]) == ["0.00", "525.00"]
    assert list(books.broken_equations()) == []


@pytest.mark.django_db(transaction=True)
def test_a_dispute_told_of_eight_times_at_once_is_one(stripe: Stripe, invoice: Invoice) -> None:
    payment = paid_by_card(stripe, invoice)
    stripe.dispute(str(payment.gateway_id))
    told = stripe.mail.pop()
    for number in range(8):
        stripe.mail.append(json.loads(json.dumps(told)) | {"id": f"evt_again_{number}"})
    stripe.deliver(to_us())
    keys = list(StripeEvent.objects.unanswered().values_list("pk", flat=True))

    done = at_once(*[lambda key=key: webhooks.act(key, at=timezone.now()).answer for key in keys])

    assert done == [f"Dispute {Dispute.objects.get().gateway_id} is open."] * 8
    assert Dispute.objects.count() == 1
    assert balances(invoice) == {"owed": "525.00", "credit": ["0.00"]}


@pytest.mark.django_db(transaction=True)
def test_eight_clicks_at_once_open_one_page(stripe: Stripe, invoice: Invoice) -> None:
    opened = at_once(*[lambda: visit(invoice).url] * 8)

    assert opened == [opened[0]] * 8
    assert len(stripe.things["sessions"]) == 1
