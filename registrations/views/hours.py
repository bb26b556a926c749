"""The hours of one registration: what they are, why, and how they are corrected."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from people.http import Request
from registrations import attendance
from registrations import hours as explaining
from registrations.access import may_take_attendance, require_attendance
from registrations.attendance import CannotRecord, Seen
from registrations.attendance_forms import CorrectionForm, TakeBackForm
from registrations.models import EventKind, Registration


@require_GET
def hours(request: Request, registration_id: int) -> HttpResponse:
    registration = _registration(request, registration_id)
    return _page(request, registration, CorrectionForm(registration=registration))


@require_POST
def correct(request: Request, registration_id: int) -> HttpResponse:
    """Add an event with its reason."""
    registration = _registration(request, registration_id)
    require_attendance(request.user, registration.institute)
    form = CorrectionForm(request.POST, registration=registration)
    if form.is_valid():
        for sentence in _refused(request, registration, form.seen()):
            form.add_error(None, sentence)
    if form.errors:
        return _page(request, registration, form, status=422)
    messages.success(request, _("The correction is kept, and the hours are worked out anew."))
    return redirect("registrations:hours", registration.pk)


@require_POST
def take_back(request: Request, registration_id: int, event_id: UUID) -> HttpResponse:
    """Void one event, with the reason."""
    registration = _registration(request, registration_id)
    require_attendance(request.user, registration.institute)
    event = get_object_or_404(registration.attendance, pk=event_id)
    form = TakeBackForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why it is taken back."))
        return redirect("registrations:hours", registration.pk)
    given = form.cleaned_data
    void = Seen(
        given["key"], event.session_id, EventKind.VOID, event.at, registration.pk, None, None, given["reason"], event.pk
    )
    for sentence in _refused(request, registration, void):
        messages.error(request, sentence)
    return redirect("registrations:hours", registration.pk)


def _refused(request: Request, registration: Registration, seen: Seen) -> list[str]:
    """Record one event; why not, where it is refused."""
    try:
        answer = attendance.record([seen], institute=registration.institute, by=request.user, at=timezone.now())
    except CannotRecord as refusal:
        return [str(refusal)]
    return list(answer.refused.values())


def _registration(request: Request, registration_id: int) -> Registration:
    rows = Registration.objects.visible_to(request.user).select_related("institute__hours_rule", "person")
    registration: Registration = get_object_or_404(rows, pk=registration_id)
    return registration


def _page(request: Request, registration: Registration, form: CorrectionForm, status: int = 200) -> HttpResponse:
    events = registration.attendance.select_related("session", "by__person", "device", "voided_by", "voids")
    context = {
        "registration": registration,
        "institute": registration.institute,
        "explanation": explaining.explain(registration),
        "events": events.order_by("recorded_at", "at", "pk"),
        "may_correct": may_take_attendance(request.user, registration.institute),
        "form": form,
        "take_back": TakeBackForm(auto_id=False),
    }
    return render(request, "registrations/attendance_hours.html", context, status=status)
