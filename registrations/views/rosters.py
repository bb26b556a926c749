"""Building a roster: pasted or uploaded, its rows answered one by one."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from events.models import Institute
from people.access import ALLOWED, Action, Principal, Role, require
from people.http import Request
from people.models import Organization, Person
from registrations import enrollment
from registrations.forms import (
    COLUMN_LABELS,
    ColumnsForm,
    DecisionForm,
    PeopleForm,
    ReplaceForm,
    RosterForm,
    RowForm,
    StartForm,
)
from registrations.models import RosterDraft
from registrations.rosters import columns, drafting
from registrations.rosters.judging import Verdict

STEPS = [gettext_lazy("Roster"), gettext_lazy("Money"), gettext_lazy("Confirm")]
ON_A_PAGE = 60


def sponsors_of(request: Request) -> QuerySet[Organization]:
    """Districts for which one may register: all for the staff, one's own for a coordinator."""
    visible = Organization.objects.visible_to(request.user).open()
    principal = Principal.of(request.user)
    if principal.is_provider:
        return visible.order_by("search_key")
    homes = [keys for role, keys in principal.role_homes.items() if Action.REGISTER in ALLOWED[Role(role)]]
    return visible.filter(pk__in=frozenset().union(*homes)).order_by("search_key")


def draft_for(request: Request, draft_id: int) -> RosterDraft:
    """A roster that one sees (else 404) and may register from (else 403)."""
    drafts = RosterDraft.objects.visible_to(request.user)
    draft: RosterDraft = get_object_or_404(drafts.select_related("sponsor", "institute", "made_by"), pk=draft_id)
    require(request.user, Action.REGISTER, draft.sponsor)
    return draft


@require_http_methods(["GET", "POST"])
def roster_start(request: Request, institute_id: int) -> HttpResponse:
    institute = get_object_or_404(Institute.objects.visible_to(request.user), pk=institute_id)
    require(request.user, Action.REGISTER)
    sponsors = sponsors_of(request)
    form = StartForm(request.POST or None, request.FILES or None, sponsors=sponsors, initial=request.GET.dict())
    if form.is_valid():
        asked = form.cleaned_data
        now = timezone.now()
        draft = drafting.start(asked["sponsor"], institute, by=request.user, at=now)
        if _laid(draft, form, replacing=False):
            return redirect("registrations:roster", draft.pk)
    open_drafts = RosterDraft.objects.visible_to(request.user).unsubmitted().filter(institute=institute)
    context = {
        "institute": institute,
        "form": form,
        "steps": STEPS,
        "drafts": open_drafts.filter(sponsor__in=sponsors).select_related("sponsor").order_by("-changed_at")[:5],
        "closed": enrollment.why_closed(institute, timezone.now()),
    }
    return render(request, "registrations/roster_start.html", context, status=422 if form.errors else 200)


def _laid(draft: RosterDraft, form: RosterForm, *, replacing: bool) -> bool:
    """Whether the table of the form is on the roster now; else the form says why not."""
    try:
        drafting.lay(draft, form.cleaned_data["table"], replacing=replacing, source=form.source, at=timezone.now())
    except (columns.CannotKeep, drafting.CannotDraft) as refusal:
        form.add_error("file" if form.cleaned_data.get("file") else "pasted", str(refusal))
    return not form.errors


@require_safe
def roster(request: Request, draft_id: int) -> HttpResponse:
    draft = draft_for(request, draft_id)
    if draft.order_id:
        return redirect("registrations:order", draft.order_id)
    return render(request, "registrations/roster.html", _roster_context(request, draft, ReplaceForm()))


def _roster_context(request: Request, draft: RosterDraft, form: ReplaceForm) -> dict[str, Any]:
    verdicts = drafting.judged(draft, timezone.now(), who=request.user)
    attention = [verdict for verdict in verdicts if verdict.needs_attention]
    only = request.GET.get("show") == "attention"
    shown = attention if only else verdicts
    pages = Paginator(shown, ON_A_PAGE)
    seats = sum(verdict.takes_a_seat for verdict in verdicts)
    return {
        "draft": draft,
        "institute": draft.institute,
        "steps": STEPS,
        "page": pages.get_page(_page_of(request.GET, shown)),
        "tabs": _tabs(draft, len(verdicts), len(attention), only=only),
        "seats": seats,
        "short_by": max(0, seats - draft.institute.seats_left),
        "blocking": sum(verdict.blocks for verdict in verdicts),
        "silent": sum(verdict.kind == "needs_email" for verdict in verdicts),
        "mapped": _mapped(draft.columns),
        "columns_form": ColumnsForm(seen=draft.columns) if draft.columns.get("table") else None,
        "form": form,
        "closed": enrollment.why_closed(draft.institute, timezone.now()),
    }


