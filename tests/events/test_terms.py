"""What a change of mind costs."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events import terms
from events.models import Terms
from tests.make import LADDER, NOW

FIRST_DAY = date(2027, 1, 21)


def of(*steps: tuple[int, int], **more) -> Terms:
    ladder = [{"days_before": days, "percent": percent} for days, percent in steps]
    return Terms(name="Terms", ladder=ladder, made_at=NOW, **more)


LT27 = Terms(name="LT27", ladder=LADDER, made_at=NOW)

ladders = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 100)), max_size=6, unique_by=lambda step: step[0]).map(
    lambda steps: list(
        zip(
            sorted((days for days, _ in steps), reverse=True),
            sorted((percent for _, percent in steps), reverse=True),
            strict=True,
        )
    )
)
prices = st.decimals("0", "9999", places=2)


@pytest.mark.parametrize(
    ("days", "percent"), [(400, 100), (15, 100), (14, 50), (9, 50), (8, 50), (7, 0), (0, 0), (-1, 0)]
)
def test_a_day_belongs_to_one_step_of_the_ladder(days: int, percent: int) -> None:
    assert terms.percent_back(LT27, days_before=days) == percent


def test_twelve_who_withdraw_nine_days_before_get_half_back() -> None:
    cost = terms.cost_of_change(Decimal("525.00"), LT27, first_day=FIRST_DAY, on=date(2027, 1, 12))

    assert (cost.back * 12, cost.kept * 12) == (Decimal("3150.00"), Decimal("3150.00"))


def test_half_a_cent_goes_up() -> None:
    cost = terms.cost_of_change(Decimal("0.01"), of((0, 50)), first_day=FIRST_DAY, on=FIRST_DAY)

    assert cost == (Decimal("0.01"), Decimal("0.00"))


@given(prices, ladders, st.integers(-30, 500))
def test_what_comes_back_and_what_is_kept_make_the_price(price: Decimal, ladder, days: int) -> None:
    cost = terms.cost_of_change(price, of(*ladder), first_day=FIRST_DAY, on=FIRST_DAY - timedelta(days=days))

    assert cost.back + cost.kept == price
    assert 0 <= cost.back <= price
    assert cost.back == cost.back.quantize(terms.CENT)


@given(ladders, st.integers(-30, 500))
def test_waiting_a_day_never_gives_back_more(ladder, days: int) -> None:
    row = of(*ladder)
    terms.check(row.ladder)

    assert terms.percent_back(row, days_before=days) >= terms.percent_back(row, days_before=days - 1)


def test_terms_print_their_own_sentences() -> None:
    assert terms.sentences(LT27) == [
        "More than 14 days before the first day: all of the price comes back.",
        "8 to 14 days before: 50%.",
        "7 days or fewer: nothing.",
        "Substituting a colleague is always free.",
        "A seat without a name goes back free of charge until names are due.",
    ]


@pytest.mark.parametrize(
    ("steps", "printed"),
    [
        ([], ["Nothing of the price comes back."]),
        ([(8, 0)], ["Nothing of the price comes back."]),
        ([(0, 100)], ["Up to the first day: all of the price comes back."]),
        ([(2, 80)], ["More than 1 day before the first day: 80% of the price comes back.", "1 day or fewer: nothing."]),
        (
            [(15, 100), (14, 50), (8, 0)],
            [
                "More than 14 days before the first day: all of the price comes back.",
                "14 days before: 50%.",
                "13 days or fewer: nothing.",
            ],
        ),
        (
            [(15, 100), (0, 50)],
            ["More than 14 days before the first day: all of the price comes back.", "14 days or fewer: 50%."],
        ),
    ],
)
def test_a_ladder_of_any_shape_reads_well(steps: list[tuple[int, int]], printed: list[str]) -> None:
    row = of(*steps, free_substitution=False, unnamed_free=False)

    assert terms.sentences(row) == printed


def test_papers_and_those_who_do_not_come_have_their_sentences() -> None:
    row = of(free_substitution=False, unnamed_free=False, no_show_percent=10, po_due_days=21, payment_due_days=30)

    assert terms.sentences(row)[1:] == [
        "Of the seat of someone who does not come, 10% comes back.",
        "The purchase order is due 21 days before the first day.",
        "Payment is due 30 days after the invoice.",
    ]


@pytest.mark.parametrize(
    ("steps", "wrong", "sentence"),
    [
        ([(8, 50), (15, 100)], 1, "fewer days than the one above"),
        ([(8, 50), (8, 40)], 1, "fewer days than the one above"),
        ([(15, 50), (8, 100)], 1, "never gives back more"),
        ([(15, 101)], 0, "between 0 and 100"),
        ([(15, 100), (-1, 50)], 1, "0 or more"),
    ],
)
def test_a_ladder_that_cannot_be_names_its_wrong_step(steps, wrong: int, sentence: str) -> None:
    with pytest.raises(terms.CannotSetTerms, match=sentence) as refusal:
        terms.check(of(*steps).ladder)

    assert refusal.value.step == wrong
