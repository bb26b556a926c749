"""The pages on which money comes back, goes back and is given up."""

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from billing import books
from billing.mentions import Known, read
from billing.models import Invoice, Payment, Refund
from tests import make
from tests.billing.test_invoicing import issued
from tests.billing.test_ledger import charge
from tests.billing.test_payments import Share, balance, pay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider", "_no_second_factor")]


@pytest.fixture
def _no_second_factor(settings):
    settings.DEMO = True


@pytest.fixture
def owed(provider, alder_valley) -> Invoice:
    return issued(*charge(make.line(alder_valley)))


def rest() -> Decimal:
    return Payment.objects.with_rest().get().rest


@pytest.mark.parametrize(("what", "left"), [("returned", Decimal(0)), ("wrong", Decimal(525))])
def test_a_payment_off_its_invoices_is_credit_unless_the_bank_returned_it(
    as_user, omar, owed, alder_valley, what, left
):
    paid = pay(alder_valley, "525.00", Share(owed, Decimal(525)))

    as_user(omar).post(reverse("billing:payment_take_back", args=[paid.pk]), {"what": what, "reason": "No cover"})

    assert (balance(owed), rest()) == (Decimal(525), left)
    assert list(books.broken_equations()) == []


def test_a_payment_is_returned_once(as_user, omar, owed, alder_valley):
    paid, client = pay(alder_valley), as_user(omar)
    page = reverse("billing:payment_take_back", args=[paid.pk])

    answers = [client.post(page, {"what": "returned", "reason": "No cover"}) for _time in range(2)]

    assert [answer.status_code for answer in answers] == [302, 422]
    assert "Nothing of 1234 is left: it went back before." in answers[1].content.decode()


def test_a_rest_goes_back_and_comes_back_when_it_did_not_arrive(as_user, omar, alder_valley):
    paid, client = pay(alder_valley), as_user(omar)
    posted = {"amount": "525.00", "method": "journal", "reference": "JE-9", "reason": "Paid twice"}

    client.post(reverse("billing:refund", args=[paid.pk]), posted)
    too_much = client.post(reverse("billing:refund", args=[paid.pk]), posted)
    client.post(reverse("billing:refund_failed", args=[Refund.objects.get().pk]), {"reason": "Never booked"})

    assert "1234 has $0.00 that is on no invoice" in too_much.content.decode()
    assert rest() == Decimal(525)


def test_credit_is_offered_on_the_next_invoice_and_used_once(as_user, omar, owed, alder_valley):
    pay(alder_valley, "600.00")
    client, page = as_user(omar), reverse("billing:invoice", args=[owed.pk])

    offered = client.get(page).context["credit"]
    for _time in range(2):
        client.post(reverse("billing:use_credit", args=[owed.pk]))

    assert (offered, balance(owed), rest()) == (Decimal(600), Decimal(0), Decimal(75))
    assert client.get(page).context["credit"] is None


def test_a_rest_is_written_off_and_owed_again_on_its_pages(as_user, omar, owed):
    client, posted = as_user(omar), {"amount": "25.00", "reason": "Bank fee"}

    client.post(reverse("billing:write_off", args=[owed.pk]), posted)
    given_up = balance(owed)
    client.post(reverse("billing:write_off_back", args=[owed.pk]), posted)
    refused = client.post(reverse("billing:write_off_back", args=[owed.pk]), posted)

    assert (given_up, balance(owed), refused.status_code) == (Decimal(500), Decimal(525), 422)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("PO-B", "PO-B is of Bristlecone Joint Union Elementary."),
        ("PO-A", "No issued invoice names purchase order PO-A."),
        ("INV-2027-0002", "INV-2027-0002 is an invoice of Bristlecone Joint Union Elementary."),
        ("INV-2027-0001 525.01", "The line says $525.01; $525.00 is owed."),
        ("invoice 77", "No invoice or purchase order has this number."),
    ],
)
def test_a_number_that_does_not_fit_says_why(owed, alder_valley, bristlecone, line: str, problem: str) -> None:
    make.purchase_order(alder_valley, number="PO-A")
    make.purchase_order(bristlecone, number="PO-B")
    issued(*charge(make.line(bristlecone)))

    [mention] = read(line, Known.of(owed.payer))

    assert mention.problem == problem


@pytest.mark.parametrize("amount", ["-5", "0", "1.005", "word"])
def test_an_amount_that_is_none_stands_beside_its_field(as_user, omar, owed, amount: str) -> None:
    facts: dict[str, Any] = {"payee": owed.payee_id, "method": "check", "reference": "9", "received_on": "2026-11-02"}

    answer = as_user(omar).post(reverse("billing:record_payment", args=[owed.payer_id]), facts | {"amount": amount})

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["amount"])
    assert not Payment.objects.exists()
