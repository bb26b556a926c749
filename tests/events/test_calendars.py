"""Calendar entries that are right in the institute's zone."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from events import calendars
from events.models import Institute, Session
from tests import make

PACIFIC = ZoneInfo("America/Los_Angeles")


def seminar(**more) -> Institute:
    """Wednesdays, 16:00 in Los Angeles, over the change of clocks of 14 March 2027."""
    facts = {"code": "SEM27-01", "title": "Seminar", "starts_on": date(2027, 3, 3), "ends_on": date(2027, 3, 31)}
    return Institute(pk=1, **facts | more)


def block(start: datetime, minutes: int = 90, **more) -> Session:
    return Session(**{"title": "Seminar"} | more, starts_at=start, ends_at=start + timedelta(minutes=minutes))


def wednesdays() -> list[Session]:
    return [block(datetime(2027, 3, day, 16, tzinfo=PACIFIC)) for day in (3, 10, 17, 24, 31)]


def entries(ics: bytes) -> list:
    return Calendar.from_ical(ics).walk("VEVENT")


def invitation(institute: Institute, sessions: list[Session], **more) -> bytes:
    facts: dict[str, Any] = {"uid": "r7@ssc", "sequence": 1, "at": make.NOW} | more
    return calendars.invitation(institute, sessions, **facts)


def test_a_weekly_seminar_stays_at_four_over_the_change_of_clocks() -> None:
    made = entries(invitation(seminar(), wednesdays()))

    assert [(entry.start.strftime("%m-%d %H:%M"), str(entry.start.tzinfo)) for entry in made] == [
        (f"03-{day:02} 16:00", "America/Los_Angeles") for day in (3, 10, 17, 24, 31)
    ]
    assert sum((entry.end - entry.start for entry in made), timedelta()) == timedelta(hours=7.5)


def test_in_phoenix_the_seminar_is_at_five_and_then_at_four() -> None:
    made = entries(invitation(seminar(), wednesdays()))

    assert [entry.start.astimezone(ZoneInfo("America/Phoenix")).hour for entry in made] == [17, 17, 16, 16, 16]


def test_the_file_brings_the_rules_of_its_zone() -> None:
    [zone] = Calendar.from_ical(invitation(seminar(), wednesdays())).walk("VTIMEZONE")

    offsets = {part.name: part["TZOFFSETTO"].td for part in zone.subcomponents}
    assert offsets == {"STANDARD": timedelta(hours=-8), "DAYLIGHT": timedelta(hours=-7)}
    [summer] = zone.walk("DAYLIGHT")
    assert datetime(2027, 3, 14, 3) in [moment.dt for moment in summer["RDATE"].dts]


def test_a_day_of_several_blocks_is_one_entry_with_its_agenda() -> None:
    institute = seminar(starts_on=date(2027, 3, 3), ends_on=date(2027, 3, 3))
    start = datetime(2027, 3, 3, 8, tzinfo=PACIFIC)
    blocks = [
        block(start + timedelta(hours=4, minutes=45), 165, title="Strand", room="Room 4"),
        block(start, 225, title="Plenary"),
    ]

    [entry] = entries(invitation(institute, blocks))

    assert (entry.start.hour, entry.end.strftime("%H:%M")) == (8, "15:30")
    assert entry["DESCRIPTION"] == "8:00–11:45 AM Plenary\n12:45–3:30 PM Strand, Room 4"


def test_the_same_entry_comes_again_with_a_higher_sequence() -> None:
    first = entries(invitation(seminar(), wednesdays()))
    moved = [block(session.starts_at + timedelta(days=1)) for session in wednesdays()]

    second = entries(invitation(seminar(), moved, sequence=2))

    assert [entry["UID"] for entry in first] == [entry["UID"] for entry in second]
    assert {entry["UID"] for entry in first} == {f"day{number}.r7@ssc" for number in range(1, 6)}
    assert [entry["SEQUENCE"] for entry in second] == [2] * 5


@pytest.mark.parametrize(
    ("method", "status"), [("PUBLISH", "CONFIRMED"), ("REQUEST", "CONFIRMED"), ("CANCEL", "CANCELLED")]
)
def test_a_file_says_what_it_asks_of_the_calendar(method: str, status: str) -> None:
    ics = invitation(seminar(), wednesdays(), method=method, attendee="ana@example.test")

    assert Calendar.from_ical(ics)["METHOD"] == method
    assert {entry["STATUS"] for entry in entries(ics)} == {status}
    assert {str(entry["ATTENDEE"]) for entry in entries(ics)} == {"mailto:ana@example.test"}


def test_an_hour_that_comes_twice_keeps_its_place() -> None:
    second = datetime(2027, 11, 7, 1, 30, tzinfo=PACIFIC, fold=1)

    [entry] = entries(invitation(seminar(), [block(second, 30)]))

    assert entry.start == datetime(2027, 11, 7, 9, 30, tzinfo=UTC)
    assert entry.end.astimezone(UTC) == datetime(2027, 11, 7, 10, 0, tzinfo=UTC)


def test_an_institute_without_an_agenda_still_fills_its_days() -> None:
    made = entries(invitation(seminar(ends_on=date(2027, 3, 5)), []))

    assert [entry.start for entry in made] == [date(2027, 3, day) for day in (3, 4, 5)]


def test_the_public_feed_has_each_institute_once_and_says_what_is_canceled() -> None:
    institutes = [seminar(), seminar(code="SEM27-02", canceled_at=make.NOW)]
    institutes[1].pk = 2

    ics = calendars.feed(institutes, name="Institutes", at=make.NOW)

    assert [(entry["UID"], entry.start, entry.end, entry["STATUS"]) for entry in entries(ics)] == [
        ("institute-1@127.0.0.1", date(2027, 3, 3), date(2027, 4, 1), "CONFIRMED"),
        ("institute-2@127.0.0.1", date(2027, 3, 3), date(2027, 4, 1), "CANCELLED"),
    ]
