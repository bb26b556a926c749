"""The API takes money back, sends it back and gives it up, as the pages do and with their refusals."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from billing import invoicing
from billing.models import Invoice, Payment, Refund, WriteOff, WriteOffBatch
from people.access import Role
from people.models import User
from registrations import billable, withdrawals
from registrations.models import Seat
from tests import make
from tests.billing.test_invoicing import issued
from tests.billing.test_ledger import charge
from tests.billing.test_payments import Share, pay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider", "_no_second_factor")]


@pytest.fixture
def _no_second_factor(settings):
    settings.DEMO = True


@pytest.fixture
def rosa(provider) -> User:
    return make.user("rosa@ssc.example.test", Role.FINANCE, name="Rosa Delgado")


@pytest.fixture
def owed(provider, alder_valley) -> Invoice:
    return issued(*charge(make.line(alder_valley)))


def post(client: Client, rows: str, body: dict[str, Any], query: str = "", **headers: str) -> Any:
    return client.post(f"/api/v1/{rows}/{query}", body, content_type="application/json", headers=headers)


def balance(of: Invoice) -> Decimal:
    return Invoice.objects.with_balance().get(pk=of.pk).balance


def facts(owed: Invoice, **more: Any) -> dict[str, Any]:
    known = {"payer": owed.payer_id, "payee": owed.payee_id, "method": "warrant", "reference": "W-1"}
    return known | {"amount": "500.00", "received_on": "2026-11-02"} | more


def test_a_payment_names_its_invoices_by_number_and_says_why_it_is_short(as_user, omar, owed):
    body = facts(owed, numbers=["INV-2027-0001"], short_reason="Bank fee disputed")

    answer = post(as_user(omar), "payments", body)

    assert (answer.status_code, balance(owed)) == (201, Decimal(25))
    assert Payment.objects.get().allocations.get().reason == "Bank fee disputed"


def test_a_number_that_is_not_known_records_nothing(as_user, omar, owed):
    answer = post(as_user(omar), "payments", facts(owed, numbers=["INV-2027-0001", "PO 9"]))

    assert answer.json()["detail"] == ["“PO 9”: No invoice or purchase order has this number."]
    assert not Payment.objects.exists()


def test_a_payment_is_taken_off_its_invoices_and_allocated_anew(as_user, omar, owed, alder_valley):
    paid, client = pay(alder_valley, "525.00", Share(owed, Decimal(525))), as_user(omar)

    off = post(client, "allocations/take-back", {"payment": paid.pk, "reason": "Wrong one", "returned": False})
    share = {"invoice": owed.pk, "amount": "500.00", "reason": "Fee"}
    on = post(client, "allocations", {"payment": paid.pk, "invoices": [share]})
    again = post(client, "allocations", {"payment": paid.pk, "invoices": [share]})

    assert (off.json()["rest"], on.status_code, balance(owed)) == ("525.00", 201, Decimal(25))
    assert "owes $25.00; $500.00 would be too much" in again.json()["detail"][0]


def test_a_check_that_bounced_is_nobodys_credit(as_user, omar, owed, alder_valley):
    paid = pay(alder_valley, "525.00", Share(owed, Decimal(525)))

    off = post(as_user(omar), "allocations/take-back", {"payment": paid.pk, "reason": "No cover", "returned": True})

    assert (off.json()["rest"], balance(owed)) == ("0.00", Decimal(525))


def test_a_refund_is_sent_once_and_may_fail(as_user, omar, alder_valley):
    paid, client = pay(alder_valley, "525.00"), as_user(omar)
    body = {"payment": paid.pk, "method": "check", "reference": "88", "amount": "525.00", "reason": "Paid twice"}

    tried = post(client, "refunds", body, "?dry_run=true")
    made = [post(client, "refunds", body, **{"Idempotency-Key": "k"}) for _time in range(2)]
    failed = post(client, f"refunds/{made[0].json()['id']}/fail", {"reason": "Never cashed"})

    assert (tried.json()["dry_run"], [each.status_code for each in made], Refund.objects.count()) == (
        True,
        [201, 200],
        1,
    )
    assert failed.json()["failure"] == "Never cashed"
    assert Payment.objects.with_rest().get().rest == Decimal(525)


def test_a_card_refund_of_what_came_by_check_is_refused(as_user, omar, alder_valley):
    paid = pay(alder_valley, "525.00")

    answer = post(
        as_user(omar), "refunds", {"payment": paid.pk, "method": "card", "amount": "1.00", "reason": "Paid twice"}
    )

    assert (answer.status_code, Refund.objects.count()) == (400, 0)


def test_a_rest_is_written_off_and_owed_again(as_user, omar, owed):
    client = as_user(omar)

    answers = [
        post(client, "write-offs", {"invoice": owed.pk, "amount": amount, "reason": "Bank fee"}).status_code
        for amount in ("25.00", "-25.00", "-25.00", "525.01")
    ]

    assert (answers, balance(owed), WriteOff.objects.count()) == ([201, 201, 400, 400], Decimal(525), 2)


def test_many_are_given_up_by_two(as_user, omar, rosa, owed):
    wishes = {"invoices": [{"invoice": owed.pk, "amount": "25.00"}], "reason": "Small rests"}
    batch = post(as_user(omar), "write-off-batches", wishes).json()["id"]

    own = post(as_user(omar), f"write-off-batches/{batch}/decide", {"is_approved": True})
    hers = post(as_user(rosa), f"write-off-batches/{batch}/decide", {"is_approved": True})

    assert (own.status_code, hers.json()["is_approved"], balance(owed)) == (400, True, Decimal(500))


@pytest.mark.parametrize(
    "rows", ["allocations", "refunds", "write-offs", "write-off-batches", "credit-memos", "reissues"]
)
def test_a_district_changes_nothing(as_user, bea, rows):
    assert post(as_user(bea), rows, {}).status_code == 403
    assert not WriteOffBatch.objects.exists()


def test_a_credit_memo_and_a_reissue_are_called_for(as_user, omar, alder_valley):
    make.payee()
    winter = make.institute(code="LT27-01")
    make.placed(alder_valley, winter, "Ada Moss", "Ben Ito", by=omar)
    [draft] = billable.draft_invoices(winter, by=omar, at=make.NOW)
    client, invoice = as_user(omar), invoicing.issue(draft, by=omar, at=make.NOW)
    nothing = post(client, "credit-memos", {"invoice": invoice.pk})
    withdrawals.withdraw(list(Seat.objects.order_by("pk")[:1]), by=omar, at=make.NOW)

    memo = post(client, "credit-memos", {"invoice": invoice.pk})
    made = post(client, "reissues", {"invoice": invoice.pk, "account_string": "01-3010", "reason": "Wrong account"})

    assert nothing.json()["detail"] == ["Nothing of INV-2027-0001 waits to be credited."]
    assert (memo.json()["total"], memo.json()["corrects"]) == ("-525.00", "INV-2027-0001")
    assert memo.json()["lines"][0]["words"] == "Ada Moss: Withdrawn from LT27-01, November 2"
    assert (len(made.json()["drafts"]), balance(invoice)) == (1, Decimal(0))
