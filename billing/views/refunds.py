"""A payment taken off its invoices, sent back to its payer; a refund that did not arrive."""

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing import card_refunds, gateway, refunds
from billing.forms.refunds import ReasonForm, RefundForm, TakeBackForm
from billing.models import Payment, PaymentMethod, Refund
from billing.views.acting import acted
from billing.wording import dollars
from people import access
from people.access import Action
from people.http import Request


@require_http_methods(["GET", "POST"])
def payment_take_back(request: Request, payment_id: int) -> HttpResponse:
    """Off all its invoices: returned by the bank, or to be allocated anew."""
    found = _payment(request, payment_id)
    form = TakeBackForm(request.POST or None)

    def do() -> None:
        verb = refunds.bounce if form.cleaned_data["what"] == TakeBackForm.RETURNED else refunds.take_back
        verb(found, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())

    is_done, _answer = acted(request, form, do, verb="take_back", refusals=refunds.CannotRefund)
    if is_done:
        messages.success(request, _("The payment is off its invoices: they owe again."))
        return redirect("billing:payment", payment_id)
    context = {"payment": found, "form": form}
    return render(request, "billing/payment_take_back.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def refund(request: Request, payment_id: int) -> HttpResponse:
    """What is on no invoice goes back to its payer, by check, ACH or journal."""
    found = _payment(request, payment_id)
    may_go_to_card = bool(found.gateway_id) and not gateway.why_off()
    initial = {"amount": found.rest if found.rest > 0 else None}
    form = RefundForm(request.POST or None, initial=initial, may_go_to_card=may_go_to_card)
    do = partial(_refunded, request, found, form)
    is_done, amount = acted(request, form, do, verb="refund", refusals=refunds.CannotRefund)
    if is_done:
        told = _("%(amount)s goes back to %(payer)s.") % {"amount": amount, "payer": found.payer}
        messages.success(request, told)
        return redirect("billing:payment", payment_id)
    return render(request, "billing/refund.html", {"payment": found, "form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def refund_failed(request: Request, refund_id: int) -> HttpResponse:
    """A check that was never cashed, a transfer that came back: the dollars are the payment's again."""
    rows = Refund.objects.visible_to(request.user).select_related("payment__payer__organization")
    found: Refund = get_object_or_404(rows, pk=refund_id)
    access.require_provider(request.user, Action.BILL)
    form = ReasonForm(request.POST or None)

    def do() -> None:
        refunds.fail(found, reason=form.cleaned_data["reason"], at=timezone.now())

    is_done, _answer = acted(request, form, do, verb="refund_failed", refusals=refunds.CannotRefund)
    if is_done:
        messages.success(request, _("%s is the payment's again.") % dollars(found.amount))
        return redirect("billing:payment", found.payment_id)
    context = {"refund": found, "form": form}
    return render(request, "billing/refund_failed.html", context, status=422 if form.errors else 200)


def _refunded(request: Request, found: Payment, form: RefundForm) -> str:
    asked = form.cleaned_data
    method, amount = PaymentMethod(asked["method"]), asked["amount"]
    facts = {"reason": asked["reason"], "by": request.user, "at": timezone.now()}
    if method == PaymentMethod.CARD:
        return dollars(card_refunds.refund(found, amount, **facts).amount)
    return dollars(refunds.refund(found, amount, method=method, reference=asked["reference"], **facts).amount)


def _payment(request: Request, payment_id: int) -> Payment:
    rows = Payment.objects.visible_to(request.user).with_rest().select_related("payer__organization", "payee")
    found: Payment = get_object_or_404(rows, pk=payment_id)
    access.require_provider(request.user, Action.BILL)
    return found
