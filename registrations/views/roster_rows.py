"""The rows of a roster: corrected in place, decided, typed, picked, carried forward."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from people.http import Request
from people.models import Person
from registrations.forms.rows import DecisionForm, PeopleForm, RowForm, UnnamedForm
from registrations.models import RosterDraft
from registrations.rosters import drafting, earlier, room
from registrations.rosters.rows import LEAVE_OUT, Row
from registrations.views.rosters import ON_A_PAGE, STEPS, change, deed, draft_for, shown, typed_form

SUGGESTED = 6
TOO_FEW_LETTERS = 2


def _at_row(draft: RosterDraft, key: int) -> HttpResponse:
    return redirect(f"{reverse('registrations:roster', args=[draft.pk])}?row={key}#row-{key}")


# --- Those that are here ----------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def roster_row(request: Request, draft_id: int, key: int) -> HttpResponse:
    draft = draft_for(request, draft_id)
    row = _row_or_404(draft, key)
    form = RowForm(request.POST or None, row=row, institute=draft.institute)
    if form.is_valid():
        try:
            seen = form.cleaned_data["seen"]
            drafting.correct_row(draft, key, form.texts(), seen=seen, at=timezone.now())
        except drafting.CannotDraft as refusal:
            form.add_error(None, str(refusal))
        else:
            return _at_row(draft, key)
    if form.errors:
        return shown(request, draft, status=422, editing=key, row_form=form)
    context = {"draft": draft, "row": row, "row_form": form}
    return render(request, "registrations/roster_row.html", context)


def _row_or_404(draft: RosterDraft, key: int) -> Row:
    found = next((row for row in drafting.rows_of(draft) if row.key == key), None)
    if found is None:
        raise Http404
    return found


@deed
def roster_decide(request: Request, draft_id: int) -> HttpResponse:
    draft = draft_for(request, draft_id)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("This row is not here any more. Look at the roster again."))
        return redirect("registrations:roster", draft.pk)
    change(request, drafting.change_rows, draft, [form.key()], **form.changes())
    return _at_row(draft, form.key())


@deed
def roster_answer_all(request: Request, draft_id: int) -> HttpResponse:
    """Each row about one person whom we know is about her."""
    draft = draft_for(request, draft_id)
    change(request, drafting.answer_all, draft, drafting.judged(draft, timezone.now(), who=request.user))
    return redirect("registrations:roster", draft.pk)


@deed
def roster_leave_out(request: Request, draft_id: int) -> HttpResponse:
    """Leave out every row that still stands in the way."""
    draft = draft_for(request, draft_id)
    verdicts = drafting.judged(draft, timezone.now(), who=request.user)
    keys = [verdict.row.key for verdict in verdicts if verdict.blocks]
    change(request, drafting.change_rows, draft, keys, decision=LEAVE_OUT)
    return redirect("registrations:roster", draft.pk)


@deed
def roster_wait(request: Request, draft_id: int) -> HttpResponse:
    """Those for whom no seat is left wait in line: the last ones, or with `whole` everyone."""
    draft = draft_for(request, draft_id)
    now = timezone.now()
    verdicts = drafting.judged(draft, now, who=request.user)
    left = 0 if request.POST.get("whole") else room.left_for(draft.sponsor, draft.institute, at=now)
    change(request, drafting.change_rows, draft, room.beyond(verdicts, left), waits="place")
    return redirect("registrations:roster", draft.pk)


# --- More of them -----------------------------------------------------------------------------------------------------


@deed
def roster_type(request: Request, draft_id: int) -> HttpResponse:
    draft = draft_for(request, draft_id)
    form = typed_form(draft, request.POST)
    if not form.is_valid():
        return shown(request, draft, status=422, typed_form=form)
    change(request, drafting.add_typed, draft, {name: form.cleaned_data[name] for name in form.fields})
    return redirect(f"{reverse('registrations:roster', args=[draft.pk])}?page=last#type")


@deed
def roster_unnamed(request: Request, draft_id: int) -> HttpResponse:
    draft = draft_for(request, draft_id)
    form = UnnamedForm(request.POST)
    if not form.is_valid():
        return shown(request, draft, status=422, unnamed_form=form)
    change(request, drafting.add_unnamed, draft, form.cleaned_data["number"])
    return redirect(f"{reverse('registrations:roster', args=[draft.pk])}?page=last")


@require_safe
def roster_suggest(request: Request, draft_id: int) -> HttpResponse:
    """People of the district whose names begin as what is typed."""
    draft = draft_for(request, draft_id)
    typed = " ".join(request.GET.get(name, "") for name in ("given_name", "family_name")).strip()
    held = {row.person_id for row in drafting.rows_of(draft)}
    found = _people_of(request, draft).named_like(typed).exclude(pk__in=held - {None})
    people = list(found.order_by("sort_key", "pk")[:SUGGESTED]) if len(typed) >= TOO_FEW_LETTERS else []
    return render(request, "registrations/_roster_suggestions.html", {"draft": draft, "people": people})


def _people_of(request: Request, draft: RosterDraft) -> Any:
    """People of the district whom one may see, each with her addresses."""
    people = Person.objects.visible_to(request.user).canonical()
    found: QuerySet[Person] = people.employed_at(draft.sponsor_id, on=timezone.localdate())
    return found.prefetch_related("addresses")


@require_http_methods(["GET", "POST"])
def roster_people(request: Request, draft_id: int) -> HttpResponse:
    draft = draft_for(request, draft_id)
    here = _people_of(request, draft)
    form = PeopleForm(request.POST or None, people=here)
    if form.is_valid():
        change(request, drafting.add_people, draft, form.cleaned_data["people"])
        return redirect(f"{reverse('registrations:roster', args=[draft.pk])}?page=last")
    found = here.named_like(request.GET.get("q", "")).order_by("sort_key", "pk")
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"draft": draft, "page": page, "form": form, "q": request.GET.get("q", ""), "steps": STEPS}
    return render(request, "registrations/roster_people.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def roster_earlier(request: Request, draft_id: int) -> HttpResponse:
    """Last season's roster, and those of it who come again."""
    draft = draft_for(request, draft_id)
    institutes = list(earlier.institutes(draft.sponsor, draft.institute)[:12])
    asked = str(request.POST.get("from") or request.GET.get("from", ""))
    chosen = next((one for one in institutes if str(one.pk) == asked), institutes[0] if institutes else None)
    if chosen is None:
        messages.info(request, _("Nobody of yours was at an earlier institute of this program."))
        return redirect("registrations:roster", draft.pk)
    was_there = earlier.people_at(chosen, draft.sponsor, who=request.user, at=timezone.now())
    if request.method == "POST":
        ticked = set(request.POST.getlist("rows"))
        coming = [registration for registration in was_there.here if str(registration.pk) in ticked]
        change(request, drafting.carry, draft, coming)
        return redirect("registrations:roster", draft.pk)
    context = {"draft": draft, "institutes": institutes, "chosen": chosen, "was_there": was_there}
    return render(request, "registrations/roster_earlier.html", context)
