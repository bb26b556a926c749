"""Paying an invoice on Stripe's page, from a link that needs no account; what came of it; and staff's page of it all."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from billing import checkouts, gateway, reconciling
from billing.models import CheckoutAttempt, StripeEvent
from office import post
from people import access
from people.access import Action
from people.http import Request

SHOWN = 50


@login_not_required
@never_cache
@require_safe
def checkout(request: Request, token: str) -> HttpResponse:
    """What is owed; to open it starts nothing."""
    return _page(request, token)


@login_not_required
@never_cache
@require_safe
def checkout_left(request: Request, token: str) -> HttpResponse:
    """Back from Stripe's page without having paid."""
    return _page(request, token, left=True)


@login_not_required
@require_POST
def checkout_start(request: Request, token: str) -> HttpResponse:
    """A click: on to Stripe's page. A second click finds the first one's visit."""
    try:
        attempt = checkouts.start(checkouts.read(token), at=timezone.now())
    except gateway.GatewayAway as away:
        return _page(request, token, refusal=str(away), status=503)
    except checkouts.LinkRefused as refusal:
        return _refused(request, refusal)
    except (checkouts.CannotCheckOut, gateway.GatewayRefused) as refusal:
        return _page(request, token, refusal=str(refusal), status=422)
    return redirect(attempt.url)


@login_not_required
@never_cache
@require_safe
def checkout_done(request: Request, token: str, attempt_id: int) -> HttpResponse:
    """What came of a visit, as Stripe's own message says; until that comes, the page asks again."""
    try:
        invoice = checkouts.read(token)
    except checkouts.LinkRefused as refusal:
        return _refused(request, refusal)
    rows = CheckoutAttempt.objects.filter(invoice=invoice).select_related("payment")
    attempt = get_object_or_404(rows, pk=attempt_id)
    context = {"attempt": attempt, "invoice": invoice, "token": token}
    return render(request, "billing/checkout_done.html", context)


@require_safe
def card_payments(request: Request) -> HttpResponse:
    """Whether cards are on, what the last night found, and what did not go by itself."""
    access.require_provider(request.user, Action.BILL)
    attempts = CheckoutAttempt.objects.visible_to(request.user)
    related = attempts.select_related("invoice", "payer__organization", "payer__person", "payment")
    context = {
        "why_off": gateway.why_off(),
        "webhook": post.link(reverse("billing:webhook")),
        "night": reconciling.last_night(),
        "waiting": StripeEvent.objects.unanswered().order_by("pk")[:SHOWN],
        "attempts": related.order_by("-pk")[:SHOWN],
    }
    return render(request, "billing/card_payments.html", context)


def _page(request: Request, token: str, *, left: bool = False, refusal: str = "", status: int = 200) -> HttpResponse:
    try:
        invoice = checkouts.read(token)
    except checkouts.LinkRefused as why:
        return _refused(request, why)
    context = {
        "invoice": invoice,
        "token": token,
        "left": left,
        "refusal": refusal,
        "why_not": checkouts.why_not_now(invoice),
        "remit_to": (invoice.remit_to or invoice.payee.remit_to) if invoice.balance > 0 else "",
    }
    return render(request, "billing/checkout.html", context, status=status)


def _refused(request: Request, why: Exception) -> HttpResponse:
    context = {"title": _("This link does not open"), "why": str(why)}
    return render(request, "billing/checkout_refused.html", context, status=403)
