"""Who pays for a roster, and sending it."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from billing.models import PurchaseOrder, Source
from events import terms
from people import once
from people.access import Action, require
from people.http import Request
from registrations import enrollment, funding
from registrations.forms import LineForm, PayForm, PurchaseOrderForm
from registrations.models import RosterDraft
from registrations.rosters import drafting, pricing, sending
from registrations.rosters.judging import Verdict
from registrations.views.rosters import STEPS, draft_for


@require_http_methods(["GET", "POST"])
def roster_funding(request: Request, draft_id: int) -> HttpResponse:
    draft = draft_for(request, draft_id)
    require(request.user, Action.SEE_MONEY, draft.sponsor)
    if draft.order_id:
        return redirect("registrations:order", draft.order_id)
    seated = _seated(request, draft)
    options = funding.eligible(draft.sponsor, draft.institute, who=request.user)
    form = PayForm(request.POST or None, keys=[v.row.key for v in seated], options=options)
    if form.is_valid():
        keys, pays = form.chosen()
        drafting.change_rows(draft, keys, at=timezone.now(), pays=pays)
        return redirect("registrations:roster_funding", draft.pk)
    names = {option.key: str(option) for option in options}
    context = _context(request, draft, seated, options) | {
        "form": form,
        "has_parts": not all(option.is_whole for option in options),
        "rows": [(verdict, _said(verdict.row.pays, names)) for verdict in seated],
    }
    return render(request, "registrations/roster_funding.html", context, status=422 if form.errors else 200)


def _said(pays: str, names: dict[str, str]) -> str:
    return " + ".join(names.get(key, "") for key in pays.split("+"))


def _seated(request: Request, draft: RosterDraft) -> list[Verdict]:
    verdicts = drafting.judged(draft, timezone.now(), who=request.user)
    return [verdict for verdict in verdicts if verdict.takes_a_seat]


def _context(
    request: Request, draft: RosterDraft, seated: list[Verdict], options: list[funding.Option]
) -> dict[str, Any]:
    purchase_orders = list(_purchase_orders(request, draft).order_by("-pk")[:50])
    by_key = {order.pk: order for order in purchase_orders}
    chosen = {key: by_key[pk] for key, pk in draft.funding.items() if pk in by_key}
    price = pricing.price_of(seated, options, draft.institute, chosen)
    return {
        "draft": draft,
        "institute": draft.institute,
        "steps": STEPS,
        "price": price,
        "used": [bill for bill in price.bills if bill.seats],
        "seats": len(seated),
        "purchase_orders": purchase_orders,
    }


def _purchase_orders(request: Request, draft: RosterDraft) -> QuerySet[PurchaseOrder]:
    """The district's own that are still good on the institute's first day."""
    own = PurchaseOrder.objects.visible_to(request.user).filter(payer__organization=draft.sponsor)
    found: QuerySet[PurchaseOrder] = own.exclude(expires_on__lt=draft.institute.starts_on)
    return found


@require_POST
def roster_purchase_order(request: Request, draft_id: int) -> HttpResponse:
    """Choose the purchase order of one line, from those that are here."""
    draft = draft_for(request, draft_id)
    require(request.user, Action.SEE_MONEY, draft.sponsor)
    number = request.POST.get("purchase_order", "")
    chosen = _purchase_orders(request, draft).filter(pk=number).first() if number.isdecimal() else None
    options = {option.key for option in funding.eligible(draft.sponsor, draft.institute, who=request.user)}
    if request.POST.get("option") in options:
        key = request.POST["option"]
        drafting.choose_purchase_order(draft, key, chosen.pk if chosen else None, at=timezone.now())
    return redirect("registrations:roster_funding", draft.pk)


@require_http_methods(["GET", "POST"])
def roster_line(request: Request, draft_id: int) -> HttpResponse:
    draft = draft_for(request, draft_id)
    require(request.user, Action.SEE_MONEY, draft.sponsor)
    form = LineForm(request.POST or None)
    if form.is_valid():
        asked = form.cleaned_data

        def do() -> int:
            return funding.add_line(
                draft.sponsor,
                source=Source(asked["source"]),
                account_string=asked["account_string"],
                lcap=(asked["lcap_year"], asked["lcap_goal"], asked["lcap_action"]),
                is_contributing=asked["is_contributing"],
                attests=asked["attests"],
                by=request.user,
                at=timezone.now(),
            ).pk

        once.act(asked["submission_key"], do, verb="add a funding line", by=request.user, at=timezone.now())
        return redirect("registrations:roster_funding", draft.pk)
    context = {"draft": draft, "form": form, "steps": STEPS, "title": _("A funding line")}
    return render(request, "registrations/roster_paper.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def roster_new_order(request: Request, draft_id: int) -> HttpResponse:
    draft = draft_for(request, draft_id)
    require(request.user, Action.SEE_MONEY, draft.sponsor)
    form = PurchaseOrderForm(request.POST or None)
    if form.is_valid():
        asked = form.cleaned_data
        wanted = {name: asked[name] for name in ("number", "amount", "expires_on")}

        def do() -> int:
            return funding.add_purchase_order(draft.sponsor, **wanted, by=request.user, at=timezone.now()).pk

        try:
            once.act(asked["submission_key"], do, verb="add a purchase order", by=request.user, at=timezone.now())
        except funding.CannotFund as refusal:
            form.add_error("number", str(refusal))
        else:
            return redirect("registrations:roster_funding", draft.pk)
    context = {"draft": draft, "form": form, "steps": STEPS, "title": _("A purchase order")}
    return render(request, "registrations/roster_paper.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def roster_confirm(request: Request, draft_id: int) -> HttpResponse:
    draft = draft_for(request, draft_id)
    require(request.user, Action.SEE_MONEY, draft.sponsor)
    refusal = ""
    if request.method == "POST" or draft.order_id:
        try:
            order = sending.submit(draft, by=request.user, at=timezone.now())
        except enrollment.CannotRegister as why:
            refusal = str(why)
        else:
            if not draft.order_id:
                messages.success(request, _("Registered. A confirmation is on its way to each person with an address."))
            return redirect("registrations:order", order.pk)
    seated = _seated(request, draft)
    options = funding.eligible(draft.sponsor, draft.institute, who=request.user)
    context = _context(request, draft, seated, options) | {
        "refusal": refusal,
        "terms": terms.sentences(draft.institute.terms),
        "silent": sum(verdict.kind == "needs_email" for verdict in seated),
    }
    return render(request, "registrations/roster_confirm.html", context, status=422 if refusal else 200)
