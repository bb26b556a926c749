"""The times of a day, the hours of a person, and how they are corrected."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.test import Client

from events.models import Institute
from people.models import User
from registrations import attendance, desk, hours
from registrations.attendance import Seen
from registrations.models import AttendanceEvent, HoursEarned, Registration
from tests import make
from tests.registrations.attendance_pages import grid, standing

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
