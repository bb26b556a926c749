"""Who owes what, and since when."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing import ageing, write_offs
from billing.models import Invoice
from billing.payments import Share
from people.models import Organization, User
from tests import make
from tests.billing.test_invoicing import draft, issued
from tests.billing.test_ledger import charge
from tests.billing.test_payments import pay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.DEMO = True


def owed_by(district: Organization, amount: str, at: datetime = make.NOW) -> Invoice:
    return issued(*charge(make.line(district), amount), at=at)


@pytest.mark.parametrize(
    ("late", "place"), [(-1, 0), (0, 0), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (90, 3), (91, 4), (900, 4)]
)
def test_an_invoice_stands_in_the_span_of_its_days(alder_valley: Organization, late: int, place: int) -> None:
    invoice = owed_by(alder_valley, "525.00")
    assert invoice.due_on
    on = invoice.due_on + timedelta(days=late)

    [row] = ageing.table(Invoice.objects.all(), on=on)

    assert [bool(amount) for amount in row.spans] == [column == place for column in range(5)]
    assert ageing.span_of(invoice.due_on, on=on) == place


def test_what_was_paid_credited_or_given_up_is_owed_by_nobody(
    alder_valley: Organization, bristlecone: Organization, omar: User
) -> None:
    short, credited = owed_by(alder_valley, "525.00"), owed_by(alder_valley, "300.00")
    paid, given_up = owed_by(alder_valley, "100.00"), owed_by(bristlecone, "80.00")
    pay(alder_valley, "600.00", Share(short, Decimal(500)), Share(paid, Decimal(100)))
    make.credit_memo(credited, "200.00")
    write_offs.write_off(write_offs.Wish(given_up, Decimal(80)), reason="Closed", by=omar, at=make.NOW)
    draft(*charge(make.line(bristlecone)))

    rows = ageing.table(Invoice.objects.all(), on=make.NOW.date())

    assert [(row.payer, row.spans[0], row.total, row.invoices) for row in rows] == [
        (make.payer(alder_valley).pk, Decimal(125), Decimal(125), 2)
    ]
    assert ageing.owed(Invoice.objects.all()) == Decimal(125)


def test_who_owes_most_overdue_stands_first_and_all_of_it_is_added_up(
    alder_valley: Organization, bristlecone: Organization
) -> None:
    owed_by(alder_valley, "1000.00", at=datetime(2026, 12, 20, tzinfo=UTC))
    owed_by(bristlecone, "75.00")

    rows = ageing.table(Invoice.objects.all(), on=date(2026, 12, 31))

    assert [row.payer for row in rows] == [make.payer(bristlecone).pk, make.payer(alder_valley).pk]
    assert [row.overdue for row in rows] == [Decimal(75), Decimal(0)]
    assert ageing.together(rows).spans == (Decimal(1000), Decimal(75), Decimal(0), Decimal(0), Decimal(0))


def test_where_nothing_is_owed_all_of_it_is_nothing() -> None:
    assert ageing.table(Invoice.objects.none(), on=date(2027, 1, 1)) == []
    assert ageing.together([]).spans == (Decimal(0),) * 5


def test_a_district_sees_its_own_debts_and_no_others(
    as_user: Callable[[User], Client], alder_valley: Organization, bristlecone: Organization, hal: User
) -> None:
    owed_by(alder_valley, "1234.00")
    owed_by(bristlecone, "75.00")

    answer = as_user(hal).get(reverse("billing:ageing"))

    assert [str(payer) for payer, _row in answer.context["rows"]] == ["Bristlecone Joint Union Elementary"]
    assert "1,234" not in answer.content.decode()


def test_staff_find_a_payer_and_take_the_table_home(
    as_user: Callable[[User], Client], alder_valley: Organization, bristlecone: Organization, omar: User
) -> None:
    owed_by(alder_valley, "1234.00", at=timezone.now() - timedelta(days=40))
    owed_by(bristlecone, "75.00")

    table = as_user(omar).get(reverse("billing:ageing_table"), {"q": "alder"}).content.decode()

    assert table.splitlines() == [
        "\ufeffPayer,CDS code,Invoices,Not due,1–30 days,31–60 days,61–90 days,Over 90 days,Total",
        "Alder Valley Unified,99001010000000,1,0,1234.00,0,0,0,1234.00",
    ]


@pytest.mark.parametrize("districts", [1, 3])
def test_a_page_of_payers_asks_as_often_for_one_as_for_three(
    as_user: Callable[[User], Client], omar: User, django_assert_max_num_queries: Callable, districts: int
) -> None:
    for number in range(districts):
        owed_by(make.organization(f"District {number}"), "75.00")
    client = as_user(omar)

    with django_assert_max_num_queries(11):
        answer = client.get(reverse("billing:ageing"))

    assert len(answer.context["rows"]) == districts
