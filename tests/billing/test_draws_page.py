"""Finance staff cover charges with a purchase order that came later than they did."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from billing import ledger
from billing.models import Draw, PurchaseOrder
from people.models import Organization, User
from tests import make
from tests.billing.test_invoicing import draft
from tests.billing.test_ledger import charge

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]


@pytest.fixture
def omars(settings: Any, as_user: Any, omar: User) -> Client:
    settings.DEMO = True
    return as_user(omar)


@pytest.fixture
def order(provider, alder_valley: Organization) -> PurchaseOrder:
    return make.purchase_order(alder_valley, "1050.00", number="B27-0042")


def page(order: PurchaseOrder) -> str:
    return reverse("billing:cover_charges", args=[order.pk])


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_the_charges_of_the_payer_that_wait_are_listed_with_what_is_left(omars, order, alder_valley, bristlecone):
    line = make.line(alder_valley)
    waits, covered, printed, taken_back = (charge(line)[0] for _each in range(4))
    charge(make.line(bristlecone))
    ledger.draw(make.purchase_order(alder_valley), [covered], by=None, at=make.NOW)
    draft(printed)
    ledger.reverse_all([taken_back], words="Canceled", by=None, at=make.NOW)

    answer = omars.get(page(order))

    assert [row for row, *_rest in answer.context["rows"]] == [waits]
    assert 'Left on it</p><p class="tile__value"> <span class="money">$1,050.00' in text(answer)
    assert page(order) in text(omars.get(reverse("billing:purchase_order", args=[order.pk])))


def test_the_ticked_are_covered_and_what_is_left_goes_down(omars, order, alder_valley):
    first, second = charge(make.line(alder_valley), times=2)

    for _time in range(2):  # pressed twice
        answer = omars.post(page(order), {"charges": [first.pk], "submission_key": "k"}, follow=True)

    assert "1 charge is covered." in text(answer)
    assert [(draw.charge, draw.amount) for draw in Draw.objects.all()] == [(first, Decimal(525))]
    order.refresh_from_db()
    assert order.left == Decimal(525)
    assert [row for row, *_rest in omars.get(page(order)).context["rows"]] == [second]


def test_more_than_is_left_covers_nothing_and_keeps_what_was_ticked(omars, order, alder_valley):
    charges = charge(make.line(alder_valley), times=3)

    answer = omars.post(page(order), {"charges": [one.pk for one in charges]})

    assert answer.status_code == 422
    assert "Purchase order B27-0042 has $1,050.00 left; this needs $1,575.00 (3 × $525.00)." in text(answer)
    assert text(answer).count(" checked") == 3
    assert not Draw.objects.exists()


def test_nothing_ticked_is_asked_about(omars, order, alder_valley):
    charge(make.line(alder_valley))

    assert "Tick the charges that it covers." in text(omars.post(page(order), {"submission_key": "k"}))


def test_service_after_it_expires_is_shown_and_not_to_be_ticked(omars, order, alder_valley):
    PurchaseOrder.objects.update(expires_on=date(2027, 1, 22))
    (late,) = charge(make.line(alder_valley))

    shown = omars.get(page(order))
    answer = omars.post(page(order), {"charges": [late.pk]})

    assert "After it expires" in text(shown)
    assert f'value="{late.pk}"' not in text(shown)
    assert "expires on January 22, 2027; a later one is required" in text(answer)
    assert not Draw.objects.exists()


def test_where_nothing_waits_the_page_says_so(omars, order):
    assert "No charge waits for a purchase order" in text(omars.get(page(order)))


@pytest.mark.parametrize(("who", "status"), [("bea", 403), ("dolores", 403), ("hal", 404)])
def test_only_the_provider_s_finance_staff_cover_charges(request, as_user, order, alder_valley, who: str, status: int):
    (waits,) = charge(make.line(alder_valley))
    client = as_user(request.getfixturevalue(who))

    assert client.get(page(order)).status_code == status
    assert client.post(page(order), {"charges": [waits.pk]}).status_code == status
    assert not Draw.objects.exists()


def test_three_charges_ask_as_many_questions_as_one(omars, order, alder_valley, django_assert_num_queries):
    line = make.line(alder_valley, make.agreement(alder_valley))
    omars.get(page(order))
    for _more in (1, 2):
        charge(line, times=_more)
        with django_assert_num_queries(9):
            omars.get(page(order))
