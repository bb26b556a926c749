"""Traps of money: what an accountant would find a year later."""

import csv
import io
from datetime import UTC, date, datetime

import pytest

from billing import books, crediting, exports, invoicing, ledger
from billing.models import BookExport, Invoice
from people.models import Organization, User
from tests import make
from tests.billing.test_crediting import issued_for

pytestmark = pytest.mark.django_db


def rows_of(made: BookExport) -> list[dict[str, str]]:
    with made.file.bytes.open("rb") as file:
        return list(csv.DictReader(io.StringIO(file.read().decode("utf-8-sig"))))


def test_to_void_an_invoice_that_accounting_has_is_a_new_row_and_changes_nothing(
    provider: object, alder_valley: Organization, omar: User
) -> None:
    """Void of an invoice already exported to accounting."""
    invoice = issued_for(make.line(alder_valley), 2, omar)
    at = datetime(2027, 3, 1, 17, tzinfo=UTC)
    november = {"first": date(2026, 11, 1), "last": date(2026, 11, 30)}
    first = exports.export(make.payee(), **november, by=omar, at=at)
    before = rows_of(first)

    ledger.reverse_all([line.charge for line in invoice.lines.all()], words="Void", by=omar, at=at)
    [memo] = crediting.draft_all(crediting.waiting(Invoice.objects.all()), by=omar, at=at)
    invoicing.issue(memo, by=omar, at=at)
    memo.refresh_from_db()
    later = exports.export(make.payee(), first=date(2026, 12, 1), last=date(2027, 3, 1), by=omar, at=at)

    assert rows_of(exports.export(make.payee(), **november, by=omar, at=at)) == before
    assert [
        (row["document"], row["corrects"], row["debit"], row["credit"], row["amount"]) for row in rows_of(later)
    ] == [(memo.reference, "INV-2027-0001", "Revenue", "Accounts receivable", "525.00")] * 2
    assert {row["row"] for row in before}.isdisjoint(row["row"] for row in rows_of(later))
    assert list(books.broken_equations()) == []
