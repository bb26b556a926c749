"""What an invoice says on paper: plain data for templates/paper/invoice.html, and the PDF of it."""

from decimal import Decimal
from typing import Any

from django.db.models import Sum

from billing.models import Invoice, InvoiceKind, InvoiceLine
from office import paper, presses
from people.models import Provider

TITLES = {InvoiceKind.INVOICE: "Invoice", InvoiceKind.CREDIT_MEMO: "Credit memo"}


def pdf_of(invoice: Invoice) -> bytes:
    """The PDF of an issued invoice: tagged, PDF/UA-1. Raises CannotRender where this machine makes no paper."""
    template, context, title = job_of(invoice)
    return paper.render(template, context, title=title)


def job_of(invoice: Invoice) -> presses.Job:
    """What a press needs to make that PDF."""
    context = context_of(invoice)
    return "paper/invoice.html", context, f"{context['kind']} {invoice.reference}"


def context_of(invoice: Invoice) -> dict[str, Any]:
    """Everything the paper shows; all of it was copied when the invoice was issued, but for the provider's own name."""
    provider = Provider.objects.get()
    lines = list(invoice.lines.select_related("charge").order_by("pk"))
    assert invoice.issued_at  # noqa: S101 - a draft has no paper
    return {
        "kind": str(TITLES[InvoiceKind(invoice.kind)]),
        "reference": invoice.reference,
        "corrects": _corrected(invoice) if invoice.corrects else None,
        "about": invoice.about,
        "issued_at": invoice.issued_at,
        "due_on": invoice.due_on,
        "terms": invoice.terms_words,
        "purchase_order": invoice.purchase_order_number,
        "service_years": invoice.service_years,
        "bill_to": invoice.bill_to.splitlines(),
        "remit_to": invoice.remit_to.splitlines(),
        "funding": invoice.funding_words.splitlines(),
        "wording": invoice.agreement.wording.splitlines() if invoice.agreement else [],
        "lines": [
            {
                "number": number,
                "words": line.words,
                "days": line.charge.days,
                "amount": line.amount,
            }
            for number, line in enumerate(lines, 1)
        ],
        "total": sum(line.amount for line in lines),
        "provider": {"name": provider.name, "email": provider.email, "phone": provider.phone},
    }


def _corrected(memo: Invoice) -> dict[str, Any]:
    """The invoice that a credit memo corrects, as this one leaves it: what was paid is not the paper's affair."""
    assert memo.corrects  # noqa: S101 - a credit memo corrects an invoice
    printed = InvoiceLine.objects.filter(invoice=memo.corrects)
    memos = InvoiceLine.objects.filter(invoice__corrects=memo.corrects, invoice__issued_at__isnull=False)
    total = printed.aggregate(dollars=Sum("amount"))["dollars"] or Decimal(0)
    # In the order of their numbers, within a fiscal year and from one to the next.
    place = (memo.number_year, memo.number)
    rows = memos.values_list("invoice__number_year", "invoice__number", "amount")
    before = sum((amount for year, number, amount in rows if (year, number) < place), Decimal(0))
    own = sum((amount for year, number, amount in rows if (year, number) == place), Decimal(0))
    return {"reference": memo.corrects.reference, "total": total, "before": before, "after": total + before + own}
