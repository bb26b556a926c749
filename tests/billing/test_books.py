"""The books recounted: silent when they are right, and a sentence for each thing that is not."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pgtrigger
import pytest
from django.core.management import CommandError, call_command
from django.db.models import F

from billing import books, quoting
from billing.models import (
    AgreementCap,
    Allocation,
    Charge,
    Draw,
    FundingAgreement,
    Invoice,
    InvoiceLine,
    NumberSeries,
    Payment,
    PurchaseOrder,
    WriteOff,
    WriteOffBatch,
    WriteOffWish,
)
from billing.payments import Share
from events.models import Institute
from tests import make
from tests.billing.test_invoicing import issued
from tests.billing.test_ledger import charge
from tests.billing.test_payments import pay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]


@pytest.fixture
def world(provider, alder_valley) -> None:
    """A charge with everything that hangs on it, invoiced and paid."""
    contract = make.agreement(alder_valley, name="Contract", amount=Decimal(5000))
    AgreementCap.objects.create(agreement=contract, organization=alder_valley, amount=Decimal(4000))
    order = make.purchase_order(alder_valley, number="4711")
    owed = issued(*charge(make.line(alder_valley, contract), purchase_order=order))
    pay(alder_valley, "525.00", Share(owed, Decimal(525)))


def another_payer() -> None:
    Invoice.objects.update(payer=make.payer(make.organization("Another")))


def drawn_by_another() -> None:
    PurchaseOrder.objects.update(payer=make.payer(make.organization("Another")))


def paid_to_another() -> None:
    Payment.objects.update(payee=make.payee(make.organization("Another")))


def allocated_twice() -> None:
    one = Allocation.objects.get()
    Allocation.objects.create(payment=one.payment, invoice=one.invoice, amount=1, at=make.NOW)


def paid_by_another() -> None:
    Payment.objects.update(payer=make.payer(make.organization("Another")))


def credited_in_part() -> None:
    make.credit_memo(Invoice.objects.get(), "25.00")
    NumberSeries.objects.create(
        payee=make.payee(), kind="credit_memo", fiscal_year=2027, last=Invoice.objects.count() - 1
    )
    Invoice.objects.filter(kind="credit_memo").update(number=1)
    FundingAgreement.objects.update(charged=F("charged") - 25)
    AgreementCap.objects.update(charged=F("charged") - 25)
    Allocation.objects.create(
        payment=Payment.objects.get(),
        invoice=Invoice.objects.get(kind="invoice"),
        amount=-25,
        reason="Freed",
        at=make.NOW,
    )


def drawn_in_part() -> None:
    order = PurchaseOrder.objects.get()
    Draw.objects.create(purchase_order=order, charge=Charge.objects.get(), amount=-25, at=make.NOW)
    PurchaseOrder.objects.update(drawn=F("drawn") - 25)


def owed_again() -> None:
    owed = Invoice.objects.get()
    WriteOff.objects.create(invoice=owed, amount=-25, reason="Too much", at=make.NOW)


def given_up_without_a_word() -> None:
    by, other = make.user("one@example.test"), make.user("two@example.test")
    batch = WriteOffBatch.objects.create(
        payee=make.payee(),
        reason="Small rests",
        by=by,
        at=make.NOW,
        decided_by=other,
        decided_at=make.NOW,
        is_approved=True,
    )
    WriteOffWish.objects.create(batch=batch, invoice=Invoice.objects.get(), amount=25)


def paid_before_it_was_issued() -> None:
    Invoice.objects.update(issued_at=None, number=None, number_year=None, reference="")
    NumberSeries.objects.update(last=0)


def taken_back_from_another() -> None:
    """Of a second payment, put nowhere."""
    one = Allocation.objects.get()
    other = Payment.objects.create(
        payer=one.payment.payer, payee=one.payment.payee, method="check", reference="99", amount=1,
        received_on=make.NOW.date(), at=make.NOW,
    )  # fmt: skip
    Allocation.objects.create(payment=other, invoice=one.invoice, amount=-1, reason="Error", at=make.NOW)


def printed_on_an_invoice() -> None:
    """A credit memo that calls itself an invoice."""
    credited_in_part()
    Invoice.objects.filter(kind="credit_memo").update(kind="invoice", number=2)
    NumberSeries.objects.filter(kind="credit_memo").delete()
    NumberSeries.objects.update(last=2)


def corrects_another() -> None:
    credited_in_part()
    first = Invoice.objects.get(kind="invoice")
    again = issued(*charge(make.line(make.organization("Another"))))
    Invoice.objects.filter(kind="credit_memo").update(corrects=again)
    Allocation.objects.filter(invoice=first, amount__lt=0).delete()


BROKEN: list[tuple[Callable[[], object], list[str]]] = [
    (
        lambda: FundingAgreement.objects.update(charged=1),
        ["Agreement Contract says $1.00 charged; its charges are $525.00."],
    ),
    (
        lambda: AgreementCap.objects.update(charged=1),
        ["Alder Valley Unified under Contract says $1.00 charged; its charges are $525.00."],
    ),
    (
        lambda: PurchaseOrder.objects.update(drawn=1),
        ["Purchase order 4711 says $1.00 drawn; its draws are $525.00."],
    ),
    (
        lambda: InvoiceLine.objects.update(amount=F("amount") + 1),
        ["A line of INV-2027-0001 is $526.00; its charge is $525.00."],
    ),
    (
        another_payer,
        [
            "“Line of charge {charge}” on INV-2027-0001 is of another payer, payee, fiscal year or agreement.",
            "$525.00 to INV-2027-0001: the payment is another payer's.",
        ],
    ),
    (drawn_by_another, ["$525.00 of 4711 covers a charge of another payer."]),
    (paid_to_another, ["$525.00 to INV-2027-0001: the payment went to another payee."]),
    (
        allocated_twice,
        ["Check 1234 · $525.00 is allocated over by $1.00.", "INV-2027-0001 is settled over by $1.00."],
    ),
    (paid_by_another, ["$525.00 to INV-2027-0001: the payment is another payer's."]),
    (credited_in_part, ["Credit · $-25.00 does not take back the whole of Seat at LT27-01 · $525.00."]),
    (drawn_in_part, ["“Seat at LT27-01” is covered by $500.00 of purchase orders, not by all of it."]),
    (owed_again, ["More of INV-2027-0001 is owed again than was written off."]),
    (given_up_without_a_word, ["The write-offs “Small rests” are not what was asked for and allowed."]),
    (paid_before_it_was_issued, ["Payments stand on Draft {invoice}, which is no issued invoice."]),
    (taken_back_from_another, ["More of 99 was taken back from INV-2027-0001 than was put there."]),
    (
        printed_on_an_invoice,
        [
            "Credit · $-25.00 does not take back the whole of Seat at LT27-01 · $525.00.",
            "“Credit” on {memo} takes something back: it belongs on a credit memo.",
            "{memo} is settled over by $25.00.",
        ],
    ),
    (
        corrects_another,
        [
            "Credit · $-25.00 does not take back the whole of Seat at LT27-01 · $525.00.",
            "“Credit” on {memo} corrects nothing that INV-2027-0002 printed.",
        ],
    ),
    (
        lambda: NumberSeries.objects.update(last=2),
        ["Sierra Science Collaborative invoice 2027: 2: 1 documents are numbered from 1 to 1."],
    ),
    (
        lambda: NumberSeries.objects.all().delete(),
        ["Payee {payee} has numbered documents (invoice, 2027), and no series."],
    ),
]


@pytest.mark.parametrize(("breaks", "sentences"), BROKEN)
@pytest.mark.usefixtures("world")
def test_whatever_does_not_add_up_is_said(breaks, sentences):
    with pgtrigger.ignore():
        breaks()

    memo = Invoice.objects.exclude(corrects=None).first()
    named = {"charge": Charge.objects.earliest("pk").pk, "payee": make.payee().pk, "memo": memo}
    named["invoice"] = Invoice.objects.earliest("pk").pk
    assert list(books.broken_equations()) == [sentence.format(**named) for sentence in sentences]


@pytest.mark.usefixtures("world")
def test_books_that_are_right_say_nothing():
    assert list(books.broken_equations()) == []


@pytest.mark.usefixtures("world")
def test_the_command_says_that_the_books_add_up(capsys):
    call_command("audit_books")

    assert capsys.readouterr().out == "The books add up.\n"


@pytest.mark.usefixtures("world")
def test_the_command_fails_when_they_do_not(capsys):
    Institute.objects.filter(pk=make.institute(code="LT27-01").pk).update(seats_taken=1)
    PurchaseOrder.objects.update(drawn=1)

    with pytest.raises(CommandError, match="2 of the books' equations are broken"):
        call_command("audit_books")

    assert capsys.readouterr().err.splitlines() == [
        "Purchase order 4711 says $1.00 drawn; its draws are $525.00.",
        "LT27-01 says 1 seats taken; 0 are held.",
    ]


def test_draws_taken_back_add_up(alder_valley):
    from billing import ledger  # noqa: PLC0415 - for this test alone

    ledger.reverse_all(
        charge(make.line(alder_valley), purchase_order=make.purchase_order(alder_valley)),
        words="Withdrawn",
        by=None,
        at=make.NOW,
    )

    assert Draw.objects.count() == 2
    assert list(books.broken_equations()) == []


@pytest.mark.usefixtures("world")
def test_quotes_are_numbered_without_gaps_too(alder_valley):
    item = quoting.Item("16 seats at LT27-01", 16, Decimal(525))
    quoting.quote(
        payer=make.payer(alder_valley), payee=make.payee(), lines=[item], about="LT27-01", order_key="x",
        valid_until=date(2027, 6, 30), by=None, at=make.NOW,
    )  # fmt: skip
    assert list(books.broken_equations()) == []

    NumberSeries.objects.filter(kind="quote").update(last=3)

    assert list(books.broken_equations()) == [
        "Sierra Science Collaborative quote 2027: 3: 1 documents are numbered from 1 to 1."
    ]
