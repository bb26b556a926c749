"""Remittances and bank files: brought in, looked at line by line, recorded."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from billing import remittances as importing
from billing.forms.lists import NameFilter
from billing.forms.remittances import ColumnsForm, LeaveOutForm, LineForm, RemittanceForm
from billing.models import Invoice, Payee, Payer, PaymentMethod, Remittance
from billing.payments import AlreadyRecorded, CannotPay
from billing.remittances import AlreadyImported, CannotImport, CannotRead, Suggestion
from billing.views.acting import acted
from billing.views.paging import page_of
from office import files
from people import access, once
from people.access import Action
from people.http import Request, act
from people.names import fold

CHOICES = 20


@require_http_methods(["GET", "POST"])
def remittances(request: Request) -> HttpResponse:
    """The files that came, and one more."""
    access.require_provider(request.user, Action.BILL)
    payees = Payee.objects.visible_to(request.user).select_related("organization").order_by("pk")
    form = RemittanceForm(
        request.POST or None, request.FILES or None, payees=payees, is_asked=bool(request.POST.get("again"))
    )
    if form.is_valid():
        try:
            return redirect("billing:remittance", act(request, form, lambda: _started(request, form), verb="import"))
        except AlreadyImported as question:
            form.ask(True)
            form.add_error("again", str(question))
        except (CannotRead, files.CannotKeep) as refusal:
            form.add_error("file", str(refusal))
        except once.KeyUsedForSomethingElse as refusal:
            form.add_error(None, str(refusal))
    rows = Remittance.objects.visible_to(request.user).select_related("file", "payee__organization", "by__person")
    context = {"form": form, "page": page_of(request, rows.order_by("-pk"))}
    return render(request, "billing/remittances.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def remittance(request: Request, remittance_id: int) -> HttpResponse:
    """Its payments with what each may be for; a POST says which columns are what."""
    found = _remittance(request, remittance_id)
    form = ColumnsForm(request.POST or None, headers=_headers(found), columns=found.columns)
    if form.is_valid():
        try:
            importing.remap(found, form.chosen())
        except CannotImport as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("billing:remittance", remittance_id)
    told = importing.suggestions(found)
    context = {
        "remittance": found,
        "form": form,
        "suggestions": told,
        "sure": sum(each.is_sure for each in told),
        "undecided": sum(not each.is_decided for each in told),
        "method": PaymentMethod(found.columns["method"]).label,
    }
    return render(request, "billing/remittance.html", context, status=422 if form.errors else 200)


@require_POST
def remittance_accept(request: Request, remittance_id: int) -> HttpResponse:
    """The line whose button was pressed, as it was seen; or all that are sure. Pressed twice it records once."""
    found = _remittance(request, remittance_id)
    if "all" in request.POST:
        made, refusals = importing.accept_sure(found, by=request.user, at=timezone.now())
        told = ngettext("%d payment is recorded.", "%d payments are recorded.", len(made))
        messages.success(request, told % len(made))
    else:
        refusals = _accepted(request, found)
    for refusal in refusals:
        messages.error(request, refusal)
    return redirect("billing:remittance", remittance_id)


@require_http_methods(["GET", "POST"])
def remittance_line(request: Request, remittance_id: int, line: int) -> HttpResponse:
    """One payment of the file by hand: who paid is chosen, and what goes to which invoice."""
    found = _remittance(request, remittance_id)
    told = _told(found, line)
    payer = _payer(request, told)
    if payer is None:
        return _choose_payer(request, found, told)
    form = _line_form(request, found, told, payer)
    if form.is_valid():
        try:
            act(request, form, lambda: _recorded(request, found, told, payer, form), verb="import_line")
        except AlreadyRecorded as question:
            form.add_error("again", str(question))
        except (CannotImport, CannotPay, once.KeyUsedForSomethingElse) as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("billing:remittance", remittance_id)
    context = {"remittance": found, "told": told, "payer": payer, "form": form}
    return render(request, "billing/remittance_line.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def remittance_leave_out(request: Request, remittance_id: int, line: int) -> HttpResponse:
    found = _remittance(request, remittance_id)
    told = _told(found, line)
    form = LeaveOutForm(request.POST or None)

    def do() -> None:
        importing.leave_out(found, line, reason=form.cleaned_data["reason"])

    is_done, _answer = acted(request, form, do, verb="leave_out", refusals=CannotImport)
    if is_done:
        return redirect("billing:remittance", remittance_id)
    context = {"remittance": found, "told": told, "form": form}
    return render(request, "billing/remittance_leave_out.html", context, status=422 if form.errors else 200)


def _remittance(request: Request, remittance_id: int) -> Remittance:
    rows = Remittance.objects.visible_to(request.user).select_related("file", "payee__organization")
    found: Remittance = get_object_or_404(rows, pk=remittance_id)
    access.require_provider(request.user, Action.BILL)
    return found


def _started(request: Request, form: RemittanceForm) -> int:
    asked = form.cleaned_data
    made = importing.start(
        files.read(asked["file"]),
        name=files.tidy_name(asked["file"].name),
        payee=asked["payee"],
        method=PaymentMethod(asked["method"]),
        again=asked["again"],
        by=request.user,
        at=timezone.now(),
    )
    return int(made.pk)


def _headers(found: Remittance) -> list[str]:
    """The names of its columns, or what stands in the first row."""
    first = found.rows[0]["cells"] if found.rows else []
    return found.headers or [f"{index + 1}: {cell}" for index, cell in enumerate(first)]


def _told(found: Remittance, line: int) -> Suggestion:
    """The suggestion for a line that starts a payment."""
    told = {each.item.line: each for each in importing.suggestions(found)}
    if line not in told:
        raise Http404
    return told[line]


def _accepted(request: Request, found: Remittance) -> list[str]:
    line = request.POST.get("line", "")
    told = {str(each.item.line): each for each in importing.suggestions(found)}.get(line)
    if told is None or told.payer is None or told.seen != request.POST.get("seen"):
        return [_("What line %s may be for has changed meanwhile: look at it again.") % line]
    try:
        importing.accept(
            found, told.item.line, payer=told.payer, shares=told.shares, by=request.user, at=timezone.now()
        )
    except (CannotImport, CannotPay) as refusal:
        return [str(refusal)]
    return []


def _payer(request: Request, told: Suggestion) -> Payer | None:
    """Who was chosen, else who is suggested; nobody while another is looked for."""
    if "q" in request.GET:
        return None
    key = request.GET.get("payer", "")
    chosen = Payer.objects.visible_to(request.user).filter(pk=key).first() if key.isdecimal() else None
    return chosen or told.payer


def _choose_payer(request: Request, found: Remittance, told: Suggestion) -> HttpResponse:
    form = NameFilter(request.GET)
    payers: QuerySet[Any] = Payer.objects.visible_to(request.user).select_related("organization", "person")
    for word in (request.GET.get("q") or told.item.payer).split():
        payers = payers.filter(organization__search_key__contains=fold(word))
    context = {"remittance": found, "told": told, "form": form}
    context["payers"] = payers.order_by("organization__search_key", "pk")[:CHOICES]
    return render(request, "billing/remittance_payer.html", context)


def _line_form(request: Request, found: Remittance, told: Suggestion, payer: Payer) -> LineForm:
    rows = Invoice.objects.open().filter(payer=payer, payee=found.payee).order_by("due_on", "pk")
    shares = told.shares if payer == told.payer else ()
    initial: dict[str, Any] = {LineForm.name_of(share.invoice): share.amount for share in shares}
    return LineForm(request.POST or None, invoices=list(rows), initial=initial)


def _recorded(request: Request, found: Remittance, told: Suggestion, payer: Payer, form: LineForm) -> int:
    again = form.cleaned_data["again"]
    facts = {"payer": payer, "shares": form.shares(), "again": again, "by": request.user, "at": timezone.now()}
    return int(importing.accept(found, told.item.line, **facts).pk)
