"""Staff: institutes in a list, a new one, the next one, their facts."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from events import holidays, revisions, scheduling
from events.filters import StaffInstituteFilter
from events.forms.institutes import CloneForm, InstituteForm
from events.models import HoursRule, Institute, Program, Terms
from events.views.staff import day_asked
from people import access, once
from people.access import Action
from people.http import Request, act

PAGE = 25
REFUSALS = (scheduling.CannotSchedule, once.KeyUsedForSomethingElse)


@require_safe
def staff_institutes(request: Request) -> HttpResponse:
    """Every institute, newest first, with its seats; and what comes next."""
    rows = Institute.objects.visible_to(request.user)
    access.require_provider(request.user, Action.SCHEDULE)
    asked = StaffInstituteFilter(request.GET, rows, at=timezone.localtime())
    listed = asked.chosen.select_related("program", "season", "venue").order_by("-starts_on", "-id")
    context = {
        "page": Paginator(listed, PAGE).get_page(request.GET.get("page")),
        "filter": asked,
        "is_filtered": any(request.GET.get(name) for name in StaffInstituteFilter.Meta.fields),
        "latest": rows.latest_of_their_kind().select_related("program"),
        "now": timezone.now(),
    }
    return render(request, "events/staff_institutes.html", context)


@require_http_methods(["GET", "POST"])
def new_institute(request: Request) -> HttpResponse:
    access.require_provider(request.user, Action.SCHEDULE)
    form = InstituteForm(request.POST or None, instance=Institute(), initial=_usual_facts())
    if form.is_valid():
        try:
            made = act(
                request,
                form,
                lambda: scheduling.schedule(form.instance, by=request.user, at=timezone.now()).pk,
                verb="schedule",
            )
        except REFUSALS as refusal:
            _say(form, refusal)
        else:
            messages.success(request, _("Scheduled as a draft. Build its agenda, then publish it."))
            return redirect("events:staff_institute", made)
    context = {"form": form, "lacks": _what_is_lacking()}
    return render(request, "events/new_institute.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def edit_institute(request: Request, institute_id: int) -> HttpResponse:
    institute = get_object_or_404(Institute.objects.visible_to(request.user), pk=institute_id)
    access.require_provider(request.user, Action.SCHEDULE)
    form = InstituteForm(request.POST or None, instance=institute)
    if form.is_valid():
        try:
            act(request, form, lambda: _changed(request, form), verb="change_facts")
        except revisions.ChangedMeanwhile as refusal:
            form.warn(refusal)
        except REFUSALS as refusal:
            _say(form, refusal)
        else:
            messages.success(request, _("The facts of %(code)s are saved.") % {"code": institute.code})
            return redirect("events:staff_institute", institute_id)
    shown = Institute.objects.visible_to(request.user).get(pk=institute_id)  # as it is saved
    return render(
        request, "events/edit_institute.html", {"form": form, "institute": shown}, status=422 if form.errors else 200
    )


@require_http_methods(["GET", "POST"])
def clone_institute(request: Request, institute_id: int) -> HttpResponse:
    """The next one of its kind: its days are shown before the click."""
    institute = get_object_or_404(Institute.objects.visible_to(request.user), pk=institute_id)
    access.require_provider(request.user, Action.SCHEDULE)
    starts_on = day_asked(request.GET.get("starts_on", "")) or scheduling.suggested_start(institute)
    form = CloneForm(request.POST or None, initial={"starts_on": starts_on})
    if form.is_valid():
        wanted = {name: form.cleaned_data[name] for name in ("starts_on", "code", "season", "again")}
        try:
            made = act(
                request,
                form,
                lambda: scheduling.clone(institute, **wanted, by=request.user, at=timezone.now()).pk,
                verb="clone",
            )
        except REFUSALS as refusal:
            _say(form, refusal)
        else:
            messages.success(request, _("The next one is a draft with the whole agenda. Look at it, then publish it."))
            return redirect("events:staff_institute", made)
    context = _preview(institute, starts_on) | {"form": form, "institute": institute}
    return render(request, "events/clone_institute.html", context, status=422 if form.errors else 200)


@require_POST
def publish(request: Request, institute_id: int) -> HttpResponse:
    institute = get_object_or_404(Institute.objects.visible_to(request.user), pk=institute_id)
    access.require_provider(request.user, Action.SCHEDULE)
    try:
        scheduling.publish(institute, by=request.user, at=timezone.now())
    except scheduling.CannotSchedule as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("%(code)s is published: everyone can see it.") % {"code": institute.code})
    return redirect("events:staff_institute", institute_id)


def _changed(request: Request, form: InstituteForm) -> int:
    seen = form.cleaned_data["seen"]
    return int(scheduling.change_facts(form.instance, seen=seen, by=request.user, at=timezone.now()).pk)


def _say(form: Form, refusal: Exception) -> None:
    """A refusal beside its field, or above the form."""
    field = getattr(refusal, "field", None)
    form.add_error(field if field in form.fields else None, str(refusal))


def _preview(institute: Institute, starts_on: date) -> dict[str, Any]:
    ends_on = starts_on + (institute.ends_on - institute.starts_on)
    return {
        "starts_on": starts_on,
        "ends_on": ends_on,
        "next_code": scheduling.next_code(institute.program, starts_on),
        "same_weekday": starts_on.weekday() == institute.starts_on.weekday(),
        "holidays": holidays.between(starts_on, ends_on),
        "block_count": institute.sessions.count(),
    }


def _usual_facts() -> dict[str, Any]:
    """What a new institute starts with: the newest rules, and registration from tomorrow at eight."""
    opens = timezone.localtime().replace(hour=8, minute=0, second=0, microsecond=0, tzinfo=None) + timedelta(days=1)
    newest = Terms.objects.order_by("-made_at").first()
    rule = HoursRule.objects.order_by("pk").first()
    return {"registration_opens_at": opens, "terms": newest and newest.pk, "hours_rule": rule and rule.pk}


def _what_is_lacking() -> list[tuple[str, str]]:
    """What must be there before an institute can be: (kind, sentence)."""
    wanted = [
        (Program, "programs", _("a program")),
        (Terms, "terms", _("cancellation terms")),
        (HoursRule, "hours-rules", _("an hours rule")),
    ]
    return [(kind, name) for model, kind, name in wanted if not model.objects.exists()]  # type: ignore[attr-defined]
