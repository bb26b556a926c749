"""Staff's pages of disputed card payments: the list, one with its evidence, the packet, and sending it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing import disputes as contested
from billing import gateway
from billing.models import Dispute
from office.http import file_response
from people.access import Action, require_provider
from people.http import Request
from portal import evidence as packets

ON_A_PAGE = 25


@require_safe
def disputes(request: Request) -> HttpResponse:
    """Open ones first, those whose evidence is wanted soonest on top."""
    require_provider(request.user, Action.BILL)
    rows = Dispute.objects.visible_to(request.user).select_related(
        "payment__payer__organization", "payment__payer__person", "outcome", "evidence"
    )
    pages = Paginator(rows.order_by(F("outcome__at").desc(nulls_first=True), "evidence_due_at", "-pk"), ON_A_PAGE)
    return render(request, "portal/disputes.html", {"page": pages.get_page(request.GET.get("page"))})


@require_safe
def dispute(request: Request, dispute_id: int) -> HttpResponse:
    found = _dispute(request, dispute_id)
    packet = getattr(found, "evidence", None)
    context = {
        "dispute": found,
        "invoices": contested.invoices_of(found),
        "packet": packet,
        "sections": packets.read(packet.words) if packet else [],
        "is_open": not hasattr(found, "outcome"),
        "note": packets.note_of(found),
    }
    return render(request, "portal/dispute.html", context)


@require_safe
def evidence(request: Request, dispute_id: int) -> HttpResponseBase:
    """The packet as it is kept."""
    packet = getattr(_dispute(request, dispute_id), "evidence", None)
    if packet is None:
        raise Http404
    return file_response(packet.file, download=False)


@require_POST
def send_evidence(request: Request, dispute_id: int) -> HttpResponse:
    found = _dispute(request, dispute_id)
    now = timezone.now()
    try:
        packets.send(packets.build(found, at=now), by=request.user, at=now)
    except (packets.CannotSendEvidence, gateway.GatewayAway) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The bank has the evidence. It decides in two to three months; we are told."))
    return redirect("portal:dispute", dispute_id)


def _dispute(request: Request, dispute_id: int) -> Dispute:
    related = ("payment__payer__organization", "payment__payer__person", "payment__payee__organization", "outcome")
    rows = Dispute.objects.visible_to(request.user).select_related(
        *related, "evidence__file", "evidence__sent_by__person"
    )
    found: Dispute = get_object_or_404(rows, pk=dispute_id)
    require_provider(request.user, Action.BILL)
    return found
