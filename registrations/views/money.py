"""Who pays for a roster, and sending it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing.models import PurchaseOrder, Source
from events import terms
from office import files
from office.models import StoredFile
from people import once
from people.access import Action, Principal, require
from people.http import Request
from registrations import approvals, enrollment, funding
from registrations.forms.money import LineForm, PayForm, PurchaseOrderForm, ShortForm
from registrations.models import Order, RosterDraft, Seat
from registrations.rosters import drafting, pricing, sending
from registrations.rosters.judging import Kind, Verdict
from registrations.views.rosters import STEPS, change, deed, draft_for

PAPER = (files.PDF, files.PNG, files.JPEG)


def paid_draft_for(request: Request, draft_id: int) -> RosterDraft:
    """A roster of someone who sees its money too."""
    draft = draft_for(request, draft_id)
    require(request.user, Action.SEE_MONEY, draft.sponsor)
    return draft


@require_http_methods(["GET", "POST"])
def roster_funding(request: Request, draft_id: int) -> HttpResponse:
    draft = paid_draft_for(request, draft_id)
    if draft.order_id:
        return redirect("registrations:order", draft.order_id)
    context = _context(request, draft)
    rows = {verdict.row.key: verdict.row.pays for verdict in context["coming"]}
    takes = draft.institute.chaperones > 0
    form = PayForm(request.POST or None, rows=rows, options=context["options"], takes_chaperones=takes)
    if form.is_valid():
        change(request, drafting.pay, draft, *form.chosen())
        return redirect("registrations:roster_funding", draft.pk)
    return _funding_page(request, context, form)


def _funding_page(request: Request, context: dict[str, Any], form: PayForm | None = None) -> HttpResponse:
    coming, options = context["coming"], context["options"]
    names = {option.key: str(option) for option in options}
    takes = context["institute"].chaperones > 0
    nobody = {verdict.row.key: "" for verdict in coming}
    pay_form = form or PayForm(rows=nobody, options=options, takes_chaperones=takes)
    more = {
        "form": pay_form,
        "has_parts": not all(option.is_whole for option in options),
        "takes_chaperones": takes,
        "rows": [(verdict, _said(verdict, names)) for verdict in coming],
    }
    is_refused = pay_form.errors or any(short.errors for short in context["short_forms"])
    return render(request, "registrations/roster_funding.html", context | more, status=422 if is_refused else 200)


def _said(verdict: Verdict, names: dict[str, str]) -> str:
    if verdict.is_chaperone:
        return _("Nobody: a chaperone")
    return " + ".join(names.get(key, "") for key in verdict.row.pays.split("+"))


def _context(request: Request, draft: RosterDraft, *, asked: Any = None) -> dict[str, Any]:
    """Who comes, what it costs whom, and where money runs out; `asked` is what was chosen where it does."""
    verdicts = drafting.judged(draft, timezone.now(), who=request.user)
    coming = [verdict for verdict in verdicts if verdict.takes_a_seat or verdict.waits]
    options = funding.eligible(draft.sponsor, draft.institute, who=request.user)
    purchase_orders = list(_purchase_orders(request, draft).order_by("-pk")[:50])
    by_key = {order.pk: order for order in purchase_orders}
    chosen = {key: by_key[pk] for key, pk in draft.funding.items() if pk in by_key}
    price = pricing.price_of(coming, options, draft.institute, chosen)
    return {
        "draft": draft,
        "institute": draft.institute,
        "steps": STEPS,
        "price": price,
        "used": [bill for bill in price.bills if bill.seats],
        "coming": coming,
        "options": options,
        "seats": sum(verdict.takes_a_seat for verdict in coming),
        "waiting": sum(verdict.waits for verdict in coming),
        "added": sum(verdict.kind == Kind.ADDED for verdict in verdicts),
        "silent": sum(verdict.is_silent and verdict.takes_a_seat for verdict in coming),
        "purchase_orders": purchase_orders,
        "short_forms": [_short_form(shortage, options, asked) for shortage in price.shortages],
    }


def _short_form(shortage: pricing.Shortage, options: list[funding.Option], asked: Any) -> ShortForm:
    is_about = asked is not None and asked.get("agreement") == str(shortage.agreement.pk)
    return ShortForm(asked if is_about else None, shortage=shortage, options=options)


def _purchase_orders(request: Request, draft: RosterDraft) -> QuerySet[PurchaseOrder]:
    """The district's own that are still good on the institute's first day."""
    own = PurchaseOrder.objects.visible_to(request.user).filter(payer__organization=draft.sponsor)
    found: QuerySet[PurchaseOrder] = own.exclude(expires_on__lt=draft.institute.starts_on)
    return found


@deed
def roster_short(request: Request, draft_id: int) -> HttpResponse:
    """Who is funded by money that does not suffice, and what becomes of the others."""
    draft = paid_draft_for(request, draft_id)
    context = _context(request, draft, asked=request.POST)
    answered = next((form for form in context["short_forms"] if form.is_bound), None)
    if answered is not None and not answered.is_valid():
        return _funding_page(request, context)
    if answered is None:
        messages.info(request, _("There is enough now. Look at the money once more."))
    else:
        funded, others, pays = answered.chosen()
        change(request, drafting.share_out, draft, funded, others, pays=pays)
    return redirect("registrations:roster_funding", draft.pk)


@deed
def roster_purchase_order(request: Request, draft_id: int) -> HttpResponse:
    """Choose the purchase order of one line, from those that are here."""
    draft = paid_draft_for(request, draft_id)
    number = request.POST.get("purchase_order", "")
    chosen = _purchase_orders(request, draft).filter(pk=number).first() if number.isdecimal() else None
    options = {option.key for option in funding.eligible(draft.sponsor, draft.institute, who=request.user)}
    if request.POST.get("option") in options:
        change(request, drafting.choose_purchase_order, draft, request.POST["option"], chosen.pk if chosen else None)
    return redirect("registrations:roster_funding", draft.pk)


# --- New paper --------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def roster_line(request: Request, draft_id: int) -> HttpResponse:
    draft = paid_draft_for(request, draft_id)
    form = LineForm(request.POST or None, request.FILES or None, sponsor=draft.sponsor, who=request.user)

    def do() -> int:
        asked = form.cleaned_data
        return funding.add_line(
            draft.sponsor,
            payer=form.who_pays(),
            source=Source(asked["source"]),
            account_string=asked["account_string"],
            lcap=(asked["lcap_year"], asked["lcap_goal"], asked["lcap_action"]),
            is_contributing=asked["is_contributing"],
            attested_by=(asked["attested_by"] or str(request.user)) if asked["attests"] else "",
            evidence=_kept(request, asked["evidence"]),
            by=request.user,
            at=timezone.now(),
        ).pk

    return _paper(request, draft, form, do, title=_("A funding line"), beside="payer")


@require_http_methods(["GET", "POST"])
def roster_new_order(request: Request, draft_id: int) -> HttpResponse:
    draft = paid_draft_for(request, draft_id)
    form = PurchaseOrderForm(request.POST or None, request.FILES or None)

    def do() -> int:
        asked = form.cleaned_data
        facts = {name: asked[name] for name in ("number", "amount", "issued_on", "expires_on")}
        file = _kept(request, asked["file"])
        return funding.add_purchase_order(draft.sponsor, **facts, file=file, by=request.user, at=timezone.now()).pk

    return _paper(request, draft, form, do, title=_("A purchase order"), beside="number")


def _kept(request: Request, upload: UploadedFile | None) -> StoredFile | None:
    return files.accept(upload, types=PAPER, by=request.user, at=timezone.now()) if upload else None


def _paper(
    request: Request,
    draft: RosterDraft,
    form: LineForm | PurchaseOrderForm,
    do: Callable[[], int],
    *,
    title: str,
    beside: str,
) -> HttpResponse:
    """The page of a new line or purchase order; a refusal stands `beside` a field."""
    if form.is_valid():
        key, now = form.cleaned_data["submission_key"], timezone.now()
        try:
            once.act(key, do, verb=f"add {title.lower()}", by=request.user, at=now)
        except files.CannotKeep as refusal:
            form.add_error("evidence" if "evidence" in form.fields else "file", str(refusal))
        except funding.CannotFund as refusal:
            form.add_error(beside, str(refusal))
        else:
            return redirect("registrations:roster_funding", draft.pk)
    context = {"draft": draft, "form": form, "steps": STEPS, "title": title}
    return render(request, "registrations/roster_paper.html", context, status=422 if form.errors else 200)


# --- Sending ----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def roster_confirm(request: Request, draft_id: int) -> HttpResponse:
    draft = paid_draft_for(request, draft_id)
    if draft.order_id:
        return redirect("registrations:order", draft.order_id)
    refusal = ""
    if request.method == "POST":
        seen = request.POST.get("revision", "")
        try:
            order = sending.submit(
                draft,
                seen=int(seen) if seen.isdecimal() else None,
                past_the_line=request.POST.get("past_the_line", "").strip()[:200],
                by=request.user,
                at=timezone.now(),
            )
        except enrollment.CannotRegister as why:
            refusal = str(why)
            draft.refresh_from_db()
        else:
            return _sent(request, draft, order)
    context = _context(request, draft) | {"refusal": refusal, "terms": terms.sentences(draft.institute.terms)}
    context["standing"] = approvals.standing(draft)
    context["may_pass"] = bool(refusal) and Principal.of(request.user).is_provider
    return render(request, "registrations/roster_confirm.html", context, status=422 if refusal else 200)


def _sent(request: Request, draft: RosterDraft, order: Order | None) -> HttpResponse:
    if order is None:
        messages.success(request, _("Kept. Who had no address until now gets a confirmation."))
        return redirect("registrations:roster_start", draft.institute_id)
    if not Seat.objects.filter(allotment__order=order).exists():
        messages.success(request, _("They stand in line. You get a mail as soon as a seat is free for them."))
        return redirect("registrations:waits")
    messages.success(request, _("Registered. A confirmation is on its way to each person with an address."))
    return redirect("registrations:order", order.pk)
