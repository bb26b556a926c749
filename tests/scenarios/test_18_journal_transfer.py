"""Scenario 18: Juniper COE's own district pays by county journal; no check ever arrives."""

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from billing import books
from billing.models import Invoice, Payment, PaymentMethod
from tests import make
from tests.billing.test_invoicing import issued
from tests.billing.test_ledger import charge


@pytest.fixture
def owed(settings, provider) -> Invoice:
    """What a district of the county owes to Juniper COE, the fiscal agent, which is paid in its own books."""
    settings.DEMO = True
    juniper = make.payee(make.organization("Juniper COE", "99109900000000"), prefix="JUN")
    district = make.organization("Manzanita Elementary", "99001060000000")
    return issued(*charge(make.line(district), "2500.00", payee=juniper))


def posted(owed: Invoice, **more: str) -> dict[str, object]:
    facts: dict[str, object] = {
        "payee": owed.payee_id,
        "method": "journal",
        "reference": "JE-2027-118",
        "amount": "2500.00",
    }
    return facts | {"received_on": timezone.localdate(), f"invoice_{owed.pk}": "2500.00"} | more


def test_the_journal_entry_marks_the_invoice_paid(as_user, omar, owed):
    client = as_user(omar)

    client.post(reverse("billing:record_payment", args=[owed.payer_id]), posted(owed))

    payment = Payment.objects.with_rest().get()
    assert (payment.method, payment.reference, payment.rest) == (PaymentMethod.JOURNAL, "JE-2027-118", Decimal(0))
    assert payment.payee == owed.payee
    assert list(Invoice.objects.settled()) == [owed]
    assert list(books.broken_equations()) == []


def test_the_payments_page_says_journal_and_its_number(as_user, omar, owed):
    client = as_user(omar)
    client.post(reverse("billing:record_payment", args=[owed.payer_id]), posted(owed))

    page = client.get(reverse("billing:payment", args=[Payment.objects.get().pk])).content.decode()

    assert "County journal transfer JE-2027-118" in page


def test_the_same_journal_entry_is_asked_about(as_user, omar, owed):
    client = as_user(omar)
    page = reverse("billing:record_payment", args=[owed.payer_id])
    client.post(page, posted(owed))

    again = client.post(page, posted(owed, reference=" JE-2027-118 ", submission_key="another"))

    assert again.status_code == 422
    assert "record another?" in again.content.decode()
    assert Payment.objects.count() == 1
