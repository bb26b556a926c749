"""Where an agreement's dollars are."""

from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from billing.models import FundingAgreement
from people import access
from people.access import Action, Principal
from people.http import Request
from registrations import burndown
from registrations.burndown import Burndown, Point

WIDTH, HEIGHT = 1000, 300
"""Of the picture, in its own units."""


@require_safe
def agreement_balance(request: Request, agreement_id: int) -> HttpResponse:
    """For the provider and the payer; how others spend a grant is not a district's matter."""
    rows = FundingAgreement.objects.visible_to(request.user).select_related("payer__organization", "payer__person")
    agreement = get_object_or_404(rows, pk=agreement_id)
    principal, payer = Principal.of(request.user), agreement.payer
    if not principal.is_provider and (payer is None or payer.organization_id not in principal.organizations):
        raise Http404
    access.require(request.user, Action.SEE_MONEY, payer.organization_id if payer else None)
    today = timezone.localdate()
    found = burndown.of(agreement, on=today)
    points = burndown.curve(found, on=today)
    context = {
        "agreement": agreement,
        "found": found,
        "months": months(points),
        "picture": picture(points, found),
        "institutes": burndown.together(agreement),
    }
    return render(request, "registrations/agreement_balance.html", context)


def months(points: list[Point]) -> list[Point]:
    """The last point of each month, for the table behind the picture."""
    last = {(point.on.year, point.on.month): point for point in points}
    return list(last.values())


def picture(points: list[Point], found: Burndown) -> dict[str, object]:
    """Two falling lines as stairs, in the units of the picture; nothing where there is no limit to fall from."""
    amount, agreement = found.agreement.amount, found.agreement
    if not points or not amount:
        return {}
    first, last = min(points[0].on, agreement.starts_on), max(points[-1].on, agreement.ends_on)
    span = max((last - first).days, 1)

    def across(day: date) -> int:
        return round(WIDTH * (day - first).days / span)

    def stairs(name: str) -> str:
        made, height = [f"{across(first)},0"], 0
        for point in points:
            made.append(f"{across(point.on)},{height}")
            height = round(HEIGHT * (1 - getattr(point, name) / amount))
            made.append(f"{across(point.on)},{height}")
        return " ".join(made)

    return {
        "first": first,
        "last": last,
        "today": across(points[-1].on),
        "unpromised": stairs("unpromised"),
        "unpaid": stairs("unpaid"),
    }
