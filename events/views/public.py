"""What anyone may see: institutes that are published, and programs."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator
from django.db.models import Max, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from events import agenda, calendars, terms
from events.filters import InstituteFilter
from events.models import HourType, Institute, PriorityWindow, Program
from events.models.institutes import InstituteQuerySet
from people.access import Action, Principal, may
from people.models import User

PAGE = 24


def _coming(request: HttpRequest) -> InstituteQuerySet:
    """Published institutes that have not ended, soonest first, as a stranger sees them."""
    rows = Institute.objects.visible_to(Principal()).published().filter(ends_on__gte=timezone.localdate())
    filtered: InstituteQuerySet = InstituteFilter(request.GET, rows).chosen
    return filtered.select_related("program", "venue__county").order_by("starts_on", "id")


@require_safe
@login_not_required
def institutes(request: HttpRequest) -> HttpResponse:
    """What one may register for, by month."""
    rows = Institute.objects.visible_to(Principal()).published().filter(ends_on__gte=timezone.localdate())
    page = Paginator(_coming(request).held(), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "filter": InstituteFilter(request.GET, rows.held()),
        "is_filtered": any(request.GET.get(name) for name in InstituteFilter.Meta.fields),
        "now": timezone.now(),
    }
    return render(request, "events/institutes.html", context)


@require_safe
@login_not_required
@cache_control(public=True, max_age=3600)
def feed(request: HttpRequest) -> HttpResponse:
    """The same list for a calendar program; what was canceled stays in it, as canceled."""
    ics = calendars.feed(_coming(request), name=_("Institutes"), at=timezone.now())
    return HttpResponse(ics, content_type="text/calendar; charset=utf-8")


@require_safe
@login_not_required
def institute(request: HttpRequest, code: str) -> HttpResponse:
    """One institute: what, when, where, for how much, on which terms."""
    rows = Institute.objects.visible_to(request.user).select_related(
        "program", "venue__county", "host", "terms", "team_rule"
    )
    found = get_object_or_404(rows, code=code)
    sessions = list(found.sessions.in_order().select_related("strand"))
    by_type = agenda.minutes_by_type(sessions)
    now = timezone.now()
    context = {
        "institute": found,
        "days": [day for day in agenda.days_of(found, sessions) if day.stretches],
        "minutes": sum(by_type.values()),
        "hours_by_type": [(HourType(kind).label, minutes) for kind, minutes in sorted(by_type.items())],
        "sentences": terms.sentences(found.terms),
        "is_open": found.is_open_for_registration(at=now),
        "opens_later": found.registration_opens_at > now,
        "register_url": _register_url(found, request.user),
        "audiences": list(found.audiences.select_related("cohort").order_by("appointment", "cohort__name")),
        "windows": _windows(found) if found.registration_opens_at > now else [],
        "set_aside": found.set_asides.filter(until__gte=localtime(now, found.tz).date()).aggregate(
            seats=Sum("seats"), until=Max("until")
        ),
    }
    return render(request, "events/institute.html", context)


def _windows(found: Institute) -> list[PriorityWindow]:
    """Who may register before all, soonest first."""
    return list(found.priority_windows.select_related("county", "region").order_by("opens_at", "pk"))


def _register_url(found: Institute, who: User | AnonymousUser) -> str:
    """Where a roster begins; nothing for who signed in and may not register, and while there is no such page."""
    if who.is_authenticated and not may(who, Action.REGISTER):
        return ""
    try:
        return reverse("registrations:roster_start", kwargs={"institute_id": found.pk})
    except NoReverseMatch:
        return ""


@require_safe
@login_not_required
def programs(request: HttpRequest) -> HttpResponse:
    """What is offered in general."""
    return render(request, "events/programs.html", {"programs": Program.objects.order_by("name")})


@require_safe
@login_not_required
def program(request: HttpRequest, slug: str) -> HttpResponse:
    """One program and its institutes to come."""
    found = get_object_or_404(Program, slug=slug)
    rows = Institute.objects.visible_to(Principal()).published().held().filter(program=found)
    coming = rows.filter(ends_on__gte=timezone.localdate()).select_related("venue__county").order_by("starts_on", "id")
    context: dict[str, Any] = {"program": found, "institutes": coming, "now": timezone.now()}
    return render(request, "events/program.html", context)
