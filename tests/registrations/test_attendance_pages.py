"""The pages of attendance: the grid, one cell, the times of a day, the hours and their corrections."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from events.models import Engagement, EngagementRole, Institute
from people.access import Role
from people.models import Organization, User
from registrations import attendance, desk, hours
from registrations.attendance import Seen
from registrations.models import AttendanceEvent, Choice, HoursEarned, Registration
from tests import make


@pytest.fixture
def institute(omar: User) -> Institute:
    made = make.institute()
    make.agenda(made)
    return made


@pytest.fixture
def people(institute: Institute, alder_valley: Organization) -> list[Registration]:
    names = ("Ana Torres", "Noor Haddad", "Tomas Wexler")
    return [make.registration(make.person(name), institute, alder_valley) for name in names]


@pytest.fixture
def staff(as_user: Callable[[User], Client], omar: User) -> Client:
    return as_user(omar)


def grid(institute: Institute, more: str = "") -> str:
    return f"/staff/institutes/{institute.pk}/attendance/{more}"


def value_of(name: str, page: str, number: int = 0) -> str:
    """What the button of that name sends."""
    return str(re.findall(rf'name="{name}" value="([^"]+)"', page)[number])


def standing() -> int:
    return AttendanceEvent.objects.standing().count()


# --- The grid -------------------------------------------------------------------------------------------------------


def test_a_strand_is_named_once_in_its_column(staff: Client, institute: Institute, people: list[Registration]) -> None:
    strand = institute.strands.create(name="Grades 3–5")
    institute.sessions.filter(counts=True).update(strand=strand, title="Lesson design, Grades 3–5")

    page = staff.get(grid(institute)).content.decode()

    assert "Lesson design, Grades 3–5" in page
    assert "· Grades 3–5" not in page


def test_the_grid_shows_the_sessions_that_count_and_everyone_of_the_day(
    staff: Client, institute: Institute, people: list[Registration]
) -> None:
    page = staff.get(grid(institute)).content.decode()

    assert [page.count(f">{title}<") for title in ("Morning", "Afternoon", "Lunch")] == [1, 1, 0]
    assert page.count('aria-pressed="false"') == 6
    assert [row.person.name_last_first in page for row in people] == [True] * 3


def test_a_press_without_script_marks_and_shows_the_page_again(
    staff: Client, institute: Institute, people: list[Registration]
) -> None:
    press = value_of("tick", staff.get(grid(institute)).content.decode())

    for _twice in range(2):
        page = staff.post(grid(institute), {"tick": press}, follow=True).content.decode()

    assert page.count('aria-pressed="true"') == 1
    assert AttendanceEvent.objects.get().session.title == "Morning"
    assert sum(HoursEarned.objects.values_list("minutes", flat=True)) == 225


def test_a_press_with_script_gives_back_the_cell_and_the_count(
    staff: Client, institute: Institute, people: list[Registration]
) -> None:
    press = value_of("tick", staff.get(grid(institute)).content.decode())

    page = staff.post(grid(institute, "cell/"), {"tick": press}).content.decode()

    assert page.lstrip().startswith("<td")
    assert page.count('aria-pressed="true"') == 1
    assert re.search(r'<output id="n\d+" hx-swap-oob="true">1</output>', page)


def test_everyone_who_is_not_marked_yet_is_marked_in_one_action(
    staff: Client, institute: Institute, people: list[Registration], omar: User
) -> None:
    morning = institute.sessions.in_order()[0]
    desk.tick([people[0].pk], morning, key=uuid4(), by=omar, at=timezone.now())

    page = staff.post(
        grid(institute), {"everyone": value_of("everyone", staff.get(grid(institute)).content.decode())}, follow=True
    ).content.decode()

    assert "2 marks are kept." in page
    assert page.count('aria-pressed="true"') == 3
    assert AttendanceEvent.objects.count() == 3


def test_everyone_in_a_strand_is_everyone_who_is_not_elsewhere(
    institute: Institute, people: list[Registration], omar: User
) -> None:
    early, late = (
        make.session(institute, start="16:00", end="17:00", strand=make.strand(institute, name), title=name)
        for name in ("Grades 3–5", "Grades 6–8")
    )
    Choice.objects.create(registration=people[0], session=late)
    desk.tick([people[1].pk], late, key=uuid4(), by=omar, at=timezone.now())

    desk.tick_everyone(early, key=uuid4(), by=omar, at=timezone.now())

    assert list(early.attendance.values_list("registration", flat=True)) == [people[2].pk]


def test_a_slip_of_the_finger_is_taken_back_by_a_second_press(
    staff: Client, institute: Institute, people: list[Registration]
) -> None:
    staff.post(grid(institute), {"tick": value_of("tick", staff.get(grid(institute)).content.decode())})
    untick = value_of("untick", staff.get(grid(institute)).content.decode())

    pages = [staff.post(grid(institute, "cell/"), {"untick": untick}).content.decode() for _twice in range(2)]

    assert ['aria-pressed="false"' in page for page in pages] == [True, True]
    assert list(AttendanceEvent.objects.values_list("kind", "reason").order_by("kind")) == [
        ("present", ""),
        ("void", "Unticked at the desk"),
    ]
    assert not HoursEarned.objects.exists()


def test_what_was_marked_long_ago_is_taken_back_only_with_a_reason(
    staff: Client, institute: Institute, people: list[Registration], omar: User
) -> None:
    session = institute.sessions.in_order()[0]
    desk.tick([people[0].pk], session, key=uuid4(), by=omar, at=timezone.now() - timedelta(hours=1))
    untick = value_of("untick", staff.get(grid(institute)).content.decode())

    page = staff.post(grid(institute, "cell/"), {"untick": untick}).content.decode()
    whole = staff.post(grid(institute), {"untick": untick}, follow=True).content.decode()

    assert ["say why on her hours page" in told for told in (page, whole)] == [True, True]
    assert standing() == 1


@pytest.mark.parametrize(
    "pressed", [{}, {"tick": "nonsense"}, {"tick": "1:1:" + "-" * 36}, {"tick": "1:1:x", "untick": "1"}]
)
def test_a_press_that_says_nothing_marks_nobody(
    staff: Client, institute: Institute, people: list[Registration], pressed: dict[str, str]
) -> None:
    answers = [staff.post(grid(institute, path), pressed).status_code for path in ("", "cell/")]

    assert answers == [302, 404]
    assert standing() == 0


def test_nobody_of_another_institute_is_marked(staff: Client, institute: Institute, people: list[Registration]) -> None:
    other = make.institute()
    session = make.session(other)

    for press in (f"{people[0].pk}:{session.pk}:{uuid4()}", f"999:{session.pk}:{uuid4()}"):
        assert staff.post(grid(other, "cell/"), {"tick": press}).status_code == 404
        assert staff.post(grid(other), {"tick": press}).status_code == 404
    assert standing() == 0


def test_a_canceled_institute_refuses_in_words(staff: Client, institute: Institute, people: list[Registration]) -> None:
    press = value_of("tick", staff.get(grid(institute)).content.decode())
    Institute.objects.update(canceled_at=make.NOW)

    assert "was canceled" in staff.post(grid(institute, "cell/"), {"tick": press}).content.decode()
    assert "was canceled" in staff.post(grid(institute), {"tick": press}, follow=True).content.decode()


def test_one_session_of_one_day_can_be_chosen(staff: Client, institute: Institute, people: list[Registration]) -> None:
    session = institute.sessions.in_order()[3]

    page = staff.get(grid(institute, f"?day=2027-01-22&session={session.pk}")).content.decode()

    assert page.count('aria-pressed="false"') == 3
    assert '<caption class="visually-hidden">Friday, January 22</caption>' in page


def test_an_empty_grid_says_why(staff: Client, institute: Institute) -> None:
    bare = make.institute()

    assert "Nobody is registered for this day" in staff.get(grid(institute)).content.decode()
    assert "No session counts toward hours yet" in staff.get(grid(bare)).content.decode()


def test_the_grid_is_light_and_takes_the_same_queries_for_one_and_for_three(
    staff: Client, institute: Institute, alder_valley: Organization, django_assert_num_queries: Any
) -> None:
    staff.get(grid(institute))
    for number in range(3):
        make.registration(make.person(f"Teacher {number}"), institute, alder_valley)
        with django_assert_num_queries(10, exact=True):
            page = staff.get(grid(institute)).content
    assert len(page) < 25_000


# --- Who may --------------------------------------------------------------------------------------------------------


def test_the_host_and_who_facilitates_may_take_attendance_and_see_everyone(
    as_user: Callable[[User], Client], institute: Institute, people: list[Registration], bristlecone: Organization
) -> None:
    host = make.user("host@example.test", Role.HOST, at=bristlecone, name="Hugo Host")
    gia = make.person("Gia Guide")
    guide = User.objects.create_user("guide@example.test", person=gia)
    Institute.objects.update(host=bristlecone)
    Engagement.objects.create(institute=institute, person=gia, role=EngagementRole.PRESENTER)

    for user in (host, guide):
        client = as_user(user)
        press = value_of("tick", client.get(grid(institute)).content.decode())
        assert client.post(grid(institute, "cell/"), {"tick": press}).status_code == 200
    assert standing() == 2


def test_a_coordinator_reads_her_peoples_hours_and_another_nothing(
    as_user: Callable[[User], Client], people: list[Registration], dolores: User, hal: User, institute: Institute
) -> None:
    address = f"/registrations/{people[0].pk}/hours/"
    data = {"key": uuid4(), "session": institute.sessions.in_order()[0].pk, "kind": "present", "reason": "x"}

    seen = {user: as_user(user).get(address) for user in (dolores, hal)}
    grids = [as_user(user).get(grid(institute)).status_code for user in (dolores, hal)]
    posts = [as_user(user).post(address + "correct/", data).status_code for user in (dolores, hal)]

    assert [answer.status_code for answer in seen.values()] == [200, 404]
    assert "Add a correction" not in seen[dolores].content.decode()
    assert (grids, posts) == ([403, 403], [403, 404])
    assert standing() == 0


# --- Times, hours, corrections --------------------------------------------------------------------------------------


def test_scenario_23_the_times_of_a_day_take_the_place_of_its_ticks(
    staff: Client, institute: Institute, people: list[Registration], omar: User
) -> None:
    noor = people[1]
    thursday_and_friday = [session for session in institute.sessions.in_order() if session.counts][:4]
    for session in thursday_and_friday:
        desk.tick([noor.pk], session, key=uuid4(), by=omar, at=make.NOW)
    address = f"/registrations/{noor.pk}/times/2027-01-22/"

    for _twice in range(2):
        answer = staff.post(address, {"key": "5c4b5a52-6c3a-4a58-9d0e-0f6a1d2f9a11", "came": "08:00", "left": "11:40"})

    assert (answer.status_code, answer["Location"]) == (302, grid(institute, "?day=2027-01-22"))
    told = hours.explain(noor)
    assert ([day.earned for day in told.days], told.earned / 60, told.offered / 60) == ([390, 210, 0], 10.0, 19.5)
    assert "–11:40" in staff.get(grid(institute, "?day=2027-01-22")).content.decode()
    page = staff.get(f"/registrations/{noor.pk}/hours/").content.decode()
    assert "<strong>10.0</strong> of 19.5 hours" in page


def test_coming_late_and_leaving_after_lunch_marks_each_block_right(staff: Client, people: list[Registration]) -> None:
    staff.post(f"/registrations/{people[0].pk}/times/2027-01-21/", {"key": uuid4(), "came": "08:30", "left": "15:30"})

    rows = AttendanceEvent.objects.order_by("at").values_list("session__title", "kind")
    assert list(rows) == [("Morning", "in"), ("Afternoon", "present")]


@pytest.mark.parametrize(
    ("came", "left", "sentence"),
    [
        ("11:00", "09:00", "The time of leaving is before the time of coming."),
        ("16:00", "17:00", "Nothing that counts lies between these times."),
        ("", "09:00", "This field is required."),
    ],
)
def test_times_that_cannot_be_are_refused_in_words(
    staff: Client, people: list[Registration], came: str, left: str, sentence: str
) -> None:
    address = f"/registrations/{people[0].pk}/times/2027-01-21/"

    answer = staff.post(address, {"key": uuid4(), "came": came, "left": left})

    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)
    assert standing() == 0


def test_a_day_that_is_none_is_not_found_and_one_without_sessions_holds_nothing(
    staff: Client, people: list[Registration]
) -> None:
    data = {"key": uuid4(), "came": "08:00", "left": "09:00"}

    assert staff.get(f"/registrations/{people[0].pk}/times/2027-13-01/").status_code == 404
    assert staff.get(f"/registrations/{people[0].pk}/times/2027-01-21/").status_code == 200
    assert staff.post(f"/registrations/{people[0].pk}/times/2027-03-01/", data).status_code == 422


def test_a_correction_is_added_with_its_reason_and_counts_once(
    staff: Client, institute: Institute, people: list[Registration], omar: User
) -> None:
    address = f"/registrations/{people[0].pk}/hours/"
    session = institute.sessions.in_order()[0]
    data = {
        "key": uuid4(),
        "session": session.pk,
        "kind": "adjust",
        "minutes": "45",
        "reason": "Signed the paper sheet",
    }

    for _twice in range(2):
        page = staff.post(address + "correct/", data, follow=True).content.decode()

    assert "45 min were added by a correction." in page
    assert ("Signed the paper sheet" in page, str(omar) in page) == (True, True)
    assert HoursEarned.objects.get().minutes == 45


def test_a_correction_to_present_needs_no_minutes(
    staff: Client, institute: Institute, people: list[Registration]
) -> None:
    data = {
        "key": uuid4(),
        "session": institute.sessions.in_order()[0].pk,
        "kind": "present",
        "minutes": "9",
        "reason": "x",
    }

    staff.post(f"/registrations/{people[0].pk}/hours/correct/", data)

    assert AttendanceEvent.objects.get().minutes is None
    assert HoursEarned.objects.get().minutes == 225


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"reason": ""}, "Reason – This field is required."),
        ({"minutes": ""}, "Say how many minutes."),
        ({"minutes": "x"}, "Enter a whole number."),
        ({"minutes": "9999"}, "less than or equal to 1440"),
    ],
)
def test_a_correction_that_lacks_something_says_what(
    staff: Client, institute: Institute, people: list[Registration], more: dict[str, str], sentence: str
) -> None:
    session = institute.sessions.in_order()[0]
    data = {"key": uuid4(), "session": session.pk, "kind": "adjust", "minutes": "45", "reason": "Sheet"} | more

    answer = staff.post(f"/registrations/{people[0].pk}/hours/correct/", data)

    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)
    assert standing() == 0


def test_a_correction_the_ledger_refuses_says_why(
    staff: Client, institute: Institute, people: list[Registration]
) -> None:
    data = {"key": uuid4(), "session": institute.sessions.in_order()[0].pk, "kind": "present", "reason": "Sheet"}
    address = f"/registrations/{people[0].pk}/hours/correct/"
    Registration.objects.update(ended_at=make.NOW)

    refused = staff.post(address, data).content.decode()
    Institute.objects.update(canceled_at=make.NOW)
    canceled = staff.post(address, data).content.decode()

    assert ("has given up the place" in refused, "was canceled" in canceled) == (True, True)


def test_an_event_is_taken_back_with_a_reason_and_both_are_shown(
    staff: Client, institute: Institute, people: list[Registration], omar: User
) -> None:
    session = institute.sessions.in_order()[0]
    seen = Seen(uuid4(), session.pk, "present", session.starts_at, people[0].pk)
    attendance.record([seen], institute=institute, by=omar, at=datetime(2027, 1, 21, 16, 1, tzinfo=UTC))
    address = f"/registrations/{people[0].pk}/hours/{seen.id}/take-back/"

    without = staff.post(address, {"key": uuid4(), "reason": ""}, follow=True).content.decode()
    page = staff.post(address, {"key": uuid4(), "reason": "Two badges, one person"}, follow=True).content.decode()
    again = staff.post(address, {"key": uuid4(), "reason": "Again"}, follow=True).content.decode()

    assert "Say why it is taken back." in without
    assert ("taken back" in page, "Two badges, one person" in page, "Jan 21, 8:01 AM" in page) == (True, True, True)
    assert "This event was taken back before." in again
    assert standing() == 0


def test_nothing_is_taken_back_at_a_canceled_institute(
    staff: Client, institute: Institute, people: list[Registration], omar: User
) -> None:
    session = institute.sessions.in_order()[0]
    key = uuid4()
    desk.tick([people[0].pk], session, key=key, by=omar, at=make.NOW)
    event = AttendanceEvent.objects.get()
    Institute.objects.update(canceled_at=make.NOW)

    page = staff.post(
        f"/registrations/{people[0].pk}/hours/{event.pk}/take-back/", {"key": uuid4(), "reason": "x"}, follow=True
    ).content.decode()

    assert "was canceled" in page
    assert standing() == 1
