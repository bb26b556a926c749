"""The books: their export for accounting, and the trial balance."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from billing import books, exports, ledger, trial
from billing.exports import CannotExport
from billing.forms.statements import ExportForm
from billing.models import BookExport, Payee
from billing.views.acting import acted
from billing.views.paging import page_of
from office.http import file_response
from people import access
from people.access import Action
from people.http import Request

SAID = 200


@require_http_methods(["GET", "POST"])
def book_exports(request: Request) -> HttpResponse:
    """The files that were made, and the form that makes the next."""
    access.require_provider(request.user, Action.BILL)
    payees = Payee.objects.visible_to(request.user).select_related("organization").order_by("pk")
    usual = payees.first() or ledger.payee_for(None)
    period = exports.next_period(usual, on=timezone.localdate())
    form = ExportForm(request.POST or None, payees=payees, period=period, initial={"payee": usual})
    is_done, _made = acted(request, form, lambda: _exported(request, form), verb="export_books", refusals=CannotExport)
    if is_done:
        messages.success(request, _("The file is below. Asked for again, the same days give the same file."))
        return redirect("billing:book_exports")
    rows = BookExport.objects.visible_to(request.user).select_related("payee__organization", "file", "by__person")
    context = {"form": form, "page": page_of(request, rows.order_by("-pk"))}
    return render(request, "billing/exports.html", context, status=422 if form.errors else 200)


@require_safe
def book_export(request: Request, export_id: int) -> HttpResponseBase:
    found = get_object_or_404(BookExport.objects.visible_to(request.user).select_related("file"), pk=export_id)
    access.require_provider(request.user, Action.BILL)
    return file_response(found.file)


@require_safe
def trial_balance(request: Request) -> HttpResponse:
    """Sums recomputed from rows; with `?prove=yes`, every equation of the books too, which takes longer."""
    access.require_provider(request.user, Action.BILL)
    context: dict[str, Any] = {"documents": trial.documents(), "payments": trial.payments(), "is_proved": False}
    if request.GET.get("prove") == "yes":
        broken = list(books.broken_equations())
        context |= {"is_proved": True, "broken": broken[:SAID], "more": max(0, len(broken) - SAID)}
    return render(request, "billing/trial.html", context)


def _exported(request: Request, form: ExportForm) -> int:
    asked = form.cleaned_data
    made = exports.export(asked["payee"], first=asked["first"], last=asked["last"], by=request.user, at=timezone.now())
    return int(made.pk)
