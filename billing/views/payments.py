"""Payments: the list, one of them, and recording one."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from billing import ledger, mentions
from billing import payments as paying
from billing.forms.fields import DollarsField
from billing.forms.lists import NameFilter
from billing.forms.payments import AllocationForm, PaymentForm
from billing.models import Invoice, Payee, Payer, Payment, PaymentMethod
from billing.views.paging import page_of
from people import access, once
from people.access import Action
from people.http import Request, act
from people.names import fold

REFUSALS = (paying.CannotPay, once.KeyUsedForSomethingElse)
CHOICES = 20


@require_safe
def payments(request: Request) -> HttpResponse:
    access.require(request.user, Action.SEE_MONEY)
    form = NameFilter(request.GET)
    rows = Payment.objects.visible_to(request.user).with_rest().select_related("payer__organization", "payer__person")
    for word in (form.cleaned_data["q"] if form.is_valid() else "").split():
        rows = rows.filter(Q(reference__icontains=word) | Q(payer__organization__search_key__contains=fold(word)))
    context = {
        "page": page_of(request, rows.order_by("-received_on", "-pk")),
        "form": form,
        "may_bill": access.may(request.user, Action.BILL),
    }
    return render(request, "billing/payments.html", context)


@require_safe
def choose_payer(request: Request) -> HttpResponse:
    """Who sent the money: found by name, those who owe something first."""
    access.require_provider(request.user, Action.BILL)
    form = NameFilter(request.GET)
    words = form.cleaned_data["q"].split() if form.is_valid() else []
    rows = Payer.objects.visible_to(request.user).select_related("organization", "person")
    for word in words:
        rows = rows.filter(organization__search_key__contains=fold(word))
    if not words:
        rows = rows.filter(pk__in=Invoice.objects.open().order_by().values("payer"))
    context = {"form": form, "payers": rows.order_by("organization__search_key", "pk")[:CHOICES], "words": words}
    return render(request, "billing/choose_payer.html", context)


@require_http_methods(["GET", "POST"])
def record_payment(request: Request, payer_id: int) -> HttpResponse:
    payer = get_object_or_404(Payer.objects.visible_to(request.user), pk=payer_id)
    access.require_provider(request.user, Action.BILL)
    if "find" in request.POST:
        return _found(request, payer)
    form = _payment_form(request, payer)
    if form.is_valid():
        try:
            made = act(request, form, lambda: _recorded(request, payer, form), verb="record_payment")
        except paying.AlreadyRecorded as question:
            form.ask(True)
            form.add_error("again", str(question))
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The payment is recorded."))
            return redirect("billing:payment", made)
    context = {"payer": payer, "form": form}
    return render(request, "billing/record_payment.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def payment(request: Request, payment_id: int) -> HttpResponse:
    """A payment, where it went, and the form that allocates its rest."""
    found = _payment(request, payment_id)
    may_bill = access.may(request.user, Action.BILL)
    form = AllocationForm(request.POST or None, invoices=_open_invoices(found.payer, found.payee) if may_bill else [])
    if request.method == "POST":
        access.require_provider(request.user, Action.BILL)
        if form.is_valid():
            try:
                act(request, form, lambda: _allocated(request, found, form), verb="allocate")
            except REFUSALS as refusal:
                form.add_error(None, str(refusal))
            else:
                return redirect("billing:payment", payment_id)
    context = {
        "payment": found,
        "allocations": found.allocations.select_related("invoice").order_by("pk"),
        "refunds": found.refunds.select_related("failure").order_by("pk"),
        "disputes": found.disputes.select_related("outcome").order_by("pk"),
        "form": form,
        "may_bill": may_bill,
    }
    return render(request, "billing/payment.html", context, status=422 if form.errors else 200)


def _payment(request: Request, payment_id: int) -> Payment:
    rows = Payment.objects.visible_to(request.user).with_rest().select_related("payer__organization", "payee")
    found: Payment = get_object_or_404(rows, pk=payment_id)
    access.require(request.user, Action.SEE_MONEY, found.payer.organization_id)
    return found


def _found(request: Request, payer: Payer) -> HttpResponse:
    """The form with what the pasted numbers name filled in; what is not found is said beside its line."""
    listed = mentions.read(request.POST.get("numbers", ""), mentions.Known.of(payer))
    try:
        amount = DollarsField().clean(request.POST.get("amount", ""))
    except ValidationError:
        amount = None
    shares = mentions.shares(listed, amount)
    typed = {name: value for name, value in request.POST.items() if not name.startswith("invoice_")}
    initial: dict[str, Any] = typed | {PaymentForm.name_of(share.invoice): share.amount for share in shares}
    if shares:
        initial["payee"] = shares[0].invoice.payee_id
    context = {
        "payer": payer,
        "form": _payment_form(request, payer, initial=initial),
        "mentions": listed,
        "short": [share.invoice for share in shares if share.amount < share.invoice.balance],
    }
    return render(request, "billing/record_payment.html", context)


def _payment_form(request: Request, payer: Payer, *, initial: dict[str, Any] | None = None) -> PaymentForm:
    """Empty, or with the invoice filled in that one came from, or with what was found of a remittance."""
    invoices = _open_invoices(payer)
    posted = None if initial is not None else request.POST or None
    chosen = [one for one in invoices if str(one.pk) == request.GET.get("invoice")]
    if initial is None:
        initial = {PaymentForm.name_of(one): one.balance for one in chosen}
        if chosen:
            initial |= {"amount": chosen[0].balance, "payee": chosen[0].payee_id}
    payees = list({one.payee_id: one.payee for one in invoices}.values()) or list(Payee.objects.all()[:CHOICES])
    return PaymentForm(
        posted,
        invoices=invoices,
        payees=payees or [ledger.payee_for(None)],
        today=timezone.localdate(),
        is_asked=bool(request.POST.get("again")),
        initial=initial,
    )


def _open_invoices(payer: Payer, payee: Payee | None = None) -> list[Invoice]:
    rows = Invoice.objects.open().filter(payer=payer).select_related("payee__organization")
    return list((rows.filter(payee=payee) if payee else rows).order_by("due_on", "pk"))


def _recorded(request: Request, payer: Payer, form: PaymentForm) -> int:
    facts = form.cleaned_data
    made = paying.record(
        payer=payer,
        payee=facts["payee"],
        method=PaymentMethod(facts["method"]),
        reference=facts["reference"],
        amount=facts["amount"],
        received_on=facts["received_on"],
        shares=form.shares(),
        again=facts["again"],
        by=request.user,
        at=timezone.now(),
    )
    return int(made.pk)


def _allocated(request: Request, found: Payment, form: AllocationForm) -> None:
    paying.allocate(found, form.shares(), by=request.user, at=timezone.now())
