"""Changes of mind: each page shows what it costs under the terms, and does it in one step."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from billing.models import PurchaseOrder
from events.models import Institute
from people import once
from people.access import Action, Principal, may, require, require_provider
from people.forms import OnceForm
from people.http import Request, act
from people.models import Organization
from registrations import changes, closures, costs, funding, moves, naming, takeovers, transfers, withdrawals, wording
from registrations.forms.changes import (
    AcceptForm,
    AskForm,
    LeaveOpenForm,
    PaysForm,
    ReasonForm,
    TransferForm,
    WithdrawForm,
)
from registrations.funding import Share
from registrations.models import Order, Registration, Seat, Takeover
from registrations.refusals import CannotChange


@require_http_methods(["GET", "POST"])
def withdraw(request: Request) -> HttpResponse:
    seats = _ticked(request)
    if not seats:
        return _nothing(request)
    is_staff = Principal.of(request.user).is_provider
    price = withdrawals.price(seats, at=timezone.now())
    form = WithdrawForm(request.POST or None, is_staff=is_staff, initial={"kept": price.kept})

    def do() -> str:
        asked = form.cleaned_data
        is_forced = bool(asked.get("is_forced"))
        made = withdrawals.withdraw(
            seats,
            cause=asked["cause"],
            words=asked["words"],
            is_forced=is_forced,
            seen=None if is_forced else asked["kept"],
            by=request.user,
            at=timezone.now(),
        )
        return _("%(seats)s went back.") % {"seats": wording.count(len(made), "seat")}

    more = {"price": price, "may_wait": not any(cost.days_before <= 0 for cost in price.of_each)}
    return _page(request, "withdraw", seats, form, do, more)


@require_http_methods(["GET", "POST"])
def leave_open(request: Request) -> HttpResponse:
    """Names off, seats kept: substitutes are named later."""
    seats = _ticked(request)
    leaving = list(Registration.objects.live().filter(seat__in=seats).order_by("pk"))
    if not seats or not (leaving or request.method == "POST"):
        return _nothing(request)
    day_before = min(seat.institute.starts_on for seat in seats) - timedelta(days=1)
    form = LeaveOpenForm(request.POST or None, initial={"until": day_before})

    def do() -> str:
        until = form.cleaned_data["until"]
        kept = naming.leave_open(leaving, until=until, by=request.user, at=timezone.now())
        return ngettext("%d seat waits for a name.", "%d seats wait for a name.", len(kept)) % len(kept)

    return _page(request, "leave_open", seats, form, do, {})


@require_http_methods(["GET", "POST"])
def transfer(request: Request) -> HttpResponse:
    seats = _ticked(request)
    if not seats:
        return _nothing(request)
    is_staff = Principal.of(request.user).is_provider
    price = transfers.price(seats, at=timezone.now())
    sponsor = seats[0].allotment.order.sponsor
    known = {"institutes": _targets(request, seats), "is_staff": is_staff, **_money_of(request, sponsor, seats)}
    form = TransferForm(request.POST or None, initial={"kept": price.kept}, **known)
    return _page(request, "transfer", seats, form, partial(_transferred, request, form, seats), {"price": price})


def _transferred(request: Request, form: TransferForm, seats: Sequence[Seat]) -> str:
    asked = form.cleaned_data
    is_forced = bool(asked.get("is_forced"))
    made = transfers.transfer(
        seats,
        to=asked["to"],
        shares=_shares(request, form, seats[0].allotment.order.sponsor, asked["to"]),
        is_forced=is_forced,
        reason=asked["reason"],
        seen=None if is_forced else asked["kept"],
        by=request.user,
        at=timezone.now(),
    )
    return _("%(seats)s moved to %(code)s.") % {"seats": wording.count(len(made), "seat"), "code": asked["to"].code}


@require_http_methods(["GET", "POST"])
def move_payer(request: Request) -> HttpResponse:
    seats = _ticked(request)
    if not seats:
        return _nothing(request)
    sponsor = seats[0].allotment.order.sponsor
    form = PaysForm(request.POST or None, **_money_of(request, sponsor, seats))

    def do() -> str:
        shares = _shares(request, form, sponsor, seats[0].institute) or []
        reason = form.cleaned_data["reason"]
        made = moves.move(seats, shares=shares, reason=reason, by=request.user, at=timezone.now())
        return _("%(seats)s: paid by %(line)s from now on.") % {
            "seats": wording.count(len(made), "seat"),
            "line": shares[0].line,
        }

    return _page(request, "move_payer", seats, form, do, {})


# --- Another district -------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def ask_takeover(request: Request, seat_id: int) -> HttpResponse:
    seat = get_object_or_404(_seats(request).held(), pk=seat_id)
    _require(request, [seat])
    q = request.GET.get("q", "").strip()
    others = Organization.objects.open().exclude(pk=seat.allotment.order.sponsor_id)
    form = AskForm(request.POST or None, districts=others)

    def do() -> str:
        asked = form.cleaned_data
        takeovers.ask(seat, asked["district"], reason=asked["reason"], by=request.user, at=timezone.now())
        return _("%(district)s is asked. Until it accepts, the seat stays with you.") % {"district": asked["district"]}

    more = {"q": q, "districts": others.named_like(q).order_by("search_key")[:12] if q else []}
    return _page(request, "ask_takeover", [seat], form, do, more)


@require_http_methods(["GET", "POST"])
def takeover(request: Request, takeover_id: int) -> HttpResponse:
    """The question, for the district that is asked: accept it with its own money, or leave it."""
    rows = Takeover.objects.visible_to(request.user).select_related(
        "asked_of", "seat__institute", "seat__allotment__order__sponsor", "asked_by__person"
    )
    asked = get_object_or_404(rows, pk=takeover_id)
    require(request.user, Action.REGISTER, asked.asked_of)
    require(request.user, Action.SEE_MONEY, asked.asked_of)
    known = _money_of(request, asked.asked_of, [asked.seat])
    form = AcceptForm(request.POST or None, **known)
    if request.POST.get("decline"):
        form.fields["pays"].required = False
    if form.is_valid() and _done(request, form, partial(_answered, request, form, asked), "takeover"):
        return redirect("registrations:takeover", asked.pk)
    people = Registration.objects.live().filter(seat=asked.seat).select_related("person")
    context = {"takeover": asked, "seat": asked.seat, "institute": asked.seat.institute, "people": people, "form": form}
    return render(request, "registrations/takeover.html", context, status=422 if form.errors else 200)


def _answered(request: Request, form: AcceptForm, asked: Takeover) -> str:
    if request.POST.get("decline"):
        takeovers.decline(asked, by=request.user, at=timezone.now())
        return _("The seat stays with %(district)s.") % {"district": asked.seat.allotment.order.sponsor}
    shares = _shares(request, form, asked.asked_of, asked.seat.institute) or []
    takeovers.accept(asked, shares=shares, by=request.user, at=timezone.now())
    return _("The seat is yours.")


# --- A whole institute ------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def close_institute(request: Request, institute_id: int) -> HttpResponse:
    institute = get_object_or_404(Institute.objects.visible_to(request.user), pk=institute_id)
    require_provider(request.user, Action.SCHEDULE)
    require_provider(request.user, Action.BILL)
    form = ReasonForm(request.POST or None)

    def do() -> str:
        made = closures.cancel(institute, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
        return _("%(code)s is canceled, and %(seats)s went back.") % {
            "code": institute.code,
            "seats": wording.count(len(made), "seat"),
        }

    if form.is_valid() and _done(request, form, do, "cancel"):
        return redirect("registrations:close_institute", institute.pk)
    context = {
        "institute": institute,
        "form": form,
        "price": closures.price(institute),
        "districts": closures.districts_of(institute),
    }
    return render(request, "registrations/close_institute.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET"])
def closure_letter(request: Request, institute_id: int, organization_id: int) -> HttpResponse:
    """A district's letter for the travel that it paid for nothing; printed from the browser."""
    orders = Order.objects.visible_to(request.user).filter(sponsor=organization_id, allotments__institute=institute_id)
    canceled = Institute.objects.filter(canceled_at__isnull=False, pk__in=orders.values("allotments__institute"))
    institute = get_object_or_404(canceled, pk=institute_id)
    district = get_object_or_404(Organization, pk=organization_id)
    require(request.user, Action.SEE_MONEY, district)
    context = closures.letter(institute, district)
    return render(request, "registrations/closure_letter.html", context)


