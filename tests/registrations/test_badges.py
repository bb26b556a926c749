"""Badges: what the QR address shows to whom, the button behind it, and the sheets they are cut from."""

import io
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pypdf
import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client

from events.models import Institute
from people.models import Organization, Person, User
from registrations import badges, desk
from registrations.models import AttendanceEvent, HoursEarned, Registration
from tests import make


@pytest.fixture
def institute(omar: User) -> Institute:
    made = make.institute()
    make.agenda(made)
    return made


@pytest.fixture
def registration(institute: Institute, ana: Person, alder_valley: Organization) -> Registration:
    return make.registration(ana, institute, alder_valley)


def address(registration: Registration) -> str:
    return f"/b/{registration.badge}/"


def test_a_stranger_learns_whose_institute_it_is_and_nothing_else(client: Client, registration: Registration) -> None:
    page = client.get(address(registration))

    assert (page.status_code, "A badge of Leadership Training" in page.content.decode()) == (200, True)
    assert [word in page.content.decode() for word in ("Ana", "Torres", "Alder")] == [False] * 3
    assert client.get("/b/nonsense/").status_code == 404


def test_a_stranger_marks_nobody(client: Client, registration: Registration) -> None:
    session = registration.institute.sessions.in_order()[0]

    client.post(address(registration), {"key": uuid4(), "session": session.pk})

    assert not AttendanceEvent.objects.exists()


def test_another_coordinator_is_a_stranger_too(
    as_user: Callable[[User], Client], registration: Registration, hal: User
) -> None:
    assert "Ana" not in as_user(hal).get(address(registration)).content.decode()


def test_her_own_badge_leads_to_her_hours(
    as_user: Callable[[User], Client], registration: Registration, ana: Person
) -> None:
    login = User.objects.create_user("ana@example.test", person=ana)

    page = as_user(login).get(address(registration)).content.decode()

    assert "This badge is yours." in page
    assert f"/registrations/{registration.pk}/hours/" in page


def test_staff_mark_with_one_press_that_counts_once(
    as_user: Callable[[User], Client], registration: Registration, omar: User
) -> None:
    client = as_user(omar)
    page = client.get(address(registration)).content.decode()
    key, session = (re.findall(rf'name="{name}"[^>]*value="([^"]+)"', page)[0] for name in ("key", "session"))

    for _twice in range(2):
        page = client.post(address(registration), {"key": key, "session": session}, follow=True).content.decode()

    assert "Ana Torres is here: Morning." in page
    assert page.count("badge-page__here") == 1
    assert (AttendanceEvent.objects.count(), HoursEarned.objects.get().minutes) == (1, 225)


def test_a_session_of_another_institute_a_day_not_hers_and_a_canceled_institute_are_refused(
    as_user: Callable[[User], Client], registration: Registration, omar: User
) -> None:
    client = as_user(omar)
    session = registration.institute.sessions.in_order()[0]
    elsewhere = make.session(make.institute())

    def pressed(key: int) -> str:
        return client.post(address(registration), {"key": uuid4(), "session": key}, follow=True).content.decode()

    assert "Choose a session of this institute." in pressed(elsewhere.pk)
    Registration.objects.update(days=DateRange(date(2027, 1, 22), date(2027, 1, 24)))
    assert "This person is not registered for Thursday, January 21." in pressed(session.pk)
    Institute.objects.update(canceled_at=make.NOW)
    assert "was canceled" in pressed(session.pk)
    assert not AttendanceEvent.objects.exists()


@pytest.mark.parametrize(
    ("at", "now", "others"),
    [
        ("2027-01-21T07:30", ["Morning"], ["Afternoon"]),
        ("2027-01-21T12:10", ["Afternoon"], ["Morning"]),
        ("2027-01-21T20:00", [], ["Morning", "Afternoon"]),
        ("2027-01-05T09:00", [], ["Morning", "Afternoon"]),
        ("2027-02-05T09:00", [], ["Morning", "Afternoon"]),
    ],
)
def test_the_session_that_is_on_comes_first(
    registration: Registration, at: str, now: list[str], others: list[str]
) -> None:
    moment = datetime.fromisoformat(at).replace(tzinfo=make.PACIFIC)

    found = badges.sessions_for(registration, at=moment)

    assert [[session.title for session in group] for group in found] == [now, others]


def test_before_and_after_her_days_the_nearest_of_them_is_offered(registration: Registration) -> None:
    day = timedelta(days=1)
    before, after = (datetime(2027, 1, 21, 9, tzinfo=make.PACIFIC) + days for days in (-day, 9 * day))

    offered = [badges.sessions_for(registration, at=moment)[1][0].starts_at.date() for moment in (before, after)]

    assert offered == [date(2027, 1, 21), date(2027, 1, 23)]


def test_without_an_agenda_there_is_nothing_to_press(registration: Registration) -> None:
    registration.institute.sessions.all().delete()

    assert badges.sessions_for(registration, at=make.NOW) == ([], [])


def test_who_is_marked_is_shown_as_here(registration: Registration, omar: User) -> None:
    session = registration.institute.sessions.in_order()[0]
    desk.tick([registration.pk], session, key=uuid4(), by=omar, at=make.NOW)

    assert badges.marked(registration, [session]) == {session.pk}


def test_a_sheet_shows_every_badge_with_the_same_queries_for_one_and_for_three(
    as_user: Callable[[User], Client],
    institute: Institute,
    alder_valley: Organization,
    omar: User,
    django_assert_num_queries: Any,
) -> None:
    client = as_user(omar)
    sheet = f"/staff/institutes/{institute.pk}/badges/"
    assert "Nobody is registered yet" in client.get(sheet).content.decode()

    for number in range(3):
        row = make.registration(make.person(f"Teacher {number}"), institute, alder_valley)
        with django_assert_num_queries(9, exact=True):
            page = client.get(sheet).content.decode()
    assert (page.count('class="qr__drawing"'), row.badge in page) == (3, True)


def test_a_coordinator_prints_no_badges(
    as_user: Callable[[User], Client], institute: Institute, dolores: User, registration: Registration
) -> None:
    client = as_user(dolores)

    assert [client.get(f"/staff/institutes/{institute.pk}/badges{end}").status_code for end in ("/", ".pdf")] == [
        403
    ] * 2


@pytest.mark.paper
def test_all_badges_come_on_paper(
    as_user: Callable[[User], Client], institute: Institute, registration: Registration, omar: User
) -> None:
    answer = as_user(omar).get(f"/staff/institutes/{institute.pk}/badges.pdf")

    text = pypdf.PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    assert (answer["Content-Type"], "Ana Torres" in text) == ("application/pdf", True)


@pytest.mark.paper
def test_a_name_no_font_can_print_is_told(
    as_user: Callable[[User], Client], institute: Institute, registration: Registration, omar: User
) -> None:
    Registration.objects.update(cert_name="Ana \U0001f9ff\ue000")

    page = as_user(omar).get(f"/staff/institutes/{institute.pk}/badges.pdf", follow=True).content.decode()

    assert "No font here has" in page
