"""Scenario 21: on 15 May, every open purchase order with its balance, and a letter that asks for the final invoice."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from billing import books, crediting, invoicing, ledger, payments, purchase_orders, refunds, year_end
from billing.models import Invoice, Payer, Payment, PaymentMethod, PurchaseOrder, YearEndLetter
from billing.year_end import CannotWrite
from office.models import Message
from people.models import Organization, User
from tests import make
from tests.billing.test_crediting import issued_for
from tests.billing.test_invoicing import issued
from tests.billing.test_ledger import charge
from tests.billing.test_payments import pay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]
MAY = datetime(2027, 5, 15, 17, tzinfo=UTC)
AUGUST = datetime(2027, 8, 10, 17, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.DEMO = True


@pytest.fixture
def order(alder_valley: Organization) -> PurchaseOrder:
    """$5,250: $525 are invoiced, $1,050 are drawn for seats whose days are to come, the rest is not used."""
    made = make.purchase_order(alder_valley, number="PO-AV-7741")
    issued(*charge(make.line(alder_valley), purchase_order=made))
    charge(make.line(alder_valley), times=2, purchase_order=made)
    made.refresh_from_db()
    return made


def listed() -> list[tuple[str, Decimal, Decimal, Decimal]]:
    return [(row.order.number, row.invoiced, row.to_invoice, row.order.left) for row in year_end.open_orders(2027)]


def test_each_open_order_is_listed_with_what_it_still_holds(order: PurchaseOrder, bristlecone: Organization) -> None:
    used_up = make.purchase_order(bristlecone, "525.00", number="USED-UP")
    issued(*charge(make.line(bristlecone), purchase_order=used_up))
    make.purchase_order(bristlecone, number="LAST-YEAR", expires_on=date(2026, 6, 30))
    make.purchase_order(bristlecone, number="NEXT-YEAR", issued_on=date(2027, 7, 1), expires_on=None)
    make.purchase_order(bristlecone, "80.00", number="NO-END", expires_on=None)

    assert listed() == [
        ("PO-AV-7741", Decimal(525), Decimal(1050), Decimal(3675)),
        ("NO-END", Decimal(0), Decimal(0), Decimal(80)),
    ]


def test_a_letter_says_what_to_keep_and_what_may_be_released(order: PurchaseOrder, omar: User) -> None:
    assert year_end.send(2027, by=omar, at=MAY) == 1

    [letter] = Message.objects.filter(about="year end 2027")
    assert (letter.to, letter.subject) == (
        "ap@example.test",
        "Purchase orders that close on June 30, 2027: is there a final invoice to come?",
    )
    for words in (
        "PO-AV-7741 of $5,250.00",
        "Invoiced: $525.00",
        "Still to be invoiced: $1,050.00",
        "Not used: $3,675.00",
    ):
        assert words in letter.text


def test_each_order_is_asked_about_once_a_year(order: PurchaseOrder, alder_valley: Organization, omar: User) -> None:
    year_end.send(2027, by=omar, at=MAY)
    with pytest.raises(CannotWrite, match="Every open purchase order has its letter"):
        year_end.send(2027, by=omar, at=MAY)

    make.purchase_order(alder_valley, number="CAME-LATER")
    assert year_end.send(2027, by=omar, at=MAY) == 1

    second = Message.objects.filter(about="year end 2027").order_by("-pk")[0]
    assert ("CAME-LATER" in second.text, "PO-AV-7741" in second.text) == (True, False)
    assert YearEndLetter.objects.count() == 2


def test_the_district_disencumbers_by_a_change_order(order: PurchaseOrder) -> None:
    purchase_orders.change(order, Decimal(-3675), by=None, at=MAY)

    assert listed() == [("PO-AV-7741", Decimal(525), Decimal(1050), Decimal(0))]


def test_staff_see_the_list_first_and_send_once(
    as_user: Callable[[User], Client], order: PurchaseOrder, bristlecone: Organization, omar: User
) -> None:
    make.purchase_order(bristlecone, number="NO-ADDRESS")
    Payer.objects.filter(organization=bristlecone).update(ap_email="")
    client, page = as_user(omar), reverse("billing:year_end")

    before = client.get(page).content.decode()
    assert ("Send letters about 1 purchase order" in before, "no accounts payable e-mail" in before) == (True, True)
    for _press in range(2):
        client.post(page, {"submission_key": "pressed-twice"})

    assert Message.objects.filter(about__startswith="year end").count() == 1
    assert "Every letter that can be sent is sent." in client.get(page).content.decode()
    assert client.post(page, {"submission_key": "once-more"}).status_code == 422


def credited_after_the_close(district: Organization, by: User) -> Payment:
    """An invoice of the old year that was paid, and is credited in August: the payment is free again."""
    line = make.line(district)
    invoice = issued_for(line, 1, by)
    paid = pay(district, "525.00", payments.Share(invoice, Decimal(525)))
    ledger.reverse_all([invoice.lines.get().charge], words="Canceled", by=by, at=AUGUST)
    [memo] = crediting.draft_all(crediting.waiting(Invoice.objects.all()), by=by, at=AUGUST)
    invoicing.issue(memo, by=by, at=AUGUST)
    return paid


def test_a_late_credit_is_next_years_credit(alder_valley: Organization, omar: User) -> None:
    paid = credited_after_the_close(alder_valley, omar)
    days = {"first_day": date(2027, 9, 1), "last_day": date(2027, 9, 2)}
    next_year = issued(*charge(make.line(alder_valley), "600.00", **days), at=AUGUST)

    payments.use_credit(next_year, by=omar, at=AUGUST)

    assert Invoice.objects.with_balance().get(pk=next_year.pk).balance == Decimal(75)
    assert Payment.objects.with_rest().get(pk=paid.pk).rest == Decimal(0)
    assert list(books.broken_equations()) == []


def test_a_late_credit_is_a_refund_check_where_the_district_asks_for_it(alder_valley: Organization, omar: User) -> None:
    paid = credited_after_the_close(alder_valley, omar)

    refunds.refund(
        paid, Decimal(525), method=PaymentMethod.CHECK, reason="Asked for instead of credit", by=omar, at=AUGUST
    )

    assert Payment.objects.with_rest().get(pk=paid.pk).rest == Decimal(0)
    assert list(books.broken_equations()) == []
