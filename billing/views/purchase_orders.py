"""Purchase orders: the list, one of them, and recording one with its paper."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from billing import purchase_orders as ordering
from billing.forms.funding import PurchaseOrderForm
from billing.forms.lists import NameFilter
from billing.forms.papers import ChangeOrderForm
from billing.models import PurchaseOrder
from billing.parties import payer_of
from billing.views.paging import page_of
from office import files
from office.http import file_response
from people import access, once
from people.access import Action
from people.http import Request, act
from people.names import fold

MAY_BE_SENT = {files.PDF, files.PNG, files.JPEG}
REFUSALS = (ordering.CannotRecord, files.CannotKeep, once.KeyUsedForSomethingElse)


@require_safe
def purchase_orders(request: Request) -> HttpResponse:
    access.require(request.user, Action.SEE_MONEY)
    form = NameFilter(request.GET)
    rows = PurchaseOrder.objects.visible_to(request.user).select_related("payer__organization", "payer__person")
    for word in (form.cleaned_data["q"] if form.is_valid() else "").split():
        rows = rows.filter(Q(number__icontains=word) | Q(payer__organization__search_key__contains=fold(word)))
    context = {
        "page": page_of(request, rows.order_by("-pk")),
        "form": form,
        "today": timezone.localdate(),
        "may_fund": access.may(request.user, Action.FUND),
        "may_record": access.may(request.user, Action.FUND) or access.may(request.user, Action.REGISTER),
    }
    return render(request, "billing/purchase_orders.html", context)


@require_safe
def purchase_order(request: Request, order_id: int) -> HttpResponse:
    found = _order(request, order_id)
    draws = found.draws.select_related("charge").order_by("-pk")
    context = {
        "order": found,
        "page": page_of(request, draws),
        "invoices": found.invoices.visible_to(request.user).with_balance().order_by("pk"),
        "change_orders": found.change_orders.select_related("file").order_by("pk"),
        "may_fund": access.may(request.user, Action.FUND),
        "may_change": _may_change(request, found),
    }
    return render(request, "billing/purchase_order.html", context)


@require_safe
def file(request: Request, order_id: int) -> HttpResponseBase:
    found = _order(request, order_id)
    if found.file is None:
        raise Http404
    return file_response(found.file)


@require_http_methods(["GET", "POST"])
def new_purchase_order(request: Request) -> HttpResponse:
    """A coordinator records those of her own district, the provider's finance staff any."""
    if not access.may(request.user, Action.FUND):
        access.require(request.user, Action.REGISTER)
        access.require(request.user, Action.SEE_MONEY)
    return _written(request, PurchaseOrder(by=request.user, at=timezone.now()))


@require_http_methods(["GET", "POST"])
def edit(request: Request, order_id: int) -> HttpResponse:
    found = _order(request, order_id)
    if not _may_change(request, found):
        raise PermissionDenied
    return _written(request, found)


@require_http_methods(["GET", "POST"])
def change_order(request: Request, order_id: int) -> HttpResponse:
    """A district's coordinator records it for her own purchase orders, the provider for any."""
    found = _order(request, order_id)
    if not _may_change(request, found):
        raise PermissionDenied
    form = ChangeOrderForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            act(request, form, lambda: _changed(request, found, form), verb="keep_change_order")
        except files.CannotKeep as refusal:
            form.add_error("upload", str(refusal))
        except ordering.CannotRecord as refusal:
            form.add_error("amount", str(refusal))
        except once.KeyUsedForSomethingElse as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The change order is kept. Seats that waited for it are covered in a moment."))
            return redirect("billing:purchase_order", order_id)
    context = {"form": form, "order": found}
    return render(request, "billing/change_order.html", context, status=422 if form.errors else 200)


@require_safe
def change_order_file(request: Request, order_id: int, change_id: int) -> HttpResponseBase:
    change = get_object_or_404(_order(request, order_id).change_orders.select_related("file"), pk=change_id)
    if change.file is None:
        raise Http404
    return file_response(change.file)


def _may_change(request: Request, order: PurchaseOrder) -> bool:
    return ordering.may_record(request.user, order.payer.organization_id)


def _changed(request: Request, order: PurchaseOrder, form: ChangeOrderForm) -> int:
    asked, now = form.cleaned_data, timezone.now()
    upload: UploadedFile | None = asked["upload"]
    file = files.accept(upload, types=MAY_BE_SENT, by=request.user, at=now) if upload else None
    made = ordering.change(order, form.delta(), number=asked["number"], file=file, by=request.user, at=now)
    return int(made.pk)


def _order(request: Request, order_id: int) -> PurchaseOrder:
    rows = PurchaseOrder.objects.visible_to(request.user).select_related("payer__organization", "file")
    found: PurchaseOrder = get_object_or_404(rows, pk=order_id)
    access.require(request.user, Action.SEE_MONEY, found.payer.organization_id)
    return found


def _written(request: Request, order: PurchaseOrder) -> HttpResponse:
    form = PurchaseOrderForm(request.POST or None, request.FILES or None, instance=order)
    if form.is_valid():
        try:
            key = act(request, form, lambda: _kept(request, form), verb="keep_purchase_order")
        except files.CannotKeep as refusal:
            form.add_error("upload", str(refusal))
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The purchase order is kept."))
            return redirect("billing:purchase_order", key)
    context = {"form": form, "order": order}
    return render(request, "billing/edit_purchase_order.html", context, status=422 if form.errors else 200)


def _kept(request: Request, form: PurchaseOrderForm) -> int:
    if not ordering.may_record(request.user, form.cleaned_data["district"].pk):
        raise ordering.CannotRecord(_("Record the purchase orders of your own district only."))
    order = form.save(commit=False)
    order.payer = payer_of(form.cleaned_data["district"])
    upload: UploadedFile | None = form.cleaned_data.get("upload")
    if upload:
        order.file = files.accept(upload, types=MAY_BE_SENT, by=request.user, at=timezone.now())
    return int(ordering.keep(order).pk)
