"""A fiscal agent's page: what it is owed and was paid, where the money goes, its numbers. Nothing else of anybody."""

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from billing.models import Invoice, NumberSeries, Payee, Payment
from billing.views.paging import page_of
from office.http import file_response
from people.access import Action, require
from people.http import Request

PAYMENTS_SHOWN = 100
"""The newest: an agent's roll-outs have dozens."""


@require_safe
def agent(request: Request) -> HttpResponse:
    """A county office's page as the payee of its roll-outs."""
    require(request.user, Action.COLLECT)
    payees = list(Payee.objects.visible_to(request.user).select_related("organization"))
    rows = Invoice.objects.visible_to(request.user).issued().filter(payee__in=payees).with_balance()
    related = rows.select_related("payer__organization", "payer__person", "corrects")
    paid = Payment.objects.visible_to(request.user).filter(payee__in=payees).with_rest()
    context = {
        "payees": payees,
        "page": page_of(request, related.order_by("-issued_at", "-pk")),
        "payments": paid.select_related("payer__organization", "payer__person").order_by("-received_on", "-pk")[
            :PAYMENTS_SHOWN
        ],
        "series": NumberSeries.objects.filter(payee__in=payees).order_by("-fiscal_year", "kind"),
    }
    return render(request, "billing/agent.html", context)


@require_safe
def agent_paper(request: Request, invoice_id: int) -> HttpResponseBase:
    """The PDF of an invoice that is payable to the agent, as it was sent."""
    found = get_object_or_404(Invoice.objects.visible_to(request.user), pk=invoice_id)
    payee = Payee.objects.get(pk=found.payee_id)
    require(request.user, Action.COLLECT, payee.organization_id)
    dispatch = found.dispatches.select_related("file").order_by("pk").first()
    if dispatch is None:
        raise Http404
    return file_response(dispatch.file, download=False)
