"""A purchase order that came later than the charges: finance staff say which ones it covers."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from billing import ledger
from billing.forms.draws import CoverForm
from billing.models import Charge, PurchaseOrder
from billing.models.charges import ChargeQuerySet
from billing.refusals import CannotCharge
from people import access, once
from people.access import Action
from people.http import Request, act

SHOWN = 500


@require_http_methods(["GET", "POST"])
def cover_charges(request: Request, order_id: int) -> HttpResponse:
    """The charges of its payer that wait for a purchase order; the ticked ones are drawn, all of them or none."""
    order = get_object_or_404(PurchaseOrder.objects.visible_to(request.user).select_related("payer"), pk=order_id)
    access.require_provider(request.user, Action.FUND)
    charges = Charge.objects.visible_to(request.user).filter(line__payer=order.payer)
    form = CoverForm(request.POST or None, charges=charges)
    if form.is_valid():
        try:
            count = act(request, form, lambda: _drawn(request, order, form), verb="cover_charges")
        except (CannotCharge, once.KeyUsedForSomethingElse) as refusal:
            form.add_error(None, str(refusal))
        else:
            told = ngettext("%d charge is covered.", "%d charges are covered.", count)
            messages.success(request, told % count)
            return redirect("billing:purchase_order", order_id)
    rows = _waiting(order, charges, ticked=set(request.POST.getlist("charges")))
    context = {"order": order, "form": form, "rows": rows, "total": sum(charge.amount for charge, *_rest in rows)}
    return render(request, "billing/cover_charges.html", context, status=422 if form.errors else 200)


def _waiting(order: PurchaseOrder, charges: ChargeQuerySet, *, ticked: set[str]) -> list[tuple[Charge, bool, bool]]:
    """Uncovered and on no invoice, also no draft, the oldest service first; whether each is in time, and ticked."""
    rows = charges.uncovered().unprinted().select_related("line__agreement").order_by("first_day", "words", "pk")
    return [
        (charge, not (order.expires_on and charge.last_day > order.expires_on), str(charge.pk) in ticked)
        for charge in rows[:SHOWN]
    ]


def _drawn(request: Request, order: PurchaseOrder, form: CoverForm) -> int:
    return len(ledger.draw(order, form.cleaned_data["charges"], by=request.user, at=timezone.now()))
