"""Institutes come about: scheduled, cloned, changed, published."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from events import scheduling
from events.agenda import Block
from events.models import Engagement, Institute, Session
from events.scheduling import Add, CannotSchedule, Edit, Remove
from tests import make
from tests.make import NOW, PACIFIC

pytestmark = pytest.mark.django_db

DAY = date(2027, 1, 21)


def block(starts: str = "08:00", ends: str = "09:00", day: date = DAY, **more) -> Block:
    clocks = {"starts": time.fromisoformat(starts), "ends": time.fromisoformat(ends)}
    facts: dict[str, Any] = {"day": day, "title": "Plenary", **clocks} | more
    return Block(**facts)


def change(institute: Institute, *changes: scheduling.Change) -> list[str]:
    return scheduling.change_agenda(institute, changes, by=None, at=NOW)


def agenda(institute: Institute) -> list[tuple[str, str, str, str]]:
    """Day, start, end and title of each block, on the institute's clocks."""
    return [
        (f"{start:%a %m-%d}", f"{start:%H:%M}", f"{session.ends_at.astimezone(institute.tz):%H:%M}", session.title)
        for session in institute.sessions.in_order()
        for start in [session.starts_at.astimezone(institute.tz)]
    ]


def unsaved(**more) -> Institute:
    facts = {
        "title": "Leadership Training", "starts_on": DAY, "ends_on": date(2027, 1, 23), "capacity": 120,
        "price": Decimal(525), "registration_opens_at": NOW,
        "registration_closes_at": datetime(2027, 1, 20, 17, tzinfo=PACIFIC),
    }  # fmt: skip
    rules = {"program": make.program(code="LT"), "terms": make.terms(), "hours_rule": make.hours_rule()}
    return Institute(**facts | rules | more)


# --- Scheduling ---


def test_an_institute_is_scheduled_with_its_agenda_and_a_code_of_its_own() -> None:
    made = scheduling.schedule(unsaved(), blocks=[block(), block("09:00", "10:00")], by=None, at=NOW)

    assert (made.code, made.published_at, made.agenda_revision) == ("LT27-01", None, 1)
    assert agenda(made) == [("Thu 01-21", "08:00", "09:00", "Plenary"), ("Thu 01-21", "09:00", "10:00", "Plenary")]


def test_who_scheduled_an_institute_is_kept(omar) -> None:
    made = scheduling.schedule(unsaved(), by=omar, at=NOW)

    history: Any = getattr(made, "history")  # noqa: B009 - pghistory gives it
    assert history.get().pgh_context.metadata["user"] == omar.pk


def test_a_block_that_is_wrong_leaves_no_institute_behind() -> None:
    with pytest.raises(CannotSchedule) as refusal:
        scheduling.schedule(unsaved(), blocks=[block(), block("08:30", "10:00")], by=None, at=NOW)

    assert refusal.value.block == 0
    assert not Institute.objects.exists()


def test_codes_count_on_within_program_and_year() -> None:
    lt = make.program(code="LT")
    for code in ("LT27-01", "LT27-09", "LT27-X", "LT28-04"):
        make.institute(program=lt, code=code)

    assert scheduling.next_code(lt, date(2027, 6, 1)) == "LT27-10"
    assert scheduling.next_code(lt, date(2029, 6, 1)) == "LT29-01"


@pytest.mark.parametrize(
    ("facts", "field", "sentence"),
    [
        ({"ends_on": date(2027, 1, 20)}, "ends_on", "last day cannot lie before the first"),
        ({"registration_closes_at": NOW}, "registration_closes_at", "closes after it opens"),
        (
            {"registration_closes_at": datetime(2027, 1, 24, 8, tzinfo=PACIFIC)},
            "registration_closes_at",
            "on the last day at the latest",
        ),
        ({"names_due_on": date(2027, 1, 22)}, "names_due_on", "Names are due on the first day at the latest"),
        ({"decision_on": date(2027, 1, 22)}, "decision_on", "The decision is due on the first day"),
        ({"code": "LT 27/01"}, "code", "letters, digits and hyphens only"),
        ({"minimum": 121}, "minimum", "More people are needed than there are seats"),
    ],
)
def test_facts_that_cannot_be_are_refused_beside_their_field(facts, field: str, sentence: str) -> None:
    with pytest.raises(CannotSchedule, match=sentence) as refusal:
        scheduling.schedule(unsaved(**facts), by=None, at=NOW)

    assert refusal.value.field == field


