"""Those who wait: a coordinator's own, an institute's whole line, and the offers they get."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from events import terms
from events.models import Institute
from people import once
from people.access import Action, Principal, may, require, require_provider
from people.forms import OnceForm
from people.http import Request, act
from people.models import Organization
from registrations import lineups, offers, turns, waitlist
from registrations.line_forms import OfferNowForm
from registrations.models import Offer, WaitlistEntry
from registrations.refusals import CannotChange, CannotRegister

REFUSALS = (CannotChange, CannotRegister, once.KeyUsedForSomethingElse)


@require_safe
def waits(request: Request) -> HttpResponse:
    """Everyone of hers who waits anywhere, in the order of the institutes."""
    rows = WaitlistEntry.objects.visible_to(request.user).waiting()
    require(request.user, Action.REGISTER)
    shown = rows.select_related("institute__team_rule", "allotment__order__sponsor")
    own = [entry for entry in shown if may(request.user, Action.REGISTER, entry.allotment.order.sponsor)]
    context = {"lines": lineups.of_entries(own, at=timezone.now())}
    return render(request, "registrations/waits.html", context)


@require_safe
def wait(request: Request, entry_id: int) -> HttpResponse:
    """One entry: where it stands, who pays, what was offered; and what may be done."""
    return _entry_page(request, _entry(request, entry_id), OfferNowForm())


@require_POST
def wait_leave(request: Request, entry_id: int) -> HttpResponse:
    entry = _entry(request, entry_id)
    form = OfferNowForm(request.POST)
    if form.is_valid():
        try:
            act(request, form, lambda: waitlist.leave(entry, by=request.user, at=timezone.now()).pk, verb="leave")
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Left the line. The next one moves up."))
            return _to_line(request, entry)
    return _entry_page(request, entry, form)


@require_POST
def wait_offer(request: Request, entry_id: int) -> HttpResponse:
    """Staff: offer by hand."""
    entry = _entry(request, entry_id)
    require_provider(request.user, Action.REGISTER)
    form = OfferNowForm(request.POST)
    if form.is_valid():
        try:
            act(request, form, lambda: _offered(request, entry, form), verb="offer")
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Offered. The coordinators are told by mail now."))
            return _to_line(request, entry)
    return _entry_page(request, entry, form)


def _offered(request: Request, entry: WaitlistEntry, form: OfferNowForm) -> int:
    reason = form.cleaned_data["reason"]
    return waitlist.offer_now(entry, by=request.user, at=timezone.now(), reason=reason).pk


def _entry(request: Request, entry_id: int) -> WaitlistEntry:
    rows = WaitlistEntry.objects.visible_to(request.user).select_related(
        "allotment__order__sponsor", "institute__team_rule", "team", "joins"
    )
    entry: WaitlistEntry = get_object_or_404(rows, pk=entry_id)
    require_sponsor(request, entry.allotment.order.sponsor)
    return entry


def require_sponsor(request: Request, sponsor: Organization | None) -> None:
    """Whoever registers for the sponsor; for those who pay themselves, the provider's staff."""
    if sponsor is None:
        require_provider(request.user, Action.REGISTER)
    require(request.user, Action.REGISTER, sponsor)


def _to_line(request: Request, entry: WaitlistEntry) -> HttpResponse:
    if Principal.of(request.user).is_provider:
        return redirect("registrations:institute_waitlist", entry.institute_id)
    return redirect("registrations:waits")


def _entry_page(request: Request, entry: WaitlistEntry, form: OfferNowForm) -> HttpResponse:
    standings = [one for _institute, rows in lineups.of_entries([entry], at=timezone.now()) for one in rows]
    context = {
        "entry": entry,
        "institute": entry.institute,
        "standing": standings[0] if standings and not entry.ended_at else None,
        "people": [row.person for row in entry.people.select_related("person").order_by("person__sort_key", "pk")],
        "fundings": entry.allotment.fundings.select_related("line__agreement", "line__payer", "purchase_order"),
        "offers": entry.offers.select_related("sent_by__person").order_by("pk"),
        "form": form,
        "is_staff": Principal.of(request.user).is_provider,
    }
    return render(request, "registrations/wait.html", context, status=422 if form.errors else 200)


@require_safe
def institute_waitlist(request: Request, institute_id: int) -> HttpResponse:
    """The whole line of an institute."""
    rows = Institute.objects.visible_to(request.user).select_related("team_rule")
    institute = get_object_or_404(rows, pk=institute_id)
    require_provider(request.user, Action.REGISTER)
    now = timezone.now()
    context = {
        "institute": institute,
        "current": "waitlist",
        "standings": lineups.of_institute(institute, at=now),
        "is_time": turns.is_time(now, institute),
        "next_time": turns.said(turns.next_time(now, institute), institute),
    }
    return render(request, "registrations/institute_waitlist.html", context)


# --- An offer -----------------------------------------------------------------------------------------------------------


@require_safe
def offer(request: Request, offer_id: int) -> HttpResponse:
    """What is offered, to be answered by a click: whoever only opens the link, as mail scanners do, accepts nothing."""
    return _page(request, _offer(request, offer_id), OnceForm())


@require_POST
def offer_accept(request: Request, offer_id: int) -> HttpResponse:
    shown = _offer(request, offer_id)
    form = OnceForm(request.POST)
    if form.is_valid():
        try:
            act(request, form, lambda: _accepted(request, shown), verb="accept an offer")
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The seats are yours. Each person gets a confirmation."))
            return redirect("registrations:order", shown.entry.allotment.order_id)
    return _page(request, shown, form)


def _accepted(request: Request, shown: Offer) -> list[int]:
    return [registration.pk for registration in offers.accept(shown, by=request.user, at=timezone.now())]


@require_POST
def offer_decline(request: Request, offer_id: int) -> HttpResponse:
    shown = _offer(request, offer_id)
    form = OnceForm(request.POST)
    if form.is_valid():
        try:
            act(request, form, lambda: offers.decline(shown, by=request.user, at=timezone.now()).pk, verb="decline")
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Declined; nothing is charged, and the next in line is asked."))
            return redirect("registrations:waits")
    return _page(request, shown, form)


def _offer(request: Request, offer_id: int) -> Offer:
    rows = Offer.objects.visible_to(request.user).select_related(
        "entry__team", "entry__institute__terms", "entry__institute__venue", "entry__allotment__order__sponsor"
    )
    shown: Offer = get_object_or_404(rows, pk=offer_id)
    require_sponsor(request, shown.entry.allotment.order.sponsor)
    return shown


def _page(request: Request, shown: Offer, form: OnceForm) -> HttpResponse:
    institute, entry = shown.entry.institute, shown.entry
    context: dict[str, Any] = {
        "offer": shown,
        "entry": entry,
        "institute": institute,
        "people": [row.person for row in entry.people.select_related("person").order_by("person__sort_key", "pk")],
        "amount": entry.allotment.price * entry.seats,
        "fundings": entry.allotment.fundings.select_related("line__agreement", "line__payer", "purchase_order"),
        "is_open": shown.answered_at is None and shown.ends_at > timezone.now(),
        "end": turns.said(shown.ends_at, institute),
        "terms": terms.sentences(institute.terms),
        "form": form,
    }
    return render(request, "registrations/offer.html", context, status=422 if form.errors else 200)
