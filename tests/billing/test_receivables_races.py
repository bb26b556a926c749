"""Eight at once on one invoice: credit memos, payments, credit that waits, and two who decide a batch."""

from decimal import Decimal
from typing import Any

import pytest

from billing import books, crediting, invoicing, payments, write_offs
from billing.models import FundingLine, Invoice, InvoiceKind, Payment, PaymentMethod, WriteOff
from people.models import User
from tests import make
from tests.billing.test_crediting import balance_of, give_back, issued_for
from tests.races import at_once

THREADS = 8

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def omar() -> User:
    make.provider()
    return make.user("omar@example.test")


@pytest.fixture
def line(omar: User) -> FundingLine:
    return make.line(make.organization())


def credit(invoice: Invoice, by: User) -> Invoice:
    found = crediting.waiting(Invoice.objects.filter(pk=invoice.pk))
    memos = crediting.draft_all(found, by=by, at=make.NOW)
    if not memos:
        raise crediting.CannotCredit("Nothing waits.")
    return invoicing.issue(memos[0], by=by, at=make.NOW)


def pay(invoice: Invoice, amount: str, by: User, reference: str, **more: Any) -> Payment:
    facts: dict[str, Any] = {"payer": invoice.payer, "payee": invoice.payee, "method": PaymentMethod.CHECK}
    return payments.record(
        **facts, reference=reference, amount=Decimal(amount), received_on=make.NOW.date(), by=by, at=make.NOW, **more
    )


def test_one_memo_is_issued_of_what_waits_once(line: FundingLine, omar: User) -> None:
    """Seen failing without the lock on the invoice in `crediting.draft_all`: the database refused a second line."""
    invoice = issued_for(line, 2, omar)
    give_back(invoice, 1, "262.50", omar)

    answers = at_once(*[lambda: credit(invoice, omar)] * THREADS)

    memos = Invoice.objects.issued().filter(kind=InvoiceKind.CREDIT_MEMO)
    assert {type(answer).__name__ for answer in answers} <= {"Invoice", "CannotCredit", "CannotIssue"}
    assert (memos.count(), balance_of(invoice)) == (1, Decimal("787.50"))
    assert not Invoice.objects.drafts()
    assert list(books.broken_equations()) == []


def test_a_payment_and_a_memo_at_once_settle_nothing_over(line: FundingLine, omar: User) -> None:
    """Seen failing without the lock on the corrected invoice in `invoicing.issue`: it was settled over by $525."""
    invoices = [issued_for(line, 2, omar) for _ in range(THREADS // 2)]
    calls: list[Any] = []
    for invoice in invoices:
        give_back(invoice, 1, "0.00", omar)
        found = crediting.waiting(Invoice.objects.filter(pk=invoice.pk))
        [memo] = crediting.draft_all(found, by=omar, at=make.NOW)
        shares = [payments.Share(invoice, Decimal(1050))]
        calls.append(lambda memo=memo: invoicing.issue(memo, by=omar, at=make.NOW))
        calls.append(lambda one=invoice, shares=shares: pay(one, "1050.00", omar, f"check {one.pk}", shares=shares))

    at_once(*calls)

    assert {balance_of(invoice) for invoice in invoices} <= {Decimal(0), Decimal(525)}
    assert list(books.broken_equations()) == []


def test_credit_that_waits_is_spent_once(line: FundingLine, omar: User) -> None:
    """Seen failing without the locks on the payments in `payments.use_credit` and `payments.allocate`."""
    owed = [issued_for(line, 1, omar) for _ in range(THREADS)]
    pay(owed[0], "525.00", omar, "over")

    at_once(*[lambda each=each: payments.use_credit(each, by=omar, at=make.NOW) for each in owed])

    assert sorted(balance_of(each) for each in owed) == [Decimal(0)] + [Decimal(525)] * (THREADS - 1)
    assert list(books.broken_equations()) == []


def test_a_batch_is_decided_once(line: FundingLine, omar: User) -> None:
    """Seen failing without the lock on the batch: written off by several."""
    invoice = issued_for(line, 1, omar)
    batch = write_offs.ask([write_offs.Wish(invoice, Decimal(25))], reason="Small rests", by=omar, at=make.NOW)
    others = [make.user(f"second{number}@example.test") for number in range(THREADS)]

    answers = at_once(
        *[
            lambda who=who, yes=bool(number % 2): write_offs.decide(batch, is_approved=yes, by=who, at=make.NOW)
            for number, who in enumerate(others)
        ]
    )

    assert sorted(type(answer).__name__ for answer in answers) == ["CannotWriteOff"] * 7 + ["WriteOffBatch"]
    assert WriteOff.objects.count() in {0, 1}
    assert list(books.broken_equations()) == []
