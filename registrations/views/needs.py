"""What people need to take part: entered by their coordinator, counted for the caterer. Others see none of it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from events.models import Institute
from people import once
from people.access import Action, require, require_provider
from people.http import Request, act
from registrations import needs
from registrations.models import Order, Registration
from registrations.need_forms import NeedsForm

ON_A_PAGE = 50


@require_http_methods(["GET", "POST"])
@never_cache
def order_needs(request: Request, order_id: int) -> HttpResponse:
    order = get_object_or_404(Order.objects.visible_to(request.user).select_related("sponsor"), pk=order_id)
    if order.sponsor:
        require(request.user, Action.SEE_NEEDS, order.sponsor)
    else:
        require_provider(request.user, Action.SEE_NEEDS)
    seated = Registration.objects.live().filter(seat__allotment__order=order).select_related("person", "institute")
    page = Paginator(seated.in_name_order(), ON_A_PAGE).get_page(request.GET.get("page"))
    form = NeedsForm(page.object_list, request.POST or None)
    if form.is_valid():
        try:
            kept = act(request, form, lambda: _keep(request, form), verb="keep_needs")
        except (needs.CannotKeepNeed, once.KeyUsedForSomethingElse) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _said(kept))
            return redirect("registrations:order", order_id)
    context = {"order": order, "page": page, "form": form}
    return render(request, "registrations/order_needs.html", context, status=422 if form.errors else 200)


def _keep(request: Request, form: NeedsForm) -> Any:
    return needs.keep_all(form.told(), by=request.user, at=timezone.now())


def _said(kept: int) -> str:
    if not kept:
        return _("Nothing was changed.")
    said = ngettext("%(n)s need is kept.", "%(n)s needs are kept.", kept) % {"n": kept}
    return f"{said} {_('The caterer is told how many, not who.')}"


@require_safe
@never_cache
def institute_needs(request: Request, institute_id: int) -> HttpResponse:
    institute = get_object_or_404(Institute.objects.visible_to(request.user), pk=institute_id)
    require_provider(request.user, Action.SEE_NEEDS)
    context = {
        "institute": institute,
        "current": "needs",
        "rows": needs.counted(institute),
        "people": institute.registrations.live().values("person").distinct().count(),
        "purge_day": needs.purge_day(institute),
    }
    return render(request, "registrations/institute_needs.html", context)
