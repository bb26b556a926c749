"""Credit memos: the original stays, its balance falls, and what was paid too much is the payer's credit."""

from datetime import date
from decimal import Decimal

import pytest

from billing import books, crediting, invoicing, ledger, payments, write_offs
from billing.models import Allocation, Charge, ChargeKind, FundingLine, Invoice, Payment, PaymentMethod
from people.models import Organization, User
from tests import make

pytestmark = pytest.mark.django_db


def wanted(line: FundingLine, amount: str = "525.00", **more: object) -> ledger.Wanted:
    days = {"first_day": date(2027, 1, 21), "last_day": date(2027, 1, 23)}
    wanted = {"kind": ChargeKind.SEAT, "words": "LT27-01", "amount": Decimal(amount), "payee": make.payee()}
    return ledger.Wanted(line=line, **wanted | days | more)  # type: ignore[arg-type]


def issued_for(line: FundingLine, seats: int, by: User) -> Invoice:
    charges = ledger.charge_all([wanted(line)] * seats, by=by, at=make.NOW)
    return invoicing.issue(make.invoice_of(charges), by=by, at=make.NOW)


def give_back(invoice: Invoice, seats: int, kept: str, by: User) -> None:
    """Of some lines half comes back and half is kept, as a withdrawal does it."""
    charges = [line.charge for line in invoice.lines.filter(charge__reversed_by=None).order_by("pk")[:seats]]
    ledger.reverse_all(charges, words="Withdrawn", by=by, at=make.NOW)
    fees = [wanted(charge.line, kept, kind=ChargeKind.FEE, instead_of=charge) for charge in charges]
    ledger.charge_all([fee for fee in fees if fee.amount], by=by, at=make.NOW)


def balance_of(invoice: Invoice) -> Decimal:
    return Invoice.objects.with_balance().get(pk=invoice.pk).balance


@pytest.fixture
def line(provider: object, alder_valley: Organization) -> FundingLine:
    return make.line(alder_valley)


def test_twelve_withdrawals_are_credited_and_the_original_stays(line: FundingLine, omar: User) -> None:
    """Scenario 10: 10,500 - 3,150 = 7,350."""
    invoice = issued_for(line, 20, omar)
    give_back(invoice, 12, "262.50", omar)

    [memo] = crediting.draft_all(crediting.waiting(Invoice.objects.all()), by=omar, at=make.NOW)
    invoicing.issue(memo, by=omar, at=make.NOW)

    memo.refresh_from_db()
    assert invoicing.total_of(memo) == Decimal("-3150.00")
    assert (memo.reference, memo.terms_words) == ("CM-2027-0001", f"Credited to {invoice.reference}")
    assert invoicing.total_of(invoice) == Decimal("10500.00")
    assert balance_of(invoice) == Decimal("7350.00")
    assert list(books.broken_equations()) == []


def test_what_is_kept_is_printed_on_the_memo_and_on_no_invoice(line: FundingLine, omar: User) -> None:
    invoice = issued_for(line, 1, omar)
    give_back(invoice, 1, "262.50", omar)
    fee = Charge.objects.get(kind=ChargeKind.FEE)

    drafts = invoicing.draft_all([invoicing.LineWanted(fee, "Kept")], about="x", subject_key="x", by=omar, at=make.NOW)

    assert drafts == []
    assert [each.amount for each in crediting.waiting(Invoice.objects.all())] == [Decimal("-262.50")]


def test_what_is_kept_of_an_uninvoiced_seat_goes_on_an_invoice(line: FundingLine, omar: User) -> None:
    [charge] = ledger.charge_all([wanted(line)], by=omar, at=make.NOW)
    ledger.reverse_all([charge], words="Withdrawn", by=omar, at=make.NOW)
    [fee] = ledger.charge_all([wanted(line, "262.50", instead_of=charge)], by=omar, at=make.NOW)

    drafts = invoicing.draft_all([invoicing.LineWanted(fee, "Kept")], about="x", subject_key="x", by=omar, at=make.NOW)

    assert [invoicing.total_of(draft) for draft in drafts] == [Decimal("262.50")]
    assert crediting.waiting(Invoice.objects.all()) == []


