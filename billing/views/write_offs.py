"""Giving up what will not come: one invoice's rest, small rests of many, and the second person's answer."""

from decimal import Decimal

from django.contrib import messages
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from billing import write_offs as giving_up
from billing.forms.write_offs import DecideForm, SmallRestsFilter, WishesForm, WriteOffForm
from billing.models import Invoice, WriteOffBatch
from billing.models.documents import InvoiceQuerySet
from billing.views.acting import acted
from billing.views.paging import page_of
from billing.write_offs import CannotWriteOff, Wish
from people import access
from people.access import Action
from people.http import Request

SHOWN = 500


@require_http_methods(["GET", "POST"])
def write_off(request: Request, invoice_id: int) -> HttpResponse:
    found = _invoice(request, invoice_id)
    form = WriteOffForm(request.POST or None, initial={"amount": found.balance})

    def do() -> None:
        asked = form.cleaned_data
        giving_up.write_off(Wish(found, asked["amount"]), reason=asked["reason"], by=request.user, at=timezone.now())

    is_done, _answer = acted(request, form, do, verb="write_off", refusals=CannotWriteOff)
    if is_done:
        messages.success(request, _("What will not come of %s is written off.") % found)
        return redirect("billing:invoice", invoice_id)
    context = {"invoice": found, "form": form}
    return render(request, "billing/write_off.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def write_off_back(request: Request, invoice_id: int) -> HttpResponse:
    """What was written off comes after all: it is owed again, and can be paid."""
    found = _invoice(request, invoice_id)
    form = WriteOffForm(request.POST or None, initial={"amount": found.written_off})

    def do() -> None:
        asked = form.cleaned_data
        giving_up.take_back(Wish(found, asked["amount"]), reason=asked["reason"], by=request.user, at=timezone.now())

    is_done, _answer = acted(request, form, do, verb="write_off_back", refusals=CannotWriteOff)
    if is_done:
        messages.success(request, _("%s owes it again.") % found)
        return redirect("billing:invoice", invoice_id)
    context = {"invoice": found, "form": form}
    return render(request, "billing/write_off_back.html", context, status=422 if form.errors else 200)


@require_safe
def write_offs(request: Request) -> HttpResponse:
    """What was asked to be given up together: what waits for a second person first."""
    access.require_provider(request.user, Action.BILL)
    rows = WriteOffBatch.objects.visible_to(request.user).with_sums().select_related("by__person", "decided_by__person")
    page = page_of(request, rows.order_by(F("decided_at").desc(nulls_first=True), "-pk"))
    return render(request, "billing/write_offs.html", {"page": page})


@require_http_methods(["GET", "POST"])
def write_offs_ask(request: Request) -> HttpResponse:
    """Small rests to choose from; what is ticked waits for a second person."""
    access.require_provider(request.user, Action.BILL)
    small = SmallRestsFilter(request.GET)
    up_to: Decimal | None = small.cleaned_data["up_to"] if small.is_valid() else None
    rests = Invoice.objects.visible_to(request.user).open().select_related("payer__organization", "payer__person")
    form = WishesForm(request.POST or None, invoices=rests)
    is_done, key = acted(request, form, lambda: _asked(request, form), verb="ask_write_offs", refusals=CannotWriteOff)
    if is_done:
        messages.success(request, _("It waits for a second person."))
        return redirect("billing:write_off_batch", key)
    context = {
        "small": small,
        "form": form,
        "invoices": _small(rests, up_to)[:SHOWN],
        "ticked": {int(key) for key in request.POST.getlist("invoices") if key.isdecimal()},
    }
    return render(request, "billing/write_offs_ask.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def write_off_batch(request: Request, batch_id: int) -> HttpResponse:
    """The invoices that somebody asks to give up; whoever did not ask allows it or not."""
    rows = WriteOffBatch.objects.visible_to(request.user).with_sums().select_related("by__person", "decided_by__person")
    batch: WriteOffBatch = get_object_or_404(rows, pk=batch_id)
    access.require_provider(request.user, Action.BILL)
    form = DecideForm(request.POST or None)

    def do() -> None:
        is_approved = form.cleaned_data["answer"] == "allow"
        giving_up.decide(batch, is_approved=is_approved, by=request.user, at=timezone.now())

    is_done, _answer = acted(request, form, do, verb="decide_write_offs", refusals=CannotWriteOff)
    if is_done:
        return redirect("billing:write_off_batch", batch_id)
    wishes = batch.wishes.select_related("invoice__payer__organization", "invoice__payer__person").order_by("invoice")
    is_own = batch.by_id == request.user.pk
    context = {"batch": batch, "wishes": wishes, "form": form, "is_own": is_own}
    return render(request, "billing/write_off_batch.html", context, status=422 if form.errors else 200)


def _invoice(request: Request, invoice_id: int) -> Invoice:
    rows = Invoice.objects.visible_to(request.user).with_balance().select_related("payer__organization")
    found: Invoice = get_object_or_404(rows, pk=invoice_id)
    access.require_provider(request.user, Action.BILL)
    return found


def _small(rests: InvoiceQuerySet, up_to: Decimal | None) -> InvoiceQuerySet:
    rows: InvoiceQuerySet = rests if up_to is None else rests.filter(balance__lte=up_to)
    return rows.order_by("due_on", "pk")


def _asked(request: Request, form: WishesForm) -> int:
    """The whole rest of each invoice that is ticked."""
    wishes = [Wish(invoice, invoice.balance) for invoice in form.cleaned_data["invoices"]]
    return int(giving_up.ask(wishes, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now()).pk)