def test_a_code_is_given_once() -> None:
    make.institute(code="LT27-01")

    with pytest.raises(CannotSchedule, match="There is an institute LT27-01 already") as refusal:
        scheduling.schedule(unsaved(code="LT27-01"), by=None, at=NOW)

    assert refusal.value.field == "code"


# --- Cloning ---


def january(**more) -> Institute:
    """LT27-01 with three whole days and two strands on the first afternoon."""
    made = make.institute(
        code="LT27-01", program=make.program(code="LT"), names_due_on=date(2027, 1, 7), decision_on=date(2027, 1, 11),
        **more,
    )  # fmt: skip
    make.session(made, start="08:00", end="11:45", title="Plenary", room="Hall")
    make.session(made, start="11:45", end="12:45", title="Lunch", counts=False)
    for position, name in enumerate(["Grades K–2", "Grades 3–5"]):
        strand = make.strand(made, name, position=position, capacity=60)
        make.session(made, start="12:45", end="15:30", title=name, strand=strand, room=f"Room {position + 1}")
    make.session(made, date(2027, 1, 23), title="Closing")
    return made


def test_the_next_one_has_the_whole_agenda_on_the_same_weekdays() -> None:
    last = january()

    made = scheduling.clone(last, starts_on=scheduling.suggested_start(last), by=None, at=NOW)

    assert (made.code, made.starts_on, made.ends_on) == ("LT28-01", date(2028, 1, 20), date(2028, 1, 22))
    assert agenda(made) == [
        ("Thu 01-20", "08:00", "11:45", "Plenary"),
        ("Thu 01-20", "11:45", "12:45", "Lunch"),
        ("Thu 01-20", "12:45", "15:30", "Grades K–2"),
        ("Thu 01-20", "12:45", "15:30", "Grades 3–5"),
        ("Sat 01-22", "08:00", "11:45", "Closing"),
    ]


def test_the_next_one_has_its_own_strands_in_the_same_rooms() -> None:
    last = january()

    made = scheduling.clone(last, starts_on=date(2028, 1, 20), by=None, at=NOW)

    strands = made.sessions.filter(strand__isnull=False).order_by("strand__position")
    assert [(s.strand.name, s.strand.institute_id, s.strand.capacity, s.room) for s in strands] == [
        ("Grades K–2", made.pk, 60, "Room 1"),
        ("Grades 3–5", made.pk, 60, "Room 2"),
    ]
    assert not made.sessions.get(title="Lunch").counts


def test_nobody_is_engaged_or_seated_at_the_next_one(ana) -> None:
    last = january(seats_taken=40)
    Engagement.objects.create(institute=last, person=ana, role="presenter")

    made = scheduling.clone(last, starts_on=date(2028, 1, 20), by=None, at=NOW)

    assert (made.seats_taken, made.published_at, made.agenda_revision) == (0, None, 1)
    assert not made.engagements.exists()


def test_deadlines_keep_their_distance_and_the_window_its_clock() -> None:
    opens = datetime(2026, 9, 1, 8, tzinfo=PACIFIC)  # summer time
    closes = datetime(2027, 1, 15, 17, tzinfo=PACIFIC)
    last = january(registration_opens_at=opens, registration_closes_at=closes)

    made = scheduling.clone(last, starts_on=date(2027, 6, 17), by=None, at=NOW)

    assert (made.names_due_on, made.decision_on) == (date(2027, 6, 3), date(2027, 6, 7))
    shown = [moment.astimezone(PACIFIC) for moment in (made.registration_opens_at, made.registration_closes_at)]
    assert [f"{moment:%m-%d %H:%M}" for moment in shown] == ["01-26 08:00", "06-11 17:00"]


def test_a_winter_training_cloned_into_summer_keeps_its_times() -> None:
    made = scheduling.clone(january(), starts_on=date(2027, 6, 17), by=None, at=NOW)

    assert agenda(made)[0] == ("Thu 06-17", "08:00", "11:45", "Plenary")
    assert made.sessions.in_order().first().starts_at == datetime(2027, 6, 17, 15, tzinfo=UTC)


