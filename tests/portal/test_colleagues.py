"""A district's colleagues: invited, handed everything over to, replaced by staff. What is the district's stays."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from office.models import Message
from people import memberships
from people.access import Action, Role, may
from people.memberships import CannotAppoint, CannotHandOver
from people.models import HandOver, Membership, Organization, User
from portal import colleagues, tasks
from registrations.models import Order, RosterDraft
from registrations.rosters import drafting
from tests import make

AsUser = Callable[[User], Client]
NOA = "noa@avusd.example.test"


@pytest.fixture
def part(dolores: User, provider: Any) -> Membership:
    found: Membership = Membership.objects.select_related("user__person", "organization").get(user=dolores)
    return found


def hand_over(part: Membership, by: User, *, at_once: bool = False, email: str = NOA) -> HandOver:
    return colleagues.hand_over(part, email, "Noa Quintero", at_once=at_once, by=by, at=make.NOW)


def again(user: User) -> User:
    """As the next request has her: what she may is read once a request."""
    return User.objects.get(pk=user.pk)


def posted(where: str, client: Client, **asked: str) -> Any:
    return client.post(where, {"submission_key": "a-key"} | asked)


def test_a_coordinator_invites_the_business_office_which_sees_money_and_no_needs(
    as_user: AsUser, dolores: User, part: Membership, alder_valley: Organization
) -> None:
    where = reverse("portal:invite_colleague", args=[alder_valley.pk])

    posted(where, as_user(dolores), email=NOA, name="Noa Quintero", role="business_office")

    noa = User.objects.get(email=NOA)
    allowed = [may(noa, action, alder_valley) for action in (Action.SEE_MONEY, Action.SEE_NEEDS, Action.REGISTER)]
    assert allowed == [True, False, False]
    mail = Message.objects.get()
    assert (mail.to, mail.subject) == (NOA, "You are business office of Alder Valley Unified")


def test_a_coordinator_gives_no_part_of_a_host_and_none_elsewhere(
    as_user: AsUser, dolores: User, part: Membership, alder_valley: Organization, bristlecone: Organization
) -> None:
    where = reverse("portal:invite_colleague", args=[alder_valley.pk])

    host = posted(where, as_user(dolores), email=NOA, name="Noa", role="host")
    elsewhere = as_user(dolores).get(reverse("portal:invite_colleague", args=[bristlecone.pk]))
    herself = posted(where, as_user(dolores), email=dolores.email, name="D", role="coordinator", submission_key="b")

    assert (host.status_code, elsewhere.status_code, herself.status_code) == (422, 404, 422)
    with pytest.raises(CannotAppoint, match="Host or fiscal agent is no part that a colleague gives"):
        colleagues.invite(NOA, "Noa", Role.HOST, alder_valley, by=dolores, at=make.NOW)


def test_her_part_ends_when_the_colleague_has_signed_in(part: Membership, dolores: User) -> None:
    hand_over(part, dolores)
    assert may(again(dolores), Action.REGISTER, part.organization)
    assert colleagues.finish_due(at=make.NOW) == []
    User.objects.filter(email=NOA).update(last_login=make.NOW)

    tasks.finish_hand_overs(0)

    assert not may(again(dolores), Action.REGISTER, part.organization)
    assert may(User.objects.get(email=NOA), Action.REGISTER, part.organization)
    assert sorted(Message.objects.values_list("to", "subject")) == [
        (dolores.email, "Noa Quintero has taken over Alder Valley Unified"),
        (dolores.email, "Noa Quintero takes over Alder Valley Unified"),
        (NOA, "You are district coordinator of Alder Valley Unified"),
    ]
    assert colleagues.finish_due(at=make.NOW) == []


def test_it_ends_at_once_when_asked_and_when_the_colleague_has_signed_in_before(
    part: Membership, dolores: User, bea: User, alder_valley: Organization
) -> None:
    first = hand_over(part, dolores, at_once=True)
    noa = Membership.objects.select_related("user", "organization").get(user__email=NOA)
    User.objects.filter(pk=bea.pk).update(last_login=make.NOW)

    second = colleagues.hand_over(noa, bea.email, "Bea Lindqvist", at_once=False, by=noa.user, at=make.NOW)

    assert (first.ended_at, second.ended_at) == (make.NOW, make.NOW)
    held = Membership.objects.active().filter(organization=alder_valley).values_list("user__email", "role")
    assert sorted(held) == [(bea.email, "business_office"), (bea.email, "coordinator")]


def test_drafts_orders_and_papers_stay_with_the_district_and_name_who_made_them(
    as_user: AsUser, part: Membership, dolores: User, alder_valley: Organization
) -> None:
    draft = drafting.start(alder_valley, make.institute(code="LT27-01"), by=dolores, at=make.NOW)
    order = make.order(alder_valley, placed_by=dolores)
    make.payer(alder_valley)
    hand_over(part, dolores, at_once=True)
    noa = User.objects.get(email=NOA)

    page = as_user(noa).get(reverse("portal:colleagues", args=[alder_valley.pk])).content.decode()

    assert list(RosterDraft.objects.visible_to(noa)) == [draft]
    assert list(Order.objects.visible_to(noa)) == [order]
    assert not Order.objects.visible_to(again(dolores)).exists()
    assert ("begun by Dolores Quintero" in page, "LT27-01" in page) == (True, True)


@pytest.mark.parametrize(
    ("email", "sentence"),
    [("dolores@avusd.example.test", "this is your own address"), ("nobody", "is not an e-mail address")],
)
def test_a_hand_over_is_refused_with_a_sentence(part: Membership, dolores: User, email: str, sentence: str) -> None:
    with pytest.raises(CannotHandOver, match=sentence):
        hand_over(part, dolores, email=email)

    assert not HandOver.objects.exists()


def test_a_part_is_handed_over_once_and_kept_while_it_waits(
    as_user: AsUser, part: Membership, dolores: User, alder_valley: Organization
) -> None:
    waiting = hand_over(part, dolores)
    with pytest.raises(CannotHandOver, match="handed over before"):
        hand_over(part, dolores)
    client = as_user(dolores)
    assert (
        "Until Noa Quintero has signed in"
        in client.get(reverse("portal:colleagues", args=[alder_valley.pk])).content.decode()
    )

    kept = posted(reverse("portal:keep_part", args=[part.pk]), client)

    assert (kept["Location"], HandOver.objects.exists()) == (
        reverse("portal:colleagues", args=[alder_valley.pk]),
        False,
    )
    assert may(again(dolores), Action.REGISTER, alder_valley)
    with pytest.raises(CannotHandOver, match="handed over meanwhile"):
        memberships.keep(waiting)


def test_on_the_page_she_hands_over_and_is_led_away_when_it_is_at_once(
    as_user: AsUser, part: Membership, dolores: User
) -> None:
    where = reverse("portal:hand_over", args=[part.pk])
    client = as_user(dolores)
    wrong = posted(where, client, email="x", name="Noa", ends="at_once")

    done = posted(where, client, email=NOA, name="Noa Quintero", ends="at_once", submission_key="b")

    assert (wrong.status_code, done["Location"]) == (422, reverse("portal:start"))
    assert client.get(where).status_code == 404


def test_staff_replace_a_coordinator_who_is_gone_and_a_colleague_does_not(
    as_user: AsUser, part: Membership, dolores: User, omar: User, alder_valley: Organization
) -> None:
    rival = make.user("rio@avusd.example.test", Role.COORDINATOR, at=alder_valley, name="Rio Vance")
    where = reverse("portal:hand_over", args=[part.pk])

    assert as_user(rival).get(where).status_code == 403
    done = posted(where, as_user(omar), email=NOA, name="Noa Quintero", ends="at_once")

    assert done["Location"] == reverse("portal:colleagues", args=[alder_valley.pk])
    held = Membership.objects.active().filter(organization=alder_valley).order_by("user__email")
    assert [one.user.email for one in held] == [NOA, rival.email]


def test_one_who_has_the_part_already_takes_over_too(
    part: Membership, dolores: User, alder_valley: Organization
) -> None:
    rio = make.user("rio@avusd.example.test", Role.COORDINATOR, at=alder_valley, name="Rio Vance")
    since = rio.memberships.get().started_at

    made = hand_over(part, dolores, email=rio.email, at_once=True)

    assert (made.to.user, made.to.started_at, made.at - since) == (rio, since, timedelta(0))


# --- The API ----------------------------------------------------------------------------------------------------------


def test_the_api_invites_hands_over_and_refuses_as_the_pages_do(as_user, dolores, alder_valley, omar):
    client = as_user(dolores)
    asked = {
        "organization": alder_valley.pk,
        "role": "coordinator",
        "email": "new@avusd.example.test",
        "name": "Noa Vane",
    }

    tried = client.post("/api/v1/colleagues/?dry_run=true", asked, content_type="application/json")
    invited = client.post("/api/v1/colleagues/", asked, content_type="application/json")
    again = client.post("/api/v1/colleagues/", asked, content_type="application/json")

    assert (tried.status_code, invited.status_code, again.status_code) == (200, 201, 400)
    assert [row["email"] for row in client.get("/api/v1/colleagues/").json()["results"]] == [
        dolores.email,
        "new@avusd.example.test",
    ]


def test_the_api_hands_over_ones_own_part_and_nobody_elses(as_user, dolores, bea, alder_valley, omar):
    hers, own = Membership.objects.get(user=bea), Membership.objects.get(user=dolores)
    to = {"email": "next@avusd.example.test", "name": "Noa Vane", "at_once": True}
    client = as_user(dolores)

    others = client.post(f"/api/v1/colleagues/{hers.pk}/hand-over/", to, content_type="application/json")
    done = client.post(f"/api/v1/colleagues/{own.pk}/hand-over/", to, content_type="application/json")

    assert (others.status_code, done.status_code, done.json()["email"]) == (403, 201, "next@avusd.example.test")
    own.refresh_from_db()
    assert own.ended_at


def test_the_business_office_hands_nothing_over(as_user, bea, omar):
    assert as_user(bea).get("/api/v1/colleagues/").status_code == 403
