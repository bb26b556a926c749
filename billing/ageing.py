"""Who owes what, and since when."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum

from billing.models import Allocation, Invoice, InvoiceKind, InvoiceLine

STEPS = (30, 60, 90)


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


def owed(invoices: QuerySet[Invoice]) -> Decimal:
    """What the issued ones among invoices owe together."""
    keys = invoices.filter(issued_at__isnull=False).order_by().values("pk")
    lines = InvoiceLine.objects.filter(Q(invoice__in=keys) | Q(invoice__corrects__in=keys))
    billed = lines.filter(invoice__issued_at__isnull=False).aggregate(dollars=Sum("amount"))["dollars"]
    came = Allocation.objects.filter(invoice__in=keys).aggregate(dollars=Sum("amount"))["dollars"]
    return (billed or Decimal(0)) - (came or Decimal(0))


def _span(days: int) -> str:
    """ "1–30 days", "31–60 days", "over 90 days"."""
    first = 1
    for last in STEPS:
        if days <= last:
            return f"{first}–{last} days"
        first = last + 1
    return f"over {STEPS[-1]} days"
