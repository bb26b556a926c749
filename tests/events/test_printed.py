"""Days, times and hours as they are printed."""

from datetime import date, datetime

import pytest

from events import printed


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(2027, 1, 21), date(2027, 1, 21), "January 21, 2027"),
        (date(2027, 1, 21), date(2027, 1, 23), "January 21–23, 2027"),
        (date(2027, 6, 28), date(2027, 7, 2), "June 28 – July 2, 2027"),
        (date(2027, 12, 30), date(2028, 1, 2), "December 30, 2027 – January 2, 2028"),
    ],
)
def test_days_are_printed_as_one_says_them(first: date, last: date, words: str) -> None:
    assert printed.days(first, last) == words


@pytest.mark.parametrize(
    ("start", "end", "words"), [(8, 11, "8:00–11:00 AM"), (11, 12, "11:00 AM–12:00 PM"), (13, 15, "1:00–3:00 PM")]
)
def test_a_stretch_says_its_half_of_the_day_once(start: int, end: int, words: str) -> None:
    assert printed.clocks(datetime(2027, 1, 21, start), datetime(2027, 1, 21, end)) == words


@pytest.mark.parametrize(("minutes", "words"), [(0, "0.0"), (1170, "19.5"), (225, "3.75"), (420, "7.0"), (100, "1.67")])
def test_hours_have_one_decimal_or_two(minutes: int, words: str) -> None:
    assert printed.hours(minutes) == words
