"""The arithmetic of hours, without a database: what was offered, what was seen, what it earns."""

import random
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registrations.hours_rules import Block, Mark, Rule, earned_of, explain, live_marks, minutes_of, spans

PACIFIC = ZoneInfo("America/Los_Angeles")
THURSDAY, FRIDAY, SATURDAY = date(2027, 1, 21), date(2027, 1, 22), date(2027, 1, 23)
RULE = Rule(full_day_percent=90, step_minutes=15)


def moment(day: date, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=PACIFIC)


def block(key: int, day: date = THURSDAY, start: str = "08:00", end: str = "11:45", **more: object) -> Block:
    defaults = {"title": f"Block {key}", "counts": True, "hour_type": "intensive"}
    return Block(id=key, day=day, starts_at=moment(day, start), ends_at=moment(day, end), **defaults | more)  # type: ignore[arg-type]


def three_days() -> list[Block]:
    """LT27-01: 08:00-11:45 and 12:45-15:30, lunch between."""
    return [
        part
        for number, day in enumerate([THURSDAY, FRIDAY, SATURDAY])
        for part in (
            block(number * 10 + 1, day, title="Morning"),
            block(number * 10 + 2, day, "11:45", "12:45", title="Lunch", counts=False),
            block(number * 10 + 3, day, "12:45", "15:30", title="Afternoon"),
        )
    ]


def mark(session: int, kind: str = "present", at: str = "2027-01-21T08:00", **more: object) -> Mark:
    return Mark(uuid4(), session, kind, datetime.fromisoformat(at).replace(tzinfo=PACIFIC), **more)  # type: ignore[arg-type]


# --- Scenarios ------------------------------------------------------------------------------------------------------


def test_scenario_23_two_of_three_days_one_of_them_in_part_make_ten_hours() -> None:
    noor = [
        mark(1),
        mark(3),
        mark(11, "in", "2027-01-22T08:00"),
        mark(11, "out", "2027-01-22T11:40"),
    ]

    told = explain(three_days(), noor, rule=RULE)

    assert [(day.attended, day.earned) for day in told.days] == [(390, 390), (220, 210), (0, 0)]
    assert (told.earned / 60, told.offered / 60) == (10.0, 19.5)
    assert told.days[1].why == (
        "Present for 3 h 40 min of 6 h 30 min: less than 90 % is rounded down to steps of 15 minutes."
    )


def test_scenario_6_each_person_is_offered_only_her_own_days() -> None:
    ines = [part for part in three_days() if part.day == THURSDAY]
    tomas = [part for part in three_days() if part.day != THURSDAY]

    day_one = explain(ines, [mark(1), mark(3)], rule=RULE)
    days_two_and_three = explain(tomas, [mark(11), mark(13), mark(21), mark(23)], rule=RULE)

    assert (day_one.earned / 60, days_two_and_three.earned / 60) == (6.5, 13.0)


def test_scenario_27_five_wednesdays_across_the_change_of_clocks_make_seven_and_a_half_hours() -> None:
    wednesdays = [date(2027, 3, 3) + timedelta(weeks=week) for week in range(5)]
    seminar = [block(number, day, "16:00", "17:30") for number, day in enumerate(wednesdays)]

    told = explain(seminar, [mark(number) for number in range(5)], rule=RULE)

    assert [day.day for day in told.days] == wednesdays
    assert told.earned / 60 == 7.5


@pytest.mark.parametrize(
    ("day", "real_minutes"), [(date(2027, 3, 14), 180), (date(2027, 11, 7), 300), (date(2027, 1, 14), 240)]
)
def test_minutes_are_real_over_a_change_of_clocks(day: date, real_minutes: int) -> None:
    night = block(1, day, "00:00", "04:00")

    told = explain([night], [mark(1)], rule=RULE)

    assert (told.offered, told.earned) == (real_minutes, real_minutes)


def test_the_half_hour_that_comes_twice_keeps_its_order() -> None:
    day = date(2027, 11, 7)
    first = datetime(2027, 11, 7, 1, 30, tzinfo=PACIFIC, fold=0)
    second = datetime(2027, 11, 7, 1, 30, tzinfo=PACIFIC, fold=1)
    stay = [Mark(uuid4(), 1, "out", second), Mark(uuid4(), 1, "in", first)]

    told = explain([block(1, day, "00:00", "04:00")], stay, rule=RULE)

    assert told.days[0].attended == 60


