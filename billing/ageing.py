"""Who owes what, and since when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from billing.models import Allocation, Invoice, InvoiceKind, InvoiceLine, WriteOff

STEPS = (30, 60, 90)
COLUMNS = [_("Not due"), _("1–30 days"), _("31–60 days"), _("61–90 days"), _("Over 90 days")]
"""How long what is owed has been overdue."""


@dataclass(frozen=True)
class Ageing:
    """The state of an invoice in a few words, and their tone (see the badge)."""

    label: str
    tone: str = ""


def ageing_of(invoice: Invoice, *, on: date) -> Ageing:
    """How an invoice with its balance stands on a day."""
    if not invoice.is_issued or invoice.due_on is None:
        return Ageing("Draft")
    if invoice.kind == InvoiceKind.CREDIT_MEMO:
        return Ageing("Credit memo", "info")
    if invoice.balance <= 0:
        return Ageing("Paid" if invoice.paid > 0 or not invoice.credited else "Credited", "good")
    late = (on - invoice.due_on).days
    if late > 0:
        return Ageing(f"Overdue {_span(late)}", "bad")
    return Ageing("Due today" if late == 0 else f"Due in {-late} day{'s' if late < -1 else ''}", "info")


@dataclass(frozen=True)
class Owing:
    """What one payer owes, or all of them: dollars in each of the COLUMNS, and of how many invoices."""

    payer: int | None
    spans: tuple[Decimal, ...]
    invoices: int

    @property
    def total(self) -> Decimal:
        return sum(self.spans, Decimal(0))

    @property
    def overdue(self) -> Decimal:
        return self.total - self.spans[0]


def table(invoices: QuerySet[Invoice], *, on: date) -> list[Owing]:
    """What is owed on the issued ones among invoices by each payer on a day: who owes most overdue stands first.

    One statement, whatever their number. It adds up all that moves an invoice, as a balance worked out invoice by
    invoice takes seconds where there are 50,000.
    """
    wanted = invoices.order_by().filter(issued_at__isnull=False, kind=InvoiceKind.INVOICE).values("pk")
    try:
        keys, parameters = wanted.query.sql_with_params()
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_TABLE.format(invoices=keys), [*parameters, _first_days(on)])
        rows = [Owing(payer, tuple(spans), count) for payer, count, *spans in cursor.fetchall()]
    return sorted(rows, key=lambda row: (-row.overdue, -row.total, row.payer or 0))


def together(rows: Iterable[Owing]) -> Owing:
    """What all of them owe."""
    owing = list(rows)
    spans = zip(*(row.spans for row in owing), strict=True) if owing else [()] * len(COLUMNS)
    return Owing(None, tuple(sum(span, Decimal(0)) for span in spans), sum(row.invoices for row in owing))


def span_of(due_on: date, *, on: date) -> int:
    """The place among the COLUMNS of what was due on a day."""
    late = (on - due_on).days
    return 0 if late <= 0 else 1 + sum(late > step for step in STEPS)


_TABLE = """
    WITH wanted AS MATERIALIZED (
        SELECT id, payer_id, due_on FROM billing_invoice WHERE id IN ({invoices})
    ), moved (invoice, dollars) AS (
        SELECT COALESCE(document.corrects_id, document.id), printed.dollars
        FROM (SELECT invoice_id, SUM(amount) AS dollars FROM billing_invoiceline GROUP BY invoice_id) AS printed
        JOIN billing_invoice AS document ON document.id = printed.invoice_id AND document.issued_at IS NOT NULL
        UNION ALL
        SELECT invoice_id, -SUM(amount) FROM billing_allocation GROUP BY invoice_id
        UNION ALL
        SELECT invoice_id, -SUM(amount) FROM billing_writeoff GROUP BY invoice_id
    ), owing AS (
        SELECT wanted.payer_id, wanted.due_on, SUM(moved.dollars) AS balance
        FROM moved JOIN wanted ON wanted.id = moved.invoice
        GROUP BY wanted.id, wanted.payer_id, wanted.due_on HAVING SUM(moved.dollars) > 0
    ), late AS (
        SELECT payer_id, balance, width_bucket(due_on, %s::date[]) AS span FROM owing
    )
    SELECT payer_id, COUNT(*),
        COALESCE(SUM(balance) FILTER (WHERE span = 4), 0), COALESCE(SUM(balance) FILTER (WHERE span = 3), 0),
        COALESCE(SUM(balance) FILTER (WHERE span = 2), 0), COALESCE(SUM(balance) FILTER (WHERE span = 1), 0),
        COALESCE(SUM(balance) FILTER (WHERE span = 0), 0)
    FROM late GROUP BY payer_id
"""


def _first_days(on: date) -> list[date]:
    """The first due day of each span but the oldest, from the oldest on: what is due on or after `on` is not due."""
    return [on - timedelta(days=step) for step in reversed(STEPS)] + [on]


def owed(invoices: QuerySet[Invoice]) -> Decimal:
    """What the issued ones among invoices owe together."""
    keys = invoices.filter(issued_at__isnull=False).order_by().values("pk")
    lines = InvoiceLine.objects.filter(Q(invoice__in=keys) | Q(invoice__corrects__in=keys))
    billed = lines.filter(invoice__issued_at__isnull=False).aggregate(dollars=Sum("amount"))["dollars"]
    came = Allocation.objects.filter(invoice__in=keys).aggregate(dollars=Sum("amount"))["dollars"]
    given_up = WriteOff.objects.filter(invoice__in=keys).aggregate(dollars=Sum("amount"))["dollars"]
    return (billed or Decimal(0)) - (came or Decimal(0)) - (given_up or Decimal(0))


def _span(days: int) -> str:
    """ "1–30 days", "31–60 days", "over 90 days"."""
    first = 1
    for last in STEPS:
        if days <= last:
            return f"{first}–{last} days"
        first = last + 1
    return f"over {STEPS[-1]} days"
