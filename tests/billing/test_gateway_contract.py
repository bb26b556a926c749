"""What the small Stripe of the tests and the real one have in common.

With STRIPE_TEST_KEY (sk_test_…) in the environment these speak to Stripe's test mode; see docs/stripe.md.
"""

import os
import time
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.utils import timezone

from billing import gateway
from tests.fakes.stripe import KEY, SECRET, Stripe

TEST_KEY = os.environ.get("STRIPE_TEST_KEY", "")
RUN = uuid4().hex
"""Keys of other runs are other keys: Stripe remembers them for a day."""

if TEST_KEY:

    @pytest.fixture(autouse=True)
    def _no_network() -> None:
        """Takes the place of the suite's: these tests speak to Stripe."""


@pytest.fixture(autouse=True)
def _stripe(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with Stripe() as server:
        monkeypatch.setattr(settings, "STRIPE_SECRET_KEY", TEST_KEY or KEY)
        monkeypatch.setattr(settings, "STRIPE_WEBHOOK_SECRETS", [SECRET])
        monkeypatch.setattr(settings, "STRIPE_API_BASE", "" if TEST_KEY else server.address)
        yield


def opened(key: str, amount: str = "525.00") -> gateway.Session:
    visit = gateway.Visit(
        words="Invoice INV-2027-0001: LT27-01", about="INV-2027-0001", email="ap@example.com", amount=Decimal(amount),
        success_url="https://example.com/done", cancel_url="https://example.com/left", expires_at=UNTIL,
    )  # fmt: skip
    return gateway.open_session(visit, account="", key=f"{RUN}-{key}")


UNTIL = timezone.now() + timedelta(hours=20)


def paid_with(method: str) -> str:
    """Somebody paid $525 with one of Stripe's test cards; the intent."""
    asked = {
        "amount": 52500, "currency": "usd", "payment_method": method, "confirm": True,
        "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
    }  # fmt: skip
    return str(gateway._client().v1.payment_intents.create(asked)["id"])  # type: ignore[arg-type]


def test_a_page_is_opened_once_for_a_key_and_closed_once() -> None:
    first, second = opened("page"), opened("page")

    assert first == second
    assert (first.amount, first.is_paid, first.is_expired) == (Decimal("525.00"), False, False)
    assert first.url.startswith(("https://checkout.stripe.com/", "http://127.0.0.1"))
    gateway.close_session(first.id, account="")
    with pytest.raises(gateway.GatewayRefused, match="expired"):
        gateway.close_session(first.id, account="")


def test_a_key_used_for_something_else_is_refused() -> None:
    opened("other")

    with pytest.raises(gateway.GatewayRefused, match="same parameters"):
        opened("other", "1.00")


def test_a_page_is_found_in_the_list() -> None:
    made = opened("listed")

    listed = gateway.sessions_since(timezone.now() - timedelta(minutes=5), account="")

    assert made.id in [row["id"] for row in listed]


def test_a_refund_carries_our_key_goes_back_once_and_no_more_than_was_paid() -> None:
    intent = paid_with("pm_card_visa")
    asked: dict[str, Any] = {"ours": 7, "account": "", "key": f"{RUN}-refund"}

    first, second = (gateway.refund(intent, Decimal("25.00"), **asked) for _time in range(2))

    assert first == second
    assert (first.ours, first.amount, first.intent, first.failure) == (7, Decimal("25.00"), intent, "")
    assert [row["id"] for row in gateway.refunds_of(intent, account="")] == [first.id]
    with pytest.raises(gateway.GatewayRefused, match="greater than unrefunded amount"):
        gateway.refund(intent, Decimal("500.01"), **asked | {"key": f"{RUN}-too-much"})


def test_a_dispute_takes_evidence_once() -> None:
    intent = paid_with("pm_card_createDispute")
    contest = _dispute_of(intent)

    assert (contest.amount, contest.is_inquiry, contest.end) == (Decimal("525.00"), False, "")
    pdf = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF"
    gateway.submit_evidence(contest.id, words="She came.", file=pdf, account="", key=f"{RUN}-evidence")
    assert gateway.dispute(contest.id, account="")["evidence_details"]["submission_count"] == 1


def _dispute_of(intent: str) -> gateway.Contest:
    """In test mode it comes some seconds after the payment."""
    for _second in range(30):
        since = timezone.now() - timedelta(minutes=5)
        for row in gateway.disputes_since(since, account=""):
            if row["payment_intent"] == intent:
                return gateway.dispute_of(row)
        time.sleep(1)
    raise AssertionError("There is no dispute.")
