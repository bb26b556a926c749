"""An amount over service days that cross 1 July."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from billing.ledger import Part, by_fiscal_year
from billing.models import fiscal_year_of

amounts = st.decimals(min_value=0, max_value=Decimal("99999999.99"), places=2)
first_days = st.dates(min_value=date(2000, 1, 1), max_value=date(2090, 1, 1))
lengths = st.integers(min_value=1, max_value=1500)


def split(amount: Decimal, first: date, days: int) -> list[Part]:
    return by_fiscal_year(amount, first, first + timedelta(days=days - 1))


def test_five_days_over_30_june_are_paid_by_service_day():
    """Scenario 20."""
    assert by_fiscal_year(Decimal(1250), date(2027, 6, 28), date(2027, 7, 2)) == [
        Part(Decimal("750.00"), date(2027, 6, 28), date(2027, 6, 30), 2027),
        Part(Decimal("500.00"), date(2027, 7, 1), date(2027, 7, 2), 2028),
    ]


def test_days_in_one_fiscal_year_are_one_part():
    days = (date(2027, 1, 21), date(2027, 1, 23))

    assert by_fiscal_year(Decimal(525), *days) == [Part(Decimal(525), *days, 2027)]


def test_the_last_part_takes_the_odd_cent():
    parts = by_fiscal_year(Decimal("100.00"), date(2027, 6, 30), date(2027, 7, 2))

    assert [part.amount for part in parts] == [Decimal("33.33"), Decimal("66.67")]


@given(amounts, first_days, lengths)
def test_the_parts_are_the_amount_to_the_cent(amount, first, days):
    parts = split(amount, first, days)

    assert sum(part.amount for part in parts) == amount
    assert all(part.amount >= 0 and part.amount == part.amount.quantize(Decimal("0.01")) for part in parts)


@given(amounts, first_days, lengths)
def test_each_part_lies_in_its_own_fiscal_year_and_no_day_is_left_out(amount, first, days):
    parts = split(amount, first, days)

    covered = [
        part.first_day + timedelta(days=n) for part in parts for n in range((part.last_day - part.first_day).days + 1)
    ]
    assert covered == [first + timedelta(days=n) for n in range(days)]
    assert [part.fiscal_year for part in parts] == sorted({fiscal_year_of(day) for day in covered})
    assert all(fiscal_year_of(part.last_day) == part.fiscal_year for part in parts)


@given(amounts, first_days, lengths)
def test_no_part_is_more_than_a_cent_a_part_away_from_its_days_share(amount, first, days):
    parts = split(amount, first, days)

    for part in parts:
        share = amount * ((part.last_day - part.first_day).days + 1) / days
        assert abs(part.amount - share) < Decimal("0.01") * len(parts)
