"""Invoices: the list, one of them, and what becomes of it."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing import ageing, checkouts, crediting, disputes, invoicing, payments, sending
from billing.forms.lists import InvoiceFilter
from billing.models import Invoice, InvoiceKind
from billing.views.paging import page_of
from billing.wording import fiscal_year
from office import paper
from office.http import file_response
from people import access, once
from people.access import Action
from people.http import Request
from people.names import fold


@require_safe
def invoices(request: Request) -> HttpResponse:
    access.require(request.user, Action.SEE_MONEY)
    mine = Invoice.objects.visible_to(request.user)
    form = InvoiceFilter(request.GET, years=_years(mine))
    today = timezone.localdate()
    page = page_of(request, _found(mine, form, today).order_by("-issued_at", "-pk"))
    for row in page:
        row.ageing = ageing.ageing_of(row, on=today)
    context = {
        "page": page,
        "form": form,
        "owed": ageing.owed(mine),
        "overdue": ageing.owed(mine.filter(due_on__lt=today)),
        "may_bill": access.may(request.user, Action.BILL),
    }
    return render(request, "billing/invoices.html", context)


@require_safe
def invoice(request: Request, invoice_id: int) -> HttpResponse:
    found = _invoice(request, invoice_id)
    may_bill = access.may(request.user, Action.BILL)
    today = timezone.localdate()
    context = {
        "invoice": found,
        "ageing": ageing.ageing_of(found, on=today),
        "lines": found.lines.all(),
        "allocations": found.allocations.select_related("payment").order_by("pk"),
        "dispatches": found.dispatches.select_related("message", "file").order_by("-pk"),
        "credit_memos": found.credit_memos.issued().with_balance().order_by("pk"),
        "write_offs": found.write_offs.select_related("by__person", "approved_by__person").order_by("pk"),
        "to_credit": sum((each.amount for each in crediting.waiting(Invoice.objects.filter(pk=found.pk))), Decimal(0)),
        "credit": _credit_for(found) if may_bill else None,
        "bill_to": found.bill_to or invoicing.bill_to(found.payer),
        "reasons": invoicing.reasons_not_to_issue(found, on=today) if may_bill and not found.is_issued else [],
        "why_unprinted": sending.reasons_unprinted([found]).get(found.pk) or paper.why_not(),
        "may_bill": may_bill,
        "payable": checkouts.payable(found),
        "disputes": disputes.open_of(found),
        "key": once.new_key(),
    }
    return render(request, "billing/invoice.html", context)


@require_safe
def invoice_paper(request: Request, invoice_id: int) -> HttpResponseBase:
    """The PDF as it was sent; an issued invoice has one as soon as the worker made it."""
    dispatch = _invoice(request, invoice_id).dispatches.select_related("file").order_by("pk").first()
    if dispatch is None:
        raise Http404
    return file_response(dispatch.file, download=False)


@require_POST
def issue(request: Request, invoice_id: int) -> HttpResponse:
    draft = _invoice(request, invoice_id)
    access.require_provider(request.user, Action.BILL)
    outcome = invoicing.issue_all([draft], by=request.user, at=timezone.now())
    for made in outcome.issued:
        messages.success(request, _("%s is issued and on its way.") % made)
    for refusal in outcome.refusals:
        messages.error(request, refusal)
    return redirect("billing:invoice", invoice_id)


@require_POST
def discard(request: Request, invoice_id: int) -> HttpResponse:
    draft = _invoice(request, invoice_id)
    access.require_provider(request.user, Action.BILL)
    try:
        invoicing.discard(draft)
    except invoicing.CannotDiscard as refusal:
        messages.error(request, str(refusal))
        return redirect("billing:invoice", invoice_id)
    messages.success(request, _("The draft is gone; what it charged for can be drafted again."))
    return redirect("billing:invoices")


@require_POST
def send(request: Request, invoice_id: int) -> HttpResponse:
    """Once more, to the address that holds today. The form's key keeps a second press from sending twice."""
    issued = _invoice(request, invoice_id)
    access.require_provider(request.user, Action.BILL)
    try:
        sending.send_again(issued, by=request.user, key=request.POST.get("submission_key") or once.new_key())
    except sending.CannotSend as refusal:
        messages.error(request, str(refusal))
    else:
        told = _("%(invoice)s goes to %(address)s.") if issued.payer.ap_email else _("%(invoice)s is printed again.")
        messages.success(request, told % {"invoice": issued, "address": issued.payer.ap_email})
    return redirect("billing:invoice", invoice_id)


def _invoice(request: Request, invoice_id: int) -> Invoice:
    """The invoice with its balance, for those who may see the money of its payer."""
    rows = Invoice.objects.visible_to(request.user).with_balance().with_lines()
    related = rows.select_related("payer__organization", "payer__person", "payee__organization", "purchase_order")
    found: Invoice = get_object_or_404(related.select_related("agreement", "corrects"), pk=invoice_id)
    access.require(request.user, Action.SEE_MONEY, found.payer.organization_id)
    return found


def _credit_for(invoice: Invoice) -> Decimal | None:
    """What earlier payments of its payer left, where the invoice owes something."""
    if not invoice.is_issued or invoice.kind != InvoiceKind.INVOICE or invoice.balance <= 0:
        return None
    waiting = payments.credit_of(invoice.payer, invoice.payee)
    return sum((payment.rest for payment in waiting), Decimal(0))


def _found(rows: Any, form: InvoiceFilter, today: Any) -> QuerySet:
    """The invoices asked for, with their balances; a filter that makes no sense narrows nothing."""
    asked = form.cleaned_data if form.is_valid() else {}
    states = {
        "draft": rows.drafts,
        "open": rows.open,
        "overdue": lambda: rows.overdue(on=today),
        "settled": rows.settled,
    }
    rows = states.get(asked.get("state") or "", rows.all)().with_balance()
    if asked.get("year"):
        rows = rows.filter(number_year=asked["year"])
    for word in (asked.get("q") or "").split():
        rows = rows.filter(Q(reference__icontains=word) | Q(payer__organization__search_key__contains=fold(word)))
    related = rows.select_related("payer__organization", "payer__person", "agreement")
    chosen: QuerySet = related
    return chosen


def _years(rows: Any) -> list[tuple[int, str]]:
    years = rows.issued().order_by("-number_year").values_list("number_year", flat=True).distinct()
    return [(year, fiscal_year(year)) for year in years]
