"""Scenario 2, on the roster: Hal's six seats without names, $3,150 of his purchase order."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from people.models import Organization, User
from registrations.models import RosterDraft, Seat
from registrations.rosters import drafting
from tests import make
from tests.registrations.roster_pages import page, post


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
