"""Scenario 17: one county warrant of $9,950 for three invoices of $9,975, its remittance lists purchase orders only."""

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from billing import books, invoicing
from billing.models import Allocation, Invoice, Payer, Payment, WriteOff, WriteOffBatch
from people.access import Role
from people.models import User
from tests import make
from tests.billing.test_ledger import charge

REMITTANCE = "PO 7741-A\nPO 7742-A\nPO 7743-A\nPO 9999"


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.DEMO = True


@pytest.fixture
def rosa(provider) -> User:
    return make.user("rosa@ssc.example.test", Role.FINANCE, name="Rosa Delgado")


@pytest.fixture
def owed(provider, alder_valley) -> list[Invoice]:
    """$525, $4,200 and $5,250, each under a purchase order of its own."""
    line = make.line(alder_valley)
    made = []
    for number, times in enumerate([1, 8, 10], 1):
        order = make.purchase_order(alder_valley, "5250", number=f"774{number}-A")
        charges = charge(line, times=times, purchase_order=order)
        lines = [invoicing.LineWanted(each, each.words) for each in charges]
        [draft] = invoicing.draft_all(lines, about="LT27-01", subject_key="institute:1", by=None, at=make.NOW)
        made.append(invoicing.issue(draft, by=None, at=make.NOW))
    return made


def typed(owed: list[Invoice], **more: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "payee": owed[0].payee_id,
        "method": "warrant",
        "reference": "W-90817",
        "amount": "9950.00",
    }
    return facts | {"received_on": timezone.localdate(), "numbers": REMITTANCE} | more


def found(client: Any, owed: list[Invoice]) -> Any:
    page = reverse("billing:record_payment", args=[owed[0].payer_id])
    return client.post(page, typed(owed, find="yes"))


def paid(client: Any, owed: list[Invoice]) -> Any:
    form = found(client, owed).context["form"]
    shares = {field.html_name: field.value() for field in form.share_fields if field.value()}
    page = reverse("billing:record_payment", args=[owed[0].payer_id])
    return client.post(page, typed(owed, reason="Bank fee disputed", **shares))


def balances(owed: list[Invoice]) -> list[Decimal]:
    rows = Invoice.objects.filter(pk__in=[one.pk for one in owed]).with_balance().order_by("pk")
    return [row.balance for row in rows]


def test_the_numbers_of_purchase_orders_find_the_invoices(as_user, omar, owed):
    answer = found(as_user(omar), owed)

    assert [list(mention.invoices) for mention in answer.context["mentions"]] == [[owed[0]], [owed[1]], [owed[2]], []]
    assert answer.context["mentions"][3].problem == "No invoice or purchase order has this number."
    assert answer.context["short"] == [owed[2]]
    assert not Payment.objects.exists()


def test_the_warrant_pays_three_invoices_and_leaves_25_dollars_open_with_the_reason(as_user, omar, owed):
    paid(as_user(omar), owed)

    assert balances(owed) == [Decimal(0), Decimal(0), Decimal(25)]
    assert Payment.objects.with_rest().get().rest == 0
    assert list(Allocation.objects.order_by("pk").values_list("amount", "reason")) == [
        (Decimal(525), ""),
        (Decimal(4200), ""),
        (Decimal(5225), "Bank fee disputed"),
    ]
    assert list(Invoice.objects.open()) == [owed[2]]
    assert list(books.broken_equations()) == []


def asked(client: Any, owed: list[Invoice]) -> WriteOffBatch:
    client.post(reverse("billing:write_offs_ask"), {"invoices": [owed[2].pk], "reason": "Small rests"})
    return WriteOffBatch.objects.get()


def test_the_rest_is_written_off_when_a_second_person_allows_it(as_user, omar, rosa, owed):
    client = as_user(omar)
    paid(client, owed)
    batch = asked(client, owed)

    page = reverse("billing:write_off_batch", args=[batch.pk])
    own = client.post(page, {"answer": "allow"})
    assert (own.status_code, balances(owed)[2]) == (422, Decimal(25))
    assert "a second person looks at it" in own.content.decode()

    as_user(rosa).post(page, {"answer": "allow"})
    assert balances(owed) == [Decimal(0)] * 3
    assert WriteOff.objects.get().approved_by == rosa
    assert list(books.broken_equations()) == []


def test_the_second_person_may_refuse(as_user, omar, rosa, owed):
    client = as_user(omar)
    paid(client, owed)
    batch = asked(client, owed)

    as_user(rosa).post(reverse("billing:write_off_batch", args=[batch.pk]), {"answer": "refuse"})

    assert balances(owed)[2] == Decimal(25)


def test_only_rests_up_to_an_amount_are_offered(as_user, omar, owed):
    client = as_user(omar)
    paid(client, owed)
    owed.append(invoicing.issue(make.invoice_of(charge(make.line(owed[0].payer.organization))), by=None, at=make.NOW))

    shown = client.get(reverse("billing:write_offs_ask"), {"up_to": "25"}).context["invoices"]

    assert list(shown) == [owed[2]]
    assert Payer.objects.count() == 1
