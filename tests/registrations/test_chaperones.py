"""Chaperones: a seat each, at no cost, as many of a district as the institute allows."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from billing.models import Charge, FundingLine
from events.models import Institute
from people.models import Organization, Person, User
from registrations import chaperones, enrollment, moves, transfers, waitlist, withdrawals
from registrations.chaperones import CHAPERONE
from registrations.enrollment import CannotRegister, Group
from registrations.funding import Share
from registrations.models import Allotment, Order, Registration, RosterDraft, Seat
from registrations.newcomers import Attendee
from registrations.refusals import CannotChange
from registrations.rosters import drafting
from registrations.rosters.judging import Verdict
from tests import make
from tests.registrations.roster_pages import page, post

NONE_LEFT = (
    "LT27-01 takes 1 chaperone of each district at no cost. Yours has 1 already: choose who pays."
)  # fmt: skip


@pytest.fixture
def winter(winter: Institute) -> Institute:
    winter.chaperones = 1
    winter.save(update_fields=["chaperones"])
    return winter


@pytest.fixture
def clean(draft: RosterDraft, winter: Institute) -> RosterDraft:
    """Two people, one left out."""
    return drafting.change_rows(draft, [3], at=make.NOW, decision="leave_out")


def bring(who: Attendee, at: Institute, sponsor: Organization, key: str = "one") -> Order:
    group = Group([who], [], is_chaperone=True)
    return enrollment.place([group], sponsor=sponsor, institute=at, key=key, by=None, at=make.NOW)


def judged(draft: RosterDraft, who: User) -> list[Verdict]:
    draft.refresh_from_db()
    return [one for one in drafting.judged(draft, make.NOW, who=who) if one.takes_a_seat]


def test_a_coordinator_comes_as_a_chaperone_takes_a_seat_and_costs_nothing(
    winter: Institute, alder_valley: Organization, dolores: User
) -> None:
    bring(Attendee(person_id=dolores.person_id), winter, alder_valley)

    winter.refresh_from_db()
    assert (Registration.objects.get().person, winter.seats_taken) == (dolores.person, 1)
    assert (Allotment.objects.get().price, Charge.objects.count(), FundingLine.objects.count()) == (Decimal(0), 0, 0)


def test_one_more_than_the_institute_allows_is_refused(winter: Institute, alder_valley: Organization) -> None:
    bring(Attendee("Ida", "One"), winter, alder_valley)

    with pytest.raises(CannotRegister) as refusal:
        bring(Attendee("Ida", "Two"), winter, alder_valley, key="two")

    assert str(refusal.value) == NONE_LEFT
    assert Seat.objects.count() == 1


def test_each_district_brings_its_own(winter: Institute, alder_valley: Organization, bristlecone: Organization) -> None:
    bring(Attendee("Ida", "One"), winter, alder_valley)

    bring(Attendee("Ida", "Two"), winter, bristlecone, key="two")

    assert [chaperones.here(each, winter) for each in (alder_valley, bristlecone)] == [1, 1]


def test_an_institute_takes_none_unless_staff_say_so(alder_valley: Organization, provider: object) -> None:
    make.payee()
    plain = make.institute(code="LT27-02")

    with pytest.raises(CannotRegister, match=r"^LT27-02 has no seats for chaperones: choose who pays\.$"):
        bring(Attendee("Ida", "One"), plain, alder_valley)


def test_a_chaperone_who_leaves_or_waits_is_counted_once(winter: Institute, alder_valley: Organization) -> None:
    bring(Attendee("Ida", "One"), winter, alder_valley)
    withdrawals.withdraw([Seat.objects.get()], by=None, at=make.NOW)
    group = Group([Attendee("Ida", "Two")], [], is_chaperone=True)
    asked: dict[str, Any] = {"sponsor": alder_valley, "institute": winter, "by": None, "at": make.NOW}

    waitlist.join([group], key="two", **asked)

    assert chaperones.here(alder_valley, winter) == 1
    with pytest.raises(CannotRegister, match="Yours has 1 already"):
        waitlist.join([Group([Attendee("Ida", "Three")], [], is_chaperone=True)], key="three", **asked)


def test_nobody_can_pay_for_a_chaperones_seat(winter: Institute, alder_valley: Organization) -> None:
    bring(Attendee("Ida", "One"), winter, alder_valley)
    line = make.line(alder_valley)

    with pytest.raises(CannotChange, match="there is nothing to pay for"):
        moves.move([Seat.objects.get()], shares=[Share(line, winter.starts_on, winter.ends_on)], by=None, at=make.NOW)


def test_a_chaperone_moves_where_there_is_room_for_one(winter: Institute, alder_valley: Organization) -> None:
    bring(Attendee("Ida", "One"), winter, alder_valley)
    spring = make.institute(code="LT27-05")

    with pytest.raises(CannotChange, match="LT27-05 has no seats for chaperones"):
        transfers.transfer([Seat.objects.get()], to=spring, by=None, at=make.NOW)
    Institute.objects.filter(pk=spring.pk).update(chaperones=1)
    transfers.transfer([Seat.objects.get()], to=spring, by=None, at=make.NOW)

    assert (chaperones.here(alder_valley, winter), chaperones.here(alder_valley, spring)) == (0, 1)
    assert Charge.objects.count() == 0


# --- On a roster ------------------------------------------------------------------------------------------------------


def test_a_roster_says_beside_each_row_who_comes_at_no_cost_and_who_is_one_too_many(
    clean: RosterDraft, dolores: User
) -> None:
    drafting.pay(clean, [1, 2], CHAPERONE, at=make.NOW)

    first, second = judged(clean, dolores)

    assert (first.is_chaperone, first.notes) == (True, ["A chaperone: takes a seat and costs nothing."])
    one_too_many = "LT27-01 takes 1 chaperone of each district at no cost. Choose who pays for the others."
    assert (second.is_chaperone, second.notes) == (False, [one_too_many])


def test_a_roster_with_a_chaperone_is_paid_for_and_sent(
    clean: RosterDraft, alder_valley: Organization, dolores: User, as_user: Any
) -> None:
    line = make.line(alder_valley)
    client = as_user(dolores)

    post(client, "roster_funding", clean.pk, everyone="yes", pays=f"line-{line.pk}")
    post(client, "roster_funding", clean.pk, rows=[2], pays=CHAPERONE)
    shown = page(client, "roster_funding", clean.pk)
    post(client, "roster_confirm", clean.pk)

    assert (shown.context["price"].total, shown.context["price"].unpaid) == (Decimal(525), 0)
    assert "Nobody: a chaperone" in shown.content.decode()
    assert [charge.amount for charge in Charge.objects.all()] == [Decimal(525)]
    assert sorted(Allotment.objects.values_list("price", "is_chaperone")) == [(Decimal(0), True), (Decimal(525), False)]
    order = page(client, "order", Order.objects.get().pk).content.decode()
    assert "Chaperones, at no cost" in order


def test_too_many_chaperones_are_not_sent_and_the_page_says_why(
    clean: RosterDraft, dolores: User, as_user: Any
) -> None:
    client = as_user(dolores)

    post(client, "roster_funding", clean.pk, everyone="yes", pays=CHAPERONE)
    shown = page(client, "roster_funding", clean.pk)
    answer = post(client, "roster_confirm", clean.pk)

    assert (shown.context["price"].unpaid, answer.status_code) == (1, 422)
    assert "Choose who pays for the others." in shown.content.decode()
    assert Seat.objects.count() == 0


def test_where_none_are_taken_the_page_does_not_offer_it(
    clean: RosterDraft, alder_valley: Organization, dolores: User, as_user: Any
) -> None:
    Institute.objects.update(chaperones=0)
    make.line(alder_valley)

    answer = post(as_user(dolores), "roster_funding", clean.pk, everyone="yes", pays=CHAPERONE)

    assert answer.status_code == 422


def test_the_api_orders_a_chaperone_and_refuses_one_too_many(
    winter: Institute, alder_valley: Organization, ana: Person, dolores: User, as_user: Any
) -> None:
    people = [{"person": ana.pk, "pays": CHAPERONE}]
    asked = {"sponsor": alder_valley.pk, "institute": winter.pk, "people": people}
    client = as_user(dolores)

    made = client.post("/api/v1/orders/", asked, content_type="application/json")
    people[0] = {"given_name": "Bo", "family_name": "Li", "email": "bo@example.test", "pays": CHAPERONE}
    refused = client.post("/api/v1/orders/", asked, content_type="application/json")

    assert (made.status_code, made.json()["amount"]) == (201, "0.00")
    assert (refused.status_code, NONE_LEFT in refused.content.decode()) == (400, True)


def test_staff_say_on_the_institutes_form_how_many(provider: Any, omar: User, as_user: Any) -> None:
    spring = make.institute(code="LT27-05")
    address = reverse("events:edit_institute", args=[spring.pk])
    form = as_user(omar).get(address).context["form"]
    shown = {name: form[name].value() or "" for name in form.fields}
    said = {name: f"{value:%Y-%m-%dT%H:%M}" if isinstance(value, datetime) else value for name, value in shown.items()}

    as_user(omar).post(address, said | {"chaperones": "2"})

    spring.refresh_from_db()
    assert spring.chaperones == 2
