"""Scenario 2: six seats are reserved without names, due on 7 January; four are named, two go back."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from billing import invoicing
from billing.books import broken_equations
from billing.models import Charge
from office import digests
from office.models import Message
from people.models import Organization, User
from registrations import billable, naming, recount, unnamed
from registrations.models import Registration, RosterDraft, Seat, WaitlistEntry, Withdrawal
from registrations.newcomers import Attendee
from registrations.refusals import CannotChange
from registrations.rosters import drafting
from tests import make
from tests.registrations.roster_pages import page, post

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


def test_they_are_due_by_the_end_of_the_day_in_california(order):
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


# --- On the roster ----------------------------------------------------------------------------------------------------


@pytest.fixture
def draft(provider: Any, bristlecone: Organization, hal: User) -> RosterDraft:
    make.payee()
    always = {"registration_closes_at": make.datetime(2120, 1, 1, tzinfo=make.UTC)}
    winter = make.institute(code="LT27-01", names_due_on=date(2120, 1, 7), **always)
    return drafting.start(bristlecone, winter, by=hal, at=make.NOW)


@pytest.mark.parametrize(
    "asked",
    [
        ("roster_unnamed", {"number": 6}),
        ("roster_lay", {"pasted": "Name\nTBD\nTBD\nTBD\nTBD 4\nto be named\nVacant\n", "replacing": "more"}),
    ],
    ids=["by number", "pasted"],
)
def test_six_seats_without_names_are_held(asked: Any, draft: RosterDraft, hal: User, as_user: Any) -> None:
    client = as_user(hal)
    name, fields = asked

    post(client, name, draft.pk, **fields)

    answer = page(client, "roster", draft.pk)
    assert answer.context["seats"] == 6
    assert answer.content.decode().count("Held without a name until January 7.") == 6


def test_they_encumber_3150_dollars_of_his_purchase_order(
    draft: RosterDraft, bristlecone: Organization, hal: User, as_user: Any
) -> None:
    client, line = as_user(hal), make.line(bristlecone)
    paper = make.purchase_order(bristlecone, "3150", expires_on=None)
    post(client, "roster_unnamed", draft.pk, number=6)
    post(client, "roster_funding", draft.pk, everyone="yes", pays=f"line-{line.pk}")
    post(client, "roster_purchase_order", draft.pk, option=f"line-{line.pk}", purchase_order=paper.pk)

    answer = page(client, "roster_confirm", draft.pk)
    post(client, "roster_confirm", draft.pk)

    paper.refresh_from_db()
    assert answer.context["price"].total == paper.drawn == Decimal(3150)
    assert Seat.objects.unnamed().filter(name_by=date(2120, 1, 7)).count() == 6


def test_a_name_takes_the_place_of_a_row_without_one(draft: RosterDraft, hal: User, as_user: Any) -> None:
    client = as_user(hal)
    post(client, "roster_unnamed", draft.pk, number=2)

    post(client, "roster_row", draft.pk, 1, given_name="Ada", family_name="Vale", email="ada@example.test")

    verdicts = page(client, "roster", draft.pk).context["page"]
    assert [(verdict.kind, verdict.row.name) for verdict in verdicts] == [("new", "Ada Vale"), ("unnamed", "")]


def test_an_institute_that_wants_names_at_once_says_so(draft: RosterDraft, hal: User, as_user: Any) -> None:
    draft.institute.names_due_on = None
    draft.institute.save()

    post(as_user(hal), "roster_lay", draft.pk, pasted="Name\nTBD\n", replacing="more")

    [verdict] = page(as_user(hal), "roster", draft.pk).context["page"]
    assert verdict.sentence == "LT27-01 holds no seats without names. Write who will come."
