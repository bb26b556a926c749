"""The papers of an order: a purchase order that comes late, and whose it may be."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from billing.models import Charge, FundingLine, PurchaseOrder, Source
from events.models import Institute
from people.access import Role
from people.models import Organization, User
from registrations import billable, funding, papers
from registrations.funding import CannotFund
from registrations.models import AllotmentFunding, Order
from registrations.papers import CannotCover
from tests import make

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture
def institute(provider: Any) -> Institute:
    make.payee()
    return make.institute(code="LT27-01")


@pytest.fixture
def line(institute: Institute, alder_valley: Organization) -> FundingLine:
    return make.line(alder_valley)


@pytest.fixture
def order(institute: Institute, alder_valley: Organization, line: FundingLine) -> Order:
    return make.placed(alder_valley, institute, "Ana Torres", "Bo Li", "Cy Wu", paid_by=line)


def page(order: Order) -> str:
    return reverse("registrations:order_papers", args=[order.pk])


def send(client: Client, order: Order, paying: FundingLine, **asked: Any) -> Any:
    return client.post(page(order), {"line": paying.pk, "number": "26-118", "amount": "$1,050.00"} | asked, follow=True)


# --- The coordinator's own --------------------------------------------------------------------------------------------


def test_her_late_order_covers_what_it_can_and_says_who_is_left(
    order: Order, line: FundingLine, dolores: User, as_user: Any
) -> None:
    answer = send(as_user(dolores), order, line, amount="1050", upload=SimpleUploadedFile("po.pdf", PDF))

    [paper] = PurchaseOrder.objects.all()
    said = answer.content.decode()
    assert "26-118 covers 2 seats. Left without cover, until a change order comes: Cy Wu." in said
    assert "Needs PO change order" in said
    assert (paper.left, paper.file.name, paper.by) == (Decimal(0), "po.pdf", dolores)


def test_one_that_is_here_already_is_chosen(
    order: Order, line: FundingLine, alder_valley: Organization, dolores: User, as_user: Any
) -> None:
    paper = make.purchase_order(alder_valley)

    answer = send(as_user(dolores), order, line, chosen=paper.pk, number="", amount="")

    assert f"{paper} covers 3 seats now." in answer.content.decode()
    assert set(AllotmentFunding.objects.values_list("purchase_order", flat=True)) == {paper.pk}


@pytest.mark.parametrize(
    ("asked", "field", "sentence"),
    [
        ({"number": " "}, "number", "Write the number"),
        ({"amount": ""}, "amount", "Write the amount"),
        ({"amount": "-1"}, "amount", "above zero"),
        ({"number": "TAKEN"}, "number", "has a purchase order TAKEN already"),
        ({"upload": SimpleUploadedFile("po.exe", b"MZ\x00")}, "upload", "of a kind we cannot read"),
        ({"line": "0"}, "line", "valid choice"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    order: Order, line: FundingLine, alder_valley: Organization, dolores: User, as_user: Any, asked: Any, field: str,
    sentence: str,
) -> None:  # fmt: skip
    make.purchase_order(alder_valley, number="TAKEN")

    answer = send(as_user(dolores), order, line, **{"amount": "1050"} | asked)

    assert answer.status_code == 422
    assert sentence in str(answer.context["form"].errors[field])
    assert PurchaseOrder.objects.count() == 1


def test_an_order_that_expires_before_the_last_day_covers_nothing(
    order: Order, line: FundingLine, dolores: User, as_user: Any
) -> None:
    answer = send(as_user(dolores), order, line, amount="1050", expires_on="2027-01-22")

    assert answer.status_code == 422
    assert "expires before the last day of these seats" in answer.content.decode()
    assert not PurchaseOrder.objects.exists()


def test_sent_twice_it_is_attached_once(order: Order, line: FundingLine, dolores: User, as_user: Any) -> None:
    client = as_user(dolores)

    for _time in range(2):
        send(client, order, line, amount="1050", submission_key="of-one-form")

    assert PurchaseOrder.objects.get().left == 0


def test_the_business_office_reads_and_attaches_nothing(
    order: Order, line: FundingLine, bea: User, as_user: Any
) -> None:
    client = as_user(bea)

    assert "These wait for a purchase order" in client.get(page(order)).content.decode()
    assert send(client, order, line, amount="1050").status_code == 403
    assert client.post(reverse("registrations:order_quote", args=[order.pk])).status_code == 403


def test_another_district_finds_no_papers(order: Order, line: FundingLine, hal: User, as_user: Any) -> None:
    client = as_user(hal)

    assert [client.get(page(order)).status_code, send(client, order, line).status_code] == [404, 404]


def test_a_grant_that_is_never_invoiced_asks_for_no_paper(
    institute: Institute, alder_valley: Organization, dolores: User, as_user: Any
) -> None:
    order = make.placed(alder_valley, institute, "Ana Torres", paid_by=make.line(alder_valley, make.agreement()))

    assert "no purchase order is needed" in as_user(dolores).get(page(order)).content.decode()


def test_what_was_invoiced_without_a_purchase_order_is_not_said_to_be_covered(
    order: Order, institute: Institute, omar: User, dolores: User, as_user: Any
) -> None:
    billable.draft_invoices(institute, by=omar, at=make.NOW)

    text = as_user(dolores).get(page(order)).content.decode()

    assert "On an invoice without a purchase order" in text
    assert "Covered" not in text


def test_a_change_order_to_june_s_order_covers_june_alone(
    provider: Any, alder_valley: Organization, dolores: User
) -> None:
    make.payee()
    summer = make.institute(code="SI27-06", starts_on=date(2027, 6, 28), ends_on=date(2027, 7, 2), price=Decimal(1250))
    line = make.line(alder_valley)
    order = make.placed(alder_valley, summer, "Ana Torres", paid_by=line)
    june = make.purchase_order(alder_valley, "100.00", expires_on=date(2027, 6, 30))
    papers.attach(order, june, lines=[line], by=dolores, at=make.NOW)
    june.amount, june.expires_on = Decimal(5000), date(2028, 6, 30)
    june.save()

    assert papers.cover_waiting(at=make.NOW) == 1
    assert [charge.amount for charge in Charge.objects.uncovered()] == [Decimal(500)]


@pytest.mark.parametrize("seats", [1, 3])
def test_the_page_asks_as_often_for_three_seats_as_for_one(
    institute: Institute, alder_valley: Organization, seats: int, django_assert_num_queries: Any
) -> None:
    order = make.placed(alder_valley, institute, *["Ana Torres", "Bo Li", "Cy Wu"][:seats])

    with django_assert_num_queries(5):
        [part] = papers.parts_of(order)
        assert len([claim.name for claim in part.waiting]) == seats


# --- Over 30 June -----------------------------------------------------------------------------------------------------


def test_each_fiscal_year_has_its_own_purchase_order(provider: Any, alder_valley: Organization, dolores: User) -> None:
    """Scenario 20: PO A expires on 30 June, PO B is for July."""
    make.payee()
    summer = make.institute(code="SI27-06", starts_on=date(2027, 6, 28), ends_on=date(2027, 7, 2), price=Decimal(1250))
    line = make.line(alder_valley)
    order = make.placed(alder_valley, summer, "Ana Torres", paid_by=line)
    june = make.purchase_order(alder_valley, expires_on=date(2027, 6, 30))
    july = make.purchase_order(alder_valley, expires_on=date(2028, 6, 30))

    first = papers.attach(order, june, lines=[line], by=dolores, at=make.NOW)
    second = papers.attach(order, july, lines=[line], by=dolores, at=make.NOW)

    assert [first.left[0].amount, second.left] == [Decimal(500), []]
    assert [june.left, july.left] == [Decimal(4500), Decimal(4750)]


# --- Different payers for different people ----------------------------------------------------------------------------


@pytest.fixture
def lodestar(provider: Any) -> Organization:
    return make.organization("Lodestar Public Schools", "99001050000000")


@pytest.fixture
def charter(lodestar: Organization) -> Organization:
    return make.organization("Lodestar Academy", "99001050000001", parent=lodestar)


@pytest.fixture
def cleo(charter: Organization) -> User:
    return make.user("cleo@lodestar.example.test", Role.COORDINATOR, at=charter, name="Cleo Park")


def add_line(sponsor: Organization, by: User, payer: Any = None) -> FundingLine:
    return funding.add_line(sponsor, payer=payer, source=Source.LOCAL, by=by, at=make.NOW)


def test_a_charter_names_the_organization_above_it(charter: Organization, lodestar: Organization, cleo: User) -> None:
    made = add_line(charter, cleo, lodestar)

    assert (made.payer.organization, made.organization) == (lodestar, charter)
    assert funding.payers_for(charter) == [charter, lodestar]


def test_a_coordinator_names_nobody_outside_her_family(
    charter: Organization, cleo: User, alder_valley: Organization
) -> None:
    with pytest.raises(CannotFund, match="Alder Valley Unified has to say itself that it pays"):
        add_line(charter, cleo, alder_valley)

    assert not FundingLine.objects.exists()


def test_whoever_pays_says_so_herself(charter: Organization, dolores: User, alder_valley: Organization) -> None:
    made = add_line(charter, dolores, alder_valley)

    assert (made.payer.organization, made.organization) == (alder_valley, charter)


def test_the_business_office_of_the_payer_adds_no_line(
    charter: Organization, bea: User, alder_valley: Organization
) -> None:
    with pytest.raises(CannotFund, match="has to say itself"):
        add_line(charter, bea, alder_valley)


def test_finance_staff_name_anybody_a_person_too(charter: Organization, omar: User, ana: Any) -> None:
    juniper = make.organization("Juniper COE", "98109900000000", county=make.county("98"))

    assert add_line(charter, omar, juniper).payer.organization == juniper
    assert add_line(charter, omar, ana).payer.person == ana


def test_a_coordinator_lets_no_person_pay(charter: Organization, cleo: User, ana: Any) -> None:
    with pytest.raises(CannotFund, match="Ana Torres pays for herself by registering herself"):
        add_line(charter, cleo, ana)


def test_people_of_one_order_are_paid_by_two_payers_each_with_its_own_order(
    institute: Institute, charter: Organization, lodestar: Organization, cleo: User
) -> None:
    hers, theirs = add_line(charter, cleo), add_line(charter, cleo, lodestar)
    order = make.placed(charter, institute, "Ana Torres", paid_by=hers)
    other = make.placed(charter, institute, "Bo Li", paid_by=theirs)
    paper = make.purchase_order(lodestar)

    with pytest.raises(CannotCover, match="is not one of whoever pays here"):
        papers.attach(order, paper, lines=[hers], by=cleo, at=make.NOW)

    papers.attach(other, paper, lines=[theirs], by=cleo, at=make.NOW)
    assert [charge.line for charge in Charge.objects.uncovered()] == [hers]


def test_a_purchase_order_of_a_stranger_is_recorded_by_the_stranger(
    institute: Institute, charter: Organization, cleo: User, omar: User, alder_valley: Organization, as_user: Any
) -> None:
    line = add_line(charter, omar, alder_valley)
    order = make.placed(charter, institute, "Ana Torres", paid_by=line)

    answer = send(as_user(cleo), order, line, amount="525")

    assert answer.status_code == 422
    assert "Alder Valley Unified records its own purchase orders" in answer.content.decode()


@pytest.mark.parametrize(
    "string", ["01-4035-0-1110-2140-5200", "=1+1", "0930…", "FUND 01 / RES 6266 / GOAL 1110", "01.4035.\n0.1110\r\n"]
)
def test_an_account_string_is_kept_word_for_word(alder_valley: Organization, dolores: User, string: str) -> None:
    made = funding.add_line(alder_valley, source=Source.LOCAL, account_string=string, by=dolores, at=make.NOW)

    assert made.account_string == {"01.4035.\n0.1110\r\n": "01.4035. 0.1110"}.get(string, string)
