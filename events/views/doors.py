"""Staff: who may come to an institute, who may register first, and seats set aside.

Every address here answers with the same page; what differs is the form that was sent.
"""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from events import doors as verbs
from events.forms.doors import AudienceForm, GapsForm, SetAsideForm, WindowForm
from events.models import Institute, PriorityWindow, SetAside
from people import access, once
from people.access import Action
from people.http import Request, act

REFUSALS = (verbs.CannotSetDoors, once.KeyUsedForSomethingElse)


@require_safe
def doors(request: Request, institute_id: int) -> HttpResponse:
    return _page(request, _institute(request, institute_id))


@require_POST
def doors_audience(request: Request, institute_id: int) -> HttpResponse:
    institute = _institute(request, institute_id)
    form = AudienceForm(request.POST)

    def do() -> None:
        asked = form.cleaned_data
        verbs.name_audience(institute, appointments=asked["appointments"], cohorts=asked["cohorts"])

    return _answer(request, institute, form, do, said=_("Kept: whom the institute is for."), audience=form)


@require_POST
def doors_gaps(request: Request, institute_id: int) -> HttpResponse:
    institute = _institute(request, institute_id)
    form = GapsForm(request.POST)

    def do() -> None:
        verbs.fill_gaps(institute, is_filled=form.cleaned_data["fills_small_gaps"])

    return _answer(request, institute, form, do, said=_("Kept: what happens to small gaps."), gaps=form)


@require_POST
def doors_window(request: Request, institute_id: int) -> HttpResponse:
    institute = _institute(request, institute_id)
    form = WindowForm(request.POST, institute=institute)

    def do() -> int:
        asked = form.cleaned_data
        return verbs.open_early(institute, to=asked["county"] or asked["region"], at=asked["opens_at"]).pk

    return _answer(request, institute, form, do, said=_("Kept: they may register earlier."), window=form)


@require_POST
def doors_window_close(request: Request, institute_id: int, window_id: int) -> HttpResponse:
    institute = _institute(request, institute_id)
    get_object_or_404(PriorityWindow, pk=window_id, institute=institute).delete()
    messages.success(request, _("They register with everyone else."))
    return redirect("events:doors", institute.pk)


@require_POST
def doors_set_aside(request: Request, institute_id: int) -> HttpResponse:
    institute = _institute(request, institute_id)
    form = SetAsideForm(request.POST)

    def do() -> int:
        asked = form.cleaned_data
        return verbs.set_aside(institute, seats=asked["seats"], to=asked["organization"], until=asked["until"]).pk

    return _answer(request, institute, form, do, said=_("Set aside: nobody else can take these seats."), aside=form)


@require_POST
def doors_free(request: Request, institute_id: int, set_aside_id: int) -> HttpResponse:
    institute = _institute(request, institute_id)
    get_object_or_404(SetAside.objects.visible_to(request.user), pk=set_aside_id, institute=institute).delete()
    messages.success(request, _("The seats are anyone's."))
    return redirect("events:doors", institute.pk)


def _institute(request: Request, institute_id: int) -> Institute:
    """The institute, for those who may schedule."""
    institute: Institute = get_object_or_404(Institute.objects.visible_to(request.user), pk=institute_id)
    access.require_provider(request.user, Action.SCHEDULE)
    return institute


def _answer(request: Request, institute: Institute, form: Form, do: Any, *, said: str, **sent: Form) -> HttpResponse:
    if form.is_valid():
        try:
            act(request, form, do, verb=f"doors {next(iter(sent))}")
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, said)
            return redirect("events:doors", institute.pk)
    return _page(request, institute, **sent)


def _page(request: Request, institute: Institute, **sent: Form) -> HttpResponse:
    audiences = list(institute.audiences.all())
    named = {
        "appointments": [audience.appointment for audience in audiences if audience.appointment],
        "cohorts": [audience.cohort_id for audience in audiences if audience.cohort_id],
    }
    context: dict[str, Any] = {
        "institute": institute,
        "current": "doors",
        "is_open_to_all": institute.registration_opens_at <= timezone.now(),
        "audience": AudienceForm(initial=named),
        "gaps": GapsForm(initial={"fills_small_gaps": institute.fills_small_gaps}),
        "window": WindowForm(institute=institute),
        "aside": SetAsideForm(),
        "windows": institute.priority_windows.select_related("county", "region").order_by("opens_at", "pk"),
        "set_asides": institute.set_asides.select_related("organization").order_by("until", "pk"),
    }
    return render(request, "events/doors.html", context | sent, status=422 if sent else 200)
