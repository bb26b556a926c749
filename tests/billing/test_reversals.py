"""Charges taken back, and purchase orders that come later than the charges they cover."""

from decimal import Decimal

import pytest

from billing import ledger
from billing.models import AgreementCap, Charge, Draw, PurchaseOrder
from tests import make
from tests.billing.test_ledger import charge

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]


def reverse(charges: list[Charge]) -> list[Charge]:
    return ledger.reverse_all(charges, words="Withdrawn", by=None, at=make.NOW)


def test_a_reversal_is_the_negative_of_what_it_takes_back(alder_valley):
    first, second = charge(make.line(alder_valley), times=2)

    back = reverse([second, first])

    assert [each.reverses for each in back] == [second, first]
    assert {(each.amount, each.fiscal_year, each.words) for each in back} == {(Decimal(-525), 2027, "Withdrawn")}


def test_what_is_taken_back_is_free_again(alder_valley):
    grant = make.agreement(amount=Decimal(525))
    cap = AgreementCap.objects.create(agreement=grant, organization=alder_valley, amount=Decimal(525))
    line = make.line(alder_valley, grant)
    order = PurchaseOrder.objects.create(payer=line.payer, number="1", amount=Decimal(525), at=make.NOW)

    reverse(charge(line, purchase_order=order))

    for row in (grant, cap, order):
        row.refresh_from_db()
    assert {grant.charged, cap.charged, order.drawn} == {Decimal(0)}
    assert list(Draw.objects.order_by("pk").values_list("amount", flat=True)) == [Decimal(525), Decimal(-525)]
    assert charge(line, purchase_order=order)


def test_the_share_of_another_district_stays_as_it_is(alder_valley, bristlecone):
    grant = make.agreement(amount=Decimal(60000))
    caps = [AgreementCap.objects.create(agreement=grant, organization=of) for of in (alder_valley, bristlecone)]
    charge(make.line(bristlecone, grant))

    reverse(charge(make.line(alder_valley, grant)))

    assert [AgreementCap.objects.get(pk=cap.pk).charged for cap in caps] == [0, Decimal(525)]


def test_a_charge_is_taken_back_once(alder_valley):
    charges = charge(make.line(alder_valley))
    reverse(charges)

    with pytest.raises(ledger.CannotCharge, match="“Seat at LT27-01” was taken back already"):
        reverse(charges)


def test_a_reversal_is_not_taken_back(alder_valley):
    back = reverse(charge(make.line(alder_valley)))

    with pytest.raises(ledger.CannotCharge, match="“Withdrawn” was taken back already"):
        reverse(back)


def test_a_purchase_order_may_come_after_the_charges(alder_valley):
    charges = charge(make.line(alder_valley), times=2)
    order = make.purchase_order(alder_valley, "1050.00")

    ledger.draw(order, charges, by=None, at=make.NOW)

    order.refresh_from_db()
    assert order.left == 0


def test_a_late_purchase_order_is_not_overdrawn(alder_valley):
    charges = charge(make.line(alder_valley), times=2)
    order = make.purchase_order(alder_valley, "1049.99", number="4711")

    with pytest.raises(ledger.PurchaseOrderShort, match="Purchase order 4711 has"):
        ledger.draw(order, charges, by=None, at=make.NOW)


def test_a_charge_is_covered_by_one_purchase_order(alder_valley):
    charges = charge(make.line(alder_valley), purchase_order=make.purchase_order(alder_valley))

    with pytest.raises(ledger.CannotCharge, match="is covered by a purchase order already"):
        ledger.draw(make.purchase_order(alder_valley), charges, by=None, at=make.NOW)


def test_what_was_taken_back_needs_no_purchase_order(alder_valley):
    charges = charge(make.line(alder_valley))
    reverse(charges)

    with pytest.raises(ledger.CannotCharge, match="no purchase order is needed"):
        ledger.draw(make.purchase_order(alder_valley), charges, by=None, at=make.NOW)


def test_what_is_printed_takes_no_purchase_order(alder_valley):
    (made,) = charge(make.line(alder_valley))
    draft = make.invoice_of([made])

    with pytest.raises(ledger.CannotCharge, match=f"is on {draft} already"):
        ledger.draw(make.purchase_order(alder_valley), [made], by=None, at=make.NOW)
