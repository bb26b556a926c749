"""Rows of the ledger say what they are; lines of a draft are the provider's own; a cap is its own district's."""

from decimal import Decimal

import pytest
from django.urls import reverse

from billing import ledger
from billing.models import AgreementCap, Charge, Dispatch, Invoice, InvoiceLine, Payment
from office import files
from tests import make
from tests.billing.test_invoicing import draft, issued
from tests.billing.test_ledger import charge, wanted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]


def test_a_charge_its_line_and_a_dispatch_say_what_they_are(alder_valley) -> None:
    invoice = issued(*charge(make.line(alder_valley)))
    pdf = files.keep(b"%PDF-", name="x.pdf", type=files.PDF, by=None, at=make.NOW)
    dispatch = Dispatch.objects.create(invoice=invoice, file=pdf, at=make.NOW)

    assert [str(row) for row in (Charge.objects.get(), dispatch)] == [
        "Seat at LT27-01 · $525.00",
        "INV-2027-0001 sent",
    ]
    assert str(invoice.lines.get()).endswith(" · $525.00")


def test_a_district_sees_the_lines_of_what_was_issued_only(bea, hal, alder_valley) -> None:
    line = make.line(alder_valley)
    printed = issued(*charge(line)).lines.get()
    draft(*charge(line))

    assert InvoiceLine.objects.count() == 2
    assert list(InvoiceLine.objects.visible_to(bea)) == [printed]
    assert not InvoiceLine.objects.visible_to(hal)


def test_a_cap_of_another_grant_of_the_same_call_is_not_counted(alder_valley, bristlecone) -> None:
    """Each of two grants serves both districts; each district is charged to one of them."""
    first, second = (make.agreement(amount=Decimal(9000)) for _each in range(2))
    for grant in (first, second):
        for district in (alder_valley, bristlecone):
            AgreementCap.objects.create(agreement=grant, organization=district, amount=Decimal(1000))
    asked = wanted(make.line(alder_valley, first)) + wanted(make.line(bristlecone, second))

    ledger.charge_all(asked, by=None, at=make.NOW)

    charged = {(cap.agreement, cap.organization) for cap in AgreementCap.objects.filter(charged__gt=0)}
    assert charged == {(first, alder_valley), (second, bristlecone)}


def test_one_who_owes_two_payees_says_which_of_them_was_paid(
    settings, as_user, omar, alder_valley, bristlecone
) -> None:
    settings.DEMO = True
    issued(*charge(make.line(alder_valley)))
    host = make.payee(bristlecone)
    owed = issued(*charge(make.line(alder_valley), payee=host))
    address = reverse("billing:record_payment", args=[owed.payer_id])
    facts = {"method": "check", "reference": "1", "amount": "525", "received_on": "2026-11-02", "submission_key": "k"}

    unsaid = as_user(omar).post(address, facts | {f"invoice_{owed.pk}": "525"})
    as_user(omar).post(address, facts | {f"invoice_{owed.pk}": "525", "payee": host.pk})

    assert unsaid.context["form"].errors == {"payee": ["This field is required."]}
    assert Payment.objects.get().payee == host
    assert list(Invoice.objects.open()) != [owed]


def test_what_is_no_amount_of_a_rest_comes_back(settings, as_user, omar, alder_valley) -> None:
    settings.DEMO = True
    owed = issued(*charge(make.line(alder_valley)))
    paid = Payment.objects.create(
        payer=owed.payer,
        payee=owed.payee,
        method="check",
        amount=Decimal(525),
        received_on=make.NOW.date(),
        at=make.NOW,
    )

    answer = as_user(omar).post(reverse("billing:payment", args=[paid.pk]), {f"invoice_{owed.pk}": "much"})

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [f"invoice_{owed.pk}"]
