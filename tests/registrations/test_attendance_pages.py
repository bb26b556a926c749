"""The pages of attendance: the grid, one cell, the times of a day, the hours and their corrections."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from events.models import Engagement, EngagementRole, Institute
from people.access import Role
from people.models import Organization, User
from registrations import desk
from registrations.models import AttendanceEvent, Choice, HoursEarned, Registration
from tests import make
from tests.registrations.attendance_pages import grid, standing, value_of

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
