"""Days of service: staff record them at an institute without seats, the district signs them off."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing.models import FundingLine
from events.models import Institute
from people import once
from people.access import Action, require, require_provider
from people.http import Request, act
from registrations import services
from registrations.forms.services import QuestionForm, ServiceDayForm, SignOffForm, TakeBackForm
from registrations.models import ServiceDay
from registrations.models.services import ServiceDayQuerySet
from registrations.services import CannotServe

REFUSALS = (CannotServe, once.KeyUsedForSomethingElse)
SHOWN = 200
"""The newest days of a list: a contract has dozens."""


@require_http_methods(["GET", "POST"])
def institute_services(request: Request, institute_id: int) -> HttpResponse:
    institute = get_object_or_404(Institute.objects.visible_to(request.user), pk=institute_id)
    require_provider(request.user, Action.FUND)
    form = ServiceDayForm(request.POST or None, lines=_lines(request))
    if form.is_valid():
        try:
            act(request, form, lambda: _recorded(request, institute, form), verb="record_service")
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The day is recorded; the district's coordinators are asked to sign it off."))
            return redirect("registrations:institute_services", institute_id)
    days = _days(request).filter(institute=institute).order_by("-on", "-pk")[:SHOWN]
    context = {"institute": institute, "form": form, "days": days, "take_back": TakeBackForm()}
    return render(request, "registrations/institute_services.html", context, status=422 if form.errors else 200)


@require_safe
def service_days(request: Request) -> HttpResponse:
    """The days of one's own districts: those that wait first."""
    require(request.user, Action.REGISTER)
    waiting = list(_days(request).waiting().order_by("on", "pk")[:SHOWN])
    signed = _days(request).standing().filter(signed_off_at__isnull=False).order_by("-on", "-pk")[:SHOWN]
    form = SignOffForm(keys=[day.pk for day in waiting])
    context = {"waiting": waiting, "signed": signed, "form": form, "question": QuestionForm()}
    return render(request, "registrations/service_days.html", context)


@require_POST
def sign_off(request: Request) -> HttpResponse:
    """Sign off the days that are ticked, all or none."""
    rows = _days(request)
    form = SignOffForm(request.POST, keys=list(rows.values_list("pk", flat=True)))
    require(request.user, Action.REGISTER)
    days = list(rows.filter(pk__in=form.cleaned_data["days"])) if form.is_valid() else []
    for day in days:
        require(request.user, Action.REGISTER, day.line.organization_id)
    try:
        if not days:
            raise CannotServe(_("Tick the days that were delivered."))
        number = act(request, form, lambda: _signed(request, days), verb="sign_off_service")
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
    else:
        told = ngettext("%d day is signed off and charged.", "%d days are signed off and charged.", number)
        messages.success(request, told % number)
    return redirect("registrations:service_days")


@require_POST
def ask_about_service(request: Request, day_id: int) -> HttpResponse:
    day = get_object_or_404(_days(request), pk=day_id)
    require(request.user, Action.REGISTER, day.line.organization_id)
    form = QuestionForm(request.POST)
    try:
        services.ask_about(day, words=form.cleaned_data["words"] if form.is_valid() else "")
    except CannotServe as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Your question stands beside the day; it is charged when you sign it off."))
    return redirect("registrations:service_days")


@require_POST
def take_back_service(request: Request, day_id: int) -> HttpResponse:
    day = get_object_or_404(_days(request), pk=day_id)
    require_provider(request.user, Action.FUND)
    form = TakeBackForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        services.take_back(day, reason=reason, by=request.user, at=timezone.now())
    except CannotServe as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The day is taken back, with what was charged for it."))
    return redirect("registrations:institute_services", day.institute_id)


# --- Parts -----------------------------------------------------------------------------------------------------------


def _days(request: Request) -> ServiceDayQuerySet:
    rows: ServiceDayQuerySet = ServiceDay.objects.visible_to(request.user)
    return rows.select_related("institute", "line__agreement", "line__organization", "signed_off_by__person", "charge")


def _lines(request: Request) -> QuerySet[FundingLine]:
    """Lines of agreements that name a rate."""
    rows = FundingLine.objects.visible_to(request.user).filter(agreement__rate__isnull=False)
    return rows.select_related("agreement", "payer__organization", "organization").order_by("agreement__name", "pk")


def _recorded(request: Request, institute: Institute, form: ServiceDayForm) -> int:
    asked = {name: form.cleaned_data[name] for name in ("line", "on", "words", "delivered_by")}
    return services.record(institute, **asked, by=request.user, at=timezone.now()).pk


def _signed(request: Request, days: list[ServiceDay]) -> int:
    return len(services.sign_off(days, by=request.user, at=timezone.now()))