# --- Presence in a block --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seen", "minutes"),
    [
        ([], 0),
        ([("present", "09:00")], 225),
        ([("in", "08:15"), ("out", "11:40")], 205),
        ([("in", "08:15")], 210),
        ([("out", "09:00")], 60),
        ([("in", "08:15"), ("in", "09:00"), ("out", "10:00")], 105),
        ([("out", "09:00"), ("out", "10:00")], 60),
        ([("out", "09:00"), ("in", "10:00"), ("out", "10:30")], 90),
        ([("in", "07:00"), ("out", "12:30")], 225),
        ([("in", "13:00")], 0),
        ([("in", "08:15"), ("out", "09:00"), ("present", "10:00")], 225),
    ],
)
def test_presence_in_a_block(seen: list[tuple[str, str]], minutes: int) -> None:
    marks = live_marks([mark(1, kind, f"2027-01-21T{clock}") for kind, clock in seen])

    assert minutes_of(spans(block(1), marks)) == minutes


def test_an_event_taken_back_counts_no_more() -> None:
    ticked = mark(1)
    taken_back = mark(1, "void", voids_id=ticked.id, reason="wrong person")

    assert explain([block(1)], [ticked, taken_back], rule=RULE).earned == 0
    assert explain([block(1)], [ticked, taken_back, mark(1)], rule=RULE).earned == 225


def test_presence_at_lunch_earns_nothing() -> None:
    told = explain(three_days(), [mark(2)], rule=RULE)

    assert (told.earned, told.days[0].attended, told.days[0].why) == (0, 0, "Not seen on this day.")


def test_a_day_of_which_nothing_counts_says_so() -> None:
    told = explain([block(1, counts=False)], [mark(1)], rule=RULE)

    assert (told.offered, told.days[0].why) == (0, "Nothing on this day counts toward hours.")


# --- Blocks in parallel ---------------------------------------------------------------------------------------------


def strands() -> list[Block]:
    return [
        block(1, start="08:00", end="09:00"),
        block(2, start="09:00", end="11:00", title="Grades 3–5", strand_id=1, strand="Grades 3–5"),
        block(3, start="09:00", end="11:00", title="Grades 6–8", strand_id=2, strand="Grades 6–8"),
    ]


def test_two_blocks_in_parallel_never_count_twice() -> None:
    told = explain(strands(), [mark(1), mark(2), mark(3)], rule=RULE)

    assert (told.offered, told.earned) == (180, 180)


def test_without_a_choice_the_block_where_she_was_seen_is_hers() -> None:
    told = explain(strands(), [mark(1), mark(3)], rule=RULE)

    assert [part.session.title for part in told.days[0].blocks] == ["Block 1", "Grades 6–8"]


def test_scenario_24_a_badge_read_at_the_wrong_door_costs_no_hours() -> None:
    told = explain(strands(), [mark(1), mark(3)], chosen=[2], rule=RULE)

    assert told.earned == 180
    assert told.days[0].blocks[1].words == "Present for the whole block (seen in Grades 6–8)"


def test_an_absent_person_is_offered_one_block_of_those_in_parallel() -> None:
    assert explain(strands(), [], rule=RULE).offered == 180


def test_all_of_a_shorter_strand_is_all_that_was_offered() -> None:
    longer = block(4, start="09:00", end="12:00", title="Grades 9–12", strand_id=3)

    in_the_shorter = explain([*strands(), longer], [mark(1), mark(2)], rule=RULE)
    in_the_longer = explain([*strands(), longer], [mark(1), mark(4)], rule=RULE)

    assert (in_the_shorter.earned, in_the_shorter.offered) == (180, 180)
    assert (in_the_longer.earned, in_the_longer.offered) == (240, 240)


# --- The rule of a day ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attended", "adjusted", "earned"),
    [
        (390, 0, 390),
        (351, 0, 390),  # 90 % exactly
        (350, 0, 345),
        (14, 0, 0),
        (0, 0, 0),
        (220, 40, 260 // 15 * 15),
        (340, 11, 390),
        (390, -60, 330),
        (390, -1, 375),
        (60, -120, 0),
        (380, 500, 390),
    ],
)
def test_what_a_day_of_six_and_a_half_hours_earns(attended: int, adjusted: int, earned: int) -> None:
    assert earned_of(attended, 390, adjusted, RULE) == earned


def test_a_correction_is_told() -> None:
    given = explain([block(1)], [mark(1, "adjust", minutes=30, reason="signed the sheet")], rule=RULE).days[0]
    taken = explain([block(1)], [mark(1), mark(1, "adjust", minutes=-30, reason="left early")], rule=RULE).days[0]

    assert (given.earned, given.why) == (30, "Not seen on this day. 30 min were added by a correction.")
    assert (taken.earned, taken.why) == (195, "Present for all of 3 h 45 min. 30 min were taken by a correction.")


