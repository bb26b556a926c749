"""Seats: the page of an order, a district's seats at an institute, one seat, and who comes on it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Prefetch, Q, Subquery, Sum
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from billing.models import Charge
from events import terms
from office.models import Message, Outcome
from people import once
from people.access import Action, Principal, may, require
from people.forms import put
from people.http import Request, act
from people.models import Organization, Person
from registrations import changes, confirmations, costs, naming, substitutes
from registrations.forms.changes import WhoForm
from registrations.models import Allotment, AllotmentFunding, Order, PayerMove, Registration, Seat
from registrations.newcomers import Attendee
from registrations.refusals import CannotChange
from registrations.rosters import cells

MOST_FOUND = 12


# --- An order ---------------------------------------------------------------------------------------------------------


@require_safe
def order(request: Request, order_id: int) -> HttpResponse:
    related = Order.objects.visible_to(request.user).select_related("sponsor", "placed_by__person", "terms")
    shown = get_object_or_404(related, pk=order_id)
    if shown.sponsor:
        require(request.user, Action.SEE_MONEY, shown.sponsor)
    allotments = _allotments(Q(order=shown))
    charged = Charge.objects.filter(seat_charge__seat__allotment__order=shown).aggregate(sum=Sum("amount"))["sum"]
    away = PayerMove.objects.filter(from_allotment__order=shown).exclude(to_allotment__order=shown)
    context = _table(request, allotments, sponsor=shown.sponsor) | {
        "order": shown,
        "total": charged,
        "terms": terms.sentences(shown.terms),
        "taken_over": away.select_related("to_allotment__order__sponsor", "by__person"),
        "others": _other_orders(request, shown, allotments),
    }
    return render(request, "registrations/order.html", context)


@require_safe
def district_seats(request: Request, institute_id: int, organization_id: int) -> HttpResponse:
    """All seats of a district at an institute, whatever order they came with."""
    orders = Order.objects.visible_to(request.user).filter(sponsor=organization_id, allotments__institute=institute_id)
    if not orders.exists():
        raise Http404
    sponsor = get_object_or_404(Organization, pk=organization_id)
    require(request.user, Action.SEE_MONEY, sponsor)
    allotments = _allotments(Q(order__in=orders, institute=institute_id))
    context = _table(request, allotments, sponsor=sponsor) | {"sponsor": sponsor}
    return render(request, "registrations/seats.html", context)


def _allotments(which: Q) -> list[Allotment]:
    parts = AllotmentFunding.objects.select_related("line__agreement", "line__payer", "purchase_order")
    rows = Allotment.objects.filter(which).distinct().select_related("institute", "order").order_by("pk")
    return list(rows.prefetch_related(Prefetch("fundings", queryset=parts.order_by("first_day"))))


def _table(request: Request, allotments: list[Allotment], *, sponsor: Organization | None) -> dict[str, Any]:
    """The seats by what pays for them, and those that went back."""
    rows = changes.rows_of(Seat.objects.filter(allotment__in=allotments))
    held = [row for row in rows if row.seat.released_at is None]
    mailed = _mailed([person for row in held for person in row.people])
    groups: dict[int, list[tuple[changes.Row, str]]] = {allotment.pk: [] for allotment in allotments}
    for row in held:
        mail = mailed.get(row.people[-1].pk, "") if row.people else ""
        groups[row.seat.allotment_id].append((row, mail))
    return {
        "institute": allotments[0].institute if allotments else None,
        "groups": [(allotment, groups[allotment.pk]) for allotment in allotments if groups[allotment.pk]],
        "gone": [row for row in rows if row.seat.released_at],
        "people": sum(len(row.people) for row in held),
        "seats": len(held),
        "open": sorted((row for row in held if not row.people and not row.is_offered), key=_until),
        "history": _latest(rows),
        "may_register": may(request.user, Action.REGISTER, sponsor),
        "is_staff": Principal.of(request.user).is_provider,
    }


def _until(row: changes.Row) -> tuple[bool, float]:
    """The seat that goes back first comes first."""
    return row.due_at is None, row.due_at.timestamp() if row.due_at else 0


def _latest(rows: list[changes.Row]) -> list[tuple[changes.Row, changes.Entry]]:
    """What changed last, in all the seats."""
    told = [(row, entry) for row in rows for entry in row.history]
    return sorted(told, key=lambda pair: pair[1].at, reverse=True)[:50]


def _other_orders(request: Request, shown: Order, allotments: list[Allotment]) -> bool:
    """Whether the district has other orders at the same institute."""
    institutes = [allotment.institute_id for allotment in allotments]
    same = Order.objects.visible_to(request.user).filter(sponsor=shown.sponsor, allotments__institute__in=institutes)
    return bool(shown.sponsor_id and same.exclude(pk=shown.pk).exists())


def _mailed(registrations: list[Registration]) -> dict[int, str]:
    """What became of each person's confirmation: by the registration's key, `sent`, `waiting`, `failed`, `bounced`…

    Nothing for who has no address.
    """
    reached = confirmations.addresses_of(registrations)
    became = {registration.pk: "waiting" for registration in registrations if registration.person_id in reached}
    keys = {f"{confirmations.KEY}{registration.pk}": registration.pk for registration in registrations}
    latest = Outcome.objects.filter(message=OuterRef("pk")).order_by("-at", "-pk").values("kind")[:1]
    found = Message.objects.filter(key__in=keys).annotate(became=Subquery(latest))
    return became | {keys[key]: kind or "waiting" for key, kind in found.values_list("key", "became") if key}


# --- One seat ---------------------------------------------------------------------------------------------------------


@require_safe
def seat(request: Request, seat_id: int) -> HttpResponse:
    """Who sits in it, who sat in it, what it costs, and what can be done with it."""
    shown = _seat(request, seat_id)
    sponsor = shown.allotment.order.sponsor_id
    sees_money, registers = (may(request.user, action, sponsor) for action in (Action.SEE_MONEY, Action.REGISTER))
    if not (sees_money or registers):
        raise PermissionDenied
    [row] = changes.rows_of(Seat.objects.filter(pk=shown.pk))
    context = {
        "seat": shown,
        "institute": shown.institute,
        "row": row,
        "parts": _allotments(Q(pk=shown.allotment_id))[0].fundings.all() if sees_money else [],
        "asked": shown.takeovers.filter(answered_at__isnull=True).select_related("asked_of").first(),
        "registers": registers and shown.released_at is None,
        "sees_money": sees_money,
        "is_staff": Principal.of(request.user).is_provider,
    }
    return render(request, "registrations/seat.html", context)


def _seat(request: Request, seat_id: int) -> Seat:
    related = Seat.objects.visible_to(request.user).select_related(
        "allotment__order__sponsor", "allotment__order__terms", "institute", "offer"
    )
    found: Seat = get_object_or_404(related, pk=seat_id)
    return found


# --- Who comes --------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def name_seat(request: Request, seat_id: int) -> HttpResponse:
    named = _seat(request, seat_id)
    require(request.user, Action.REGISTER, named.allotment.order.sponsor_id)
    form = WhoForm(request.POST or None, people=_people(request, named, named.institute.days))

    def do(attendee: Attendee) -> str:
        made = naming.name(named, attendee, by=request.user, at=timezone.now())
        return _("%(person)s has the seat.") % {"person": made.person}

    return _who_comes(request, named, form, do, {"verb": "name"})


@require_http_methods(["GET", "POST"])
def substitute(request: Request, registration_id: int) -> HttpResponse:
    """Searched for above, chosen by one tap: on the first morning there are twenty seconds."""
    rows = Registration.objects.visible_to(request.user).select_related("person", "strand", "institute")
    leaving = get_object_or_404(rows, pk=registration_id)
    seat_of_hers = _seat(request, leaving.seat_id)
    require(request.user, Action.REGISTER, seat_of_hers.allotment.order.sponsor_id)
    days = substitutes.days_of(leaving)
    form = WhoForm(request.POST or None, people=_people(request, seat_of_hers, leaving.days), days=days)

    more = {
        "leaving": leaving,
        "days": days if len(days) > 1 else [],
        "chosen": (form.is_valid() and form.cleaned_data["from_day"])
        or substitutes.first_free_day(leaving, at=timezone.now()),
        "sentence": terms.sentence_of_substitution(seat_of_hers.allotment.order.terms),
    }
    do = partial(_substituted, request, form, leaving)
    return _who_comes(request, seat_of_hers, form, do, more | {"verb": "substitute"})


def _substituted(request: Request, form: WhoForm, leaving: Registration, attendee: Attendee) -> str:
    asked = form.cleaned_data
    made = substitutes.substitute(
        leaving,
        attendee,
        from_day=asked["from_day"],
        reason=asked["reason"],
        is_sure=asked["is_sure"] == _key_of(asked["person"]),
        by=request.user,
        at=timezone.now(),
    )
    told = {"new": made.to_registration.person, "old": leaving.person}
    return _("%(new)s has the seat of %(old)s.") % told


def _people(request: Request, of: Seat, days: Any) -> Any:
    """People of the district who work there today and do not sit at the institute on these days."""
    today = costs.today_at(of.institute, timezone.now())
    seated = Registration.objects.live().filter(institute=of.institute_id, days__overlap=days)
    here = Person.objects.visible_to(request.user).canonical()
    sponsor = of.allotment.order.sponsor_id or 0
    return here.employed_at(sponsor, on=today).exclude(pk__in=seated.values("person"))


def _who_comes(
    request: Request, of: Seat, form: WhoForm, do: Callable[[Attendee], str], more: dict[str, Any]
) -> HttpResponse:
    """The page on which somebody is chosen or written; what stands in the way comes back with its answers."""
    asking: dict[str, Any] = {}
    if form.is_valid():
        try:
            messages.success(request, act(request, form, lambda: do(_attendee(request, form, of)), verb=more["verb"]))
        except naming.WhichPerson as refusal:
            asking = {"question": str(refusal), "candidates": refusal.candidates}
        except substitutes.NeedsAnswer as refusal:
            asking = {"question": str(refusal), "sure": _key_of(form.cleaned_data["person"])}
        except (CannotChange, once.KeyUsedForSomethingElse) as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("registrations:seat", of.pk)
        put(form, "submission_key", once.new_key())
    shown = {"seat": of, "institute": of.institute, "form": form} | _searched(request, form)
    status = 422 if form.errors or asking else 200
    return render(request, "registrations/who.html", more | asking | shown, status=status)


def _searched(request: Request, form: WhoForm) -> dict[str, Any]:
    """Those who are found by what was typed above, and what was typed as a name."""
    q = request.GET.get("q", "").strip()
    given, family = cells.name_of("", "", q) if q else ("", "")
    typed = {"given_name": given, "family_name": family} if q else {}
    return {"q": q, "typed": typed, "people": _found(form, q)}


def _key_of(person: Person | None) -> str:
    """About whom a question was: an answer holds for nobody else."""
    return str(person.pk) if person else "new"


def _found(form: WhoForm, q: str) -> list[Person]:
    people: Any = form.fields["person"].queryset  # type: ignore[attr-defined]
    return list(people.named_like(q).order_by("sort_key", "pk")[:MOST_FOUND])


def _attendee(request: Request, form: WhoForm, of: Seat) -> Attendee:
    asked = form.cleaned_data
    if asked["person"]:
        return Attendee(person_id=asked["person"].pk)
    return naming.somebody(
        asked["given_name"],
        asked["family_name"],
        asked["email"],
        seat=of,
        is_someone_else=bool(asked["someone_else"]),
        who=request.user,
        at=timezone.now(),
    )
