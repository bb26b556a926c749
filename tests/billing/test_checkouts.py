"""Paying from a link in the mail: opened by anybody any number of times, started by a click, told by Stripe's message."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing import checkouts, payments, sending
from billing.models import CheckoutAttempt, Invoice, Payee, PaymentMethod, StripeEvent
from people.models import Organization, User
from tests import make
from tests.billing.cards import *  # noqa: F403 - the fixtures of cards
from tests.billing.cards import arrive, balances, paid_by_card, visit
from tests.fakes.stripe import Stripe

pytestmark = pytest.mark.django_db


def page(invoice: Invoice, name: str = "checkout", **more: object) -> str:
    return reverse(f"billing:{name}", kwargs={"token": checkouts.token_of(invoice), **more})


def text(client: Client, where: str, status: int = 200) -> str:
    answer = client.get(where)
    assert answer.status_code == status
    return answer.content.decode()


def paid_by_check(invoice: Invoice, amount: str, by: User) -> None:
    payments.record(
        payer=invoice.payer, payee=invoice.payee, method=PaymentMethod.CHECK, reference=amount, amount=Decimal(amount),
        received_on=make.NOW.date(), shares=[payments.Share(invoice, Decimal(amount))], by=by, at=make.NOW,
    )  # fmt: skip


# --- The link -----------------------------------------------------------------------------------------------------------


def test_a_link_that_is_opened_starts_nothing_and_names_no_participant(
    stripe: Stripe, invoice: Invoice, client: Client
) -> None:
    shown = [text(client, page(invoice)) for _time in range(3)][-1]

    assert "$525.00" in shown
    assert "Pay by card or bank debit" in shown
    assert invoice.lines.get().words not in shown.replace(invoice.about, "")
    assert (stripe.calls, CheckoutAttempt.objects.count()) == ([], 0)


@pytest.mark.parametrize("name", ["checkout", "checkout_left", "checkout_start", "checkout_done"])
def test_a_link_that_is_not_ours_opens_nothing(stripe: Stripe, client: Client, name: str) -> None:
    more = {"attempt_id": 1} if name == "checkout_done" else {}
    where = reverse(f"billing:{name}", kwargs={"token": "forged", **more})

    answer = client.post(where) if name == "checkout_start" else client.get(where)

    assert answer.status_code == 403
    assert "This link is not complete" in answer.content.decode()


def test_a_link_that_is_two_years_old_has_expired(
    stripe: Stripe, invoice: Invoice, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkouts, "VALID_FOR", timedelta(seconds=-1))

    assert "This link has expired" in text(client, page(invoice), status=403)


def test_a_link_of_another_page_pays_nothing(stripe: Stripe, invoice: Invoice) -> None:
    with pytest.raises(checkouts.LinkRefused, match="not complete"):
        checkouts.read(signing.dumps(invoice.pk, salt="registrations.approvals"))


def test_the_mail_of_an_invoice_holds_its_link_once_cards_are_on(stripe: Stripe, invoice: Invoice, omar: User) -> None:
    sent = sending.send(invoice, by=omar, at=make.NOW)

    link = checkouts.link_to(invoice)
    assert link.endswith("/")
    assert link.rsplit(":", 1)[0] in sent.message.text
    assert "Pay by card or bank debit" in sent.message.html


def test_without_keys_no_page_and_no_mail_speaks_of_cards(
    invoice: Invoice, omar: User, client: Client, as_user: Callable[[User], Client]
) -> None:
    sent = sending.send(invoice, by=omar, at=make.NOW)

    assert "by card" not in sent.message.text
    assert "set STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRETS" in text(client, page(invoice))
    assert "set STRIPE_SECRET_KEY" in text(as_user(omar), reverse("billing:invoice", args=[invoice.pk]))
    assert "Cards and bank debits are off" in text(as_user(omar), reverse("billing:card_payments"))


# --- A click ------------------------------------------------------------------------------------------------------------


def test_a_click_leads_to_stripes_page_and_a_second_one_to_the_same(
    stripe: Stripe, invoice: Invoice, client: Client
) -> None:
    first, second = (client.post(page(invoice, "checkout_start")) for _time in range(2))

    [session] = stripe.things["sessions"].values()
    assert (first.status_code, first["Location"], second["Location"]) == (302, session["url"], session["url"])
    assert session["success_url"].endswith(f"/done/{CheckoutAttempt.objects.get().pk}/")


def test_where_less_is_owed_by_then_the_earlier_page_takes_no_more_money(
    stripe: Stripe, invoice: Invoice, omar: User
) -> None:
    first = visit(invoice)
    paid_by_check(invoice, "500.00", omar)

    second = visit(invoice)

    first.refresh_from_db()
    assert (first.ended_as, second.amount) == ("Something else was owed by then", Decimal("25.00"))
    assert stripe.things["sessions"][str(first.session_id)]["status"] == "expired"


def test_an_earlier_page_that_was_paid_meanwhile_is_told_by_its_message(
    stripe: Stripe, invoice: Invoice, omar: User
) -> None:
    first = visit(invoice)
    stripe.pay(str(first.session_id))
    paid_by_check(invoice, "500.00", omar)

    visit(invoice)
    arrive(stripe)

    first.refresh_from_db()
    assert first.ended_as == "Paid"
    assert balances(invoice) == {"owed": "0.00", "credit": ["0.00", "500.00"]}


def test_a_visit_that_stripe_was_never_asked_for_is_given_up_with_the_amount(
    stripe: Stripe, invoice: Invoice, omar: User
) -> None:
    stripe.fail(500, 500, 500, 500)
    with pytest.raises(gateway.GatewayAway):  # noqa: F405
        visit(invoice)
    paid_by_check(invoice, "500.00", omar)

    visit(invoice)

    assert [attempt.ended_as for attempt in CheckoutAttempt.objects.order_by("pk")] == [
        "Something else was owed by then", "",
    ]  # fmt: skip


def test_a_visit_with_little_time_left_is_not_gone_on_with(stripe: Stripe, invoice: Invoice) -> None:
    first = visit(invoice)
    later = timezone.now() + timedelta(hours=22, minutes=30)

    second = checkouts.start(invoice, at=later)

    assert second.pk != first.pk


def test_stripe_that_does_not_answer_and_stripe_that_refuses_say_so_on_the_page(
    stripe: Stripe, invoice: Invoice, client: Client
) -> None:
    stripe.fail(500, 500, 500, 500)
    away = client.post(page(invoice, "checkout_start"))
    stripe.fail(400)
    refused = client.post(page(invoice, "checkout_start"))

    assert (away.status_code, refused.status_code) == (503, 422)
    assert "Stripe does not answer" in away.content.decode()
    assert "Stripe refused: Out of order" in refused.content.decode()


def test_what_is_paid_is_not_paid_again(stripe: Stripe, invoice: Invoice, client: Client) -> None:
    paid_by_card(stripe, invoice)

    answer = client.post(page(invoice, "checkout_start"))

    assert answer.status_code == 422
    assert f"{invoice} is paid: nothing is owed." in answer.content.decode()
    assert f"{invoice} is paid: nothing is owed." in text(client, page(invoice))


def test_an_agent_without_an_account_takes_no_cards_and_one_with_it_gets_its_own(
    stripe: Stripe, invoice: Invoice
) -> None:
    juniper = make.payee(make.organization("Juniper COE"))
    invoice.payee = juniper
    invoice.balance = Decimal(525)

    assert checkouts.payable(invoice) == {"link": "", "why_not": "Juniper COE takes no cards."}

    Payee.objects.update(stripe_account="acct_juniper")
    juniper.refresh_from_db()
    assert checkouts.account_of(juniper) == "acct_juniper"
    assert checkouts.payable(invoice)["why_not"] == ""


def test_a_credit_memo_is_not_paid(stripe: Stripe, invoice: Invoice) -> None:
    memo = make.credit_memo(invoice, "25.00")

    assert checkouts.why_not_at_all(memo) == f"{memo} is not an issued invoice."
    assert checkouts.payable(Invoice.objects.with_balance().get(pk=memo.pk)) == {}


# --- Back from Stripe ---------------------------------------------------------------------------------------------------


def test_the_page_waits_for_the_message_and_then_says_what_came(
    stripe: Stripe, invoice: Invoice, client: Client
) -> None:
    attempt = visit(invoice)
    where = page(invoice, "checkout_done", attempt_id=attempt.pk)
    stripe.pay(str(attempt.session_id))

    before = text(client, where)
    arrive(stripe)
    after = text(client, where)

    assert "Waiting for Stripe" in before
    assert 'hx-trigger="every 2s"' in before
    assert "your payment has arrived" in after
    assert "hx-trigger" not in after


def test_a_bank_that_was_asked_is_waited_for_in_days(stripe: Stripe, invoice: Invoice, client: Client) -> None:
    attempt = visit(invoice)
    stripe.pay(str(attempt.session_id), by="us_bank_account")
    arrive(stripe)
    where = page(invoice, "checkout_done", attempt_id=attempt.pk)

    assert "Your bank was asked for the money" in text(client, where)
    assert "A bank debit of $525.00 was started" in text(client, page(invoice))

    stripe.bounce(str(attempt.session_id))
    arrive(stripe)
    failed = text(client, where)
    assert "The bank did not pay" in failed
    assert "Try again" in failed


def test_whoever_comes_back_without_paying_reads_that_nothing_was_taken(
    stripe: Stripe, invoice: Invoice, client: Client
) -> None:
    assert "Nothing was taken" in text(client, page(invoice, "checkout_left"))


def test_the_visit_of_another_invoice_is_not_found(
    stripe: Stripe, invoice: Invoice, client: Client, alder_valley: Organization, omar: User
) -> None:
    other = issued_for(make.line(alder_valley), 1, omar)  # noqa: F405
    attempt = visit(other)

    text(client, page(invoice, "checkout_done", attempt_id=attempt.pk), status=404)


# --- For those who sign in ----------------------------------------------------------------------------------------------


def test_the_business_office_finds_the_button_on_the_invoice_and_the_link_by_the_api(
    stripe: Stripe, invoice: Invoice, bea: User, as_user: Callable[[User], Client]
) -> None:
    shown = text(as_user(bea), reverse("billing:invoice", args=[invoice.pk]))
    answer = as_user(bea).get(reverse("invoice-checkout", args=[invoice.pk])).json()

    assert "Pay by card or bank debit" in shown
    assert checkouts.read(answer["url"].split("/")[-2]) == invoice
    assert answer["amount"] == "525.00"
    paid_by_card(stripe, invoice)
    refused = as_user(bea).get(reverse("invoice-checkout", args=[invoice.pk]))
    assert (refused.status_code, refused.json()) == (400, {"detail": [f"{invoice} is paid: nothing is owed."]})


def test_staff_see_visits_messages_that_wait_and_the_last_night(
    stripe: Stripe, invoice: Invoice, omar: User, as_user: Callable[[User], Client]
) -> None:
    stripe.dispute(str(paid_by_card(stripe, invoice).gateway_id))
    stripe.tell("charge.dispute.created", {"id": "du_9", "amount": 100, "payment_intent": "pi_stranger"})
    arrive(stripe)
    moments = {"created_at": make.NOW, "received_at": make.NOW}
    StripeEvent.objects.create(
        gateway_id="n", type="reconciliation", content={}, answer="Nothing was missing.", acted_at=make.NOW, **moments
    )

    shown = text(as_user(omar), reverse("billing:card_payments"))

    assert "Nothing was missing." in shown
    assert "Waits for the payment pi_stranger." in shown
    assert f"{settings.SITE_URL}/stripe/webhook/" in shown
    theirs = text(as_user(omar), reverse("billing:invoice", args=[invoice.pk]))
    assert "is disputed since" in theirs
    assert "Link that pays this invoice without an account" in theirs
