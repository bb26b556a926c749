"""The last dollar, asked for by many at once. Each test was seen failing with the lock it is about removed."""

from decimal import Decimal

import pytest

from billing import ledger
from billing.models import AgreementCap, Charge, FundingAgreement, PurchaseOrder
from people.models import Organization
from tests import make
from tests.billing.test_ledger import wanted
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 12
AFFORDABLE = 3


@pytest.fixture
def district() -> Organization:
    make.payee()
    return make.organization()


def raced(asked: list[list[ledger.Wanted]]) -> list[object]:
    """Every list charged by a thread of its own; what each got or was refused with."""
    calls = [lambda each=each: ledger.charge_all(each, by=None, at=make.NOW) for each in asked]
    return at_once(*calls)


def refusals(answers: list[object]) -> list[type]:
    return sorted({type(answer) for answer in answers if isinstance(answer, Exception)}, key=str)


def test_the_last_dollars_of_an_agreement_are_promised_once(district):
    """Scenario 14: two coordinators in the same second."""
    line = make.line(district, make.agreement(amount=Decimal(525) * AFFORDABLE))

    answers = raced([wanted(line) for _ in range(THREADS)])

    assert refusals(answers) == [ledger.AgreementShort]
    assert Charge.objects.count() == AFFORDABLE
    assert FundingAgreement.objects.get().left == 0


def test_the_last_dollars_of_a_districts_share_are_promised_once(district):
    cap = AgreementCap.objects.create(
        agreement=make.agreement(), organization=district, amount=Decimal(525) * AFFORDABLE
    )
    line = make.line(district, cap.agreement)

    answers = raced([wanted(line) for _ in range(THREADS)])

    cap.refresh_from_db()
    assert refusals(answers) == [ledger.CapShort]
    assert (Charge.objects.count(), cap.charged) == (AFFORDABLE, cap.amount)


def test_the_last_dollars_of_a_purchase_order_are_drawn_once(district):
    line = make.line(district)
    order = make.purchase_order(district, str(525 * AFFORDABLE))

    answers = raced([wanted(line, purchase_order=order) for _ in range(THREADS)])

    assert refusals(answers) == [ledger.PurchaseOrderShort]
    assert (Charge.objects.count(), PurchaseOrder.objects.get().left) == (AFFORDABLE, Decimal(0))


def test_two_agreements_asked_for_in_either_order_do_not_wait_for_each_other(district):
    lines = [make.line(district, make.agreement(amount=Decimal(60000))) for _ in range(2)]
    there = [wanted(lines[0])[0], wanted(lines[1])[0]]

    answers = raced([there if number % 2 else there[::-1] for number in range(THREADS)])

    assert refusals(answers) == []
    assert {agreement.charged for agreement in FundingAgreement.objects.all()} == {Decimal(525) * THREADS}


def test_a_charge_is_taken_back_once_by_many(district):
    charges = ledger.charge_all(wanted(make.line(district, make.agreement())), by=None, at=make.NOW)

    answers = at_once(*[lambda: ledger.reverse_all(charges, words="Withdrawn", by=None, at=make.NOW)] * 8)

    assert refusals(answers) == [ledger.CannotCharge]
    assert FundingAgreement.objects.get().charged == 0
