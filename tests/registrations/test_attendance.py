"""The ledger of attendance: what is kept, what is refused, and what two desks at once leave behind."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from events.models import Engagement, EngagementRole, Institute
from people.models import Organization, Person, User
from registrations import attendance, hours
from registrations.attendance import Seen
from registrations.models import AttendanceEvent, Choice, DeskDevice, EventKind, HoursEarned, Registration, Seat
from tests import make
from tests.races import at_once

DESK = datetime(2027, 1, 21, 8, 5, tzinfo=make.PACIFIC)


@pytest.fixture
def institute(omar: User) -> Institute:
    made = make.institute()
    make.agenda(made)
    return made


@pytest.fixture
def registration(institute: Institute, ana: Person, alder_valley: Organization) -> Registration:
    return make.registration(ana, institute, alder_valley)


@pytest.fixture
def record(institute: Institute, omar: User) -> Callable[..., attendance.Recorded]:
    return lambda *seen: attendance.record(seen, institute=institute, by=omar, at=DESK)


def present(registration: Registration, number: int = 0, **more: Any) -> Seen:
    """All of a session: 0 is the first morning, 1 lunch, 2 the afternoon, 3 the next morning."""
    session = registration.institute.sessions.in_order()[number]
    wanted = {"kind": "present", "at": session.starts_at, "registration_id": registration.pk} | more
    return Seen(id=uuid4(), session_id=session.pk, **wanted)


def minutes_of(registration: Registration) -> list[tuple[date, int]]:
    return list(HoursEarned.objects.filter(registration=registration).order_by("day").values_list("day", "minutes"))


# --- What is kept ---------------------------------------------------------------------------------------------------


def test_what_was_seen_is_kept_with_who_and_when_and_makes_hours(
    registration: Registration, record: Any, omar: User
) -> None:
    morning, afternoon = present(registration), present(registration, 2)

    answer = record(morning, afternoon)

    assert answer.new == [morning.id, afternoon.id]
    assert minutes_of(registration) == [(date(2027, 1, 21), 390)]
    kept = AttendanceEvent.objects.get(pk=morning.id)
    assert (kept.by, kept.recorded_at, kept.at) == (omar, DESK, morning.at)


def test_the_same_event_sent_again_counts_once(registration: Registration, record: Any) -> None:
    event = present(registration)

    answers = [record(event).answers, record(event, event).answers, record(event).answers]

    assert [[answer.result for answer in of_one] for of_one in answers] == [["new"], ["repeated"] * 2, ["repeated"]]
    assert AttendanceEvent.objects.count() == 1
    assert minutes_of(registration) == [(date(2027, 1, 21), 225)]


def test_the_same_event_twice_in_one_batch_counts_once(registration: Registration, record: Any) -> None:
    event = present(registration)

    answer = record(event, event)

    assert [told.result for told in answer.answers] == ["new", "repeated"]


def test_an_id_that_was_used_for_something_else_is_refused(registration: Registration, record: Any) -> None:
    event = present(registration)
    record(event)
    other = replace(event, kind="in")

    assert record(other).refused == {event.id: "This id was used before for something else; send it under a new one."}
    assert [told.result for told in record(event, other).answers] == ["repeated", "refused"]


def test_what_is_right_is_kept_and_each_wrong_event_gets_its_sentence(registration: Registration, record: Any) -> None:
    right, wrong = present(registration), present(registration, registration_id=999_999)

    answer = record(wrong, right)

    assert answer.new == [right.id]
    assert answer.refused == {wrong.id: f"This registration is not one of {registration.institute.code}."}


def test_an_event_and_what_takes_it_back_may_come_in_one_batch(registration: Registration, record: Any) -> None:
    event = present(registration)
    void = replace(event, id=uuid4(), kind="void", voids_id=event.id, reason="wrong person")

    assert record(void, event).new == [void.id, event.id]
    assert minutes_of(registration) == []


def test_an_event_that_was_sent_before_the_person_left_is_repeated_and_not_refused(
    registration: Registration, record: Any
) -> None:
    event = present(registration)
    record(event)
    Registration.objects.update(ended_at=DESK)

    assert record(event).repeated == [event.id]


def test_facilitators_are_seen_but_earn_no_participant_hours(institute: Institute, record: Any, ana: Person) -> None:
    engagement = Engagement.objects.create(institute=institute, person=ana, role=EngagementRole.PRESENTER)
    session = institute.sessions.in_order()[0]
    seen = Seen(uuid4(), session.pk, "present", session.starts_at, engagement_id=engagement.pk)

    assert record(seen).new == [seen.id]
    assert not HoursEarned.objects.exists()


def test_a_device_of_the_desk_is_kept_with_its_own_clock(registration: Registration, record: Any, omar: User) -> None:
    device = DeskDevice.objects.create(
        institute=registration.institute, name="Tablet A", digest="a", enrolled_by=omar, enrolled_at=DESK
    )
    seen = present(registration, device_id=device.pk, device_at=DESK + timedelta(minutes=29))

    assert record(seen).new == [seen.id]
    assert AttendanceEvent.objects.get().device_at == DESK + timedelta(minutes=29)
    assert record(seen).repeated == [seen.id]


# --- What is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"kind": "late"}, "Say present, in, out, adjust or void."),
        ({"at": datetime(2027, 1, 21, 8, 0)}, "A time needs its zone, such as 2027-01-21T08:00:00-08:00."),
        ({"at": DESK + timedelta(days=1)}, "The time is outside the session's day, Thursday, January 21."),
        ({"session_id": 999_999}, "This session is not on the agenda of {code}."),
        ({"device_id": 999_999}, "This device is not enrolled at the desk of {code}."),
        ({"registration_id": None}, "Name one registration or one engagement."),
        ({"registration_id": None, "engagement_id": 999_999}, "This person does not facilitate in this session."),
        ({"minutes": 30}, "Minutes belong to an adjustment, and an adjustment needs them."),
        ({"kind": "adjust", "reason": "x"}, "Minutes belong to an adjustment, and an adjustment needs them."),
        ({"kind": "adjust", "minutes": 0, "reason": "x"}, "An adjustment is of 1 minute to 24 hours."),
        ({"kind": "adjust", "minutes": 30, "reason": " "}, "Say why: a correction needs its reason."),
        ({"kind": "void", "voids_id": UUID(int=1)}, "Say why: a correction needs its reason."),
        ({"kind": "void", "reason": "x"}, "Only a void takes an event back, and it names the event."),
        ({"voids_id": UUID(int=1)}, "Only a void takes an event back, and it names the event."),
        ({"kind": "void", "voids_id": UUID(int=1), "reason": "x"}, "The event to take back is not known."),
        ({"reason": "x" * 201}, "Say the reason in 200 letters or fewer."),
    ],
)
def test_what_cannot_be_true_is_refused_with_a_sentence(
    registration: Registration, record: Any, more: dict[str, Any], sentence: str
) -> None:
    seen = replace(present(registration), **more)

    assert record(seen).refused == {seen.id: sentence.format(code=registration.institute.code)}
    assert not AttendanceEvent.objects.exists()


def test_a_session_of_another_institute_is_refused(registration: Registration, record: Any) -> None:
    elsewhere = make.session(make.institute())
    seen = replace(present(registration), session_id=elsewhere.pk)

    assert record(seen).refused == {seen.id: f"This session is not on the agenda of {registration.institute.code}."}


def test_who_gave_up_the_place_is_not_marked_but_may_be_corrected(registration: Registration, record: Any) -> None:
    event = present(registration)
    record(event)
    Registration.objects.update(ended_at=DESK)
    later = present(registration, 2)
    void = replace(event, id=uuid4(), kind="void", voids_id=event.id, reason="two badges, one signature")

    assert record(later).refused == {later.id: f"This person has given up the place at {registration.institute.code}."}
    assert record(void).new == [void.id]


def test_a_void_is_of_the_same_person_once_and_never_of_a_void(
    registration: Registration, record: Any, alder_valley: Organization
) -> None:
    other = make.registration(make.person("Tomas Wexler"), registration.institute, alder_valley)
    event = present(registration)
    void = replace(event, id=uuid4(), kind="void", voids_id=event.id, reason="wrong person")
    record(event, void)
    of_another = replace(void, id=uuid4(), registration_id=other.pk)
    again = replace(void, id=uuid4())
    of_a_void = replace(void, id=uuid4(), voids_id=void.id)

    assert record(of_another, again, of_a_void).refused == {
        of_another.id: "The event to take back is of another person or session.",
        again.id: "This event was taken back before.",
        of_a_void.id: "What took an event back is not taken back itself; record the event again.",
    }


def test_nothing_is_recorded_at_a_canceled_institute(
    registration: Registration, record: Any, institute: Institute
) -> None:
    institute.canceled_at = DESK

    with pytest.raises(attendance.CannotRecord, match=f"{institute.code} was canceled; no attendance is taken."):
        record(present(registration))


@pytest.mark.parametrize(
    "change", ["UPDATE registrations_attendanceevent SET reason = 'x'", "DELETE FROM registrations_attendanceevent"]
)
def test_an_event_is_never_changed_nor_deleted(registration: Registration, record: Any, change: str) -> None:
    record(present(registration))

    with pytest.raises(DatabaseError, match="attendance_is_never_edited"), transaction.atomic():
        connection.cursor().execute(change)


# --- Hours ----------------------------------------------------------------------------------------------------------


def test_scenario_6_one_seat_two_people_each_earn_their_own_days(
    institute: Institute, record: Any, alder_valley: Organization
) -> None:
    ines = make.registration(
        make.person("Ines Barragán"), institute, alder_valley, days=DateRange(date(2027, 1, 21), date(2027, 1, 22))
    )
    tomas = Registration.objects.create(
        seat=ines.seat,
        institute=institute,
        person=make.person("Tomas Wexler"),
        days=DateRange(date(2027, 1, 22), date(2027, 1, 24)),
        made_at=make.NOW,
    )
    too_soon = present(tomas)

    answer = record(*(present(ines, n) for n in (0, 2)), *(present(tomas, n) for n in (3, 5, 6, 8)), too_soon)

    assert answer.refused == {too_soon.id: "This person is not registered for Thursday, January 21."}
    assert [hours.explain(who).earned / 60 for who in (ines, tomas)] == [6.5, 13.0]
    assert [hours.explain(who).offered / 60 for who in (ines, tomas)] == [6.5, 13.0]
    assert [sum(minutes for _day, minutes in minutes_of(who)) / 60 for who in (ines, tomas)] == [6.5, 13.0]
    assert Seat.objects.count() == 1


def test_the_hours_kept_are_those_explained(registration: Registration, record: Any) -> None:
    out = present(registration, kind="out", at=datetime(2027, 1, 21, 11, 40, tzinfo=make.PACIFIC))

    record(out)

    assert minutes_of(registration) == [(date(2027, 1, 21), 210)]
    day = hours.explain(registration).days[0]
    assert (day.attended, day.earned) == (220, 210)


def test_a_chosen_strand_is_the_one_offered(institute: Institute, registration: Registration) -> None:
    early, late = (make.strand(institute, name) for name in ("Grades 3–5", "Grades 6–8"))
    make.session(institute, start="16:00", end="17:00", strand=early, title="Early grades")
    chosen = make.session(institute, start="16:00", end="18:00", strand=late, title="Late grades")
    Choice.objects.create(registration=registration, session=chosen)

    day = hours.explain(registration).days[0]

    assert (day.offered, day.blocks[-1].session.title, day.blocks[-1].session.strand) == (
        510,
        "Late grades",
        "Grades 6–8",
    )


def test_hours_are_made_anew_when_the_agenda_changes(
    institute: Institute, registration: Registration, record: Any
) -> None:
    record(present(registration), present(registration, 2))
    institute.sessions.filter(title="Afternoon").update(counts=False)
    institute.agenda_revision = 2

    hours.work_out(institute, at=DESK)

    assert minutes_of(registration) == [(date(2027, 1, 21), 225)]
    assert HoursEarned.objects.get().agenda_revision == 2


def test_working_out_takes_the_same_number_of_queries_for_one_and_for_three(
    institute: Institute, alder_valley: Organization, django_assert_num_queries: Any, record: Any
) -> None:
    for number in range(3):
        record(present(make.registration(make.person(f"Teacher {number}"), institute, alder_valley)))
        with django_assert_num_queries(7, exact=True):
            hours.work_out(institute, at=DESK)


# --- Two desks at once ----------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_desks_at_once_leave_the_hours_of_all_their_events(registration: Registration, omar: User) -> None:
    institute = registration.institute
    events = [present(registration, number) for number in (0, 2, 3, 5, 6, 8)]
    events += events[:2]

    answers = at_once(
        *(lambda seen=seen: attendance.record([seen], institute=institute, by=omar, at=DESK) for seen in events)
    )

    assert sorted(answer.answers[0].result for answer in answers) == ["new"] * 6 + ["repeated"] * 2
    assert AttendanceEvent.objects.filter(kind=EventKind.PRESENT).count() == 6
    assert [minutes for _day, minutes in minutes_of(registration)] == [390, 390, 390]
