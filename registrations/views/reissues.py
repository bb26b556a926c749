"""An issued invoice taken back whole and drafted anew."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing.models import FundingLine, Invoice, PurchaseOrder
from people import access, once
from people.access import Action
from people.http import Request, act
from registrations import reissuing
from registrations.forms.reissues import ReissueForm


@require_http_methods(["GET", "POST"])
def reissue(request: Request, invoice_id: int) -> HttpResponse:
    rows = Invoice.objects.visible_to(request.user).with_balance().select_related("payer__organization")
    invoice: Invoice = get_object_or_404(rows, pk=invoice_id)
    access.require_provider(request.user, Action.BILL)
    form = ReissueForm(request.POST or None, **_choices(request, invoice))
    if form.is_valid():
        try:
            draft = act(request, form, lambda: _reissued(request, invoice, form), verb="reissue")
        except (reissuing.CannotReissue, once.KeyUsedForSomethingElse) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("%s is credited. This draft takes its place: look at it.") % invoice)
            return redirect("billing:invoice", draft)
    context = {"invoice": invoice, "form": form}
    return render(request, "registrations/reissue.html", context, status=422 if form.errors else 200)


def _choices(request: Request, invoice: Invoice) -> dict[str, Any]:
    """The lines and purchase orders of the district whose people it charges for, and of who pays."""
    served = FundingLine.objects.filter(charges__invoice_line__invoice=invoice).values("organization")
    whose = Q(organization__in=served) | Q(payer=invoice.payer)
    lines = FundingLine.objects.visible_to(request.user).filter(whose)
    lines = lines.filter(Q(agreement=None) | Q(agreement__payer__isnull=False)).select_related("agreement")
    payers = lines.order_by().values("payer")
    orders = PurchaseOrder.objects.visible_to(request.user).filter(payer__in=payers)
    return {"lines": lines.order_by("-pk"), "purchase_orders": orders.order_by("-pk")}


def _reissued(request: Request, invoice: Invoice, form: ReissueForm) -> int:
    asked, now = form.cleaned_data, timezone.now()
    line = asked["line"]
    if asked["account_string"]:
        line = line or reissuing.line_of(invoice)
        line = reissuing.with_account(line, asked["account_string"], by=request.user, at=now)
    facts = {"line": line, "purchase_order": asked["purchase_order"], "reason": asked["reason"]}
    made = reissuing.reissue(invoice, **facts, by=request.user, at=now)
    return int(made.drafts[0].pk)