def test_a_weekly_seminar_is_cloned_over_a_change_of_clocks() -> None:
    last = make.institute(starts_on=date(2026, 11, 4), ends_on=date(2026, 12, 2), registration_closes_at=NOW)
    for week in range(5):
        make.session(last, date(2026, 11, 4) + timedelta(weeks=week), "16:00", "17:30", title="Seminar")

    made = scheduling.clone(last, starts_on=date(2027, 3, 3), by=None, at=NOW)

    days = ["Wed 03-03", "Wed 03-10", "Wed 03-17", "Wed 03-24", "Wed 03-31"]
    assert agenda(made) == [(day, "16:00", "17:30", "Seminar") for day in days]
    assert sum(session.minutes for session in made.sessions.all()) == 7.5 * 60


def test_a_block_in_an_hour_that_does_not_exist_stops_the_clone() -> None:
    last = make.institute()
    make.session(last, start="02:30", end="04:00", title="Night sky")

    with pytest.raises(CannotSchedule, match="There is no 2:30 AM on March 14, 2027"):
        scheduling.clone(last, starts_on=date(2027, 3, 14), by=None, at=NOW)

    assert Institute.objects.count() == 1


def test_a_window_that_would_open_in_an_hour_that_does_not_exist_is_refused() -> None:
    last = make.institute(registration_opens_at=datetime(2026, 9, 1, 2, 30, tzinfo=PACIFIC))
    days = (date(2027, 3, 14) - date(2026, 9, 1)).days

    with pytest.raises(CannotSchedule, match="There is no 2:30 AM on March 14") as refusal:
        scheduling.clone(last, starts_on=last.starts_on + timedelta(days=days), by=None, at=NOW)

    assert refusal.value.field == "registration_opens_at"


def test_the_next_one_takes_the_newest_terms_and_the_season_of_its_days() -> None:
    old = make.terms(name="Training")
    newest = make.terms(name="Training", version=2)
    june = make.season(name="June 2027", starts_on=date(2027, 6, 1), ends_on=date(2027, 6, 30))

    made = scheduling.clone(january(terms=old), starts_on=date(2027, 6, 17), by=None, at=NOW)

    assert (made.terms, made.season) == (newest, june)


# --- The agenda ---


def test_each_change_of_the_agenda_raises_its_revision_once() -> None:
    institute = make.institute()

    change(institute, Add(block()), Add(block("09:00", "10:00")))
    change(institute, Remove(institute.sessions.in_order().first().pk))

    assert institute.agenda_revision == 3
    assert Institute.objects.get().agenda_revision == 3
    assert agenda(institute) == [("Thu 01-21", "09:00", "10:00", "Plenary")]


def test_two_blocks_change_places() -> None:
    institute = make.institute()
    early = make.session(institute, start="08:00", end="09:00", title="Early", room="Hall")
    late = make.session(institute, start="09:00", end="10:00", title="Late", room="Hall")

    change(
        institute,
        Edit(early.pk, block("09:00", "10:00", title="Early", room="Hall")),
        Edit(late.pk, block("08:00", "09:00", title="Late", room="Hall")),
    )

    assert [row[3] for row in agenda(institute)] == ["Late", "Early"]


def test_a_block_may_stand_where_another_one_just_left() -> None:
    institute = make.institute()
    old = make.session(institute, start="08:00", end="09:00")

    change(institute, Remove(old.pk), Add(block(title="New")))

    assert agenda(institute) == [("Thu 01-21", "08:00", "09:00", "New")]


def test_a_strand_has_one_block_at_a_time() -> None:
    institute = make.institute()
    strand = make.strand(institute)
    make.session(institute, start="08:00", end="10:00", title="Energy", strand=strand)

    with pytest.raises(CannotSchedule, match=r"“Matter” overlaps “Energy” \(8:00–10:00 AM\) for Grades 3–5"):
        change(institute, Add(block("09:30", "11:00", title="Matter", strand=strand)))

    assert Session.objects.count() == 1
    assert Institute.objects.get().agenda_revision == 1


def test_the_refusal_names_the_change_that_is_wrong() -> None:
    institute = make.institute()
    make.session(institute, start="08:00", end="10:00", title="Energy")

    with pytest.raises(CannotSchedule) as refusal:
        change(institute, Add(block("10:00", "11:00")), Add(block("09:30", "09:45", title="Matter")))

    assert refusal.value.block == 1


def test_two_strands_meet_at_the_same_time() -> None:
    institute = make.institute()
    make.session(institute, start="08:00", end="10:00", strand=make.strand(institute, "Grades K–2"))

    change(institute, Add(block("08:00", "10:00", strand=make.strand(institute))))

    assert len(agenda(institute)) == 2


