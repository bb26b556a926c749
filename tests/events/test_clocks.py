"""Clocks that skip an hour in spring and show one twice in autumn."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events import clocks

PACIFIC = ZoneInfo("America/Los_Angeles")
noons = st.datetimes(datetime(2020, 1, 1), datetime(2036, 1, 1)).map(lambda day: day.replace(hour=12, minute=0))


def test_a_time_that_the_clocks_skip_is_refused() -> None:
    with pytest.raises(clocks.NoSuchTime, match="There is no 2:30 AM on March 14, 2027: the clocks go forward"):
        clocks.moment(datetime(2027, 3, 14, 2, 30), PACIFIC)


def test_of_a_time_that_comes_twice_the_first_is_taken() -> None:
    shown = datetime(2027, 11, 7, 1, 30)

    assert clocks.comes_twice(shown, PACIFIC)
    assert clocks.moment(shown, PACIFIC).astimezone(UTC) == datetime(2027, 11, 7, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize("shown", [datetime(2027, 11, 7, 2, 30), datetime(2027, 3, 14, 2, 30), datetime(2027, 6, 1, 8)])
def test_other_times_come_once_at_most(shown: datetime) -> None:
    assert not clocks.comes_twice(shown, PACIFIC)


@given(noons, st.integers(-400, 400))
def test_noon_stays_noon_however_many_days_later(noon: datetime, days: int) -> None:
    later = clocks.days_later(clocks.moment(noon, PACIFIC), days, PACIFIC)

    assert later.replace(tzinfo=None) == noon + timedelta(days=days)
