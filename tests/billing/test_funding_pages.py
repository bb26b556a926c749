"""Agreements, shares, funding lines, purchase orders, payers and payees: written by the provider."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from billing import agreements, spending
from billing.models import (
    AgreementCap,
    AgreementKind,
    FundingAgreement,
    FundingLine,
    Payee,
    PurchaseOrder,
    Source,
)
from billing.payments import Share
from people.models import Organization
from tests import make
from tests.billing.test_invoicing import issued
from tests.billing.test_ledger import charge
from tests.billing.test_payments import pay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider", "_no_second_factor")]


@pytest.fixture
def _no_second_factor(settings):
    settings.DEMO = True


@pytest.fixture
def omars(as_user, omar, provider, alder_valley):
    return as_user(omar)


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().replace("&#x27;", "'").split())


PERIOD = {"starts_on": "2026-07-01", "ends_on": "2027-06-30"}


def new(client: Client, kind: str, **facts: str) -> Any:
    address = reverse("billing:new_agreement", args=[kind])
    return client.post(address, PERIOD | {"name": "Science"} | facts)


def test_a_grant_has_a_funder_an_award_a_period_and_dollars(omars):
    new(omars, "grant", funder="National Science Foundation", award_no="NSF 26-1187", amount="$60,000.00")

    grant = FundingAgreement.objects.get()
    assert (grant.kind, grant.funder, grant.award_no) == (
        AgreementKind.GRANT,
        "National Science Foundation",
        "NSF 26-1187",
    )
    assert (grant.amount, grant.payer, grant.covers(date(2027, 6, 30))) == (Decimal(60000), None, True)


def test_a_contract_is_with_a_district(omars, alder_valley):
    new(omars, "fee_for_service", district="Alder Valley", rate="525", wording="Net of travel.")

    contract = FundingAgreement.objects.get()
    assert (contract.payer, contract.rate, contract.amount) == (make.payer(alder_valley), Decimal(525), None)


def test_lcff_money_has_a_line_with_its_lcap_reference_and_who_attested_it(omars, alder_valley):
    new(omars, "lcff", district="99001010000000")
    agreement = FundingAgreement.objects.get()
    lcap = {"lcap_year": "2026-27", "lcap_goal": "2", "lcap_action": "2.3", "is_contributing": "true"}

    omars.post(
        reverse("billing:add_line", args=[agreement.pk]),
        {"district": "Alder Valley", "source": "lcff_supplemental", "attested_by": "Bea Lindqvist, CBO", **lcap},
    )

    line = FundingLine.objects.get()
    assert (line.payer.organization, line.organization, line.agreement) == (alder_valley, alder_valley, agreement)
    assert (line.lcap_reference, line.is_contributing) == ("LCAP 2026-27 Goal 2 Action 2.3", True)
    assert (line.attested_by, bool(line.attested_at)) == ("Bea Lindqvist, CBO", True)


def test_a_line_under_the_providers_grant_is_paid_by_the_provider(omars, provider, alder_valley):
    grant = make.agreement()

    omars.post(reverse("billing:add_line", args=[grant.pk]), {"district": "Alder Valley", "source": Source.GRANT})

    line = FundingLine.objects.get()
    assert (line.payer.organization, line.organization, line.attested_at) == (provider.organization, alder_valley, None)


def test_a_line_without_district_comes_back(omars):
    answer = omars.post(reverse("billing:add_line", args=[make.agreement().pk]), {"source": Source.GRANT})

    assert answer.status_code == 422
    assert not FundingLine.objects.exists()


def test_a_key_used_for_another_line_is_refused(omars):
    grant = make.agreement()
    facts = {"district": "Alder Valley", "source": Source.GRANT, "submission_key": "k"}

    omars.post(reverse("billing:add_line", args=[grant.pk]), facts)
    answer = omars.post(reverse("billing:add_line", args=[grant.pk]), facts | {"account_string": "01"})

    assert "This form was sent before, with something else in it." in text(answer)


@pytest.mark.parametrize(
    ("kind", "facts", "words"),
    [
        ("grant", {"ends_on": "2026-06-30"}, "The last day is before the first."),
        ("grant", {"amount": "0"}, "Write an amount above zero."),
        ("fee_for_service", {}, "This field is required."),
        ("lcff", {"district": "Nowhere"}, "Nobody here is called “Nowhere”."),
        (
            "lcff",
            {"district": "Unified"},
            "Which one? Alder Valley Unified (County 99, 99001010000000); Delta Vista Unified (County 99).",
        ),
        ("lcff", {"district": "99"}, "Nobody here is called “99”."),
    ],
)
def test_what_is_wrong_comes_back_beside_its_field(omars, kind, facts, words):
    make.organization("Delta Vista Unified")

    answer = new(omars, kind, **facts)

    assert answer.status_code == 422
    assert words in text(answer)


def test_there_are_three_kinds(omars):
    assert omars.get(reverse("billing:new_agreement", args=["nonsense"])).status_code == 404
    assert "Nobody here" not in text(omars.get(reverse("billing:new_agreement", args=["grant"])))


def test_an_exact_name_is_found_among_longer_ones(omars):
    make.organization("Alder")

    new(omars, "lcff", district="alder")

    assert str(FundingAgreement.objects.get().payer) == "Alder"


def edit(client: Client, agreement: FundingAgreement, **facts: str) -> Any:
    current = {"name": agreement.name, "starts_on": agreement.starts_on, "ends_on": agreement.ends_on}
    return client.post(reverse("billing:edit_agreement", args=[agreement.pk]), current | facts)


def test_an_agreement_is_changed_while_what_it_paid_still_fits(omars, alder_valley):
    grant = make.agreement(amount=Decimal(525))
    charge(make.line(alder_valley, grant))

    edit(omars, grant, amount="1000", name="NSF-LEAP 2")

    grant.refresh_from_db()
    assert (grant.name, grant.amount, grant.charged) == ("NSF-LEAP 2", Decimal(1000), Decimal(525))


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"amount": "524.99"}, "$525.00 are charged already; the amount cannot be less."),
        ({"starts_on": "2027-01-22"}, "It pays for January 21–23, 2027 already; its period must hold these days."),
        ({"district": "Alder Valley"}, "was charged already: its kind and its payer stay."),
    ],
)
def test_an_agreement_is_not_changed_under_what_it_paid(omars, alder_valley, facts, words):
    grant = make.agreement(amount=Decimal(525))
    charge(make.line(alder_valley, grant))

    answer = edit(omars, grant, **{"amount": "525"} | facts)

    assert answer.status_code == 422
    assert words in text(answer)


def test_an_agreement_that_paid_nothing_is_changed_freely(alder_valley):
    grant = make.agreement(amount=Decimal(525))
    grant.payer, grant.amount = make.payer(alder_valley), Decimal(1)

    assert agreements.keep(grant).amount == Decimal(1)


def share(client: Client, grant: FundingAgreement, **facts: str) -> Any:
    return client.post(reverse("billing:share_out", args=[grant.pk]), {"district": "Alder Valley"} | facts)


def test_a_district_gets_a_share_and_another_share_later(omars):
    grant = make.agreement(amount=Decimal(60000))

    share(omars, grant, amount="9000")
    share(omars, grant)

    assert list(AgreementCap.objects.values_list("amount", "charged")) == [(None, Decimal(0))]


def test_a_share_counts_what_was_charged_before_there_was_one(omars, alder_valley):
    grant = make.agreement(amount=Decimal(60000))
    charge(make.line(alder_valley, grant))

    share(omars, grant, amount="525")

    assert AgreementCap.objects.get().left == 0


def test_a_share_is_not_less_than_what_was_charged(omars, alder_valley):
    grant = make.agreement(amount=Decimal(60000))
    charge(make.line(alder_valley, grant))

    answer = share(omars, grant, amount="524")

    assert "$525.00 are charged for Alder Valley Unified already; its share cannot be less." in text(answer)
    assert not AgreementCap.objects.exists()


def test_a_share_of_nobody_comes_back(omars):
    assert share(omars, make.agreement(), district="Nowhere").status_code == 422


def test_a_share_that_paid_nothing_is_taken_away(omars, alder_valley):
    grant = make.agreement()
    cap = AgreementCap.objects.create(agreement=grant, organization=alder_valley)

    omars.post(reverse("billing:unshare", args=[grant.pk, cap.pk]))

    assert not AgreementCap.objects.exists()


def test_a_share_that_paid_stays(omars, alder_valley):
    grant = make.agreement()
    cap = AgreementCap.objects.create(agreement=grant, organization=alder_valley)
    charge(make.line(alder_valley, grant))

    answer = omars.post(reverse("billing:unshare", args=[grant.pk, cap.pk]), follow=True)

    assert "$525.00 are charged for Alder Valley Unified: its share stays." in text(answer)


@pytest.mark.parametrize(
    ("asked", "found"), [("kind=lcff", []), ("kind=grant", ["NSF-LEAP"]), ("q=leap", ["NSF-LEAP"])]
)
def test_agreements_are_found_by_kind_and_name(omars, alder_valley, asked, found):
    make.agreement(name="NSF-LEAP")
    make.agreement(alder_valley, name="Contract")

    answer = omars.get(f"{reverse('billing:agreements')}?{asked}")

    assert [row.name for row in answer.context["page"]] == found


def test_what_became_of_the_dollars_is_recounted_from_rows(alder_valley):
    contract = make.agreement(alder_valley, amount=Decimal(2000))
    line = make.line(alder_valley, contract)
    owed = issued(*charge(line))
    pay(alder_valley, "500.00", Share(owed, Decimal(500)))
    charge(line)

    (spent,) = spending.spending_of([contract])

    dollars = [spent.charged, spent.unbilled, spent.unpaid, spent.paid, spent.left]
    assert dollars == [Decimal(1050), Decimal(525), Decimal(25), Decimal(500), Decimal(950)]
    assert [(part["text"], part["share"]) for part in spent.parts] == [("$525.00", 26), ("$25.00", 1), ("$500.00", 25)]


def test_an_agreement_without_a_limit_has_no_left():
    (spent,) = spending.spending_of([make.agreement()])

    assert spent.left is None
    assert [part["share"] for part in spent.parts] == [0]


# --- Purchase orders -------------------------------------------------------------------------------------------------


def order(client: Client, **facts: Any) -> Any:
    defaults = {"district": "Alder Valley", "number": "B27-1", "amount": "5,250.00", "expires_on": "2027-06-30"}
    return client.post(reverse("billing:new_purchase_order"), defaults | facts)


def test_a_purchase_order_is_recorded_with_its_paper(omars, alder_valley):
    order(omars, upload=SimpleUploadedFile("PO B27-1.pdf", b"%PDF-1.7 paper"))

    made = PurchaseOrder.objects.get()
    assert (made.payer.organization, made.number, made.amount) == (alder_valley, "B27-1", Decimal(5250))
    paper = omars.get(reverse("billing:purchase_order_file", args=[made.pk]))
    assert b"".join(paper.streaming_content) == b"%PDF-1.7 paper"
    paper.close()


def test_a_paper_of_another_kind_comes_back_beside_its_field(omars):
    answer = order(omars, upload=SimpleUploadedFile("po.exe", b"MZ\x00\x01"))

    assert answer.status_code == 422
    assert "is of a kind we cannot read" in text(answer)
    assert not PurchaseOrder.objects.exists()


def test_a_purchase_order_without_paper_has_none(omars):
    order(omars)

    assert omars.get(reverse("billing:purchase_order_file", args=[PurchaseOrder.objects.get().pk])).status_code == 404


def test_a_number_is_a_payers_once(omars, bristlecone):
    order(omars)

    assert "Alder Valley Unified has a purchase order B27-1 already." in text(order(omars))
    assert order(omars, district="Bristlecone").status_code == 302


def test_nothing_is_changed_once_something_is_drawn(omars, alder_valley):
    order(omars)
    made = PurchaseOrder.objects.get()
    facts = {"district": "Alder Valley", "number": "B27-2", "amount": "600"}
    address = reverse("billing:edit_purchase_order", args=[made.pk])

    assert omars.post(address, facts).status_code == 302
    charge(make.line(alder_valley), purchase_order=made)
    answer = omars.post(address, facts | {"amount": "9000"})

    assert "$525.00 of B27-2 are drawn: its number and amount stay." in text(answer)
    assert "525.00" in text(omars.get(reverse("billing:purchase_order", args=[made.pk])))


def test_purchase_orders_are_found_by_number_and_district(omars, alder_valley, bristlecone):
    make.purchase_order(alder_valley, number="77")
    make.purchase_order(bristlecone, number="88", expires_on=date(2020, 1, 1))

    for words, number in {"77": "77", "bristle": "88"}.items():
        found = omars.get(f"{reverse('billing:purchase_orders')}?q={words}").context["page"]
        assert [row.number for row in found] == [number]


# --- Payers and payees -----------------------------------------------------------------------------------------------


def test_a_payers_address_and_terms_are_changed(omars, alder_valley):
    payer = make.payer(alder_valley)
    address = reverse("billing:edit_payer", args=[payer.pk])

    omars.post(address, {"ap_email": "new@example.test", "address": "2 Alder Way", "terms_days": "45"})

    payer.refresh_from_db()
    assert (payer.ap_email, payer.address, payer.terms_days) == ("new@example.test", "2 Alder Way", 45)


def test_what_is_no_address_comes_back(omars, alder_valley):
    address = reverse("billing:edit_payer", args=[make.payer(alder_valley).pk])

    assert omars.post(address, {"ap_email": "nobody", "terms_days": "30"}).status_code == 422


def test_payers_are_found_by_name(omars, alder_valley, bristlecone):
    make.payer(alder_valley)
    make.payer(bristlecone)

    found = omars.get(f"{reverse('billing:payers')}?q=bristle").context["page"]

    assert [row.organization for row in found] == [bristlecone]


def test_a_fiscal_agent_is_paid_under_its_own_numbers(omars):
    assert "Nobody can be paid yet" in text(omars.get(reverse("billing:payees")))
    make.organization("Juniper COE")

    omars.post(
        reverse("billing:new_payee"), {"organization": "Juniper", "remit_to": "Juniper COE\nPO Box 1", "prefix": "JCOE"}
    )

    assert [str(payee) for payee in Payee.objects.all()] == ["Juniper COE"]
    assert "Numbers begin with JCOE" in text(omars.get(reverse("billing:payees")))


def test_nobody_is_paid_twice(omars):
    make.payee(Organization.objects.get(name="Alder Valley Unified"))

    answer = omars.post(reverse("billing:new_payee"), {"organization": "Alder", "remit_to": "Here"})

    assert "Alder Valley Unified is in the list already: change it there." in text(answer)


def test_a_remit_to_address_is_changed(omars):
    payee = make.payee()

    omars.post(reverse("billing:edit_payee", args=[payee.pk]), {"remit_to": "PO Box 10", "prefix": ""})

    payee.refresh_from_db()
    assert payee.remit_to == "PO Box 10"


def test_a_payee_without_address_comes_back(omars):
    assert omars.post(reverse("billing:edit_payee", args=[make.payee().pk]), {"remit_to": ""}).status_code == 422
