"""The gateway, spoken to over HTTP: what Stripe is asked, how often, and what is made of its answers."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.checks import run_checks
from django.utils import timezone

from billing import gateway
from tests.billing.cards import *  # noqa: F403 - the fixtures of cards
from tests.fakes.stripe import Stripe, signed


def visit_of(amount: str = "525.00", **more: Any) -> gateway.Visit:
    facts: dict[str, Any] = {
        "words": "Invoice INV-2027-0001: LT27-01", "about": "INV-2027-0001", "email": "ap@example.test",
        "success_url": "https://learning.example.org/done", "cancel_url": "https://learning.example.org/left",
        "expires_at": timezone.now() + timedelta(hours=23), "amount": Decimal(amount),
    }  # fmt: skip
    return gateway.Visit(**facts | more)


def sent_to(stripe: Stripe, path: str) -> list[Any]:
    return [json.loads(call["sent"]) for call in stripe.asked(path)]


def test_stripes_page_shows_one_amount_in_cents_and_takes_cards_and_bank_debits(stripe: Stripe) -> None:
    opened = gateway.open_session(visit_of("1234.56"), account="", key="checkout-1")

    [asked] = sent_to(stripe, "/v1/checkout/sessions")
    price = asked["line_items"]["0"]["price_data"]
    assert (price["unit_amount"], price["currency"]) == ("123456", "usd")
    assert asked["payment_method_types"] == {"0": "card", "1": "us_bank_account"}
    assert (opened.amount, opened.is_paid, opened.url) == (
        Decimal("1234.56"),
        False,
        f"{stripe.address}/c/pay/{opened.id}",
    )


def test_the_same_key_is_the_same_page(stripe: Stripe) -> None:
    visit = visit_of()

    first = gateway.open_session(visit, account="", key="checkout-1")
    second = gateway.open_session(visit, account="", key="checkout-1")

    assert first == second
    with pytest.raises(gateway.GatewayRefused, match="same parameters"):
        gateway.open_session(visit_of("1.00"), account="", key="checkout-1")


@pytest.mark.parametrize("faults", [(429,), (500, 503), (429, 500, 429), ("silence",)])
def test_a_call_that_failed_is_made_again_and_acts_once(stripe: Stripe, faults: tuple[int | str, ...]) -> None:
    stripe.fail(*faults)

    opened = gateway.open_session(visit_of(), account="", key="checkout-1")

    calls = stripe.asked("/v1/checkout/sessions")
    assert {call["idempotency-key"] for call in calls} == {"checkout-1"}
    assert len(calls) == len(faults) + 1
    assert list(stripe.things["sessions"]) == [opened.id]


def test_who_does_not_answer_four_times_is_away(stripe: Stripe) -> None:
    stripe.fail(429, 429, 500, 500)

    with pytest.raises(gateway.GatewayAway, match="try again in a minute"):
        gateway.open_session(visit_of(), account="", key="checkout-1")


def test_an_agents_money_goes_to_its_own_account(stripe: Stripe) -> None:
    gateway.open_session(visit_of(email=""), account="acct_juniper", key="checkout-1")

    [call] = stripe.asked("/v1/checkout/sessions")
    assert call["stripe-account"] == "acct_juniper"
    assert "customer_email" not in json.loads(call["sent"])


def test_a_fraction_of_a_cent_is_asked_of_nobody(stripe: Stripe) -> None:
    with pytest.raises(gateway.GatewayRefused, match="fraction of a cent"):
        gateway.open_session(visit_of("1.005"), account="", key="checkout-1")

    assert stripe.calls == []


def test_lists_are_read_to_their_last_page(stripe: Stripe) -> None:
    made = [gateway.open_session(visit_of(), account="", key=f"checkout-{number}").id for number in range(5)]

    listed = [row["id"] for row in gateway.sessions_since(timezone.now() - timedelta(days=1), account="")]

    assert listed == made[::-1]
    assert len([call for call in stripe.calls if call[0] == "GET"]) == 3


def test_a_list_of_nothing_has_one_page(stripe: Stripe) -> None:
    assert list(gateway.disputes_since(timezone.now(), account="")) == []


@pytest.mark.parametrize(
    ("key", "secrets", "missing", "level"),
    [
        ("", [], "STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRETS", "billing.I001"),
        ("sk_1", [], "STRIPE_WEBHOOK_SECRETS", "billing.W001"),
        ("", ["whsec_1"], "STRIPE_SECRET_KEY", "billing.W001"),
    ],
)
def test_without_keys_cards_are_off_and_the_check_says_so(
    monkeypatch: pytest.MonkeyPatch, key: str, secrets: list[str], missing: str, level: str
) -> None:
    monkeypatch.setattr(settings, "STRIPE_SECRET_KEY", key)  # noqa: F405
    monkeypatch.setattr(settings, "STRIPE_WEBHOOK_SECRETS", secrets)  # noqa: F405

    said = [(check.id, check.msg) for check in run_checks(tags=["stripe"])]

    assert said == [(level, f"Cards and bank debits are off: set {missing}.")]
    with pytest.raises(gateway.GatewayRefused, match="are off"):
        gateway.open_session(visit_of(), account="", key="checkout-1")


def test_with_both_keys_the_check_says_nothing(stripe: Stripe) -> None:
    assert run_checks(tags=["stripe"]) == []


# --- What it is told ----------------------------------------------------------------------------------------------------


def event() -> dict[str, Any]:
    return {"id": "evt_1", "type": "refund.created", "created": 1_800_000_000, "data": {"object": {"id": "re_1"}}}


def test_a_message_of_any_of_our_endpoints_is_stripes(stripe: Stripe) -> None:
    told = gateway.verified(*signed(event() | {"account": "acct_juniper"}))

    moment = datetime.fromtimestamp(1_800_000_000, timezone.get_default_timezone())
    assert told == gateway.Event("evt_1", "refund.created", "acct_juniper", moment, {"id": "re_1"})


@pytest.mark.parametrize(
    "message",
    [
        signed(event(), secret="whsec_of_a_stranger"),
        signed(event(), at=1_700_000_000),
        (b"\xff", "t=1,v1=00"),
        (signed(event())[0], ""),
    ],
)
def test_any_other_message_is_not(stripe: Stripe, message: tuple[bytes, str]) -> None:
    with pytest.raises(gateway.NotStripe, match="not Stripe's"):
        gateway.verified(*message)


@pytest.mark.parametrize("told", [{}, {"id": "evt_1"}, event() | {"data": None}])
def test_what_is_signed_and_is_no_event_is_refused(stripe: Stripe, told: dict[str, Any]) -> None:
    with pytest.raises(gateway.NotStripe, match="no event"):
        gateway.verified(*signed(told))


def test_money_of_another_country_is_not_read(stripe: Stripe) -> None:
    with pytest.raises(gateway.OtherCurrency, match="money in EUR"):
        gateway.session_of({"id": "cs_1", "amount_total": 52500, "currency": "eur"})


def test_evidence_without_paper_goes_as_words(stripe: Stripe) -> None:
    stripe.things["disputes"]["du_1"] = {"id": "du_1", "evidence_details": {"submission_count": 0}}

    gateway.submit_evidence("du_1", words="She came.", file=None, account="", key="evidence-1")

    assert sent_to(stripe, "/v1/disputes/du_1") == [{"evidence": {"uncategorized_text": "She came."}, "submit": "true"}]
