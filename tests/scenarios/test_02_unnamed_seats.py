"""Scenario 2: six seats are reserved without names, due on 7 January; four are named, two go back."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from billing import invoicing
from billing.books import broken_equations
from billing.models import Charge
from office import digests
from office.models import Message
from registrations import billable, naming, recount, unnamed
from registrations.models import Registration, Seat, WaitlistEntry, Withdrawal
from registrations.newcomers import Attendee
from registrations.refusals import CannotChange
from tests import make

DUE = datetime(2027, 1, 8, 1, 0, tzinfo=UTC)
"""Thursday, January 7, 5:00 PM in California."""
FOUR_DAYS_BEFORE = datetime(2027, 1, 4, 0, 0, tzinfo=UTC)
THREE_DAYS_BEFORE = datetime(2027, 1, 5, 1, 0, tzinfo=UTC)
NEXT_MORNING = datetime(2027, 1, 5, 15, 0, tzinfo=UTC)
THE_DAY_BEFORE = datetime(2027, 1, 7, 1, 5, tzinfo=UTC)


@pytest.fixture
def winter(provider):
    make.payee()
    return make.institute(code="LT27-01", names_due_on=date(2027, 1, 7), capacity=6)


@pytest.fixture
def paper(bristlecone):
    return make.purchase_order(bristlecone, "3150", number="PO-BR-12")


@pytest.fixture
def order(winter, bristlecone, hal, paper):
    return make.placed(bristlecone, winter, unnamed=6, by=hal, purchase_order=paper)


def name_four(order, hal) -> list[Registration]:
    seats = Seat.objects.filter(allotment__order=order).order_by("pk")[:4]
    return [naming.name(seat, Attendee("Ada", f"No{seat.pk}"), by=hal, at=make.NOW) for seat in seats]


def test_six_seats_encumber_the_purchase_order(order, paper):
    paper.refresh_from_db()

    assert (paper.drawn, Seat.objects.unnamed().count()) == (Decimal(3150), 6)
    assert unnamed.due_at(Seat.objects.select_related("institute")[0]) == DUE


def test_four_are_named_and_two_go_back_with_their_money(order, winter, paper, hal, omar):
    name_four(order, hal)

    unnamed.release_due(at=DUE)

    [draft] = billable.draft_invoices(winter, by=omar, at=DUE)
    paper.refresh_from_db()
    assert invoicing.total_of(draft) == Decimal(2100)
    assert paper.left == Decimal(1050)
    assert Seat.objects.held().count() == 4
    assert [*broken_equations(), *recount.broken_equations()] == []


def test_what_goes_back_for_want_of_a_name_says_so(order, hal):
    name_four(order, hal)

    unnamed.release_due(at=DUE)

    found = Withdrawal.objects.values_list("cause", "back", "kept", "percent").distinct()
    assert list(found) == [("not_named", Decimal(525), Decimal(0), 100)]


def test_a_sweep_that_comes_late_gives_back_what_was_due_then(order):
    unnamed.release_due(at=datetime(2027, 1, 10, 1, 0, tzinfo=UTC))

    assert set(Withdrawal.objects.values_list("back", flat=True)) == {Decimal(525)}


def test_nothing_goes_before_its_hour(order):
    gone = unnamed.release_due(at=datetime(2027, 1, 8, 0, 59, tzinfo=UTC))

    assert (gone, Seat.objects.held().count()) == ([], 6)


def test_the_district_is_warned_72_hours_before_in_its_daily_mail_and_24_before_by_another(order, hal):
    name_four(order, hal)
    Message.objects.all().delete()

    for at in (FOUR_DAYS_BEFORE, THREE_DAYS_BEFORE, NEXT_MORNING, THE_DAY_BEFORE, THE_DAY_BEFORE):
        unnamed.warn_due(at=at)
        digests.send(at=at)

    told = "2 seats at LT27-01 have no name yet. They go back on Thursday, January 7, 5:00 PM."
    mails = list(Message.objects.filter(to=hal.email).order_by("pk"))
    assert len(mails) == 2
    assert told in mails[0].text
    assert mails[1].subject == "2 seats at LT27-01 go back tomorrow"
    assert told in mails[1].text


def test_who_waits_is_offered_the_seats_that_went(order, winter, alder_valley, dolores, hal):
    name_four(order, hal)
    waiting = make.waiting(winter, alder_valley, seats=1)

    unnamed.release_due(at=DUE)

    assert WaitlistEntry.objects.get(pk=waiting.pk).offers.open().count() == 1


def test_a_name_is_charged_nothing_and_confirmed(order, hal):
    before = list(Charge.objects.values_list("pk", flat=True))

    [ada, *_others] = name_four(order, hal)

    assert list(Charge.objects.values_list("pk", flat=True)) == before
    assert (ada.seat.name_by, ada.days) == (date(2027, 1, 7), ada.institute.days)
    assert Seat.objects.get(pk=ada.seat_id).name_by is None


def test_a_seat_is_named_once(order, hal):
    [ada, *_others] = name_four(order, hal)

    with pytest.raises(CannotChange, match=r"Ada No[0-9]+ has this seat already"):
        naming.name(ada.seat, Attendee("Bo", "Li"), by=hal, at=make.NOW)
