"""Quotes: the list, one of them, and its paper."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from billing import quoting
from billing.forms.lists import NameFilter
from billing.models import Quote
from billing.views.paging import page_of
from office import paper
from people import access
from people.access import Action
from people.http import Request
from people.names import fold


@require_safe
def quotes(request: Request) -> HttpResponse:
    access.require(request.user, Action.SEE_MONEY)
    form = NameFilter(request.GET)
    rows = Quote.objects.visible_to(request.user).select_related("payer__organization", "payer__person")
    for word in (form.cleaned_data["q"] if form.is_valid() else "").split():
        rows = rows.filter(Q(reference__icontains=word) | Q(payer__organization__search_key__contains=fold(word)))
    context = {
        "page": page_of(request, rows.order_by("-pk")),
        "form": form,
        "today": timezone.localdate(),
        "is_staff": access.may(request.user, Action.BILL),
    }
    return render(request, "billing/quotes.html", context)


@require_safe
def quote(request: Request, quote_id: int) -> HttpResponse:
    found = _quote(request, quote_id)
    context = {
        "quote": found,
        "lines": quoting.items_of(found),
        "is_over": found.valid_until < timezone.localdate(),
        "why_no_paper": paper.why_not(),
    }
    return render(request, "billing/quote.html", context)


@require_safe
def quote_paper(request: Request, quote_id: int) -> HttpResponse:
    """The PDF, made anew from what was copied: the same each time."""
    found = _quote(request, quote_id)
    try:
        pdf = quoting.pdf_of(found)
    except paper.CannotRender as refusal:
        messages.error(request, str(refusal))
        return redirect("billing:quote", quote_id)
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{found.reference}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _quote(request: Request, quote_id: int) -> Quote:
    rows = Quote.objects.visible_to(request.user).select_related("payer__organization", "payer__person", "payee")
    found: Quote = get_object_or_404(rows.select_related("payee__organization", "organization"), pk=quote_id)
    access.require(request.user, Action.SEE_MONEY, found.organization_id or found.payer.organization_id)
    return found
