"""The API of attendance: batches that act once, answers for each event, and only one's own rows."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from events.models import Institute
from people.models import Organization, User
from registrations.models import AttendanceEvent, HoursEarned, Registration
from tests import make

EVENTS = "/api/v1/attendance-events/"


@pytest.fixture
def institute(omar: User) -> Institute:
    made = make.institute()
    make.agenda(made)
    return made


@pytest.fixture
def registration(institute: Institute, alder_valley: Organization) -> Registration:
    return make.registration(make.person("Ana Torres"), institute, alder_valley)


@pytest.fixture
def staff(as_user: Callable[[User], Client], omar: User) -> Client:
    return as_user(omar)


def event(of: Registration, number: int = 0, **more: Any) -> dict[str, Any]:
    session = of.institute.sessions.in_order()[number]
    seen = {
        "session": session.pk,
        "registration": of.pk,
        "kind": "present",
        "at": session.starts_at.isoformat(),
    }
    return {"id": str(uuid4())} | seen | more


def post(client: Client, *events: Any, to: str = EVENTS, **headers: str) -> Any:
    return client.post(to, {"events": list(events)}, content_type="application/json", headers=headers)


def told(answer: Any) -> list[tuple[str, str]]:
    return [(one["result"], one["sentence"]) for one in answer.json()["events"]]


def test_each_event_of_a_batch_gets_its_answer_in_its_place(staff: Client, registration: Registration) -> None:
    good, stranger = event(registration), event(registration, registration=999_999)
    shapeless = event(registration, at="2027-01-21T08:00:00")
    elsewhere = event(registration, session=999_999)

    answer = post(staff, stranger, good, shapeless, good, elsewhere, "nonsense", {"id": "x"})

    assert answer.status_code == 200
    assert told(answer)[:5] == [
        ("refused", f"This registration is not one of {registration.institute.code}."),
        ("new", ""),
        ("refused", "at: A time needs its zone, such as 2027-01-21T08:00:00-08:00."),
        ("repeated", ""),
        ("refused", "This session is not one at which you take attendance."),
    ]
    assert [one["result"] for one in answer.json()["events"][5:]] == ["refused", "refused"]
    assert "Must be a valid UUID." in told(answer)[6][1]
    assert HoursEarned.objects.get().minutes == 225


def test_sent_again_the_same_events_are_repeated(staff: Client, registration: Registration) -> None:
    batch = [event(registration), event(registration, 2)]

    answers = [told(post(staff, *batch)) for _twice in range(2)]

    assert answers == [[("new", "")] * 2, [("repeated", "")] * 2]
    assert AttendanceEvent.objects.count() == 2


def test_a_trial_says_what_would_happen_and_keeps_nothing(staff: Client, registration: Registration) -> None:
    answer = post(staff, event(registration), to=EVENTS + "?dry_run=true")

    assert (told(answer), answer.json()["dry_run"]) == ([("new", "")], True)
    assert not AttendanceEvent.objects.exists()


def test_a_call_with_a_key_gets_its_first_answer_again(staff: Client, registration: Registration) -> None:
    batch = [event(registration)]

    answers = [told(post(staff, *batch, **{"Idempotency-Key": "desk-a-1"})) for _twice in range(2)]

    assert answers == [[("new", "")]] * 2


@pytest.mark.parametrize("body", [[], {}, {"events": "all"}, {"events": [{}] * 1001}])
def test_what_is_no_batch_is_refused(staff: Client, body: Any) -> None:
    answer = staff.post(EVENTS, body, content_type="application/json")

    assert (answer.status_code, answer.json()) == (400, {"events": ["Send a list of up to 1,000 events."]})


def test_at_a_canceled_institute_each_event_is_refused(staff: Client, registration: Registration) -> None:
    Institute.objects.update(canceled_at=make.NOW)

    assert told(post(staff, event(registration))) == [
        ("refused", f"{registration.institute.code} was canceled; no attendance is taken.")
    ]


def test_who_takes_no_attendance_records_nothing(
    as_user: Callable[[User], Client], client: Client, registration: Registration, dolores: User
) -> None:
    assert post(client, event(registration)).status_code in {401, 403}
    assert told(post(as_user(dolores), event(registration))) == [
        ("refused", "This session is not one at which you take attendance.")
    ]
    assert not AttendanceEvent.objects.exists()


def test_the_ledger_is_listed_by_institute_session_and_registration(
    staff: Client, registration: Registration, alder_valley: Organization
) -> None:
    other = make.registration(make.person("Tomas Wexler"), registration.institute, alder_valley)
    mine, afternoon, his = event(registration), event(registration, 2), event(other)
    post(staff, mine, afternoon, his)

    def found(**wanted: int) -> set[str]:
        return {row["id"] for row in staff.get(EVENTS, wanted).json()["results"]}

    assert found(institute=registration.institute_id) == {mine["id"], afternoon["id"], his["id"]}
    assert found(institute=make.institute().pk) == set()
    assert found(registration=registration.pk) == {mine["id"], afternoon["id"]}
    assert found(session=mine["session"]) == {mine["id"], his["id"]}


def test_the_hours_of_a_registration_explain_themselves(
    as_user: Callable[[User], Client], staff: Client, registration: Registration, dolores: User, hal: User
) -> None:
    post(staff, event(registration), event(registration, 2, kind="out", at="2027-01-21T13:45:00-08:00"))
    address = f"/api/v1/registrations/{registration.pk}/hours/"

    answers = [as_user(who).get(address) for who in (dolores, hal)]

    assert [answer.status_code for answer in answers] == [200, 404]
    day = answers[0].json()["days"][0]
    assert (day["attended"], day["earned"], day["by_type"]) == (285, 285, {"intensive": 285})
    assert [block["minutes_present"] for block in day["blocks"]] == [225, 0, 60]


def test_coordinators_read_only_their_peoples_events(
    as_user: Callable[[User], Client], staff: Client, registration: Registration, dolores: User, hal: User
) -> None:
    post(staff, event(registration))

    counts = [len(as_user(who).get(EVENTS).json()["results"]) for who in (dolores, hal)]

    assert counts == [1, 0]


def test_a_check_in_takes_few_queries(
    staff: Client, registration: Registration, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(16):
        post(staff, event(registration))
