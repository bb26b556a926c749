"""Attendance pages: the grid of a day, one cell of it, and the times of one person's day."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from events.models import Institute, Session
from people.access import Principal
from people.http import Request
from registrations import boards, desk
from registrations.access import require_attendance
from registrations.attendance import CannotRecord, Recorded
from registrations.attendance_forms import PressForm, TimesForm
from registrations.models import Registration


@require_http_methods(["GET", "POST"])
def attendance(request: Request, institute_id: int) -> HttpResponse:
    institute = _institute(request, institute_id)
    if request.method == "POST":
        try:
            messages.success(request, _told(_pressed(request, institute)))
        except CannotRecord as refusal:
            messages.error(request, str(refusal))
        return redirect(request.get_full_path())
    context: dict[str, Any] = {"institute": institute, "is_staff": Principal.of(request.user).is_provider}
    context |= _day_chosen(request, institute)
    if context["sessions"]:
        context["board"] = boards.board(institute, context["day"], context["sessions"], who=request.user)
    return render(request, "registrations/attendance.html", context)


@require_POST
def attendance_cell(request: Request, institute_id: int) -> HttpResponse:
    """The fragment that takes the place of the cell that was pressed: the whole grid would be heavy."""
    institute = _institute(request, institute_id)
    form = PressForm(request.POST)
    pressed = (form.data.get("tick") or form.data.get("untick") or "") if form.is_valid() else ""
    registration = get_object_or_404(_people(request, institute), pk=pressed.partition(":")[0] or 0)
    session = get_object_or_404(institute.sessions, pk=pressed.split(":")[1])
    refusal = ""
    try:
        refusal = " ".join(_pressed(request, institute).refused.values())
    except CannotRecord as reason:
        refusal = str(reason)
    context = {
        "institute": institute,
        "registration": registration,
        "cell": boards.cell(registration, session),
        "column": {"session": session, "marked": boards.marked_in(session, who=request.user)},
        "refusal": refusal,
    }
    return render(request, "registrations/_attendance_pressed.html", context)


@require_http_methods(["GET", "POST"])
def attendance_times(request: Request, registration_id: int, day: str) -> HttpResponse:
    on = _day(day)
    registration = get_object_or_404(
        Registration.objects.visible_to(request.user).select_related("institute__hours_rule", "person"),
        pk=registration_id,
    )
    require_attendance(request.user, registration.institute)
    form = TimesForm(request.POST or None)
    if form.is_valid():
        times, key = form.moments(registration, on), form.cleaned_data["key"]
        try:
            desk.set_times(registration, on, *times, key=key, by=request.user, at=timezone.now())
        except CannotRecord as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The times of %(person)s are kept.") % {"person": registration.person})
            return redirect(f"{reverse('registrations:attendance', args=[registration.institute_id])}?day={on}")
    context = {"registration": registration, "institute": registration.institute, "day": on, "form": form}
    return render(request, "registrations/attendance_times.html", context, status=422 if form.errors else 200)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Http404 from None


def _institute(request: Request, institute_id: int) -> Institute:
    institute: Institute = get_object_or_404(Institute.objects.visible_to(request.user), pk=institute_id)
    require_attendance(request.user, institute)
    return institute


def _people(request: Request, institute: Institute) -> Any:
    return Registration.objects.visible_to(request.user).filter(institute=institute).select_related("person")


def _pressed(request: Request, institute: Institute) -> Recorded:
    """Do what a press in the grid says."""
    form = PressForm(request.POST)
    if not form.is_valid():
        raise CannotRecord(_("Press one button of the grid."))
    [(verb, value)] = form.cleaned_data.items()
    *registration, session_id, key = value.split(":")
    session = get_object_or_404(
        Session.objects.select_related("institute__hours_rule"), institute=institute, pk=session_id
    )
    how: dict[str, Any] = {"key": UUID(key), "by": request.user, "at": timezone.now()}
    if verb == "everyone":
        return desk.tick_everyone(session, **how)
    person = get_object_or_404(_people(request, institute), pk=registration[0])
    return desk.tick([person.pk], session, **how) if verb == "tick" else desk.untick(person, session, **how)


def _told(recorded: Recorded) -> str:
    if recorded.refused:
        raise CannotRecord(" ".join(dict.fromkeys(recorded.refused.values())))
    count = len(recorded.new)
    if not count:
        return _("Nothing to add: it was marked before.")
    return ngettext("%(count)d mark is kept.", "%(count)d marks are kept.", count) % {"count": count}


def _day_chosen(request: Request, institute: Institute) -> dict[str, Any]:
    """The day in the address, else today, else the first; all of its sessions that count, or the one in the address."""
    days = boards.days_of(institute)
    wanted = request.GET.get("day") or timezone.now().astimezone(institute.tz).date().isoformat()
    day = next((day for day in days if day.isoformat() == wanted), next(iter(days), institute.starts_on))
    of_day = days.get(day, [])
    session = next((session for session in of_day if str(session.pk) == request.GET.get("session")), None)
    tabs = [
        {"label": date_format(each, "D, M j"), "url": f"?day={each.isoformat()}", "current": each == day, "count": None}
        for each in days
    ]
    return {
        "day": day,
        "tabs": tabs,
        "of_day": of_day,
        "session": session,
        "sessions": [session] if session else of_day,
    }
