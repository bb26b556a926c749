"""The books recounted from rows: whatever a counter, a document or a number says must follow from them."""

from collections.abc import Iterator

from django.db.models import Count, DecimalField, Exists, F, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from billing.models import (
    AgreementCap,
    Allocation,
    Charge,
    Draw,
    FundingAgreement,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    NumberSeries,
    Payment,
    PurchaseOrder,
    Quote,
    WriteOff,
    WriteOffBatch,
)
from billing.models.documents import SeriesKind
from billing.wording import dollars

_DOLLARS: DecimalField = DecimalField(max_digits=14, decimal_places=2)


def broken_equations() -> Iterator[str]:
    """What does not add up, as sentences; nothing where the books are right. Changes nothing."""
    yield from _counters()
    yield from _reversals()
    yield from _lines()
    yield from _memos()
    yield from _balances()
    yield from _moved()
    yield from _write_offs()
    yield from _numbers()


def _counters() -> Iterator[str]:
    """The three counters, each written under the lock of its row."""
    charges = Charge.objects.filter(line__agreement=OuterRef("pk"))
    for agreement in _counted(FundingAgreement.objects.all(), charges, "line__agreement").exclude(charged=F("rows")):
        yield f"Agreement {agreement} says {dollars(agreement.charged)} charged; its charges are {dollars(agreement.rows)}."
    of_district = Charge.objects.filter(
        line__agreement=OuterRef("agreement"), line__organization=OuterRef("organization")
    )
    for cap in _counted(AgreementCap.objects.all(), of_district, "line__agreement").exclude(charged=F("rows")):
        yield f"{cap} says {dollars(cap.charged)} charged; its charges are {dollars(cap.rows)}."
    draws = Draw.objects.filter(purchase_order=OuterRef("pk"))
    for order in _counted(PurchaseOrder.objects.all(), draws, "purchase_order").exclude(drawn=F("rows")):
        yield f"Purchase order {order} says {dollars(order.drawn)} drawn; its draws are {dollars(order.rows)}."


def _reversals() -> Iterator[str]:
    """What takes a charge back is the whole of it, below zero; what covers a charge covers all of it or nothing."""
    same = Q(
        amount=-F("reverses__amount"),
        line=F("reverses__line"),
        payee=F("reverses__payee"),
        fiscal_year=F("reverses__fiscal_year"),
    )
    for charge in Charge.objects.filter(reverses__isnull=False).filter(~same).select_related("reverses"):
        yield f"{charge} does not take back the whole of {charge.reverses}."
    covered = Draw.objects.order_by().values("charge", "charge__words").annotate(net=Sum("amount"))
    for row in covered.exclude(net=0).exclude(net=F("charge__amount")).order_by("charge"):
        yield f"“{row['charge__words']}” is covered by {dollars(row['net'])} of purchase orders, not by all of it."


def _lines() -> Iterator[str]:
    """Each printed line is its charge; each document is of one payer, payee, fiscal year and agreement."""
    for line in InvoiceLine.objects.exclude(amount=F("charge__amount")).select_related("charge", "invoice"):
        yield f"A line of {line.invoice} is {dollars(line.amount)}; its charge is {dollars(line.charge.amount)}."
    agreement = Q(charge__line__agreement=F("invoice__agreement")) | Q(
        charge__line__agreement__isnull=True, invoice__agreement__isnull=True
    )
    foreign = InvoiceLine.objects.filter(
        ~Q(charge__line__payer=F("invoice__payer"))
        | ~Q(charge__payee=F("invoice__payee"))
        | ~Q(charge__fiscal_year=F("invoice__service_year"))
        | ~agreement
    )
    for line in foreign.select_related("invoice"):
        yield f"“{line.words}” on {line.invoice} is of another payer, payee, fiscal year or agreement."
    for draw in Draw.objects.exclude(purchase_order__payer=F("charge__line__payer")).select_related("purchase_order"):
        yield f"{draw} covers a charge of another payer."