# --- Below the views --------------------------------------------------------------------------------------------------


def _seats(request: Request) -> Any:
    related = Seat.objects.visible_to(request.user)
    return related.select_related("allotment__order__sponsor", "allotment__order__terms", "institute", "offer")


def _ticked(request: Request) -> list[Seat]:
    """The seats named in the address or the form that may be seen. Stops with 403 where one is another's.

    A form may come twice: the second time its seats are held no more, and it gets the first answer.
    """
    keys = [int(key) for key in request.POST.getlist("seat") or request.GET.getlist("seat") if key.isdecimal()]
    rows = _seats(request) if request.method == "POST" else _seats(request).held()
    seats: list[Seat] = list(rows.filter(pk__in=keys).order_by("pk"))
    _require(request, seats)
    return seats


def _require(request: Request, seats: Sequence[Seat]) -> None:
    for sponsor in {seat.allotment.order.sponsor_id for seat in seats}:
        if not all(may(request.user, action, sponsor) for action in (Action.REGISTER, Action.SEE_MONEY)):
            raise PermissionDenied


def _nothing(request: Request) -> HttpResponse:
    """Nothing was ticked, or nothing of it is held any more."""
    gone = bool(request.GET.getlist("seat"))
    messages.warning(request, _("Those seats are held no more.") if gone else _("Tick the seats first."))
    order = request.GET.get("order", "")
    return redirect("registrations:order", int(order)) if order.isdecimal() else redirect("portal:start")


