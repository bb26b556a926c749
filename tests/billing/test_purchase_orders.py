"""Purchase orders: changed by change orders, and drawn for what came before they did (scenarios 15 and 16)."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from billing import invoicing, ledger, purchase_orders
from billing.invoicing import LineWanted
from billing.models import ChangeOrder, Charge, Draw, PurchaseOrder
from billing.purchase_orders import CannotRecord
from tests import make
from tests.billing.test_ledger import charge

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]


@pytest.fixture
def line(alder_valley):
    make.payee()
    return make.line(alder_valley)


@pytest.fixture
def order(alder_valley):
    return make.purchase_order(alder_valley, number="4711 / B")


def change(order: PurchaseOrder, dollars: str) -> ChangeOrder:
    return purchase_orders.change(order, Decimal(dollars), number=" CO-1 ", by=None, at=make.NOW)


def one_each(charges: list[Charge]) -> list[list[Charge]]:
    return [[each] for each in charges]


def cover(order: PurchaseOrder, charges: list[Charge]) -> int:
    return len(purchase_orders.cover(order, one_each(charges), by=None, at=make.NOW))


# --- Change orders ----------------------------------------------------------------------------------------------------


def test_a_change_order_raises_the_amount(order):
    made = change(order, "525.00")

    order.refresh_from_db()
    assert (made.delta, made.number, order.amount, order.left) == (Decimal(525), "CO-1", Decimal(5775), Decimal(5775))


def test_a_purchase_order_is_not_lowered_below_what_is_drawn(order, line):
    charge(line, times=10, purchase_order=order)

    with pytest.raises(CannotRecord) as refusal:
        change(order, "-0.01")

    assert str(refusal.value) == (
        "$5,250.00 of 4711 / B are drawn; it cannot be lowered to $5,249.99. It can be lowered by $0.00 at most."
    )
    assert ChangeOrder.objects.count() == 0


def test_it_is_lowered_to_what_is_drawn(order, line):
    charge(line, times=4, purchase_order=order)

    change(order, "-3150")

    order.refresh_from_db()
    assert (order.amount, order.left) == (Decimal(2100), Decimal(0))


@pytest.mark.parametrize(("dollars", "sentence"), [("0", "by how much"), ("-5250", "Let it expire instead")])
def test_a_change_order_that_says_nothing_is_refused(order, dollars, sentence):
    with pytest.raises(CannotRecord, match=sentence):
        change(order, dollars)


def test_a_change_order_is_never_changed(order):
    made = change(order, "1")

    with pytest.raises(DatabaseError, match="a_change_order_is_never_changed"), transaction.atomic():
        ChangeOrder.objects.filter(pk=made.pk).update(delta=2)


# --- Writing one ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["4711", "PO #26-118/α", "=1+1", "000123"])
def test_any_number_is_right(alder_valley, number):
    made = purchase_orders.keep(
        PurchaseOrder(payer=make.payer(alder_valley), number=number, amount=Decimal(1), at=make.NOW)
    )

    made.refresh_from_db()
    assert made.number == number


def test_two_districts_may_number_alike_and_one_may_not_twice(order, alder_valley, bristlecone):
    make.purchase_order(bristlecone, number=order.number)
    twin = PurchaseOrder(payer=make.payer(alder_valley), number=order.number, amount=Decimal(1), at=make.NOW)

    with pytest.raises(CannotRecord, match="Alder Valley Unified has a purchase order 4711 / B already"):
        purchase_orders.keep(twin)


def test_once_drawn_its_number_and_amount_stay_and_its_end_may_move(order, line):
    charge(line, purchase_order=order)
    order.expires_on = date(2027, 12, 31)
    purchase_orders.keep(order)
    order.amount = Decimal(6000)

    with pytest.raises(CannotRecord, match="its number and amount stay"):
        purchase_orders.keep(order)

    order.refresh_from_db()
    assert (order.amount, order.expires_on) == (Decimal(5250), date(2027, 12, 31))


def test_it_cannot_expire_before_what_it_covers(order, line):
    charge(line, purchase_order=order)
    order.expires_on = date(2027, 1, 22)

    with pytest.raises(CannotRecord, match="covers service until January 23, 2027"):
        purchase_orders.keep(order)


# --- Covering what came before it -------------------------------------------------------------------------------------


def test_it_covers_what_it_can_pay_and_no_more(order, line):
    """Scenario 16: $5,250 covers ten of eleven."""
    charges = charge(line, times=11)

    covered = purchase_orders.cover(order, one_each(charges), by=None, at=make.NOW)

    order.refresh_from_db()
    assert covered == one_each(charges[:10])
    assert (order.left, list(Charge.objects.uncovered())) == (Decimal(0), [charges[10]])


def test_a_group_is_covered_whole_or_not_at_all(order, line):
    charges = [*charge(line, "5000.00"), *charge(line, "500.00"), *charge(line, "250.00")]

    covered = purchase_orders.cover(order, [charges[:2], charges[2:]], by=None, at=make.NOW)

    assert covered == [charges[2:]]
    assert [draw.amount for draw in Draw.objects.all()] == [Decimal(250)]


def test_what_lies_after_its_end_is_left(alder_valley, line):
    short = make.purchase_order(alder_valley, expires_on=date(2027, 1, 22))

    assert cover(short, charge(line)) == 0


def test_what_is_covered_printed_or_taken_back_meanwhile_is_left(order, line):
    covered, printed, taken_back, open_ = charge(line, times=4)
    ledger.draw(order, [covered], by=None, at=make.NOW)
    invoicing.draft_all([LineWanted(printed, "Ana")], about="", subject_key="", by=None, at=make.NOW)
    ledger.reverse_all([taken_back], words="Withdrawn", by=None, at=make.NOW)

    done = purchase_orders.cover(order, one_each([covered, printed, taken_back, open_]), by=None, at=make.NOW)

    assert done == [[open_]]


def test_who_pays_for_herself_and_what_nobody_is_invoiced_for_need_no_purchase_order(line, alder_valley, ana):
    grant = make.line(alder_valley, make.agreement())
    own = make.line(alder_valley, payer=type(line.payer).objects.create(person=ana))
    wanting = charge(line)
    charge(grant)
    charge(own)

    assert list(Charge.objects.uncovered()) == wanting
