"""Dollars, days and ages in words."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from billing import ageing, wording
from billing.models import Invoice, InvoiceKind
from tests import make

TODAY = date(2027, 3, 1)


def test_a_credit_has_a_true_minus():
    assert wording.dollars(Decimal("-1075")) == "−$1,075.00"


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(2027, 1, 21), date(2027, 1, 21), "January 21, 2027"),
        (date(2027, 1, 21), date(2027, 1, 23), "January 21–23, 2027"),
        (date(2027, 6, 28), date(2027, 7, 2), "June 28 – July 2, 2027"),
        (date(2026, 12, 31), date(2027, 1, 2), "December 31, 2026 – January 2, 2027"),
    ],
)
def test_days_are_written_once(first, last, words):
    assert wording.days(first, last) == words


def invoice(due_in: int, balance: str = "1", **more: object) -> Invoice:
    made = Invoice(issued_at=make.NOW, due_on=TODAY + timedelta(days=due_in), **more)
    made.balance, made.paid, made.credited = Decimal(balance), Decimal(0), Decimal(0)
    return made


@pytest.mark.parametrize(
    ("due_in", "label"),
    [
        (2, "Due in 2 days"),
        (1, "Due in 1 day"),
        (0, "Due today"),
        (-1, "Overdue 1–30 days"),
        (-31, "Overdue 31–60 days"),
        (-90, "Overdue 61–90 days"),
        (-91, "Overdue over 90 days"),
    ],
)
def test_an_open_invoice_says_how_old_it_is(due_in, label):
    assert ageing.ageing_of(invoice(due_in), on=TODAY).label == label


def test_what_was_credited_in_full_was_not_paid():
    made = invoice(-5, "0")
    made.credited = Decimal(-1)

    assert ageing.ageing_of(made, on=TODAY).label == "Credited"


def test_a_credit_memo_has_no_age():
    assert ageing.ageing_of(invoice(-5, kind=InvoiceKind.CREDIT_MEMO), on=TODAY).label == "Credit memo"


def test_a_draft_has_no_age():
    assert ageing.ageing_of(Invoice(), on=TODAY).label == "Draft"
