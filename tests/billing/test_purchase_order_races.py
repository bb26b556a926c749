"""The last dollar of a purchase order, fought over. Each was seen failing with the lock of the order removed."""

from decimal import Decimal

import pytest

from billing import ledger, purchase_orders
from billing.models import ChangeOrder, Charge, PurchaseOrder
from billing.purchase_orders import CannotRecord
from tests import make
from tests.billing.test_ledger import charge, wanted
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)

SEAT = Decimal(525)


def change(order: PurchaseOrder) -> ChangeOrder:
    return purchase_orders.change(order, -SEAT, by=None, at=make.NOW)


def cover(order: PurchaseOrder, charges: list[Charge]) -> int:
    return len(purchase_orders.cover(order, [[each] for each in charges], by=None, at=make.NOW))


@pytest.fixture
def district():
    make.payee()
    return make.organization()


def test_the_last_dollars_of_a_late_order_are_drawn_once(district):
    charges = charge(make.line(district), times=8)
    order = make.purchase_order(district, "1575.00")

    answers = at_once(*[lambda each=each: cover(order, [each]) for each in charges])

    order.refresh_from_db()
    assert (sum(answers), order.left) == (3, Decimal(0))


def test_a_lowering_while_others_draw_never_leaves_more_drawn_than_it_is_worth(district):
    line = make.line(district)
    order = make.purchase_order(district, "2100.00")
    draws = [lambda: ledger.charge_all(wanted(line, purchase_order=order), by=None, at=make.NOW)] * 4
    lowerings = [lambda: change(order)] * 4

    answers = at_once(*draws, *lowerings)

    order.refresh_from_db()
    drawn = sum(isinstance(answer, list) for answer in answers)
    lowered = sum(isinstance(answer, ChangeOrder) for answer in answers)
    refused = {type(answer) for answer in answers if isinstance(answer, Exception)}
    assert order.drawn == SEAT * drawn
    assert order.amount == Decimal(2100) - SEAT * lowered >= order.drawn
    assert drawn + lowered == 4
    assert refused <= {ledger.PurchaseOrderShort, CannotRecord}