def _memos() -> Iterator[str]:
    """A credit memo prints what takes back, or stands instead of, what its invoice or a memo of it printed."""
    taken_back = InvoiceLine.objects.filter(charge__reverses__isnull=False)
    for line in taken_back.exclude(invoice__kind=InvoiceKind.CREDIT_MEMO).select_related("invoice"):
        yield f"“{line.words}” on {line.invoice} takes something back: it belongs on a credit memo."
    corrected = Q()
    for road in ("charge__reverses", "charge__instead_of"):
        printed = f"{road}__invoice_line__invoice"
        corrected |= Q(**{printed: F("invoice__corrects")}) | Q(**{f"{printed}__corrects": F("invoice__corrects")})
    of_memos = InvoiceLine.objects.filter(invoice__kind=InvoiceKind.CREDIT_MEMO)
    right = of_memos.filter(corrected, pk=OuterRef("pk"))
    for line in of_memos.exclude(Exists(right)).select_related("invoice__corrects"):
        yield f"“{line.words}” on {line.invoice} corrects nothing that {line.invoice.corrects} printed."


def _balances() -> Iterator[str]:
    """No payment gives more than it is, and no invoice takes more than it owes."""
    for payment in Payment.objects.with_rest().filter(rest__lt=0):
        yield f"{payment} is allocated over by {dollars(-payment.rest)}."
    for invoice in Invoice.objects.filter(kind=InvoiceKind.INVOICE).with_balance().filter(balance__lt=0):
        yield f"{invoice} is settled over by {dollars(-invoice.balance)}."


def _moved() -> Iterator[str]:
    """Payments pay issued invoices between their own payer and payee; no more is taken back than was given."""
    allocations = Allocation.objects.select_related("invoice").order_by("pk")
    for allocation in allocations.exclude(payment__payee=F("invoice__payee")):
        yield f"{allocation}: the payment went to another payee."
    for allocation in allocations.exclude(payment__payer=F("invoice__payer")):
        yield f"{allocation}: the payment is another payer's."
    for name, rows in {"Payments": Allocation.objects, "Write-offs": WriteOff.objects}.items():
        wrong = rows.filter(Q(invoice__issued_at__isnull=True) | Q(invoice__kind=InvoiceKind.CREDIT_MEMO))
        for invoice in Invoice.objects.filter(pk__in=wrong.values("invoice")).order_by("pk"):
            yield f"{name} stand on {invoice}, which is no issued invoice."
    net = Allocation.objects.order_by().values("payment__reference", "payment", "invoice__reference", "invoice")
    for row in net.annotate(net=Sum("amount")).filter(net__lt=0).order_by("payment", "invoice"):
        yield f"More of {row['payment__reference']} was taken back from {row['invoice__reference']} than was put there."


def _write_offs() -> Iterator[str]:
    """No more is owed again than was given up; a batch gave up what two people stand behind, all of it or nothing."""
    net = WriteOff.objects.order_by().values("invoice", "invoice__reference").annotate(net=Sum("amount"))
    for row in net.filter(net__lt=0).order_by("invoice"):
        yield f"More of {row['invoice__reference']} is owed again than was written off."
    for batch in WriteOffBatch.objects.order_by("pk"):
        asked = dict(batch.wishes.values_list("invoice", "amount")) if batch.is_approved else {}
        given_up = dict(batch.write_offs.values_list("invoice", "amount"))
        if asked != given_up:
            yield f"The write-offs “{batch}” are not what was asked for and allowed."


def _numbers() -> Iterator[str]:
    """1, 2, 3 … without a gap in each payee, kind and fiscal year, and the series knows the last."""
    span = {"first": Min("number"), "last": Max("number"), "count": Count("pk")}
    invoices = Invoice.objects.issued().order_by().values("payee", "kind", "number_year").annotate(**span)
    quotes = Quote.objects.order_by().values("payee", "number_year").annotate(kind=Value(SeriesKind.QUOTE), **span)
    found = {(row["payee"], row["kind"], row["number_year"]): row for row in [*invoices, *quotes]}
    for series in NumberSeries.objects.select_related("payee__organization").order_by("pk"):
        row = found.pop((series.payee_id, series.kind, series.fiscal_year), {"first": 1, "last": 0, "count": 0})
        if (row["first"], row["last"], row["count"]) != (1, series.last, series.last):
            yield f"{series}: {row['count']} documents are numbered from {row['first']} to {row['last']}."
    for payee, kind, year in found:
        yield f"Payee {payee} has numbered documents ({kind}, {year}), and no series."


def _counted(rows: QuerySet, parts: QuerySet, path: str) -> QuerySet:
    """Each row with `rows`: what its parts add up to."""
    summed = parts.order_by().values(path).annotate(dollars=Sum("amount")).values("dollars")
    counted: QuerySet = rows.annotate(rows=Coalesce(Subquery(summed), Value(0), output_field=_DOLLARS))
    return counted.order_by("pk")