def _page(
    request: Request, name: str, seats: Sequence[Seat], form: OnceForm, do: Callable[[], str], more: dict[str, Any]
) -> HttpResponse:
    """The page of one change: its form, what it costs, and the way back."""
    if form.is_valid() and _done(request, form, do, name):
        return _back(seats)
    context = more | {
        "form": form,
        "seats": seats,
        "rows": changes.rows_of(Seat.objects.filter(pk__in=[seat.pk for seat in seats])),
        "institute": seats[0].institute,
        "orders": sorted({seat.allotment.order_id for seat in seats}),
        "today": costs.today_at(seats[0].institute, timezone.now()),
    }
    return render(request, f"registrations/change_{name}.html", context, status=422 if form.errors else 200)


def _done(request: Request, form: OnceForm, do: Callable[[], str], verb: str) -> bool:
    """Whether it was done; a refusal stands on the form."""
    try:
        messages.success(request, act(request, form, do, verb=verb))
    except (CannotChange, funding.CannotFund, once.KeyUsedForSomethingElse) as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


def _back(seats: Sequence[Seat]) -> HttpResponse:
    orders = {seat.allotment.order_id for seat in seats}
    if len(orders) == 1:
        return redirect("registrations:order", orders.pop())
    return redirect("registrations:district_seats", seats[0].institute_id, seats[0].allotment.order.sponsor_id)


def _targets(request: Request, seats: Sequence[Seat]) -> Any:
    """Institutes that are to come; the provider's staff may choose one that is closed for registration."""
    now = timezone.now()
    rows = Institute.objects.visible_to(request.user).published().held().filter(ends_on__gte=now.date())
    if not Principal.of(request.user).is_provider:
        rows = rows.open_for_registration(at=now)
    return rows.exclude(pk__in=[seat.institute_id for seat in seats]).order_by("starts_on", "code")


def _money_of(request: Request, sponsor: Organization | None, seats: Sequence[Seat]) -> dict[str, Any]:
    """What may pay for a district's seats, and its purchase orders."""
    options = funding.eligible(sponsor, seats[0].institute, who=request.user) if sponsor else []
    orders = PurchaseOrder.objects.visible_to(request.user).filter(payer__organization=sponsor)
    return {"options": options, "purchase_orders": orders.exclude(expires_on__lt=timezone.localdate()).order_by("-pk")}


def _shares(request: Request, form: PaysForm, sponsor: Organization | None, at: Institute) -> list[Share] | None:
    """What was chosen to pay for all days of an institute; nothing where it stays as it is."""
    asked = form.cleaned_data
    if not asked["pays"]:
        return None
    now = timezone.now()
    return moves.shares_of(asked["pays"], asked["purchase_order"], sponsor=sponsor, at=at, by=request.user, now=now)
