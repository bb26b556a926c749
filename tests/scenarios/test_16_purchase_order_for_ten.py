"""Scenario 16: a purchase order of $5,250 names ten people, and eleven come."""

from datetime import date
from decimal import Decimal

import pytest

from billing import purchase_orders
from billing.models import Charge, PurchaseOrder
from events.models import Institute
from people.models import Organization, User
from registrations import papers, tasks
from registrations.models import Order
from registrations.papers import Covered
from tests import make

pytestmark = pytest.mark.django_db

ELEVEN = [f"Ana No{number:02}" for number in range(1, 12)]


@pytest.fixture
def institute(provider: object) -> Institute:
    make.payee()
    return make.institute(code="LT27-01")


@pytest.fixture
def order(alder_valley: Organization, institute: Institute) -> Order:
    return make.placed(alder_valley, institute, *ELEVEN)


@pytest.fixture
def paper(alder_valley: Organization) -> PurchaseOrder:
    return make.purchase_order(alder_valley, "5250.00", number="№ 4711-b / 10 people", expires_on=date(2027, 6, 30))


def attached(order: Order, paper: PurchaseOrder, by: User) -> Covered:
    return papers.attach(order, paper, lines=[papers.parts_of(order)[0].line], by=by, at=make.NOW)


def test_ten_are_covered_and_the_eleventh_needs_a_change_order(order: Order, paper: PurchaseOrder, dolores: User):
    done = attached(order, paper, dolores)

    [part] = papers.parts_of(order)
    assert (len(done.covered), done.names_left) == (10, ["Ana No11"])
    assert (part.wants_change_order, part.uncovered, done.order.left) == (True, Decimal(525), Decimal(0))


def test_a_change_order_of_525_covers_the_eleventh(order: Order, paper: PurchaseOrder, dolores: User):
    attached(order, paper, dolores)
    purchase_orders.change(paper, Decimal(525), number="CO 1", by=dolores, at=make.NOW)

    assert papers.cover_waiting(at=make.NOW) == 1
    assert papers.cover_waiting(at=make.NOW) == 0

    paper.refresh_from_db()
    [part] = papers.parts_of(order)
    assert (paper.amount, paper.left, part.waiting) == (Decimal(5775), Decimal(0), [])


def test_ordered_under_a_purchase_order_that_is_too_short_all_eleven_have_their_seats(
    alder_valley: Organization, institute: Institute, paper: PurchaseOrder
):
    order = make.placed(alder_valley, institute, *ELEVEN, purchase_order=paper)

    paper.refresh_from_db()
    institute.refresh_from_db()
    [part] = papers.parts_of(order)
    assert (institute.seats_taken, paper.left, Charge.objects.count()) == (11, Decimal(0), 11)
    assert ([claim.name for claim in part.waiting], part.wants_change_order) == (["Ana No11"], True)


def test_another_district_may_have_a_purchase_order_of_that_number(paper: PurchaseOrder, bristlecone: Organization):
    twin = PurchaseOrder(payer=make.payer(bristlecone), number=paper.number, amount=Decimal(1), at=make.NOW)

    assert purchase_orders.keep(twin).pk


def test_the_worker_covers_it_by_itself(order: Order, paper: PurchaseOrder, dolores: User):
    attached(order, paper, dolores)
    purchase_orders.change(paper, Decimal(525), by=dolores, at=make.NOW)

    tasks.cover_waiting(timestamp=0)

    assert not Charge.objects.uncovered().exists()
