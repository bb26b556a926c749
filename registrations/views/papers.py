"""Papers of an order: quotes, purchase orders that come late, and what staff decide of those that do not come."""

from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import ledger, purchase_orders
from billing.models import PurchaseOrder
from billing.wording import day
from events.models import Institute
from office import files
from people import once
from people.access import Action, may, require, require_provider
from people.http import Request, act
from registrations import funding, holds, ladders, papers, quoting
from registrations.forms.papers import AttachForm, HoldForm, ReleaseForm
from registrations.models import Allotment, Order
from registrations.papers import Part
from registrations.refusals import CannotChange
from registrations.views.rosters import draft_for
from registrations.wording import count

MAY_BE_SENT = {files.PDF, files.PNG, files.JPEG}


# --- Quotes -----------------------------------------------------------------------------------------------------------


@require_POST
def roster_quote(request: Request, draft_id: int) -> HttpResponse:
    """Quotes for a roster as it stands; the same words again are the same quotes."""
    draft = draft_for(request, draft_id)
    require(request.user, Action.SEE_MONEY, draft.sponsor)
    try:
        made = quoting.of_roster(draft, by=request.user, at=timezone.now())
    except quoting.CannotQuote as refusal:
        messages.error(request, str(refusal))
        return redirect("registrations:roster_funding", draft.pk)
    return _shown(request, made, back=("registrations:roster_confirm", draft.pk))


@require_POST
def order_quote(request: Request, order_id: int) -> HttpResponse:
    order = _order(request, order_id)
    require(request.user, Action.REGISTER, order.sponsor)
    try:
        made = quoting.of_order(order, by=request.user, at=timezone.now())
    except quoting.CannotQuote as refusal:
        messages.error(request, str(refusal))
        return redirect("registrations:order_papers", order.pk)
    return _shown(request, made, back=("registrations:order_papers", order.pk))


def _shown(request: Request, made: list[Any], *, back: tuple[str, int]) -> HttpResponse:
    """The quote itself; where there are several, the page they were asked on."""
    if len(made) == 1:
        return redirect("billing:quote", made[0].pk)
    names = ", ".join(str(quote) for quote in made)
    messages.success(request, _("%(number)s quotes are made: %(names)s.") % {"number": len(made), "names": names})
    return redirect(*back)


# --- Purchase orders of an order --------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def order_papers(request: Request, order_id: int) -> HttpResponse:
    """What waits for a purchase order; whoever registers for the sponsor attaches one here, however late."""
    order = _order(request, order_id)
    if request.method == "POST":
        require(request.user, Action.REGISTER, order.sponsor)
    parts = [part for part in papers.parts_of(order) if part.needs_paper]
    form = AttachForm(request.POST or None, request.FILES or None, parts=parts, orders=_orders_for(request, parts))
    if form.is_valid() and _attached(request, order, form):
        return redirect("registrations:order_papers", order.pk)
    context = {
        "order": order,
        "institute": Institute.objects.filter(allotments__order=order).order_by("pk").first(),
        "parts": parts,
        "form": form,
        "quotes": quoting.quotes_of(order),
        "may_register": may(request.user, Action.REGISTER, order.sponsor),
        "waiting": any(part.waiting for part in parts),
    }
    return render(request, "registrations/order_papers.html", context, status=422 if form.errors else 200)


def _attached(request: Request, order: Order, form: AttachForm) -> bool:
    try:
        said = act(request, form, lambda: _attach(request, order, form), verb="attach a purchase order")
    except files.CannotKeep as refusal:
        form.add_error("upload", str(refusal))
    except purchase_orders.CannotRecord as refusal:
        form.add_error("number", str(refusal))
    except (papers.CannotCover, ledger.CannotCharge, once.KeyUsedForSomethingElse) as refusal:
        form.add_error(None, str(refusal))
    else:
        messages.success(request, said)
        return True
    return False


def _attach(request: Request, order: Order, form: AttachForm) -> str:
    """What the purchase order did, in a sentence."""
    asked, now = form.cleaned_data, timezone.now()
    part = form.parts[asked["line"]]
    paper = _chosen(request, part, form)
    done = papers.attach(order, paper, lines=[part.line], by=request.user, at=now)
    covered = count(len({claim.seat.pk for claim in done.covered}), "seat")
    if not done.left:
        return _("%(order)s covers %(seats)s now.") % {"order": paper, "seats": covered}
    return _("%(order)s covers %(seats)s. Left without cover, until a change order comes: %(names)s.") % {
        "order": paper,
        "seats": covered,
        "names": ", ".join(done.names_left),
    }


