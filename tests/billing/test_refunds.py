"""Money back: a payment taken off its invoices, and what is left of it sent back."""

from decimal import Decimal

import pytest

from billing import books, payments, refunds
from billing.models import Invoice, Payment, PaymentMethod, Refund
from people.models import Organization, User
from tests import make
from tests.billing.test_crediting import balance_of, issued_for
from tests.races import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice(provider: object, alder_valley: Organization, omar: User) -> Invoice:
    return issued_for(make.line(alder_valley), 1, omar)


def paid(invoice: Invoice, amount: str, of: str | None = None) -> Payment:
    """A check, all of it (or `of` it) on the invoice."""
    return payments.record(
        payer=invoice.payer, payee=invoice.payee, method=PaymentMethod.CHECK, reference="88",
        amount=Decimal(amount), received_on=make.NOW.date(), again=True,
        shares=[payments.Share(invoice, Decimal(of or amount))] if of != "0" else [], by=None, at=make.NOW,
    )  # fmt: skip


def rest_of(payment: Payment) -> Decimal:
    return Payment.objects.with_rest().get(pk=payment.pk).rest


def test_a_bounced_check_leaves_its_invoices_owing(invoice: Invoice, omar: User) -> None:
    payment = paid(invoice, "525.00")

    refunds.take_back(payment, reason="Check 88 bounced", by=omar, at=make.NOW)

    assert balance_of(invoice) == Decimal("525.00")
    assert rest_of(payment) == Decimal("525.00")
    assert list(books.broken_equations()) == []


def test_what_is_on_no_invoice_cannot_be_taken_off_one(invoice: Invoice, omar: User) -> None:
    payment = paid(invoice, "525.00", of="0")

    with pytest.raises(refunds.CannotRefund, match="Nothing of 88 is on an invoice"):
        refunds.take_back(payment, reason="Wrong invoice", by=omar, at=make.NOW)


def test_an_overpayment_goes_back_to_its_payer(invoice: Invoice, omar: User) -> None:
    payment = paid(invoice, "550.00", of="525.00")

    refunds.refund(payment, Decimal("25.00"), method=PaymentMethod.CHECK, reason="Overpaid", by=omar, at=make.NOW)

    assert rest_of(payment) == Decimal("0.00")
    assert balance_of(invoice) == Decimal("0.00")
    assert list(books.broken_equations()) == []


@pytest.mark.parametrize(
    ("amount", "reason", "sentence"),
    [
        ("25.01", "Overpaid", r"has \$25.00 that is on no invoice; \$25.01 would be too much"),
        ("-1.00", "Overpaid", "above zero"),
        ("1.001", "Overpaid", "whole cents"),
        ("25.00", "", "Write the reason"),
    ],
)
def test_what_cannot_go_back_says_why(invoice: Invoice, omar: User, amount: str, reason: str, sentence: str) -> None:
    payment = paid(invoice, "550.00", of="525.00")

    with pytest.raises(refunds.CannotRefund, match=sentence):
        refunds.refund(payment, Decimal(amount), method=PaymentMethod.CHECK, reason=reason, by=omar, at=make.NOW)


def test_taking_a_payment_off_wants_its_reason(invoice: Invoice, omar: User) -> None:
    with pytest.raises(refunds.CannotRefund, match="Write why"):
        refunds.take_back(paid(invoice, "525.00"), reason=" ", by=omar, at=make.NOW)


def test_a_refund_that_failed_is_the_payments_again_and_fails_once(invoice: Invoice, omar: User) -> None:
    payment = paid(invoice, "550.00", of="525.00")
    made = refunds.refund(payment, Decimal("25.00"), method=PaymentMethod.CHECK, reason="x", by=omar, at=make.NOW)

    first = refunds.fail(made, reason="Returned to sender", at=make.NOW)
    second = refunds.fail(made, reason="Returned to sender", at=make.NOW)

    assert first == second
    assert rest_of(payment) == Decimal("25.00")


@pytest.mark.django_db(transaction=True)
def test_eight_refunds_at_once_send_no_dollar_twice(invoice: Invoice, omar: User) -> None:
    payment = paid(invoice, "550.00", of="525.00")

    def send() -> Refund:
        return refunds.refund(payment, Decimal("25.00"), method=PaymentMethod.CHECK, reason="x", by=omar, at=make.NOW)

    answers = at_once(*[send] * 8)

    assert sum(isinstance(answer, Refund) for answer in answers) == 1
    assert rest_of(payment) == Decimal("0.00")
