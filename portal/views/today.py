"""The staff's first page of the day."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from people.access import Action, require_provider
from portal import today as shown


@require_safe
def today(request: HttpRequest) -> HttpResponse:
    require_provider(request.user, Action.TAKE_ATTENDANCE)
    now = timezone.now()
    return render(request, "portal/today.html", {"today": shown.of(request.user, at=now), "now": now})
