"""Vendor packets: read by districts, kept by the provider's finance staff."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import packets as packing
from billing.forms.papers import VendorPaperForm
from billing.models import Payee, PayeePaper
from billing.packets import Packet
from office import files, paper
from office.http import file_response
from people import access, once
from people.access import Action
from people.http import Request, act

MAY_BE_SENT = {files.PDF, files.PNG, files.JPEG}


@require_safe
def packets(request: Request) -> HttpResponse:
    access.require(request.user, Action.SEE_MONEY)
    context = {"packets": packing.packets(), "may_bill": access.may(request.user, Action.BILL)}
    return render(request, "billing/packets.html", context)


@require_safe
def packet_zip(request: Request, payee_id: int) -> HttpResponseBase:
    found = _packet(request, payee_id)
    answer = StreamingHttpResponse(packing.stream(found, at=timezone.now()), content_type=files.ZIP)
    name = slugify(str(found.payee)) or "vendor"
    answer["Content-Disposition"] = f'attachment; filename="{name}-vendor-packet.zip"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_safe
def remit_to(request: Request, payee_id: int) -> HttpResponse:
    """The sheet that says where money goes, as it stands today."""
    found = _packet(request, payee_id)
    try:
        pdf = packing.remit_to_sheet(found.payee, at=timezone.now())
    except paper.CannotRender as refusal:
        messages.error(request, str(refusal))
        return redirect("billing:packets")
    answer = HttpResponse(pdf, content_type=files.PDF)
    answer["Content-Disposition"] = 'inline; filename="where-to-send-payment.pdf"'
    return answer


@require_safe
def w9(request: Request, payee_id: int) -> HttpResponseBase:
    found = _packet(request, payee_id)
    if found.payee.w9 is None:
        raise Http404
    return file_response(found.payee.w9, download=False)


@require_safe
def payee_paper(request: Request, paper_id: int) -> HttpResponseBase:
    access.require(request.user, Action.SEE_MONEY)
    rows = PayeePaper.objects.visible_to(request.user).select_related("file")
    return file_response(get_object_or_404(rows, pk=paper_id).file, download=False)


# --- Kept by the provider ---------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def keep_paper(request: Request, payee_id: int) -> HttpResponse:
    payee = get_object_or_404(Payee.objects.visible_to(request.user).select_related("organization"), pk=payee_id)
    access.require_provider(request.user, Action.BILL)
    form = VendorPaperForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            act(request, form, lambda: _kept(request, payee, form), verb="keep_vendor_paper")
        except files.CannotKeep as refusal:
            form.add_error("upload", str(refusal))
        except packing.CannotPack as refusal:
            form.add_error("title", str(refusal))
        except once.KeyUsedForSomethingElse as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The paper is in the packet."))
            return redirect("billing:keep_paper", payee_id)
    context = {"packet": packing.packets(payee.pk)[0], "form": form, "payee": payee}
    return render(request, "billing/keep_paper.html", context, status=422 if form.errors else 200)


def _kept(request: Request, payee: Payee, form: VendorPaperForm) -> int:
    asked, now = form.cleaned_data, timezone.now()
    file = files.accept(asked["upload"], types=MAY_BE_SENT, by=request.user, at=now)
    if asked["kind"] == "w9":
        packing.keep_w9(payee, file)
    else:
        packing.keep_paper(payee, asked["title"], file, by=request.user, at=now)
    return int(file.pk)


@require_POST
def leave_out_paper(request: Request, paper_id: int) -> HttpResponse:
    found = get_object_or_404(PayeePaper.objects.visible_to(request.user), pk=paper_id)
    access.require_provider(request.user, Action.BILL)
    packing.leave_out(found)
    messages.success(request, _("“%s” is in the packet no more.") % found.title)
    return redirect("billing:keep_paper", found.payee_id)


def _packet(request: Request, payee_id: int) -> Packet:
    access.require(request.user, Action.SEE_MONEY)
    found = packing.packets(payee_id)
    if not found:
        raise Http404
    return found[0]
