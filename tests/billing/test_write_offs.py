"""What will not come is given up with a reason; of many invoices at once, by two people."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from billing import books, ledger, payments, write_offs
from billing.models import Invoice, PaymentMethod, WriteOff
from people.access import Role
from people.models import Organization, User
from tests import make
from tests.billing.test_crediting import balance_of, issued_for, wanted

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice(provider: object, alder_valley: Organization, omar: User) -> Invoice:
    return issued_for(make.line(alder_valley), 1, omar)


@pytest.fixture
def rosa(provider: object) -> User:
    """The second person."""
    return make.user("rosa@ssc.example.test", Role.FINANCE, name="Rosa Delgado")


def test_a_short_payment_is_written_off_with_its_reason(invoice: Invoice, omar: User) -> None:
    write_offs.write_off(write_offs.Wish(invoice, Decimal("25.00")), reason="Bank fee", by=omar, at=make.NOW)

    assert balance_of(invoice) == Decimal("500.00")
    assert list(books.broken_equations()) == []


def test_what_comes_after_all_is_owed_again(invoice: Invoice, omar: User) -> None:
    write_offs.write_off(write_offs.Wish(invoice, Decimal("25.00")), reason="Bank fee", by=omar, at=make.NOW)

    write_offs.take_back(write_offs.Wish(invoice, Decimal("25.00")), reason="It came", by=omar, at=make.NOW)

    assert balance_of(invoice) == Decimal("525.00")
    with pytest.raises(write_offs.CannotWriteOff, match=r"has \$0.00 written off"):
        write_offs.take_back(write_offs.Wish(invoice, Decimal("25.00")), reason="Again", by=omar, at=make.NOW)


@pytest.mark.parametrize(
    ("amount", "reason", "sentence"),
    [
        ("525.01", "Bank fee", r"owes \$525.00; \$525.01 would be too much"),
        ("0.00", "Bank fee", "above zero"),
        ("1.005", "Bank fee", "whole cents"),
        ("25.00", " ", "Write the reason"),
    ],
)
def test_what_cannot_be_given_up_says_why(
    invoice: Invoice, omar: User, amount: str, reason: str, sentence: str
) -> None:
    with pytest.raises(write_offs.CannotWriteOff, match=sentence):
        write_offs.write_off(write_offs.Wish(invoice, Decimal(amount)), reason=reason, by=omar, at=make.NOW)


def test_many_are_given_up_only_when_a_second_person_allows_it(invoice: Invoice, omar: User, rosa: User) -> None:
    """Scenario 17."""
    batch = write_offs.ask([write_offs.Wish(invoice, Decimal("25.00"))], reason="Small rests", by=omar, at=make.NOW)

    with pytest.raises(write_offs.CannotWriteOff, match="a second person looks at it"):
        write_offs.decide(batch, is_approved=True, by=omar, at=make.NOW)
    assert balance_of(invoice) == Decimal("525.00")

    write_offs.decide(batch, is_approved=True, by=rosa, at=make.NOW)
    assert balance_of(invoice) == Decimal("500.00")


def test_a_refused_batch_gives_nothing_up_and_is_decided_once(invoice: Invoice, omar: User, rosa: User) -> None:
    batch = write_offs.ask([write_offs.Wish(invoice, Decimal("25.00"))], reason="Small rests", by=omar, at=make.NOW)

    write_offs.decide(batch, is_approved=False, by=rosa, at=make.NOW)

    assert balance_of(invoice) == Decimal("525.00")
    with pytest.raises(write_offs.CannotWriteOff, match="decided already"):
        write_offs.decide(batch, is_approved=True, by=rosa, at=make.NOW)


def test_a_payment_that_came_meanwhile_stops_the_batch(invoice: Invoice, omar: User, rosa: User) -> None:
    batch = write_offs.ask([write_offs.Wish(invoice, Decimal("25.00"))], reason="Small rests", by=omar, at=make.NOW)
    payments.record(
        payer=invoice.payer, payee=invoice.payee, method=PaymentMethod.CHECK, reference="1", amount=Decimal("525.00"),
        received_on=make.NOW.date(), shares=[payments.Share(invoice, Decimal("525.00"))], by=omar, at=make.NOW,
    )  # fmt: skip

    with pytest.raises(write_offs.CannotWriteOff, match=r"owes \$0.00"):
        write_offs.decide(batch, is_approved=True, by=rosa, at=make.NOW)


def test_an_empty_or_doubled_batch_is_refused(invoice: Invoice, omar: User) -> None:
    wish = write_offs.Wish(invoice, Decimal("5.00"))

    with pytest.raises(write_offs.CannotWriteOff, match="Choose the invoices"):
        write_offs.ask([], reason="x", by=omar, at=make.NOW)
    with pytest.raises(write_offs.CannotWriteOff, match="named twice"):
        write_offs.ask([wish, wish], reason="x", by=omar, at=make.NOW)


def test_a_batch_is_of_one_payee(invoice: Invoice, alder_valley: Organization, omar: User) -> None:
    juniper = make.payee(make.organization("Juniper COE"), prefix="JUN")
    [charge] = ledger.charge_all([wanted(make.line(alder_valley), payee=juniper)], by=omar, at=make.NOW)
    other = make.invoice_of([charge])

    with pytest.raises(write_offs.CannotWriteOff, match="not all of one payee"):
        write_offs.ask(
            [write_offs.Wish(invoice, Decimal("5.00")), write_offs.Wish(other, Decimal("5.00"))],
            reason="x", by=omar, at=make.NOW,
        )  # fmt: skip


def test_a_draft_owes_nothing_that_could_be_given_up(provider: object, alder_valley: Organization, omar: User) -> None:
    draft = make.invoice_of(ledger.charge_all([wanted(make.line(alder_valley))], by=omar, at=make.NOW))

    with pytest.raises(write_offs.CannotWriteOff, match="is not an issued invoice"):
        write_offs.write_off(write_offs.Wish(draft, Decimal("5.00")), reason="x", by=omar, at=make.NOW)


def test_the_database_itself_wants_the_second_person(invoice: Invoice, omar: User) -> None:
    batch = write_offs.ask([write_offs.Wish(invoice, Decimal("25.00"))], reason="Small rests", by=omar, at=make.NOW)
    given_up = {"invoice": invoice, "amount": 25, "reason": "x", "batch": batch, "by": omar, "at": make.NOW}

    with pytest.raises(IntegrityError, match="a_write_off_of_a_batch_has_its_second_person"), transaction.atomic():
        WriteOff.objects.create(**given_up)
    with pytest.raises(IntegrityError, match="a_write_off_is_allowed_by_someone_else"), transaction.atomic():
        WriteOff.objects.create(**given_up, approved_by=omar)
