"""The pages of money: what each shows to whom, and what it refuses."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from billing.models import (
    AgreementCap,
    FundingAgreement,
    Invoice,
    Payer,
    Payment,
    PurchaseOrder,
)
from billing.payments import Share
from people.models import Organization
from tests import make
from tests.billing.test_invoicing import draft, issued
from tests.billing.test_ledger import charge
from tests.billing.test_payments import pay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider", "_no_second_factor")]


@pytest.fixture
def _no_second_factor(settings):
    settings.DEMO = True


@pytest.fixture
def owed(provider, alder_valley) -> Invoice:
    return issued(*charge(make.line(alder_valley)))


@pytest.fixture
def contract(alder_valley) -> FundingAgreement:
    return make.agreement(alder_valley, name="Science 2026", amount=Decimal(10000))


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


# --- Who sees what ---------------------------------------------------------------------------------------------------


def pages_of(owed: Invoice, contract: FundingAgreement, alder_valley: Organization) -> list[str]:
    order = make.purchase_order(alder_valley)
    paid = pay(alder_valley)
    return [
        reverse("billing:invoice", args=[owed.pk]),
        reverse("billing:agreement", args=[contract.pk]),
        reverse("billing:purchase_order", args=[order.pk]),
        reverse("billing:payment", args=[paid.pk]),
    ]


@pytest.mark.parametrize(("who", "status"), [("omar", 200), ("dolores", 200), ("bea", 200), ("hal", 404)])
def test_a_district_sees_its_own_money_and_no_other(request, as_user, owed, contract, alder_valley, who, status):
    pages = pages_of(owed, contract, alder_valley)
    client = as_user(request.getfixturevalue(who))

    assert [client.get(page).status_code for page in pages] == [status] * len(pages)


LISTS = ["invoices", "payments", "agreements", "purchase_orders"]


@pytest.mark.parametrize("page", LISTS)
def test_lists_show_a_district_its_own_rows_only(as_user, bea, hal, owed, contract, alder_valley, page):
    pages_of(owed, contract, alder_valley)
    words = {
        "invoices": owed.reference,
        "payments": "1234",
        "agreements": contract.name,
        "purchase_orders": PurchaseOrder.objects.get().number,
    }[page]

    assert words in text(as_user(bea).get(reverse(f"billing:{page}")))
    assert words not in text(as_user(hal).get(reverse(f"billing:{page}")))


@pytest.mark.parametrize("page", LISTS)
def test_staff_without_money_see_no_list(as_user, page, provider):
    from people.access import Role  # noqa: PLC0415 - for this test alone

    desk = make.user("desk@ssc.example.test", Role.STAFF)

    assert as_user(desk).get(reverse(f"billing:{page}")).status_code == 403


def test_a_draft_is_shown_to_no_district(as_user, bea, alder_valley):
    (unissued,) = draft(*charge(make.line(alder_valley)))
    client = as_user(bea)

    assert client.get(reverse("billing:invoice", args=[unissued.pk])).status_code == 404
    assert f"Draft {unissued.pk}" not in text(client.get(reverse("billing:invoices")))


WRITES = ["issue", "discard", "send"]


@pytest.mark.parametrize("verb", WRITES)
def test_a_district_changes_no_invoice(as_user, bea, owed, verb):
    assert as_user(bea).post(reverse(f"billing:{verb}", args=[owed.pk])).status_code == 403


@pytest.mark.parametrize("page", ["choose_payer", "new_purchase_order", "payers", "payees", "new_payee"])
def test_a_district_opens_no_page_of_the_staff(as_user, bea, page):
    assert as_user(bea).get(reverse(f"billing:{page}")).status_code == 403


def test_a_district_writes_no_agreement(as_user, bea, contract):
    client = as_user(bea)

    assert client.get(reverse("billing:new_agreement", args=["grant"])).status_code == 403
    assert client.get(reverse("billing:edit_agreement", args=[contract.pk])).status_code == 403
    for verb in ("share_out", "add_line"):
        assert client.post(reverse(f"billing:{verb}", args=[contract.pk])).status_code == 403


def test_a_district_of_a_grant_sees_its_own_share_only(as_user, dolores, alder_valley, bristlecone):
    grant = make.agreement(name="NSF-LEAP", amount=Decimal(60000))
    for district in (alder_valley, bristlecone):
        AgreementCap.objects.create(agreement=grant, organization=district, amount=Decimal(4321))
        charge(make.line(district, grant))

    page = text(as_user(dolores).get(reverse("billing:agreement", args=[grant.pk])))

    assert "Alder Valley Unified" in page
    assert "Bristlecone" not in page
    assert "60,000" not in page


@pytest.mark.parametrize("page", LISTS)
def test_a_list_asks_as_much_for_one_row_as_for_three(
    as_user, omar, django_assert_num_queries, django_assert_max_num_queries, page
):
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    client = as_user(omar)
    counts = []
    for rows in (1, 2):
        for number in range(rows):
            district = make.organization(f"District {rows}{number}")
            contract = make.agreement(district)
            order = make.purchase_order(district)
            made = issued(*charge(make.line(district, contract), purchase_order=order))
            pay(district, "100.00", Share(made, Decimal(100)))
        client.get(reverse(f"billing:{page}"))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(reverse(f"billing:{page}"))
        counts.append(len(queries))

    assert counts[0] == counts[1]


# --- Invoices --------------------------------------------------------------------------------------------------------


def test_the_list_says_what_is_owed_and_what_is_overdue(as_user, omar, alder_valley):
    issued(*charge(make.line(alder_valley), "100.00"), at=timezone.now() - timedelta(days=60))
    issued(*charge(make.line(alder_valley), "30.00"), at=timezone.now())

    answer = as_user(omar).get(reverse("billing:invoices"))

    assert (answer.context["owed"], answer.context["overdue"]) == (Decimal(130), Decimal(100))
    assert [row.ageing.label for row in answer.context["page"]] == ["Due in 30 days", "Overdue 1–30 days"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", ["draft", "open", "paid"]),
        ("state=draft", ["draft"]),
        ("state=open", ["open"]),
        ("state=overdue", []),
        ("state=settled", ["paid"]),
        ("q=alder", ["draft", "open", "paid"]),
        ("q=inv-2027-0002", ["paid"]),
        ("q=bristlecone", []),
        ("year=2027", ["open", "paid"]),
        ("state=nonsense", ["draft", "open", "paid"]),
    ],
)
def test_the_list_is_narrowed_down(as_user, omar, alder_valley, asked, found):
    at = make.NOW
    type(make.payer(alder_valley)).objects.update(terms_days=30000)
    rows = {
        "open": issued(*charge(make.line(alder_valley)), at=at),
        "paid": issued(*charge(make.line(alder_valley)), at=at),
    }
    pay(alder_valley, "525.00", Share(rows["paid"], Decimal(525)))
    rows["draft"] = draft(*charge(make.line(alder_valley)))[0]
    names = {row.pk: name for name, row in rows.items()}

    answer = as_user(omar).get(f"{reverse('billing:invoices')}?{asked}")

    assert sorted(names[row.pk] for row in answer.context["page"]) == found


def test_a_draft_is_issued_from_its_page(as_user, omar, alder_valley):
    (unissued,) = draft(*charge(make.line(alder_valley)))

    answer = as_user(omar).post(reverse("billing:issue", args=[unissued.pk]), follow=True)

    assert "is issued and on its way." in text(answer)
    assert Invoice.objects.get().reference in text(answer)
    assert ProcrastinateJob.objects.get().args["invoices"] == [unissued.pk]


def test_a_draft_that_cannot_be_issued_says_why(as_user, omar, owed):
    answer = as_user(omar).post(reverse("billing:issue", args=[owed.pk]), follow=True)

    assert f"{owed} was issued already." in text(answer)


def test_a_draft_is_discarded_from_its_page(as_user, omar, alder_valley):
    (unissued,) = draft(*charge(make.line(alder_valley)))

    answer = as_user(omar).post(reverse("billing:discard", args=[unissued.pk]), follow=True)

    assert "The draft is gone" in text(answer)
    assert not Invoice.objects.exists()


def test_an_issued_invoice_is_not_discarded(as_user, omar, owed):
    answer = as_user(omar).post(reverse("billing:discard", args=[owed.pk]), follow=True)

    assert "it can only be corrected by a credit memo" in text(answer)


def test_an_invoice_is_sent_again_in_the_background(as_user, omar, owed):
    answer = as_user(omar).post(reverse("billing:send", args=[owed.pk]), {"submission_key": "k"}, follow=True)

    assert f"{owed} goes to ap@example.test." in text(answer)
    assert ProcrastinateJob.objects.get().args == {"invoices": [owed.pk], "by": omar.pk, "key": "k"}


def test_an_invoice_without_address_is_not_sent_again(as_user, omar, owed):
    Payer.objects.update(ap_email="")

    answer = as_user(omar).post(reverse("billing:send", args=[owed.pk]), follow=True)

    assert "Alder Valley Unified has no accounts payable e-mail: set it first." in text(answer)


def test_an_invoice_has_no_paper_before_the_worker_made_it(as_user, omar, owed):
    assert as_user(omar).get(reverse("billing:invoice_paper", args=[owed.pk])).status_code == 404


def test_a_credit_memo_and_its_invoice_lead_to_each_other(as_user, omar, owed):
    memo = make.credit_memo(owed, "100.00")
    client = as_user(omar)

    assert memo.reference in text(client.get(reverse("billing:invoice", args=[owed.pk])))
    assert owed.reference in text(client.get(reverse("billing:invoice", args=[memo.pk])))


# --- Payments --------------------------------------------------------------------------------------------------------


def test_those_who_owe_are_offered_first(as_user, omar, owed, bristlecone):
    make.payer(bristlecone)
    client = as_user(omar)

    assert [str(payer) for payer in client.get(reverse("billing:choose_payer")).context["payers"]] == [str(owed.payer)]
    found = client.get(f"{reverse('billing:choose_payer')}?q=bristle").context["payers"]
    assert [payer.organization for payer in found] == [bristlecone]


def facts(payer: Payer, **more: str) -> dict[str, str]:
    return {
        "payee": str(make.payee().pk),
        "method": "check",
        "reference": "1234",
        "amount": "$525.00",
        "received_on": "2026-11-02",
        "submission_key": "k",
    } | more


def record(client: Client, owed: Invoice, **more: str) -> Any:
    more.setdefault(f"invoice_{owed.pk}", "525.00")
    return client.post(reverse("billing:record_payment", args=[owed.payer_id]), facts(owed.payer, **more))


def test_a_check_is_recorded_for_an_invoice(as_user, omar, owed):
    answer = record(as_user(omar), owed)

    assert answer.url == reverse("billing:payment", args=[Payment.objects.get().pk])
    assert not Invoice.objects.open()


def test_a_payment_pressed_twice_is_recorded_once(as_user, omar, owed):
    client = as_user(omar)

    urls = {record(client, owed, amount="1000").url for _ in range(2)}

    assert urls == {reverse("billing:payment", args=[Payment.objects.get().pk])}


def test_the_form_comes_filled_in_from_the_invoice(as_user, omar, owed):
    address = f"{reverse('billing:record_payment', args=[owed.payer_id])}?invoice={owed.pk}"

    assert text(as_user(omar).get(address)).count('value="525.00"') == 2


def test_more_than_an_invoice_owes_comes_back_with_a_sentence(as_user, omar, owed):
    answer = record(as_user(omar), owed, **{f"invoice_{owed.pk}": "525.01", "amount": "600"})

    assert answer.status_code == 422
    assert f"{owed} owes $525.00; $525.01 would be too much." in text(answer)
    assert not Payment.objects.exists()


@pytest.mark.parametrize("amount", ["0", "-5", "5.005", "much"])
def test_what_is_no_amount_comes_back_beside_its_field(as_user, omar, owed, amount):
    answer = record(as_user(omar), owed, amount=amount)

    assert answer.status_code == 422
    assert "amount" in answer.context["form"].errors


def test_the_same_check_is_asked_about_and_recorded_when_it_is_another(as_user, omar, owed):
    pay(owed.payer.organization)
    client = as_user(omar)

    question = record(client, owed)
    answer = record(client, owed, again="on")

    assert "record another?" in text(question)
    assert 'type="checkbox" name="again"' in text(question)
    assert answer.status_code == 302
    assert Payment.objects.count() == 2


def test_who_owes_nothing_may_pay_ahead(as_user, omar, alder_valley):
    make.payee()
    address = reverse("billing:record_payment", args=[make.payer(alder_valley).pk])
    client = as_user(omar)

    assert "the payment waits for the next one" in text(client.get(address))
    assert client.post(address, facts(make.payer(alder_valley))).status_code == 302


def test_the_rest_of_a_payment_is_allocated_on_its_page(as_user, omar, owed):
    paid = pay(owed.payer.organization)
    address = reverse("billing:payment", args=[paid.pk])

    answer = as_user(omar).post(address, {f"invoice_{owed.pk}": "525", "submission_key": "k"}, follow=True)

    assert answer.status_code == 200
    assert not Invoice.objects.open()


def test_too_much_of_a_rest_comes_back_with_a_sentence(as_user, omar, owed):
    paid = pay(owed.payer.organization, "100.00")
    address = reverse("billing:payment", args=[paid.pk])

    answer = as_user(omar).post(address, {f"invoice_{owed.pk}": "525", "submission_key": "k"})

    assert answer.status_code == 422
    assert "1234 has $100.00 left; the invoices would take $525.00." in text(answer)


def test_a_district_allocates_nothing(as_user, bea, owed):
    paid = pay(owed.payer.organization)

    assert as_user(bea).post(reverse("billing:payment", args=[paid.pk])).status_code == 403


def test_payments_are_found_by_number_and_payer(as_user, omar, alder_valley, bristlecone):
    pay(alder_valley, reference="77")
    pay(bristlecone, reference="88")
    client = as_user(omar)

    for words, reference in {"77": "77", "bristle": "88"}.items():
        found = client.get(f"{reverse('billing:payments')}?q={words}").context["page"]
        assert [row.reference for row in found] == [reference]
