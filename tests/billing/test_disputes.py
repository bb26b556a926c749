"""Disputes: the bank has the dollars, the invoice owes again; won, it is paid again; lost, it goes on owing."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from billing import books, disputes, payments
from billing.models import Allocation, Dispute, DisputeOutcome, Invoice, Payment, PaymentMethod
from office.models import Message
from people.models import Organization, Provider, User
from tests import make
from tests.billing.cards import *  # noqa: F403 - the fixtures of cards
from tests.billing.cards import arrive, balances, paid_by_card
from tests.billing.test_crediting import issued_for
from tests.fakes.stripe import Stripe

pytestmark = pytest.mark.django_db


@pytest.fixture
def card(stripe: Stripe, invoice: Invoice) -> Payment:
    return paid_by_card(stripe, invoice)


def test_a_disputed_payment_leaves_its_invoice_owing_and_tells_the_provider(
    stripe: Stripe, invoice: Invoice, card: Payment
) -> None:
    Provider.objects.update(email="office@ssc.example.test")
    stripe.dispute(str(card.gateway_id))

    arrive(stripe, times=2)

    dispute = Dispute.objects.get()
    assert (dispute.amount, dispute.fee, dispute.reason) == (
        Decimal("525.00"),
        Decimal("15.00"),
        "product not received",
    )
    assert dispute.evidence_due_at
    assert timedelta(days=9) < dispute.evidence_due_at - timezone.now() < timedelta(days=11)
    assert balances(invoice) == {"owed": "525.00", "credit": ["0.00"]}
    assert disputes.open_of(invoice) == [dispute]
    [told] = Message.objects.filter(to="office@ssc.example.test")
    assert told.subject == "A card payment of $525.00 is disputed"
    assert list(books.broken_equations()) == []


def test_a_dispute_without_a_last_day_asks_for_nothing_by_then(stripe: Stripe, invoice: Invoice, card: Payment) -> None:
    Provider.objects.update(email="office@ssc.example.test")
    stripe.dispute(str(card.gateway_id))
    stripe.mail[0]["data"]["object"]["evidence_details"] = None

    arrive(stripe)

    assert Dispute.objects.get().evidence_due_at is None
    assert "Evidence is wanted" not in Message.objects.get(about__startswith="dispute").text


def test_a_dispute_that_is_won_pays_the_invoice_again(stripe: Stripe, invoice: Invoice, card: Payment) -> None:
    key = stripe.dispute(str(card.gateway_id))
    stripe.close(key, "won")
    stripe.tell("charge.dispute.funds_reinstated", stripe.things["disputes"][key])

    arrive(stripe, times=2)

    assert balances(invoice) == {"owed": "0.00", "credit": ["0.00"]}
    assert [str(row.amount) for row in Allocation.objects.order_by("pk")] == ["525.00", "-525.00", "525.00"]


def test_what_was_paid_by_check_meanwhile_stays_paid_and_the_won_money_is_credit(
    stripe: Stripe, invoice: Invoice, card: Payment, omar: User
) -> None:
    key = stripe.dispute(str(card.gateway_id))
    arrive(stripe)
    payments.record(
        payer=invoice.payer, payee=invoice.payee, method=PaymentMethod.CHECK, reference="88", amount=Decimal(525),
        received_on=make.NOW.date(), shares=[payments.Share(invoice, Decimal(525))], by=omar, at=make.NOW,
    )  # fmt: skip

    stripe.close(key, "won")
    arrive(stripe)

    assert balances(invoice) == {"owed": "0.00", "credit": ["525.00", "0.00"]}


def test_a_dispute_that_is_lost_leaves_a_note_for_collections_that_names_no_participant(
    stripe: Stripe, invoice: Invoice, card: Payment
) -> None:
    stripe.close(stripe.dispute(str(card.gateway_id)), "lost")

    arrive(stripe, times=2)

    dispute = DisputeOutcome.objects.get().dispute
    assert balances(invoice) == {"owed": "525.00", "credit": ["0.00"]}
    due = invoice.due_on.strftime("%B %-d, %Y")
    assert disputes.collections_note(dispute) == (
        f"Alder Valley Unified owes $525.00 to Sierra Science Collaborative.\n{invoice.reference}: $525.00, due {due}"
    )
    assert disputes.open_of(invoice) == []


def test_a_question_of_the_bank_moves_no_money(stripe: Stripe, invoice: Invoice, card: Payment) -> None:
    stripe.dispute(str(card.gateway_id), status="warning_needs_response")

    arrive(stripe)

    assert not Dispute.objects.exists()
    assert balances(invoice) == {"owed": "0.00", "credit": ["0.00"]}


def test_a_dispute_of_a_part_falls_on_what_is_free_first_then_on_the_newest_invoice(
    stripe: Stripe, invoice: Invoice, alder_valley: Organization, omar: User
) -> None:
    other = issued_for(make.line(alder_valley), 1, omar)
    card = Payment.objects.create(
        payer=invoice.payer, payee=invoice.payee, method=PaymentMethod.CARD, reference="pi_x", amount=Decimal(1000),
        gateway_id="pi_x", received_on=make.NOW.date(), at=make.NOW,
    )  # fmt: skip
    shares = [payments.Share(invoice, Decimal(500)), payments.Share(other, Decimal(400))]
    payments.allocate(card, shares, by=omar, at=make.NOW)

    dispute = disputes.open(card, told("550.00"), at=make.NOW)

    taken = list(Allocation.objects.filter(amount__lt=0).order_by("pk").values_list("invoice", "amount"))
    assert taken == [(other.pk, Decimal(-400)), (invoice.pk, Decimal(-50))]
    disputes.win(dispute, at=make.NOW)
    assert Payment.objects.with_rest().get(pk=card.pk).rest == Decimal("100.00")


def test_no_more_is_held_than_the_payment_still_has(stripe: Stripe, invoice: Invoice, card: Payment) -> None:
    stripe.refund_by_hand(str(card.gateway_id), 2500)
    arrive(stripe)

    dispute = disputes.open(card, told("525.00"), at=make.NOW)

    assert dispute.amount == Decimal("500.00")
    assert list(books.broken_equations()) == []


def told(amount: str) -> gateway.Contest:  # noqa: F405
    return gateway.Contest("du_x", "pi_x", Decimal(amount), Decimal(15), "fraudulent", None, False, "")  # noqa: F405