@pytest.mark.parametrize("plenary_first", [True, False])
def test_nobody_is_in_a_strand_while_everyone_is_in_plenary(plenary_first: bool) -> None:
    institute = make.institute()
    strand = make.strand(institute)
    there, wanted = (None, strand) if plenary_first else (strand, None)
    make.session(institute, start="08:00", end="10:00", title="There", strand=there)

    with pytest.raises(CannotSchedule, match=r"overlaps “There”.*one of the two is for everyone"):
        change(institute, Add(block("09:00", "11:00", strand=wanted)))


def test_a_room_holds_one_block_at_a_time() -> None:
    institute = make.institute()
    make.session(institute, start="08:00", end="10:00", title="K–2", strand=make.strand(institute, "K"), room="Hall")

    with pytest.raises(CannotSchedule, match=r"hall already holds “K–2” \(8:00–10:00 AM\)"):
        change(institute, Add(block("09:00", "11:00", strand=make.strand(institute), room="hall")))


def test_a_block_ends_after_it_starts() -> None:
    with pytest.raises(CannotSchedule, match="ends at 8:00 AM, before it starts at 9:00 AM"):
        change(make.institute(), Add(block("09:00", "08:00")))


def test_a_block_lies_within_the_days() -> None:
    with pytest.raises(CannotSchedule, match=r"Sunday, January 24 is not a day of .* to Saturday, January 23"):
        change(make.institute(), Add(block(day=date(2027, 1, 24))))


def test_a_block_in_an_hour_that_the_clocks_skip_is_refused() -> None:
    institute = make.institute(starts_on=date(2027, 3, 13), ends_on=date(2027, 3, 14))

    with pytest.raises(CannotSchedule, match="There is no 2:30 AM on March 14, 2027"):
        change(institute, Add(block("02:30", "04:00", day=date(2027, 3, 14))))


def test_a_block_in_an_hour_that_comes_twice_takes_the_first_and_says_so() -> None:
    institute = make.institute(starts_on=date(2027, 11, 7), ends_on=date(2027, 11, 7))

    notes = change(institute, Add(block("01:30", "03:00", day=date(2027, 11, 7))))

    assert notes == ["The clocks show 1:30 AM twice on Sunday, November 7; the first is meant."]
    assert institute.sessions.get().starts_at == datetime(2027, 11, 7, 8, 30, tzinfo=UTC)
    assert institute.sessions.get().minutes == 150


def test_a_block_that_someone_facilitates_stays(ana) -> None:
    institute = make.institute()
    session = make.session(institute, title="Energy")
    Engagement.objects.create(institute=institute, session=session, person=ana, role="presenter")

    with pytest.raises(CannotSchedule, match="“Energy” stays: attendance was taken"):
        change(institute, Remove(session.pk))

    assert Session.objects.exists()


def test_a_block_that_is_gone_is_not_changed() -> None:
    institute = make.institute()
    elsewhere = make.session(make.institute())

    with pytest.raises(CannotSchedule, match="not in the agenda any more"):
        change(institute, Remove(elsewhere.pk))


def test_a_block_keeps_a_place_for_everyone_who_chose_it() -> None:
    institute = make.institute()
    session = make.session(institute, seats_taken=12)

    with pytest.raises(CannotSchedule, match="12 people chose it already"):
        change(institute, Edit(session.pk, block(capacity=10)))


def test_a_day_is_copied_to_other_days() -> None:
    institute = make.institute()
    make.session(institute, start="08:00", end="11:45", title="Morning")
    make.session(institute, date(2027, 1, 22), start="13:00", end="14:00", title="Only Friday")

    scheduling.copy_day(institute, DAY, to=[date(2027, 1, 22), date(2027, 1, 23)], by=None, at=NOW)

    assert [(row[0], row[3]) for row in agenda(institute)] == [
        ("Thu 01-21", "Morning"),
        ("Fri 01-22", "Morning"),
        ("Fri 01-22", "Only Friday"),
        ("Sat 01-23", "Morning"),
    ]


def test_the_database_itself_refuses_two_blocks_of_a_strand_at_once() -> None:
    institute = make.institute()
    make.session(institute)

    with pytest.raises(IntegrityError, match="a_strand_is_in_one_session_at_a_time"), transaction.atomic():
        make.session(institute)
