"""The trial balance: sums recomputed from rows, by payee and fiscal year, that must agree with each other."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, F, QuerySet, Sum, When
from django.db.models.functions import ExtractYear

from billing.models import (
    Allocation,
    Charge,
    Dispute,
    InvoiceKind,
    InvoiceLine,
    Payee,
    Payment,
    Refund,
    WriteOff,
)
from billing.wording import fiscal_year

ZERO = Decimal(0)
Sums = dict[tuple[int, int], Decimal]
"""Dollars by the keys of a payee and a fiscal year."""


@dataclass(frozen=True)
class Documents:
    """What one payee charged for service in one fiscal year, and what became of it."""

    payee: Payee
    year: int
    charged: Decimal
    invoiced: Decimal
    credited: Decimal
    paid: Decimal
    written_off: Decimal

    @property
    def years(self) -> str:
        return fiscal_year(self.year)

    @property
    def waiting(self) -> Decimal:
        """Charged, and on no document that was issued: below zero where a credit memo is still to be issued."""
        return self.charged - self.invoiced - self.credited

    @property
    def open(self) -> Decimal:
        return self.invoiced + self.credited - self.paid - self.written_off


@dataclass(frozen=True)
class Receipts:
    """What came in to one payee in one fiscal year, by the day of receipt, and where it is now."""

    payee: Payee
    year: int
    received: Decimal
    allocated: Decimal
    refunded: Decimal
    disputed: Decimal

    @property
    def years(self) -> str:
        return fiscal_year(self.year)

    @property
    def unallocated(self) -> Decimal:
        return self.received - self.allocated - self.refunded - self.disputed


def documents() -> list[Documents]:
    """By payee and fiscal year of service. Charges of a grant that is never invoiced are left out."""
    issued = InvoiceLine.objects.filter(invoice__issued_at__isnull=False)
    by_invoice = ("invoice__payee", "invoice__service_year")
    sums = (
        _sums(Charge.objects.invoiced(), "payee", "fiscal_year"),
        _sums(issued.filter(invoice__kind=InvoiceKind.INVOICE), *by_invoice),
        _sums(issued.filter(invoice__kind=InvoiceKind.CREDIT_MEMO), *by_invoice),
        _sums(Allocation.objects.all(), *by_invoice),
        _sums(WriteOff.objects.all(), *by_invoice),
    )
    return [Documents(payee, year, *amounts) for payee, year, amounts in _together(sums)]


def payments() -> list[Receipts]:
    """By payee and the fiscal year in which the money was received."""
    sums = (
        _sums(Payment.objects.all(), "payee", _year("received_on")),
        _sums(Allocation.objects.all(), "payment__payee", _year("payment__received_on")),
        _sums(Refund.objects.standing(), "payment__payee", _year("payment__received_on")),
        _sums(Dispute.objects.holding(), "payment__payee", _year("payment__received_on")),
    )
    return [Receipts(payee, year, *amounts) for payee, year, amounts in _together(sums)]


def _sums(rows: QuerySet, payee: str, year: str | Case) -> Sums:
    named = rows.order_by().annotate(_payee=F(payee), _year=F(year) if isinstance(year, str) else year)
    summed = named.values("_payee", "_year").annotate(dollars=Sum("amount"))
    return {(row["_payee"], row["_year"]): row["dollars"] for row in summed}


def _year(column: str) -> Case:
    """The fiscal year of a day, for the database."""
    year = ExtractYear(F(column))
    return Case(When(**{f"{column}__month__gte": 7}, then=year + 1), default=year)


def _together(sums: Iterable[Sums]) -> list[tuple[Payee, int, list[Decimal]]]:
    columns = list(sums)
    keys = {key for column in columns for key in column}
    payees = Payee.objects.select_related("organization").in_bulk({payee for payee, _year in keys})
    return [
        (payees[payee], year, [column.get((payee, year), ZERO) for column in columns])
        for payee, year in sorted(keys, key=lambda key: (key[0], -key[1]))
    ]
