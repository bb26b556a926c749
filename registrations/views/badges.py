"""Badges: the page behind a badge's QR address, and the sheets from which badges are cut."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from events.models import Institute
from office import paper
from people.access import Principal
from people.models import User
from registrations import badges as badging
from registrations import desk
from registrations.access import may_take_attendance, require_attendance
from registrations.attendance import CannotRecord
from registrations.attendance_forms import BadgeForm
from registrations.models import Registration

A_SHEET = 24


@require_http_methods(["GET", "POST"])
@login_not_required
@never_cache
def badge(request: HttpRequest, badge: str) -> HttpResponse:
    """For who takes attendance: mark the person. For the person: her hours. For a stranger: whose badge it is not told."""
    rows = Registration.objects.select_related("institute", "person", "seat__allotment__order__sponsor")
    registration = get_object_or_404(rows, badge=badge)
    if not may_take_attendance(request.user, registration.institute):
        is_hers = registration.person_id in Principal.of(request.user).people
        context = {"institute": registration.institute, "registration": registration if is_hers else None}
        return render(request, "registrations/badge_stranger.html", context)
    if request.method == "POST":
        _mark(request, registration)
        return redirect("registrations:badge", badge)
    now, others = badging.sessions_for(registration, at=timezone.now())
    context = {
        "registration": registration,
        "institute": registration.institute,
        "groups": [group for group in ((_("Now"), now), (_("The day"), others)) if group[1]],
        "marked": badging.marked(registration, now + others),
        "form": BadgeForm(registration=registration, auto_id=False),
    }
    return render(request, "registrations/badge.html", context)


def _mark(request: HttpRequest, registration: Registration) -> None:
    form = BadgeForm(request.POST, registration=registration)
    if not form.is_valid():
        messages.error(request, _("Choose a session of this institute."))
        return
    session = form.cleaned_data["session"]
    try:
        recorded = desk.tick(
            [registration.pk], session, key=form.cleaned_data["key"], by=cast("User", request.user), at=timezone.now()
        )
    except CannotRecord as refusal:
        messages.error(request, str(refusal))
        return
    for sentence in recorded.refused.values():
        messages.error(request, sentence)
    if not recorded.refused:
        told = {"person": registration.name_printed, "session": session.title}
        messages.success(request, _("%(person)s is here: %(session)s.") % told)


@require_GET
def badges(request: HttpRequest, institute_id: int) -> HttpResponse:
    """Badges on the screen, a sheet at a time."""
    institute = get_object_or_404(Institute.objects.visible_to(request.user), pk=institute_id)
    require_attendance(request.user, institute)
    page = Paginator(_rows(request, institute), A_SHEET).get_page(request.GET.get("page"))
    context = {
        "institute": institute,
        "page": page,
        "badges": [_printed(request, row) | {"drawing": badging.drawing(_address(request, row))} for row in page],
        "why_no_paper": paper.why_not(),
    }
    return render(request, "registrations/badges.html", context)


@require_GET
def badges_paper(request: HttpRequest, institute_id: int) -> HttpResponse:
    """All badges of an institute as one PDF, eight on a sheet."""
    institute = get_object_or_404(Institute.objects.visible_to(request.user), pk=institute_id)
    require_attendance(request.user, institute)
    title = _("Badges for %(institute)s") % {"institute": institute.code}
    context = {
        "title": title,
        "institute": institute.title,
        "code": institute.code,
        "badges": [
            _printed(request, row) | {"picture": badging.picture(_address(request, row))}
            for row in _rows(request, institute)
        ],
    }
    try:
        content = paper.render("paper/badges.html", context, title=title)
    except paper.CannotRender as refusal:
        messages.error(request, str(refusal))
        return redirect("registrations:badges", institute_id)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="badges-{institute.code}.pdf"'
    return response


def _rows(request: HttpRequest, institute: Institute):  # type: ignore[no-untyped-def]  # a queryset of registrations
    people = Registration.objects.visible_to(request.user).live().filter(institute=institute).in_name_order()
    return people.select_related("person", "seat__allotment__order__sponsor")


def _printed(request: HttpRequest, registration: Registration) -> dict[str, str]:
    sponsor = registration.seat.allotment.order.sponsor
    return {
        "name": registration.name_printed,
        "sponsor": sponsor.name if sponsor else "",
        "address": _address(request, registration),
    }


def _address(request: HttpRequest, registration: Registration) -> str:
    return request.build_absolute_uri(reverse("registrations:badge", args=[registration.badge]))