def _page_of(query: QueryDict, shown: list[Verdict]) -> str:
    """The page that is asked for, or the one that holds a row."""
    at = {str(verdict.row.key): index for index, verdict in enumerate(shown)}
    index = at.get(str(query.get("row", "")))
    return str(query.get("page", "1")) if index is None else str(index // ON_A_PAGE + 1)


def _tabs(draft: RosterDraft, rows: int, attention: int, *, only: bool) -> list[dict[str, Any]]:
    url = reverse("registrations:roster", args=[draft.pk])
    return [
        {"label": _("All rows"), "url": url, "current": not only, "count": rows},
        {"label": _("Needs attention"), "url": f"{url}?show=attention", "current": only, "count": attention},
    ]


def _mapped(seen: dict[str, Any]) -> list[tuple[str, str]]:
    """What was read as what: "E-mail" from "Teacher_email"."""
    headers = seen.get("headers", [])
    return [
        (str(COLUMN_LABELS[name]), headers[index] if index < len(headers) else _("column %d") % (index + 1))
        for name, index in seen.get("fields", {}).items()
    ]


@require_POST
def roster_lay(request: Request, draft_id: int) -> HttpResponse:
    draft = draft_for(request, draft_id)
    form = ReplaceForm(request.POST, request.FILES)
    if form.is_valid() and _laid(draft, form, replacing=form.cleaned_data["replacing"] == "whole"):
        return redirect("registrations:roster", draft.pk)
    return render(request, "registrations/roster.html", _roster_context(request, draft, form), status=422)


@require_POST
def roster_columns(request: Request, draft_id: int) -> HttpResponse:
    draft = draft_for(request, draft_id)
    form = ColumnsForm(request.POST, seen=draft.columns)
    if form.is_valid():
        _change(request, drafting.remap, draft, form.fields_at())
        return redirect("registrations:roster", draft.pk)
    context = _roster_context(request, draft, ReplaceForm()) | {"columns_form": form}
    return render(request, "registrations/roster.html", context, status=422)


@require_http_methods(["GET", "POST"])
def roster_people(request: Request, draft_id: int) -> HttpResponse:
    draft = draft_for(request, draft_id)
    here = Person.objects.visible_to(request.user).canonical().employed_at(draft.sponsor_id, on=timezone.localdate())
    form = PeopleForm(request.POST or None, people=here)
    if form.is_valid():
        _change(request, drafting.add_people, draft, form.cleaned_data["people"])
        return redirect("registrations:roster", draft.pk)
    found = here.named_like(request.GET.get("q", "")).order_by("sort_key", "pk").prefetch_related("addresses")
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"draft": draft, "page": page, "form": form, "q": request.GET.get("q", ""), "steps": STEPS}
    return render(request, "registrations/roster_people.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def roster_row(request: Request, draft_id: int, key: int) -> HttpResponse:
    draft = draft_for(request, draft_id)
    row = get_object_or_404_row(draft, key)
    form = RowForm(request.POST or None, initial={name: getattr(row, name) for name in RowForm.base_fields})
    if form.is_valid():
        _change(request, drafting.change_rows, draft, [key], **form.changes(row))
        return redirect(f"{reverse('registrations:roster', args=[draft.pk])}?row={key}#row-{key}")
    context = {"draft": draft, "row": row, "form": form}
    return render(request, "registrations/roster_row.html", context, status=422 if form.errors else 200)


@require_POST
def roster_decide(request: Request, draft_id: int) -> HttpResponse:
    draft = draft_for(request, draft_id)
    form = DecisionForm(request.POST)
    url = reverse("registrations:roster", args=[draft.pk])
    if not form.is_valid():
        messages.error(request, _("This row is not here any more. Look at the roster again."))
        return redirect(url)
    _change(request, drafting.change_rows, draft, [form.key()], **form.changes())
    return redirect(f"{url}?row={form.key()}#row-{form.key()}")


@require_POST
def roster_leave_out(request: Request, draft_id: int) -> HttpResponse:
    """Leave out every row that still stands in the way."""
    draft = draft_for(request, draft_id)
    verdicts = drafting.judged(draft, timezone.now(), who=request.user)
    keys = [verdict.row.key for verdict in verdicts if verdict.blocks]
    _change(request, drafting.change_rows, draft, keys, decision="leave_out")
    return redirect("registrations:roster", draft.pk)


def get_object_or_404_row(draft: RosterDraft, key: int) -> Any:
    found = [row for row in drafting.rows_of(draft) if row.key == key]
    return found[0] if found else get_object_or_404(RosterDraft.objects.none())


def _change(request: Request, verb: Any, draft: RosterDraft, *subject: Any, **changes: Any) -> None:
    """Call a verb on a draft; a refusal is said on the page that follows."""
    try:
        verb(draft, *subject, at=timezone.now(), **changes)
    except drafting.CannotDraft as refusal:
        messages.error(request, str(refusal))
