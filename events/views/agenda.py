"""Staff: one institute with its agenda, whose blocks are written in place.

Every address here answers with the same page; what differs is the block that is open. htmx cuts the page to its main
part, and without scripts the page comes whole.
"""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from events import agenda, printed, scheduling
from events.forms.agenda import BlockForm, written
from events.forms.institutes import CopyDayForm, StrandFormSet, StrandRows, strand_rows, strands_seen
from events.forms.seen import SeenForm
from events.models import Institute
from events.revisions import ChangedMeanwhile
from events.scheduling import Add, CannotSchedule, Edit, Remove
from events.views.staff import day_asked
from people import access, once
from people.access import Action
from people.http import Request, act

REFUSALS = (CannotSchedule, once.KeyUsedForSomethingElse)


def _institute(request: Request, institute_id: int) -> Institute:
    """The institute, for those who may schedule."""
    rows = Institute.objects.visible_to(request.user).select_related(
        "program", "season", "venue", "terms", "hours_rule", "team_rule", "host"
    )
    institute: Institute = get_object_or_404(rows, pk=institute_id)
    access.require_provider(request.user, Action.SCHEDULE)
    return institute


@require_safe
def staff_institute(request: Request, institute_id: int) -> HttpResponse:
    return _page(request, _institute(request, institute_id))


@require_http_methods(["GET", "POST"])
def add_block(request: Request, institute_id: int) -> HttpResponse:
    """A new block; `?day=` and `?strand=` say where, and it starts where the last one of that day ends."""
    institute = _institute(request, institute_id)
    form = BlockForm(request.POST or None, institute=institute, initial=_next_block(request, institute))
    if form.is_valid():
        try:
            notes = act(
                request,
                form,
                lambda: scheduling.change_agenda(institute, [Add(form.block())], by=request.user, at=timezone.now()),
                verb="add_block",
            )
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            return _done(request, institute, notes)
    day = _day_of(form, institute)
    return _page(request, institute, form=form, adding_to=day)


@require_http_methods(["GET", "POST"])
def edit_block(request: Request, institute_id: int, session_id: int) -> HttpResponse:
    institute = _institute(request, institute_id)
    session = get_object_or_404(institute.sessions.select_related("strand"), pk=session_id)
    form = BlockForm(request.POST or None, institute=institute, initial=written(session, institute))
    if form.is_valid():
        try:
            change = Edit(session_id, form.block(), form.cleaned_data["seen"])
            notes = act(
                request,
                form,
                lambda: scheduling.change_agenda(institute, [change], by=request.user, at=timezone.now()),
                verb="edit_block",
            )
        except ChangedMeanwhile as refusal:
            form.warn(refusal)
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            return _done(request, institute, notes)
    return _page(request, institute, form=form, editing=session_id)


@require_POST
def remove_block(request: Request, institute_id: int, session_id: int) -> HttpResponse:
    institute = _institute(request, institute_id)
    try:
        notes = scheduling.change_agenda(institute, [Remove(session_id)], by=request.user, at=timezone.now())
    except CannotSchedule as refusal:
        messages.error(request, str(refusal))
        return redirect("events:staff_institute", institute_id)
    return _done(request, institute, notes)


@require_http_methods(["GET", "POST"])
def copy_day(request: Request, institute_id: int, day: str) -> HttpResponse:
    """The blocks of one day, on other days as well."""
    institute = _institute(request, institute_id)
    source = day_asked(day)
    if source is None:
        raise Http404
    form = CopyDayForm(request.POST or None, days=_other_days(institute, source))
    if form.is_valid():
        days = [date.fromisoformat(other) for other in form.cleaned_data["to"]]
        try:
            notes = act(
                request,
                form,
                lambda: scheduling.copy_day(institute, source, to=days, by=request.user, at=timezone.now()),
                verb="copy_day",
            )
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            return _done(request, institute, notes)
    return _page(request, institute, form=form, copying=source)


@require_http_methods(["GET", "POST"])
def strands(request: Request, institute_id: int) -> HttpResponse:
    institute = _institute(request, institute_id)
    rows: StrandFormSet = StrandRows(request.POST or None, initial=strand_rows(institute), prefix="strands")
    form = SeenForm(request.POST or None, initial={"seen": strands_seen(institute)})
    if form.is_valid() and rows.is_valid():
        try:
            act(request, form, lambda: _strands_set(request, institute, form, rows), verb="set_strands")
        except ChangedMeanwhile as refusal:
            form.warn(refusal, saved=", ".join(map(str, refusal.saved)) or _("nothing"))
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("events:staff_institute", institute_id)
    wrong = form.is_bound and not (form.is_valid() and rows.is_valid())
    context = {"institute": institute, "rows": rows, "form": form}
    return render(request, "events/strands.html", context, status=422 if wrong else 200)


def _strands_set(request: Request, institute: Institute, form: SeenForm, rows: StrandFormSet) -> None:
    seen = form.cleaned_data["seen"]
    scheduling.set_strands(institute, rows.wanted(), seen=seen, by=request.user, at=timezone.now())


def _page(request: Request, institute: Institute, **opened: Any) -> HttpResponse:
    """The institute with its agenda; `opened` says which block, day or form is open."""
    sessions = list(institute.sessions.in_order().select_related("strand"))
    form = opened.get("form")
    context = {
        "institute": institute,
        "days": agenda.days_of(institute, sessions, also=opened.get("adding_to")),
        "minutes": sum(agenda.minutes_by_type(sessions).values()),
        "has_more_days": institute.ends_on > institute.starts_on,
        **opened,
    }
    return render(request, "events/staff_institute.html", context, status=422 if form and form.errors else 200)


def _done(request: Request, institute: Institute, notes: list[str]) -> HttpResponse:
    """Back to the agenda, saying what must be said."""
    for note in notes:
        messages.warning(request, note)
    return redirect(reverse("events:staff_institute", args=[institute.pk]) + "#agenda")


def _day_of(form: BlockForm, institute: Institute) -> date:
    """The day under which the form stands; one that is no day of the institute stands under the first."""
    day = day_asked(str(form["day"].value() or ""))
    return day if day and institute.starts_on <= day <= institute.ends_on else institute.starts_on


def _next_block(request: Request, institute: Institute) -> dict[str, Any]:
    day = day_asked(request.GET.get("day", "")) or institute.starts_on
    ends = [
        local
        for moment in institute.sessions.values_list("ends_at", flat=True)
        if (local := moment.astimezone(institute.tz)).date() == day
    ]
    return {"day": day, "strand": request.GET.get("strand"), "starts": max(ends).time() if ends else None}


def _other_days(institute: Institute, source: date) -> list[tuple[str, str]]:
    count = (institute.ends_on - institute.starts_on).days + 1
    days = [institute.starts_on + timedelta(days=number) for number in range(count)]
    return [(day.isoformat(), printed.day(day)) for day in days if day != source]
