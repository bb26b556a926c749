"""Orders by the API: the same verdicts, money and refusals as the pages."""

from decimal import Decimal

import pytest
from django.utils import timezone

from people.access import Role
from people.models import Organization, Person, User
from registrations import needs
from registrations.models import Order, Registration
from tests import make

URL = "/api/v1/orders/"


@pytest.fixture
def winter(provider):
    make.payee()
    return make.institute(
        code="LT27-01",
        registration_closes_at=timezone.now() + make.timedelta(days=9),
        registration_opens_at=make.NOW.replace(year=2020),
    )


@pytest.fixture
def asked(winter, alder_valley: Organization, ana: Person):
    line = make.line(alder_valley)
    people = [
        {"person": ana.pk, "pays": f"line-{line.pk}"},
        {"given_name": "Bo", "family_name": "Li", "email": "bo@example.test", "pays": f"line-{line.pk}"},
    ]
    return {"sponsor": alder_valley.pk, "institute": winter.pk, "people": people}


def post(client, asked, **more):
    return client.post(URL, asked, content_type="application/json", **more)


def test_an_order_registers_and_charges(asked, ana: Person, dolores: User, as_user):
    answer = post(as_user(dolores), asked)

    assert (answer.status_code, answer.json()["amount"]) == (201, "1050.00")
    assert answer.json()["registrations"][0]["person"] == ana.pk
    assert Registration.objects.count() == 2


def test_a_dry_run_answers_the_price_and_keeps_nothing(asked, dolores: User, as_user):
    answer = as_user(dolores).post(f"{URL}?dry_run=true", asked, content_type="application/json")

    assert (answer.json()["amount"], answer.json()["dry_run"]) == ("1050.00", True)
    assert not Order.objects.exists()


def test_a_call_that_comes_twice_orders_once(asked, dolores: User, as_user):
    client = as_user(dolores)

    first = post(client, asked, headers={"Idempotency-Key": "k"})
    second = post(client, asked, headers={"Idempotency-Key": "k"})

    assert first.json() == second.json()
    assert Order.objects.count() == 1


def test_a_refusal_is_the_sentence_of_the_page(asked, dolores: User, as_user):
    asked["people"][1]["email"] = "bo@@"

    answer = post(as_user(dolores), asked)

    assert (answer.status_code, Order.objects.exists()) == (400, False)
    assert answer.json() == {
        "detail": ["1 row needs an answer first. Line 2: “bo@@” is no e-mail address. Correct it, or empty the cell."]
    }


def test_someone_else_of_a_known_name_is_said_so(asked, ana: Person, dolores: User, as_user):
    asked["people"] = [asked["people"][1] | {"given_name": "Ana", "family_name": "Torres", "is_someone_else": True}]

    answer = post(as_user(dolores), asked)

    assert answer.json()["registrations"][0]["person"] != ana.pk


def test_nobody_orders_for_another_district(asked, hal: User, bea: User, as_user):
    assert post(as_user(hal), asked).status_code == 400  # the district is as if it were not
    assert post(as_user(bea), asked).status_code == 403
    assert not Order.objects.exists()


def test_orders_and_registrations_are_each_ones_own(asked, winter, alder_valley, dolores, hal, as_user):
    client = as_user(dolores)
    made = post(client, asked).json()

    [row] = client.get(URL, {"institute": winter.pk, "sponsor": alder_valley.pk}).json()["results"]
    assert (row["id"], row["seats"], row["institutes"]) == (made["id"], 2, [winter.pk])
    seated = client.get("/api/v1/registrations/", {"order": made["id"], "live": "true"}).json()["results"]
    assert [(one["name"], one["first_day"], one["last_day"]) for one in seated] == [
        ("Ana Torres", "2027-01-21", "2027-01-23"),
        ("Bo Li", "2027-01-21", "2027-01-23"),
    ]
    client = as_user(hal)
    assert client.get(URL).json()["results"] == client.get("/api/v1/registrations/").json()["results"] == []
    assert client.get(f"{URL}{made['id']}/").status_code == 404


def test_lists_ask_as_often_for_three_as_for_one(winter, alder_valley, omar, as_user, django_assert_max_num_queries):
    client = as_user(omar)
    counted = []
    for number in range(3):
        make.registration(make.person(f"Pat No{number}"), winter, alder_valley)
        if number in {0, 2}:
            with django_assert_max_num_queries(20) as queries:
                client.get(URL)
                client.get("/api/v1/registrations/")
            counted.append(len(queries))

    assert counted[0] == counted[1]
    assert Decimal(Registration.objects.count()) == 3


def test_a_person_is_found_under_the_names_that_were_merged_into_her(winter, alder_valley, ana, omar, as_user):
    alias = make.person("A. Torres")
    made = make.registration(alias, winter, alder_valley)
    Person.objects.filter(pk=alias.pk).update(merged_into=ana)

    found = as_user(omar).get(f"/api/v1/registrations/?person={ana.pk}").json()["results"]

    assert [row["id"] for row in found] == [made.pk]
    again = as_user(omar).get(f"/api/v1/registrations/?person={alias.pk}").json()["results"]
    assert [row["id"] for row in again] == [made.pk]


def needs_of(client):
    return [row["needs"] for row in client.get("/api/v1/registrations/").json()["results"]]


def test_needs_are_read_by_roles_that_see_needs_and_by_nobody_else(
    winter, alder_valley, ana, dolores, omar, bea, as_user
):
    needs.keep(make.registration(ana, winter, alder_valley), "dietary", "No nuts", by=None, at=make.NOW)

    assert needs_of(as_user(dolores)) == needs_of(as_user(omar)) == [[{"kind": "dietary", "text": "No nuts"}]]
    assert needs_of(as_user(bea)) == [None]


def test_a_host_reads_names_and_no_needs(winter, alder_valley, ana, as_user):
    juniper = make.organization("Juniper COE")
    winter.host = juniper
    winter.save(update_fields=["host"])
    needs.keep(make.registration(ana, winter, alder_valley), "access", "A ramp", by=None, at=make.NOW)

    assert needs_of(as_user(make.user("host@juniper.example.test", Role.HOST, at=juniper))) == [None]
