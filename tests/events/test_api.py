"""Institutes through the API: the same verbs, the same refusals."""

from datetime import timedelta

import pytest
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from rest_framework.routers import SimpleRouter

from events import api
from events.models import Institute, Session
from tests import make

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture
def staff(omar, as_user) -> Client:
    return as_user(omar)


def facts(**more) -> dict[str, object]:
    return {
        "program": make.program(code="LT").pk, "title": "Leadership Training", "starts_on": "2027-01-21",
        "ends_on": "2027-01-23", "capacity": 120, "price": "525.00", "registration_opens_at": "2026-10-01T08:00:00-07:00",
        "registration_closes_at": "2027-01-15T17:00:00-08:00", "terms": make.terms().pk,
        "hours_rule": make.hours_rule().pk,
    } | more  # fmt: skip


def one(institute: Institute, verb: str = "") -> str:
    return f"/api/v1/institutes/{institute.pk}/{verb}"


def test_an_institute_comes_with_its_agenda(staff: Client) -> None:
    institute = make.institute(seats_taken=20)
    make.session(institute, strand=make.strand(institute))

    answer = staff.get(one(institute)).json()

    assert (answer["code"], answer["price"], answer["seats_left"]) == (institute.code, "525.00", 100)
    assert [(block["title"], block["minutes"]) for block in answer["sessions"]] == [("Plenary", 225)]
    assert [strand["name"] for strand in answer["strands"]] == ["Grades 3–5"]


def test_a_coordinator_sees_what_is_published_and_changes_nothing(dolores, as_user) -> None:
    client = as_user(dolores)
    shown, draft = make.institute(), make.institute(published_at=None)
    block, _hidden = make.session(shown), make.session(draft)

    assert [row["id"] for row in client.get("/api/v1/institutes/").json()["results"]] == [shown.pk]
    assert client.get(one(draft)).status_code == 404
    assert [row["id"] for row in client.get("/api/v1/sessions/").json()["results"]] == [block.pk]
    assert client.post("/api/v1/institutes/", facts(), JSON).status_code == 403
    for verb in ("clone/", "publish/", "agenda/"):
        assert client.post(one(shown, verb), {}, JSON).status_code == 403, verb
    assert client.patch(one(shown), {"title": "Mine"}, JSON).status_code == 403


def test_a_stranger_gets_nothing(client: Client) -> None:
    assert client.get(one(make.institute())).status_code == 401


def test_an_institute_is_scheduled_once_a_key(staff: Client) -> None:
    asked = facts()

    first = staff.post("/api/v1/institutes/", asked, JSON, headers={"Idempotency-Key": "k"})
    again = staff.post("/api/v1/institutes/", asked, JSON, headers={"Idempotency-Key": "k"})

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["code"] == again.json()["code"] == "LT27-01"
    assert Institute.objects.count() == 1


def test_a_dry_run_answers_and_changes_nothing(staff: Client) -> None:
    answer = staff.post("/api/v1/institutes/?dry_run=true", facts(), JSON)

    assert (answer.status_code, answer.json()["code"]) == (200, "LT27-01")
    assert not Institute.objects.exists()


def test_a_refusal_is_the_same_sentence_as_on_the_page(staff: Client) -> None:
    answer = staff.post("/api/v1/institutes/", facts(ends_on="2027-01-20"), JSON)

    assert (answer.status_code, answer.json()["detail"]) == (400, ["The last day cannot lie before the first."])


def test_facts_are_changed(staff: Client) -> None:
    institute = make.institute(seats_taken=40)

    changed = staff.patch(one(institute), {"title": "Renamed"}, JSON)
    refused = staff.patch(one(institute), {"capacity": 39}, JSON)

    assert (changed.status_code, Institute.objects.get().title) == (200, "Renamed")
    assert refused.json()["detail"] == ["40 seats are taken already; there can be no fewer."]


def test_the_next_one_is_cloned_and_published(staff: Client) -> None:
    last = make.institute(code="LT27-01", program=make.program(code="LT"))
    make.session(last)

    made = staff.post(one(last, "clone/"), {"starts_on": "2028-01-20"}, JSON).json()
    answer = staff.post(f"/api/v1/institutes/{made['id']}/publish/")

    assert made["code"] == "LT28-01"
    assert answer.json()["published_at"] is not None


def test_an_agenda_is_changed_all_or_none(staff: Client) -> None:
    institute = make.institute()
    old, gone = make.session(institute), make.session(institute, start="13:00", end="14:00")
    block = {"day": "2027-01-21", "starts": "08:00", "ends": "09:00", "title": "Opening"}
    later = block | {"starts": "09:00", "ends": "10:00", "title": "Later", "strand": make.strand(institute).pk}

    changes = [{"session": old.pk, "block": block}, {"session": gone.pk, "block": None}, {"block": later}]
    answer = staff.post(one(institute, "agenda/"), changes, JSON)
    refused = staff.post(one(institute, "agenda/"), [{"block": later | {"ends": "09:30"}}], JSON)

    assert sorted(block["title"] for block in answer.json()["sessions"]) == ["Later", "Opening"]
    assert answer.json()["agenda_revision"] == 2
    assert "overlaps “Later”" in refused.json()["detail"][0]


@pytest.mark.parametrize("wrong", ["strand", "session"])
def test_a_change_that_makes_no_sense_is_refused(staff: Client, wrong: str) -> None:
    block = {"day": "2027-01-21", "starts": "08:00", "ends": "09:00", "title": "Opening"}
    elsewhere = make.strand(make.institute())
    changes = {"strand": {"block": block | {"strand": elsewhere.pk}}, "session": {"block": None}}

    answer = staff.post(one(make.institute(), "agenda/"), [changes[wrong]], JSON)

    assert answer.status_code == 400
    assert not Session.objects.exists()


def test_programs_seasons_and_sessions_are_listed(staff: Client) -> None:
    institute = make.institute(season=make.season())
    make.session(institute)
    make.session(make.institute())

    def ids(path: str) -> list[int]:
        return [row["id"] for row in staff.get(f"/api/v1/{path}").json()["results"]]

    assert institute.program_id in ids("programs/")
    assert ids("seasons/") == [institute.season_id]
    assert ids(f"sessions/?institute={institute.pk}") == [institute.sessions.get().pk]
    assert ids(f"institutes/?starts_on__gte={institute.ends_on + timedelta(days=1)}") == []


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_institutes_asks_the_same_number_of_questions(staff, django_assert_num_queries, rows: int) -> None:
    for _row in range(rows):
        make.institute()

    with django_assert_num_queries(6):
        staff.get("/api/v1/institutes/")


def test_the_schema_describes_every_door_without_a_warning() -> None:
    router = SimpleRouter()
    for prefix, viewset, basename in api.ROUTES:
        router.register(prefix, viewset, basename)

    GENERATOR_STATS.reset()
    with GENERATOR_STATS.silence():
        schema = SchemaGenerator(patterns=router.urls).get_schema(request=None, public=True)

    assert {"/institutes/{id}/clone/", "/institutes/{id}/agenda/"} <= set(schema["paths"])
    said = [*GENERATOR_STATS._warn_cache, *GENERATOR_STATS._error_cache]
    assert [words for words in said if "authenticator" not in words] == []  # that one is for `people` to register
