"""Numbers without gaps, and each charge on one invoice, under many hands. Seen failing without the locks."""

import pytest

from billing import invoicing
from billing.invoicing import LineWanted
from billing.models import Invoice, InvoiceLine
from tests import make
from tests.billing.test_invoicing import draft
from tests.billing.test_ledger import charge
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 8


def test_numbers_have_no_gaps():
    make.payee()
    drafts = [draft(*charge(make.line(make.organization(f"District {number}"))))[0] for number in range(THREADS)]

    answers = at_once(*[lambda made=made: invoicing.issue(made, by=None, at=make.NOW) for made in drafts])

    assert sorted(made.number for made in answers) == list(range(1, THREADS + 1))


def test_one_draft_issued_by_many_takes_one_number():
    make.payee()
    (made,) = draft(*charge(make.line(make.organization())))

    answers = at_once(*[lambda: invoicing.issue(made, by=None, at=make.NOW)] * THREADS)

    assert sorted(type(answer).__name__ for answer in answers) == ["CannotIssue"] * (THREADS - 1) + ["Invoice"]
    assert list(Invoice.objects.values_list("number", flat=True)) == [1]


def test_a_charge_drafted_by_many_is_printed_once():
    make.payee()
    charges = charge(make.line(make.organization()), times=3)
    lines = [LineWanted(each, each.words) for each in charges]

    def draft_them() -> list[Invoice]:
        return invoicing.draft_all(lines, about="LT27-01", subject_key="institute:1", by=None, at=make.NOW)

    answers = at_once(*[draft_them] * THREADS)

    assert sorted(map(len, answers)) == [0] * (THREADS - 1) + [1]
    assert InvoiceLine.objects.count() == len(charges)
