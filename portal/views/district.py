"""The coordinator's one page."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from people.access import Action, Principal, may, require
from people.http import Request
from people.models import Membership, Organization
from portal import coordinator


@require_safe
def district(request: Request) -> HttpResponse:
    districts = Organization.objects.visible_to(request.user)
    shown = get_object_or_404(districts, pk=_asked(request))
    require(request.user, Action.SEE_MONEY, shown)
    may_register = may(request.user, Action.REGISTER, shown)
    homes = Principal.of(request.user).organizations
    context = {
        "year": coordinator.year_of(shown, who=request.user, at=timezone.now(), may_register=may_register),
        "district": shown,
        "districts": districts.filter(pk__in=homes).order_by("search_key")[:20] if len(homes) > 1 else [],
        "may_register": may_register,
    }
    return render(request, "portal/district.html", context)


def _asked(request: Request) -> int:
    """The district in the address, or the first of one's own."""
    asked = request.GET.get("district", "")
    if asked.isascii() and asked.isdigit() and len(asked) < 18:
        return int(asked)
    held = Membership.objects.active().filter(user=request.user, organization__isnull=False)
    first = held.order_by("pk").values_list("organization", flat=True).first()
    if first is None:
        raise Http404
    return int(first)
