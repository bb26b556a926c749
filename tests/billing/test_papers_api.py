"""The API of papers: quotes read, purchase orders recorded and changed, with the same refusals as the pages."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from billing import quoting
from billing.models import ChangeOrder, PurchaseOrder
from people.models import Organization, User
from registrations import approvals
from registrations.rosters import drafting, reading
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def district(provider: Any, alder_valley: Organization) -> Organization:
    make.payee()
    make.payer(alder_valley)
    return alder_valley


def calling(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def order_of(district: Organization, **more: Any) -> dict[str, Any]:
    return {"payer": make.payer(district).pk, "number": "26-118 / b", "amount": "5250.00"} | more


def test_a_coordinator_records_a_purchase_order_once(district: Organization, dolores: User) -> None:
    client = calling(dolores)

    answers = [
        client.post("/api/v1/purchase-orders/", order_of(district), headers={"Idempotency-Key": "one"})
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [201, 200]
    assert (PurchaseOrder.objects.get().number, answers[0].json()["left"]) == ("26-118 / b", "5250.00")


def test_tried_dry_it_keeps_nothing(district: Organization, dolores: User) -> None:
    answer = calling(dolores).post("/api/v1/purchase-orders/?dry_run=true", order_of(district))

    assert (answer.json()["dry_run"], PurchaseOrder.objects.count()) == (True, 0)


def test_a_number_that_is_taken_is_refused_with_a_sentence(district: Organization, dolores: User) -> None:
    make.purchase_order(district, number="26-118 / b")

    answer = calling(dolores).post("/api/v1/purchase-orders/", order_of(district))

    assert answer.status_code == 400
    assert answer.json()["detail"] == ["Alder Valley Unified has a purchase order 26-118 / b already."]


def test_a_change_order_shows_on_its_purchase_order(district: Organization, dolores: User) -> None:
    order = make.purchase_order(district)

    answer = calling(dolores).post(
        f"/api/v1/purchase-orders/{order.pk}/change-orders/", {"delta": "525", "number": "1"}
    )

    told = answer.json()
    assert (answer.status_code, told["amount"]) == (201, "5775.00")
    assert [(each["number"], each["delta"]) for each in told["change_orders"]] == [("1", "525.00")]


def test_a_lowering_below_what_is_drawn_is_refused(district: Organization, dolores: User) -> None:
    order = make.purchase_order(district)

    answer = calling(dolores).post(f"/api/v1/purchase-orders/{order.pk}/change-orders/", {"delta": "-5250.01"})

    assert answer.status_code == 400
    assert "cannot be lowered" in answer.json()["detail"][0]


def test_the_business_office_reads_and_another_district_does_not(district: Organization, bea: User, hal: User) -> None:
    order = make.purchase_order(district)
    where, change = f"/api/v1/purchase-orders/{order.pk}/", {"delta": "1"}

    assert calling(bea).get(where).status_code == 200
    assert calling(bea).post(f"{where}change-orders/", change).status_code == 403
    assert calling(hal).post(f"{where}change-orders/", change).status_code == 404
    assert calling(hal).post("/api/v1/purchase-orders/", order_of(district)).status_code == 400
    assert not ChangeOrder.objects.exists()


def test_a_quote_is_read_as_it_was_written(district: Organization, dolores: User, hal: User) -> None:
    made = quoting.quote(
        payer=make.payer(district), payee=make.payee(), lines=[quoting.Item("Seat", 6, Decimal(525))], about="LT27-01",
        order_key="order-1", valid_until=date(2026, 12, 31), organization=district, by=dolores, at=make.NOW,
    )  # fmt: skip

    told = calling(dolores).get(f"/api/v1/quotes/{made.pk}/").json()

    assert (told["reference"], told["total"]) == ("Q-2027-0001", "3150.00")
    assert calling(hal).get("/api/v1/quotes/").json()["results"] == []


def test_approvals_are_read_with_whether_they_still_hold(district: Organization, dolores: User, hal: User) -> None:
    draft = drafting.start(district, make.institute(), by=dolores, at=make.NOW)
    drafting.lay(draft, reading.read_text("First,Last\nAna,Torres\n"), replacing=True, at=make.NOW)
    approvals.ask(draft, email="pat@avusd.example.test", by=dolores, at=make.NOW)
    drafting.change_rows(draft, [1], at=make.NOW, decision="leave_out")

    [told] = calling(dolores).get("/api/v1/approvals/").json()["results"]

    assert (told["email"], told["decision"], told["is_current"]) == ("pat@avusd.example.test", "", False)
    assert calling(hal).get("/api/v1/approvals/").json()["results"] == []


# --- Of an order ------------------------------------------------------------------------------------------------------


def test_what_waits_is_read_quoted_and_covered(district: Organization, dolores: User) -> None:
    line, paper = make.line(district), make.purchase_order(district, "525.00")
    order = make.placed(district, make.institute(), "Ana Torres", "Bo Li", paid_by=line)
    client, where = calling(dolores), f"/api/v1/orders/{order.pk}"

    quoted = client.post(f"{where}/quotes/").json()["quotes"]
    told = client.post(f"{where}/purchase-order/", {"purchase_order": paper.pk, "line": line.pk}).json()
    [part] = client.get(f"{where}/papers/").json()

    assert [each["total"] for each in quoted] == ["1050.00"]
    assert [len(told["covered"]), [each["name"] for each in told["left"]]] == [1, ["Bo Li"]]
    assert (part["uncovered"], part["needs_change_order"], part["purchase_orders"]) == ("525.00", True, [paper.pk])


def test_what_cannot_be_covered_is_refused_with_a_sentence(
    district: Organization, bristlecone: Organization, omar: User
) -> None:
    line, strange = make.line(district), make.purchase_order(bristlecone)
    order = make.placed(district, make.institute(), "Ana Torres", paid_by=line)

    answer = calling(omar).post(
        f"/api/v1/orders/{order.pk}/purchase-order/", {"purchase_order": strange.pk, "line": line.pk}
    )

    assert answer.status_code == 400
    assert "is not one of whoever pays here" in answer.json()["detail"][0]


def test_the_business_office_reads_the_papers_of_an_order_and_another_district_does_not(
    district: Organization, bea: User, hal: User
) -> None:
    order = make.placed(district, make.institute(), "Ana Torres")
    where = f"/api/v1/orders/{order.pk}"

    assert calling(bea).get(f"{where}/papers/").status_code == 200
    assert calling(bea).post(f"{where}/quotes/").status_code == 403
    assert [calling(hal).get(f"{where}/papers/").status_code, calling(hal).post(f"{where}/quotes/").status_code] == [
        404,
        404,
    ]
