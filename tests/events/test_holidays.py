"""Days on which California's schools are closed."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events import holidays


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2027, 1, 1), "New Year's Day"),
        (date(2027, 1, 18), "Martin Luther King, Jr. Day"),
        (date(2027, 2, 12), "Lincoln Day"),
        (date(2027, 2, 15), "Presidents' Day"),
        (date(2027, 3, 31), "Cesar Chavez Day"),
        (date(2027, 5, 31), "Memorial Day"),
        (date(2027, 6, 18), "Juneteenth (observed)"),
        (date(2027, 7, 4), "Independence Day"),
        (date(2027, 7, 5), "Independence Day (observed)"),
        (date(2027, 9, 6), "Labor Day"),
        (date(2027, 10, 11), "Indigenous Peoples' Day"),
        (date(2027, 11, 11), "Veterans Day"),
        (date(2027, 11, 25), "Thanksgiving"),
        (date(2027, 11, 26), "Day after Thanksgiving"),
        (date(2027, 12, 24), "Christmas Day (observed)"),
        (date(2027, 12, 31), "New Year's Day (observed)"),
        (date(2027, 1, 21), ""),
    ],
)
def test_a_holiday_has_its_name(day: date, name: str) -> None:
    assert holidays.named(day) == name


def test_the_holidays_of_an_institute_are_listed_by_day() -> None:
    assert holidays.between(date(2027, 6, 28), date(2027, 7, 5)) == [
        (date(2027, 7, 4), "Independence Day"),
        (date(2027, 7, 5), "Independence Day (observed)"),
    ]


@settings(deadline=None)
@given(st.integers(1990, 2090))
def test_every_year_has_fourteen_holidays(year: int) -> None:
    found = [name for _day, name in holidays.between(date(year, 1, 1), date(year, 12, 31))]

    assert len([name for name in found if "observed" not in name]) == 14
