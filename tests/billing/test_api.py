"""The doors of the API: the same rows, verbs and refusals as the pages."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from billing.models import Invoice, Payment
from tests import make
from tests.billing.test_invoicing import draft, issued
from tests.billing.test_ledger import charge
from tests.billing.test_payments import pay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider", "_no_second_factor")]

ROWS = ["invoices", "agreements", "purchase-orders", "payments"]


@pytest.fixture
def _no_second_factor(settings):
    settings.DEMO = True


@pytest.fixture
def owed(provider, alder_valley) -> Invoice:
    contract = make.agreement(alder_valley, amount=Decimal(5000))
    made = issued(*charge(make.line(alder_valley, contract), purchase_order=make.purchase_order(alder_valley)))
    pay(alder_valley, reference="77")
    return made


def listed(client: Client, rows: str) -> Any:
    return client.get(f"/api/v1/{rows}/").json()["results"]


@pytest.mark.usefixtures("owed")
@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize(("who", "count"), [("omar", 1), ("bea", 1), ("hal", 0)])
def test_each_sees_what_the_pages_show(request, as_user, rows, who, count):
    assert len(listed(as_user(request.getfixturevalue(who)), rows)) == count


@pytest.mark.parametrize("rows", ROWS)
def test_a_stranger_gets_nothing(client, rows):
    assert client.get(f"/api/v1/{rows}/").status_code in {401, 403}


def test_an_invoice_comes_with_lines_and_balance(as_user, bea, owed):
    answer = as_user(bea).get(f"/api/v1/invoices/{owed.pk}/").json()

    assert (answer["reference"], answer["total"], answer["balance"]) == ("INV-2027-0001", "525.00", "525.00")
    assert [line["amount"] for line in answer["lines"]] == ["525.00"]


def test_a_draft_is_no_districts_matter(as_user, bea, alder_valley):
    draft(*charge(make.line(alder_valley)))

    assert listed(as_user(bea), "invoices") == []


@pytest.mark.usefixtures("owed")
def test_what_an_agreement_has_left_is_told_to_the_provider(as_user, omar, bea):
    assert listed(as_user(omar), "agreements")[0]["left"] == "4475.00"
    assert "left" not in listed(as_user(bea), "agreements")[0]


def facts(owed: Invoice, **more: Any) -> dict[str, Any]:
    return {
        "payer": owed.payer_id,
        "payee": owed.payee_id,
        "method": "ach",
        "reference": "A-1",
        "amount": "525.00",
        "received_on": "2026-11-02",
        "invoices": [{"invoice": owed.pk, "amount": "525.00"}],
    } | more


def post(client: Client, body: dict[str, Any], query: str = "", **headers: str) -> Any:
    return client.post(f"/api/v1/payments/{query}", body, content_type="application/json", headers=headers)


def test_a_payment_is_recorded_and_allocated(as_user, omar, owed):
    answer = post(as_user(omar), facts(owed))

    assert (answer.status_code, answer.json()["rest"]) == (201, "0.00")
    assert not Invoice.objects.open()


def test_a_payment_is_tried_without_being_kept(as_user, omar, owed):
    answer = post(as_user(omar), facts(owed), "?dry_run=true")

    assert (answer.json()["rest"], answer.json()["dry_run"]) == ("0.00", True)
    assert Payment.objects.count() == 1


def test_a_call_repeated_records_once(as_user, omar, owed):
    client = as_user(omar)

    answers = [post(client, facts(owed), **{"Idempotency-Key": "k"}) for _time in range(2)]

    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() == answers[1].json()
    assert Payment.objects.count() == 2


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"amount": "500.00"}, "A-1 has $500.00 left; the invoices would take $525.00."),
        ({"amount": "0"}, "Write an amount above zero."),
        ({"received_on": "2050-01-01"}, "January 1, 2050 is still to come"),
        ({"method": "check", "reference": "77"}, "record another?"),
    ],
)
def test_a_refusal_is_the_sentence_of_the_page(as_user, omar, owed, wrong, words):
    answer = post(as_user(omar), facts(owed, **wrong))

    assert answer.status_code == 400
    assert words in answer.json()["detail"][0]


def test_a_district_records_no_payment(as_user, bea, owed):
    assert post(as_user(bea), facts(owed)).status_code == 403