def test_a_credit_to_a_paid_invoice_becomes_the_payers_credit(line: FundingLine, omar: User) -> None:
    invoice = issued_for(line, 2, omar)
    payment = payments.record(
        payer=line.payer, payee=invoice.payee, method=PaymentMethod.CHECK, reference="7", amount=Decimal("1050.00"),
        received_on=make.NOW.date(), shares=[payments.Share(invoice, Decimal("1050.00"))], by=omar, at=make.NOW,
    )  # fmt: skip
    give_back(invoice, 1, "0.00", omar)

    [memo] = crediting.draft_all(crediting.waiting(Invoice.objects.all()), by=omar, at=make.NOW)
    invoicing.issue(memo, by=omar, at=make.NOW)

    assert balance_of(invoice) == Decimal("0.00")
    assert Payment.objects.with_rest().get(pk=payment.pk).rest == Decimal("525.00")
    assert Allocation.objects.get(amount__lt=0).reason == "Credit memo CM-2027-0001"
    assert list(books.broken_equations()) == []


def test_what_was_written_off_of_a_credited_invoice_is_taken_back_before_what_was_paid(
    line: FundingLine, omar: User
) -> None:
    invoice = issued_for(line, 1, omar)
    payment = payments.record(
        payer=line.payer, payee=invoice.payee, method=PaymentMethod.CHECK, reference="7", amount=Decimal("500.00"),
        received_on=make.NOW.date(), shares=[payments.Share(invoice, Decimal("500.00"))], by=omar, at=make.NOW,
    )  # fmt: skip
    write_offs.write_off(write_offs.Wish(invoice, Decimal("25.00")), reason="Bank fee", by=omar, at=make.NOW)
    give_back(invoice, 1, "262.50", omar)

    [memo] = crediting.draft_all(crediting.waiting(Invoice.objects.all()), by=omar, at=make.NOW)
    invoicing.issue(memo, by=omar, at=make.NOW)

    found = Invoice.objects.with_balance().get(pk=invoice.pk)
    assert (found.written_off, found.paid, found.balance) == (Decimal(0), Decimal("262.50"), Decimal(0))
    assert Payment.objects.with_rest().get(pk=payment.pk).rest == Decimal("237.50")
    assert list(books.broken_equations()) == []


def test_drafting_again_replaces_the_draft_and_prints_each_charge_once(line: FundingLine, omar: User) -> None:
    invoice = issued_for(line, 3, omar)
    give_back(invoice, 1, "0.00", omar)
    crediting.draft_all(crediting.waiting(Invoice.objects.all()), by=omar, at=make.NOW)
    give_back(invoice, 1, "262.50", omar)

    memos = crediting.draft_all(crediting.waiting(Invoice.objects.all()), by=omar, at=make.NOW)

    assert [memo.lines.count() for memo in memos] == [3]
    assert Invoice.objects.drafts().count() == 1


def test_what_an_issued_memo_prints_waits_no_more(line: FundingLine, omar: User) -> None:
    invoice = issued_for(line, 2, omar)
    give_back(invoice, 1, "262.50", omar)
    [memo] = crediting.draft_all(crediting.waiting(Invoice.objects.all()), by=omar, at=make.NOW)

    invoicing.issue(memo, by=omar, at=make.NOW)

    assert crediting.waiting(Invoice.objects.all()) == []


def test_what_was_kept_and_is_forgiven_later_is_credited_to_the_same_invoice(line: FundingLine, omar: User) -> None:
    invoice = issued_for(line, 1, omar)
    give_back(invoice, 1, "262.50", omar)
    [memo] = crediting.draft_all(crediting.waiting(Invoice.objects.all()), by=omar, at=make.NOW)
    invoicing.issue(memo, by=omar, at=make.NOW)
    ledger.reverse_all([Charge.objects.get(kind=ChargeKind.FEE, reverses=None)], words="Forgiven", by=omar, at=make.NOW)

    [second] = crediting.draft_all(crediting.waiting(Invoice.objects.all()), by=omar, at=make.NOW)
    invoicing.issue(second, by=omar, at=make.NOW)

    assert second.corrects == invoice
    assert balance_of(invoice) == Decimal("0.00")


def test_a_memo_that_would_ask_for_money_is_refused(line: FundingLine, omar: User) -> None:
    invoice = issued_for(line, 1, omar)
    give_back(invoice, 1, "600.00", omar)

    with pytest.raises(crediting.CannotCredit, match="would not be credited but charged"):
        crediting.draft_all(crediting.waiting(Invoice.objects.all()), by=omar, at=make.NOW)


def test_a_charge_that_was_never_printed_is_not_credited(line: FundingLine, omar: User) -> None:
    charges = ledger.charge_all([wanted(line)], by=omar, at=make.NOW)
    ledger.reverse_all(charges, words="Withdrawn", by=omar, at=make.NOW)

    assert crediting.waiting(Invoice.objects.all()) == []