def _chosen(request: Request, part: Part, form: AttachForm) -> PurchaseOrder:
    """The purchase order that is here, or a new one of whoever pays."""
    asked, now = form.cleaned_data, timezone.now()
    if asked["chosen"]:
        mine = PurchaseOrder.objects.visible_to(request.user).filter(payer=part.line.payer)
        found: PurchaseOrder = get_object_or_404(mine, pk=asked["chosen"])
        return found
    _must_be_hers(request, part)
    upload: UploadedFile | None = asked["upload"]
    facts = {name: asked[name] for name in ("amount", "issued_on", "expires_on")}
    made = PurchaseOrder(payer=part.line.payer, number=asked["number"].strip(), by=request.user, at=now, **facts)
    made.file = files.accept(upload, types=MAY_BE_SENT, by=request.user, at=now) if upload else None
    return purchase_orders.keep(made)


def _must_be_hers(request: Request, part: Part) -> None:
    """A purchase order is recorded by whoever may speak for its payer."""
    payer, sponsor = part.line.payer.organization, part.line.organization
    if payer and sponsor and not funding.may_bind(payer, sponsor, request.user):
        raise papers.CannotCover(
            _("%s records its own purchase orders. Ask its business office, or send us the paper.") % payer
        )


def _orders_for(request: Request, parts: list[Part]) -> list[PurchaseOrder]:
    """Purchase orders of those who pay here that have something left."""
    payers = [part.line.payer_id for part in parts]
    rows = PurchaseOrder.objects.visible_to(request.user).filter(payer__in=payers, amount__gt=F("drawn"))
    return list(rows.order_by("-pk")[:50])


def _order(request: Request, order_id: int) -> Order:
    rows = Order.objects.visible_to(request.user).filter(sponsor__isnull=False).select_related("sponsor", "terms")
    found: Order = get_object_or_404(rows, pk=order_id)
    require(request.user, Action.SEE_MONEY, found.sponsor)
    return found


# --- What staff decide ------------------------------------------------------------------------------------------------


@require_safe
def late_papers(request: Request) -> HttpResponse:
    require_provider(request.user, Action.SEE_MONEY)
    return _late_page(request)


@require_POST
def hold(request: Request, allotment_id: int) -> HttpResponse:
    allotment = _allotment(request, allotment_id)
    form = HoldForm(request.POST)
    if form.is_valid():
        try:
            made = holds.hold(allotment, **form.cleaned_data, by=request.user, at=timezone.now())
        except holds.CannotHold as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The seats are held until %s.") % day(made.until))
            return redirect("registrations:late_papers")
    return _late_page(request, allotment_id, hold_form=form)


@require_POST
def release(request: Request, allotment_id: int) -> HttpResponse:
    allotment = _allotment(request, allotment_id)
    form = ReleaseForm(request.POST)
    if form.is_valid():
        try:
            made = holds.release(allotment, **form.cleaned_data, by=request.user, at=timezone.now())
        except (holds.CannotHold, CannotChange) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("%s went back, free of charge.") % count(len(made), "seat"))
            return redirect("registrations:late_papers")
    return _late_page(request, allotment_id, release_form=form)


def _allotment(request: Request, allotment_id: int) -> Allotment:
    rows = Allotment.objects.visible_to(request.user).select_related("institute", "order__sponsor")
    found: Allotment = get_object_or_404(rows, pk=allotment_id)
    require_provider(request.user, Action.FUND)
    return found


def _late_page(request: Request, asked: int | None = None, **forms: Any) -> HttpResponse:
    """All that is late; the row that was asked about carries its form back with what is wrong."""
    now = timezone.now()
    rows = ladders.late(at=now)
    blank = {"hold_form": HoldForm(), "release_form": ReleaseForm()}
    shown = [(row, blank | (forms if row.allotment.pk == asked else {})) for row in rows]
    context = {
        "rows": shown,
        "asked": asked,
        "form": next(iter(forms.values()), None),
        "pending": ladders.references_pending(at=now),
        "may_decide": may(request.user, Action.FUND),
    }
    return render(request, "registrations/late_papers.html", context, status=422 if forms else 200)