def test_a_nearly_whole_day_says_why_it_is_whole() -> None:
    day = explain([block(1)], [mark(1, "in", "2027-01-21T08:10")], rule=RULE).days[0]

    assert (day.earned, day.why) == (225, "Present for 3 h 35 min of 3 h 45 min: 90 % or more counts as the whole day.")
    assert [part.words for part in day.blocks] == ["Present for 3 h 35 min of 3 h 45 min"]


def test_the_types_of_a_part_of_a_day_make_its_sum_in_whole_steps() -> None:
    blocks = [block(1, hour_type="content"), block(2, start="12:45", end="15:30", hour_type="leadership")]
    half = [mark(1, "out", "2027-01-21T10:00"), mark(2, "out", "2027-01-21T13:30")]

    told = explain(blocks, half, rule=RULE)

    assert (told.earned, told.by_type) == (165, {"content": 120, "leadership": 45})


def test_the_types_of_a_whole_day_are_those_of_its_blocks() -> None:
    blocks = [block(1, hour_type="content"), block(2, start="12:45", end="15:30", hour_type="leadership")]

    assert explain(blocks, [mark(1), mark(2)], rule=RULE).by_type == {"content": 225, "leadership": 165}


# --- Always true ----------------------------------------------------------------------------------------------------

CLOCKS = st.integers(0, 12 * 60).map(lambda minute: moment(THURSDAY, "06:00") + timedelta(minutes=minute))
RAGGED = [
    block(1, start="08:00", end="09:10", hour_type="content"),
    block(2, start="09:10", end="11:00", strand_id=1),
    block(3, start="09:10", end="10:30", strand_id=2, hour_type="leadership"),
    block(4, start="10:30", end="11:45", strand_id=2),
    block(5, start="11:45", end="12:45", counts=False),
    block(6, start="12:45", end="15:30"),
    block(7, start="13:00", end="14:00", strand_id=1, hour_type="follow_up"),
]
MARKS = st.lists(
    st.builds(
        lambda key, session, kind, at, minutes: Mark(
            UUID(int=key), session, kind, at, minutes if kind == "adjust" else None
        ),
        st.integers(1, 50),
        st.sampled_from([part.id for part in RAGGED]),
        st.sampled_from(["present", "in", "out", "adjust"]),
        CLOCKS,
        st.integers(-200, 200),
    ),
    max_size=12,
    unique_by=lambda made: made.id,
)
CHOSEN = st.lists(st.sampled_from([2, 3, 4, 7]), max_size=3)
RULES = st.builds(Rule, st.integers(1, 100), st.integers(1, 60))


@given(MARKS, CHOSEN, RULES)
def test_nobody_earns_more_than_was_offered_and_the_types_make_the_sum(
    marks: list[Mark], chosen: list[int], rule: Rule
) -> None:
    told = explain(RAGGED, marks, chosen=chosen, rule=rule)

    assert 0 <= told.earned <= told.offered
    assert sum(told.by_type.values()) == told.earned
    assert all(day.attended <= day.offered for day in told.days)


@given(MARKS, CHOSEN, RULES, st.randoms(use_true_random=False))
def test_neither_the_order_of_events_nor_a_repeated_one_changes_anything(
    marks: list[Mark], chosen: list[int], rule: Rule, chance: random.Random
) -> None:
    again = [*marks, *marks[:3]]
    chance.shuffle(again)

    assert explain(RAGGED, again, chosen=chosen, rule=rule) == explain(RAGGED, marks, chosen=chosen, rule=rule)


@given(MARKS, CHOSEN, RULES, st.sampled_from([part.id for part in RAGGED]))
def test_more_presence_never_earns_less(marks: list[Mark], chosen: list[int], rule: Rule, session: int) -> None:
    before = explain(RAGGED, marks, chosen=chosen, rule=rule).earned

    after = explain(RAGGED, [*marks, mark(session)], chosen=chosen, rule=rule).earned

    assert after >= before


@given(CLOCKS, CLOCKS, st.integers(0, 60), st.integers(0, 60), RULES)
def test_coming_sooner_and_leaving_later_never_earns_less(
    came: datetime, left: datetime, sooner: int, later: int, rule: Rule
) -> None:
    came, left = sorted([came, left])

    def earned(start: datetime, end: datetime) -> int:
        return explain([block(1)], [Mark(uuid4(), 1, "in", start), Mark(uuid4(), 1, "out", end)], rule=rule).earned

    assert earned(came - timedelta(minutes=sooner), left + timedelta(minutes=later)) >= earned(came, left)
