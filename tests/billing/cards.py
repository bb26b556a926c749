"""What tests of cards stand on: a small Stripe, its messages brought to us, and the work that they cause."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing import card_refunds, checkouts, gateway, webhooks
from billing.models import CheckoutAttempt, Invoice, Payment, Refund, StripeEvent
from people.models import Organization, User
from tests import make
from tests.billing.test_crediting import issued_for
from tests.fakes.stripe import KEY, SECRET, Stripe


@pytest.fixture
def stripe(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stripe]:
    """Cards are on, and Stripe is a server on loopback that is asked again without a pause."""
    with Stripe() as server:
        monkeypatch.setattr(settings, "STRIPE_SECRET_KEY", KEY)
        monkeypatch.setattr(settings, "STRIPE_WEBHOOK_SECRETS", ["whsec_of_another_endpoint", SECRET])
        monkeypatch.setattr(settings, "STRIPE_API_BASE", server.address)
        monkeypatch.setattr(settings, "STRIPE_TIMEOUT", 0.5)
        monkeypatch.setattr(gateway, "PAUSES", (0, 0, 0))
        yield server


@pytest.fixture
def invoice(provider: object, alder_valley: Organization, omar: User) -> Invoice:
    """INV-2027-0001 of $525 to Alder Valley."""
    return issued_for(make.line(alder_valley), 1, omar)


def to_us(client: Client | None = None) -> Callable[[bytes, str], int]:
    """Brings a message to our door, as Stripe does."""
    door = client or Client()

    def post(payload: bytes, signature: str) -> int:
        headers = {"Stripe-Signature": signature}
        return door.post(
            reverse("billing:webhook"), payload, content_type="application/json", headers=headers
        ).status_code

    return post


def arrive(stripe: Stripe, *, times: int = 1, backwards: bool = False) -> list[int]:
    """All messages come, in order or backwards, each as often; and what waits is acted on, as the worker does."""
    if backwards:
        stripe.mail.reverse()
    answers = stripe.deliver(to_us(), times=times)
    work()
    return answers


def work() -> None:
    """The worker: each message in the order of its arrival."""
    for event in StripeEvent.objects.unanswered().order_by("pk"):
        webhooks.act(event.pk, at=timezone.now())


def send_refunds() -> None:
    for made in Refund.objects.filter(gateway_id=None):
        card_refunds.send(made, at=timezone.now())


def visit(invoice: Invoice) -> CheckoutAttempt:
    """A click on Pay."""
    return checkouts.start(checkouts.read(checkouts.token_of(invoice)), at=timezone.now())


def paid_by_card(stripe: Stripe, invoice: Invoice) -> Payment:
    stripe.pay(str(visit(invoice).session_id))
    arrive(stripe)
    return Payment.objects.get(checkout__invoice=invoice)


def balances(invoice: Invoice) -> dict[str, Any]:
    """What an invoice owes, and what waits as credit of the payments of its payer."""
    owed = Invoice.objects.with_balance().get(pk=invoice.pk).balance
    rests = [str(payment.rest) for payment in Payment.objects.with_rest().filter(payer=invoice.payer).order_by("pk")]
    return {"owed": str(owed), "credit": rests}
