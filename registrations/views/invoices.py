"""The invoices of an institute: what would be invoiced, drafts for all districts, issuing them."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from billing import ageing, crediting, invoicing, sending
from billing.models import Invoice
from events.models import Institute
from office import paper
from people import access
from people.access import Action
from people.http import Request
from registrations import billable


@require_safe
def institute_invoices(request: Request, institute_id: int) -> HttpResponse:
    institute = _institute(request, institute_id, Action.SEE_MONEY)
    drafts, issued = _invoices(request, institute)
    waiting = [(row, row.warnings(institute)) for row in billable.waiting(institute)]
    context = {
        "institute": institute,
        "waiting": waiting,
        "waiting_total": sum(row.amount for row, _warnings in waiting),
        "credits": billable.credits_waiting(institute),
        "granted": billable.granted(institute),
        "drafts": drafts,
        "draft_total": sum(draft.total for draft in drafts),
        "issued": issued,
        "issued_total": sum(invoice.total for invoice in issued),
        "has_changed": bool(drafts) and billable.has_changed(drafts),
        "progress": _progress(institute),
        "why_no_paper": paper.why_not(),
        "may_bill": access.may(request.user, Action.BILL),
    }
    return render(request, "registrations/institute_invoices.html", context)


@require_POST
def draft_invoices(request: Request, institute_id: int) -> HttpResponse:
    """Pressed twice it drafts once: drafts are replaced by drafts, and each charge is printed once."""
    institute = _institute(request, institute_id, Action.BILL)
    try:
        count = len(billable.draft_invoices(institute, by=request.user, at=timezone.now()))
    except crediting.CannotCredit as refusal:
        messages.error(request, str(refusal))
        return redirect("registrations:institute_invoices", institute_id)
    told = ngettext(
        "%d invoice is drafted: look at it, then issue it.",
        "%d invoices are drafted: look at them, then issue them.",
        count,
    )
    messages.success(request, told % count if count else _("Nothing waits for an invoice."))
    return redirect("registrations:institute_invoices", institute_id)


@require_POST
def issue_invoices(request: Request, institute_id: int) -> HttpResponse:
    """Issues the drafts that were on the page; one that was issued meanwhile is no draft any more."""
    institute = _institute(request, institute_id, Action.BILL)
    shown = [int(key) for key in request.POST.getlist("draft") if key.isdecimal()]
    drafts = billable.invoices_of(institute).drafts().filter(pk__in=shown).order_by("pk")
    outcome = invoicing.issue_all(drafts, by=request.user, at=timezone.now())
    count = len(outcome.issued)
    if count:
        told = ngettext(
            "%d invoice is issued, and mailed if its payer has an accounts payable e-mail.",
            "%d invoices are issued, and mailed to each payer that has an accounts payable e-mail.",
            count,
        )
        messages.success(request, told % count)
    for refusal in outcome.refusals:
        messages.error(request, refusal)
    return redirect("registrations:institute_invoices", institute_id)


@require_safe
def invoices_progress(request: Request, institute_id: int) -> HttpResponse:
    """The bar alone, which asks for itself until the worker has made every PDF, and then for the table."""
    institute = _institute(request, institute_id, Action.SEE_MONEY)
    context = {"institute": institute, "progress": _progress(institute)}
    return render(request, "registrations/_invoices_progress.html", context)


def _institute(request: Request, institute_id: int, action: Action) -> Institute:
    institute: Institute = get_object_or_404(Institute.objects.visible_to(request.user), pk=institute_id)
    access.require_provider(request.user, action)
    return institute


def _invoices(request: Request, institute: Institute) -> tuple[list[Invoice], list[Invoice]]:
    """The drafts with what keeps them from being issued, and the issued ones with what became of them."""
    today = timezone.localdate()
    mine = billable.invoices_of(institute).visible_to(request.user).with_balance()
    related = mine.select_related("payer__organization", "payer__person", "agreement", "purchase_order", "corrects")
    drafts = list(related.drafts().with_lines().order_by("payer__organization__search_key", "pk"))
    for draft in drafts:
        draft.reasons = invoicing.reasons_not_to_issue(draft, on=today)
    issued = list(related.issued().prefetch_related("dispatches__message").order_by("-issued_at", "-pk"))
    why = sending.reasons_unprinted(issued)
    for invoice in issued:
        invoice.ageing, invoice.why_unprinted = ageing.ageing_of(invoice, on=today), why.get(invoice.pk, "")
    return drafts, issued


def _progress(institute: Institute) -> dict[str, object]:
    issued = billable.invoices_of(institute).issued()
    total = issued.count()
    done = issued.filter(dispatches__isnull=False).distinct().count()
    failed = len(sending.reasons_unprinted(issued))
    return {
        "label": _("Sending invoices"),
        "done": done,
        "total": total,
        "url": reverse("registrations:invoices_progress", args=[institute.pk]),
        "finished": done + failed == total or not paper.is_available(),
    }
