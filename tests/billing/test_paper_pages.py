"""The pages of quotes, vendor papers and change orders."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from billing import packets, quoting
from billing.models import ChangeOrder, PurchaseOrder, Quote
from office import files, paper
from office.paper import CannotRender
from people.models import Organization, User
from tests import make

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture
def district(provider: Any, alder_valley: Organization) -> Organization:
    make.payee()
    return alder_valley


@pytest.fixture
def order(district: Organization) -> PurchaseOrder:
    return make.purchase_order(district, number="26-118")


@pytest.fixture
def quote(district: Organization) -> Quote:
    return quoted(district, "LT27-01")


def quoted(district: Organization, about: str) -> Quote:
    return quoting.quote(
        payer=make.payer(district), payee=make.payee(), lines=[quoting.Item("Seat", 9, Decimal(525))], about=about,
        order_key=about, valid_until=date(2026, 12, 31), organization=district, by=None, at=make.NOW,
    )  # fmt: skip


def a_pdf(*_args: object, **_more: object) -> bytes:
    return PDF


def no_paper(*_args: object, **_more: object) -> bytes:
    raise CannotRender("Paper needs Pango.")


def read(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


# --- Quotes -----------------------------------------------------------------------------------------------------------


def test_a_quote_is_opened_as_a_pdf(quote: Quote, bea: User, as_user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper, "render", a_pdf)

    answer = as_user(bea).get(reverse("billing:quote_paper", args=[quote.pk]))

    assert (answer.content, answer["Content-Type"]) == (PDF, "application/pdf")
    assert "Q-2027-0001.pdf" in answer["Content-Disposition"]


def test_where_no_paper_is_made_the_page_says_why(
    quote: Quote, dolores: User, as_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper, "render", no_paper)

    answer = as_user(dolores).get(reverse("billing:quote_paper", args=[quote.pk]), follow=True)

    assert "Paper needs Pango." in answer.content.decode()


def test_quotes_are_found_by_number_and_by_payer(quote: Quote, bristlecone: Organization, omar: User, as_user: Any):
    other = quoted(bristlecone, "LT27-02")
    client: Client = as_user(omar)

    by_number = client.get(reverse("billing:quotes"), {"q": "0001"}).context["page"].object_list
    by_payer = client.get(reverse("billing:quotes"), {"q": "bristlecone"}).context["page"].object_list

    assert (list(by_number), list(by_payer)) == ([quote], [other])


# --- Change orders ----------------------------------------------------------------------------------------------------


def change(client: Client, order: PurchaseOrder, **asked: Any) -> Any:
    facts = {"way": "raise", "amount": "$525.00", "number": "CO 1"} | asked
    return client.post(reverse("billing:change_order", args=[order.pk]), facts, follow=True)


def test_a_coordinator_records_a_change_order_with_its_paper(order: PurchaseOrder, dolores: User, as_user: Any) -> None:
    client: Client = as_user(dolores)

    page = change(client, order, upload=SimpleUploadedFile("co.pdf", PDF)).content.decode()

    [made] = ChangeOrder.objects.all()
    given = client.get(reverse("billing:change_order_file", args=[order.pk, made.pk]))
    assert (made.delta, made.by, read(given)) == (Decimal(525), dolores, PDF)
    assert "$5,775.00" in page
    assert "Seats that waited for it are covered in a moment." in page


def test_sent_twice_it_counts_once(order: PurchaseOrder, dolores: User, as_user: Any) -> None:
    for _time in range(2):
        change(as_user(dolores), order, submission_key="of-one-form")

    order.refresh_from_db()
    assert order.amount == Decimal(5775)


@pytest.mark.parametrize(
    ("asked", "field", "sentence"),
    [
        ({"way": "lower", "amount": "5250"}, "amount", "would be worth nothing"),
        ({"amount": "0"}, "amount", "above zero"),
        ({"upload": SimpleUploadedFile("co.exe", b"MZ\x00")}, "upload", "of a kind we cannot read"),
    ],
)
def test_a_change_order_that_cannot_be_is_refused_beside_its_field(
    order: PurchaseOrder, dolores: User, as_user: Any, asked: Any, field: str, sentence: str
) -> None:
    answer = change(as_user(dolores), order, **asked)

    assert answer.status_code == 422
    assert sentence in str(answer.context["form"].errors[field])
    assert not ChangeOrder.objects.exists()


def test_the_business_office_and_another_district_change_nothing(
    order: PurchaseOrder, bea: User, hal: User, as_user: Any
) -> None:
    assert [change(as_user(who), order).status_code for who in (bea, hal)] == [403, 404]
    assert not ChangeOrder.objects.exists()


def test_a_change_order_without_paper_gives_none(order: PurchaseOrder, dolores: User, as_user: Any) -> None:
    change(as_user(dolores), order)
    made = ChangeOrder.objects.get()

    assert as_user(dolores).get(reverse("billing:change_order_file", args=[order.pk, made.pk])).status_code == 404


def record(client: Client, district: Organization) -> Any:
    facts = {"district": district.name, "number": "NEW-1", "amount": "100"}
    return client.post(reverse("billing:new_purchase_order"), facts, follow=True)


def test_a_coordinator_records_the_purchase_orders_of_her_own_district_only(
    district: Organization, bristlecone: Organization, dolores: User, as_user: Any
) -> None:
    own, strange = record(as_user(dolores), district), record(as_user(dolores), bristlecone)

    assert [own.status_code, strange.status_code] == [200, 422]
    assert "Record the purchase orders of your own district only." in strange.content.decode()
    assert [str(one.payer) for one in PurchaseOrder.objects.all()] == ["Alder Valley Unified"]


# --- Vendor papers ----------------------------------------------------------------------------------------------------


def test_the_packet_and_its_sheet_are_downloaded(
    district: Organization, bea: User, as_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper, "render", a_pdf)
    payee, client = make.payee(), as_user(bea)
    found = packets.keep_paper(
        payee, "Insurance", files.keep(PDF, name="i.pdf", type=files.PDF, by=bea, at=make.NOW), by=bea, at=make.NOW
    )

    packed = client.get(reverse("billing:packet_zip", args=[payee.pk]))

    assert read(packed).startswith(b"PK")
    assert "sierra-science-collaborative-vendor-packet.zip" in packed["Content-Disposition"]
    assert read(client.get(reverse("billing:remit_to", args=[payee.pk]))) == PDF
    assert read(client.get(reverse("billing:payee_paper", args=[found.pk]))) == PDF


def test_what_is_not_there_is_not_found(district: Organization, bea: User, as_user: Any) -> None:
    client, payee = as_user(bea), make.payee()

    assert client.get(reverse("billing:w9", args=[payee.pk])).status_code == 404
    assert client.get(reverse("billing:packet_zip", args=[0])).status_code == 404


def test_a_sheet_that_cannot_be_made_leads_back_with_a_sentence(
    district: Organization, bea: User, as_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper, "render", no_paper)

    answer = as_user(bea).get(reverse("billing:remit_to", args=[make.payee().pk]), follow=True)

    assert "Paper needs Pango." in answer.content.decode()
