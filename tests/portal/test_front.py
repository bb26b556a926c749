"""The front door: what is next, where a sign-in leads, and the demo's one click."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from events.models import Institute
from people.access import Role
from people.models import User
from portal.cast import CAST
from tests import make

pytestmark = pytest.mark.usefixtures("provider")


def coming(**more) -> Institute:
    now = timezone.now()
    return make.institute(
        **{
            "starts_on": now.date() + timedelta(days=60),
            "ends_on": now.date() + timedelta(days=62),
            "registration_opens_at": now - timedelta(days=1),
            "registration_closes_at": now + timedelta(days=50),
        }
        | more
    )


def test_anyone_sees_what_is_next_and_the_seats_that_are_left(client: Client) -> None:
    coming(title="Leadership Training", capacity=120, seats_taken=118)

    page = client.get("/").content.decode()

    assert "Leadership Training" in page
    assert "2 seats left" in page


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"capacity": 3, "seats_taken": 3}, "Full"),
        ({"registration_opens_at": timezone.now() + timedelta(days=9)}, "Registration opens"),
        ({"registration_closes_at": timezone.now() - timedelta(hours=1)}, "Registration closed"),
        ({"capacity": 3, "seats_taken": 2}, "1 seat left"),
    ],
)
def test_a_card_says_whether_one_may_still_register(client: Client, more: dict[str, object], words: str) -> None:
    coming(**more)

    assert words in client.get("/").content.decode()


def test_what_is_past_canceled_or_unpublished_is_not_next(client: Client) -> None:
    now = timezone.now()
    coming(starts_on=now.date() - timedelta(days=9), ends_on=now.date() - timedelta(days=7))
    coming(canceled_at=now)
    coming(published_at=None)

    page = client.get("/")

    assert list(page.context["institutes"]) == []
    assert "No institute is announced" in page.content.decode()


@pytest.mark.parametrize("many", [1, 3])
def test_the_home_page_takes_the_same_number_of_queries(
    client: Client, many: int, django_assert_max_num_queries
) -> None:
    for _again in range(many):
        coming()

    with django_assert_max_num_queries(4):
        client.get("/")


def first_of(*url_names: str) -> str:
    for url_name in url_names:
        try:
            return reverse(url_name)
        except NoReverseMatch:
            continue
    return "/"


@pytest.mark.parametrize(
    ("role", "pages"),
    [
        (Role.STAFF, ["portal:today", "events:staff_institutes"]),
        (Role.FINANCE, ["portal:today", "events:staff_institutes"]),
        (Role.COORDINATOR, ["portal:district", "events:institutes"]),
        (Role.BUSINESS_OFFICE, ["portal:district", "events:institutes"]),
        (None, ["portal:participant", "events:institutes"]),
    ],
)
def test_a_sign_in_leads_to_ones_own_work(as_user, alder_valley, role: Role | None, pages: list[str]) -> None:
    at = alder_valley if role in {Role.COORDINATOR, Role.BUSINESS_OFFICE} else None
    user = make.user("someone@example.test", *([role] if role else []), at=at)

    assert as_user(user).get("/start/")["Location"] == first_of(*pages)


def test_a_stranger_is_asked_to_sign_in_first(client: Client) -> None:
    assert client.get("/start/")["Location"] == "/accounts/login/?next=/start/"


# --- The demo -------------------------------------------------------------------------------------------------------


def test_in_a_demo_one_click_is_enough(client: Client, settings, dolores: User) -> None:
    settings.DEMO = True

    page = client.get("/").content.decode()
    answer = client.post("/demo/sign-in/", {"email": dolores.email})

    assert "Sign in as Dolores Quintero" in page
    assert "Sign in as Hal Nakamura" not in page  # nobody signs in as him yet
    assert (answer["Location"], get_user(client)) == ("/start/", dolores)


def test_out_of_a_demo_there_is_no_such_door(client: Client, settings, dolores: User) -> None:
    settings.DEMO = False

    assert client.post("/demo/sign-in/", {"email": dolores.email}).status_code == 404
    assert "Sign in as" not in client.get("/").content.decode()
    assert not get_user(client).is_authenticated


def test_the_click_signs_in_the_cast_alone(client: Client, settings) -> None:
    settings.DEMO = True
    make.user("director@real.example.org", Role.STAFF)

    assert client.post("/demo/sign-in/", {"email": "director@real.example.org"}).status_code == 404


def test_another_site_cannot_make_the_click(settings, dolores: User) -> None:
    settings.DEMO = True

    assert Client(enforce_csrf_checks=True).post("/demo/sign-in/", {"email": dolores.email}).status_code == 403


def test_the_cast_has_addresses_that_reach_nobody() -> None:
    assert all(part.email.endswith(".example.test") for part in CAST)


# --- The pulse ------------------------------------------------------------------------------------------------------


def test_the_site_answers_while_its_database_does(client: Client) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_a_county_office_that_is_paid_lands_at_what_is_payable_to_it(as_user):
    juniper = make.organization("Juniper COE")
    make.payee(juniper, prefix="JUN")
    faye = make.user("faye@juniper.example.test", Role.HOST, at=juniper, name="Faye Okafor")

    assert as_user(faye).get(reverse("portal:start"))["Location"] == reverse("billing:agent")
