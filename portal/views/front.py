"""The front door: what the provider offers, and where a sign-in leads."""

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from events.models import Institute
from people.access import SPONSOR_ROLES, Action, Principal, may
from people.models import User
from portal.cast import CAST

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
NEXT = 6


@require_safe
@login_not_required
def home(request: HttpRequest) -> HttpResponse:
    """What is next, and the ways in."""
    now = timezone.now()
    institutes = Institute.objects.published().held().filter(starts_on__gte=now.date())
    context = {
        "institutes": institutes.select_related("program", "venue").order_by("starts_on", "pk")[:NEXT],
        "now": now,
        "all_institutes": _first_page("events:institutes"),
        "verify": _first_page("certificates:verify"),
        "cast": _cast_with_a_login(),
    }
    return render(request, "portal/home.html", context)


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Where a sign-in lands: each role at its own work."""
    principal = Principal.of(request.user)
    if principal.is_provider:
        pages = ["portal:today", "events:staff_institutes"]
    elif principal.roles & SPONSOR_ROLES:
        pages = ["portal:district", "events:institutes"]
    elif may(principal, Action.COLLECT):
        pages = ["billing:agent"]
    else:
        pages = ["portal:participant", "events:institutes"]
    return redirect(_first_page(*pages) or "/")


@require_POST
@login_not_required
def sign_in_as(request: HttpRequest) -> HttpResponse:
    """One click, in a demo only: settings refuse a demo that others can reach."""
    if not settings.DEMO:
        raise Http404
    emails = [part.email for part in CAST]
    user = get_object_or_404(User.objects.filter(email__in=emails, is_active=True), email=request.POST.get("email", ""))
    login(request, user, backend=BACKEND)
    return redirect("portal:start")


@require_safe
@login_not_required
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    """200 when the site and its database answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


def _first_page(*url_names: str) -> str:
    """The first of these that this installation has."""
    for url_name in url_names:
        try:
            return reverse(url_name)
        except NoReverseMatch:
            continue
    return ""


def _cast_with_a_login() -> list[dict[str, object]]:
    if not settings.DEMO:
        return []
    known = set(
        User.objects.filter(email__in=[part.email for part in CAST], is_active=True).values_list("email", flat=True)
    )
    return [part._asdict() for part in CAST if part.email in known]
