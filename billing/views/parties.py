"""Who pays and who is paid: addresses, terms, numbers."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from billing import parties
from billing.forms.funding import PayeeForm, PayerForm
from billing.forms.lists import NameFilter
from billing.models import Payee, Payer
from billing.views.paging import page_of
from people import access
from people.access import Action
from people.http import Request
from people.names import fold


@require_safe
def payers(request: Request) -> HttpResponse:
    access.require_provider(request.user, Action.BILL)
    form = NameFilter(request.GET)
    rows = Payer.objects.visible_to(request.user).select_related("organization", "person")
    for word in (form.cleaned_data["q"] if form.is_valid() else "").split():
        rows = rows.filter(organization__search_key__contains=fold(word))
    context = {"page": page_of(request, rows.order_by("organization__search_key", "pk")), "form": form}
    return render(request, "billing/payers.html", context)


@require_http_methods(["GET", "POST"])
def edit_payer(request: Request, payer_id: int) -> HttpResponse:
    payer = get_object_or_404(Payer.objects.visible_to(request.user), pk=payer_id)
    access.require_provider(request.user, Action.BILL)
    form = PayerForm(request.POST or None, instance=payer)
    if form.is_valid():
        parties.keep(form.save(commit=False))
        messages.success(request, _("The next invoices of %s go there.") % payer)
        return redirect("billing:payers")
    return render(
        request, "billing/edit_payer.html", {"form": form, "payer": payer}, status=422 if form.errors else 200
    )


@require_safe
def payees(request: Request) -> HttpResponse:
    access.require_provider(request.user, Action.BILL)
    rows = Payee.objects.visible_to(request.user).select_related("organization").order_by("organization__search_key")
    return render(request, "billing/payees.html", {"payees": rows})


@require_http_methods(["GET", "POST"])
def new_payee(request: Request) -> HttpResponse:
    access.require_provider(request.user, Action.BILL)
    return _payee_written(request, Payee())


@require_http_methods(["GET", "POST"])
def edit_payee(request: Request, payee_id: int) -> HttpResponse:
    payee = get_object_or_404(Payee.objects.visible_to(request.user).select_related("organization"), pk=payee_id)
    access.require_provider(request.user, Action.BILL)
    return _payee_written(request, payee)


def _payee_written(request: Request, payee: Payee) -> HttpResponse:
    form = PayeeForm(request.POST or None, instance=payee)
    if form.is_valid():
        payee = form.save(commit=False)
        payee.organization = form.cleaned_data.get("organization") or payee.organization
        try:
            parties.keep(payee)
        except parties.CannotKeep as refusal:
            form.add_error("organization", str(refusal))
        else:
            messages.success(request, _("The next invoices of %s say so.") % payee)
            return redirect("billing:payees")
    return render(
        request, "billing/edit_payee.html", {"form": form, "payee": payee}, status=422 if form.errors else 200
    )
