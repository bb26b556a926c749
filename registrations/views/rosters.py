"""A roster: started, shown, and laid over by a sheet."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from events.models import Institute
from people.access import ALLOWED, Action, Principal, Role, require
from people.http import Request
from people.models import Organization
from registrations import doors
from registrations.forms.rows import TypedForm, UnnamedForm
from registrations.forms.sheets import COLUMN_LABELS, ColumnsForm, ReplaceForm, RosterForm, StartForm
from registrations.models import RosterDraft
from registrations.rosters import columns, drafting, earlier, room
from registrations.rosters.judging import Kind, Verdict
from registrations.rosters.laying import Laid

STEPS = [gettext_lazy("Roster"), gettext_lazy("Money"), gettext_lazy("Confirm")]
ON_A_PAGE = 60
MOST_SCHOOLS = 200
View = Callable[..., HttpResponse]


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


def deed(view: View) -> View:
    """A view that only acts. Who comes to it by a link was signed out before she acted: she is told, and led back."""

    @wraps(view)
    def led_back(request: Request, draft_id: int, *more: object, **named: object) -> HttpResponse:
        if request.method == "POST":
            return view(request, draft_id, *more, **named)
        draft = draft_for(request, draft_id)
        messages.warning(
            request,
            _(
                "You were signed out before your last step was kept. The roster is as it was before it: do it once more."
            ),
        )
        return redirect("registrations:roster", draft.pk)

    return require_http_methods(["GET", "HEAD", "POST"])(led_back)


# --- Starting ---------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def roster_start(request: Request, institute_id: int) -> HttpResponse:
    institute = get_object_or_404(Institute.objects.visible_to(request.user), pk=institute_id)
    require(request.user, Action.REGISTER)
    sponsors = sponsors_of(request)
    form = StartForm(request.POST or None, request.FILES or None, sponsors=sponsors, initial=request.GET.dict())
    if form.is_valid():
        asked = form.cleaned_data
        draft = drafting.start(asked["sponsor"], institute, by=request.user, at=timezone.now())
        if asked.get("empty") or _laid(request, draft, form, replacing=False):
            return redirect("registrations:roster", draft.pk)
    open_drafts = RosterDraft.objects.visible_to(request.user).unsubmitted().filter(institute=institute)
    waiting = open_drafts.filter(sponsor__in=sponsors).exclude(rows=[]).select_related("sponsor")
    context = {
        "institute": institute,
        "form": form,
        "steps": STEPS,
        "drafts": waiting.order_by("-changed_at")[:5],
        "closed": doors.why_closed(institute, timezone.now(), sponsor=_only(form)),
    }
    return render(request, "registrations/roster_start.html", context, status=422 if form.errors else 200)


def _only(form: StartForm) -> Organization | None:
    """The district of whoever registers for one alone."""
    return form.sponsors[0] if len(form.sponsors) == 1 else None


def _laid(request: Request, draft: RosterDraft, form: RosterForm, *, replacing: bool) -> bool:
    """Whether the table of the form is on the roster now, and what it changed; else the form says why not."""
    asked, now = form.cleaned_data, timezone.now()
    had_rows = bool(draft.rows)
    try:
        laid = drafting.lay(
            draft, asked["table"], replacing=replacing, source=form.source, seen=asked.get("seen"), at=now
        )
    except (columns.CannotKeep, drafting.CannotDraft) as refusal:
        form.add_error("file" if asked.get("file") else "pasted", str(refusal))
        return False
    if had_rows and not unread(draft.columns):
        messages.success(request, _told(laid))
    return True


def _told(laid: Laid) -> str:
    """ "2 rows changed, 1 added. 14 are as they were." """
    news = [
        ngettext("%d row changed", "%d rows changed", laid.changed) % laid.changed if laid.changed else "",
        ngettext("%d row added", "%d rows added", laid.added) % laid.added if laid.added else "",
        ngettext("%d row taken away", "%d rows taken away", laid.gone) % laid.gone if laid.gone else "",
    ]
    said = ", ".join(one for one in news if one) or _("Nothing changed")
    same = ngettext("%d row is as it was.", "%d rows are as they were.", laid.same) % laid.same
    return f"{said}. {same}"


# --- Showing ----------------------------------------------------------------------------------------------------------


@require_safe
def roster(request: Request, draft_id: int) -> HttpResponse:
    draft = draft_for(request, draft_id)
    if draft.order_id:
        return redirect("registrations:order", draft.order_id)
    return shown(request, draft)


def shown(request: Request, draft: RosterDraft, *, status: int = 200, **more: Any) -> HttpResponse:
    """The page of a roster; with `more`, a form that came back."""
    context = _context(request, draft, str(more.get("editing", ""))) | more
    return render(request, "registrations/roster.html", context, status=status)


def _context(request: Request, draft: RosterDraft, row: str = "") -> dict[str, Any]:
    now = timezone.now()
    verdicts = drafting.judged(draft, now, who=request.user)
    attention = [verdict for verdict in verdicts if verdict.needs_attention]
    only = request.GET.get("show") == "attention"
    rows = attention if only else verdicts
    left = room.left_for(draft.sponsor, draft.institute, at=now)
    return {
        "draft": draft,
        "institute": draft.institute,
        "steps": STEPS,
        "page": Paginator(rows, ON_A_PAGE).get_page(_page_of(request.GET, rows, row)),
        "schools": draft.sponsor.schools.open().order_by("search_key")[:MOST_SCHOOLS],
        "tabs": _tabs(draft, len(verdicts), len(attention), only=only),
        "mapped": _mapped(draft.columns),
        "unread": unread(draft.columns),
        "columns_form": ColumnsForm(seen=draft.columns) if draft.columns.get("table") else None,
        "form": ReplaceForm(initial=_replacing(draft)),
        "typed_form": typed_form(draft),
        "unnamed_form": UnnamedForm() if draft.institute.names_due_on else None,
        "earlier": earlier.institutes(draft.sponsor, draft.institute)[:1],
        "closed": doors.why_closed(draft.institute, now, sponsor=draft.sponsor),
    } | _counts(verdicts, left)


def typed_form(draft: RosterDraft, data: QueryDict | None = None) -> TypedForm:
    """One more person, with suggestions as her name is typed."""
    known = reverse("registrations:roster_suggest", args=[draft.pk])
    return TypedForm(data, auto_id="typed_%s", suggested_by=known)


def _counts(verdicts: list[Verdict], left: int) -> dict[str, Any]:
    """What the roster comes to, and what stands in its way."""
    seats = sum(verdict.takes_a_seat for verdict in verdicts)
    asking = [verdict for verdict in verdicts if verdict.kind == Kind.ASK_PERSON and len(verdict.candidates) == 1]
    return {
        "seats": seats,
        "left": left,
        "short_by": max(0, seats - left),
        "waiting": sum(verdict.waits for verdict in verdicts),
        "added": sum(verdict.kind == Kind.ADDED for verdict in verdicts),
        "blocking": sum(verdict.blocks for verdict in verdicts),
        "asking": len(asking),
        "silent": sum(verdict.is_silent for verdict in verdicts),
        "unnamed": sum(verdict.kind == Kind.UNNAMED for verdict in verdicts),
    }


def _replacing(draft: RosterDraft) -> dict[str, Any]:
    """A sheet that comes after one is most often the same, corrected."""
    seen = max((row["key"] for row in draft.rows), default=0)
    return {"replacing": "whole" if draft.columns.get("table") else "more", "seen": seen}


def _page_of(query: QueryDict, shown_rows: list[Verdict], row: str) -> str:
    """The page that is asked for, or the one that holds a row."""
    at = {str(verdict.row.key): index for index, verdict in enumerate(shown_rows)}
    index = at.get(row or str(query.get("row", "")))
    asked = str(query.get("page", "1"))
    if asked == "last":
        index = max(0, len(shown_rows) - 1)
    return asked if index is None else str(index // ON_A_PAGE + 1)


def _tabs(draft: RosterDraft, rows: int, attention: int, *, only: bool) -> list[dict[str, Any]]:
    url = reverse("registrations:roster", args=[draft.pk])
    return [
        {"label": _("All rows"), "url": url, "current": not only, "count": rows},
        {"label": _("Needs attention"), "url": f"{url}?show=attention", "current": only, "count": attention},
    ]


def unread(seen: dict[str, Any]) -> bool:
    """A sheet was given in which no column of names was found: nobody came of it yet."""
    return bool(seen.get("table")) and not {"given_name", "family_name", "name"} & set(seen.get("fields", {}))


def _mapped(seen: dict[str, Any]) -> list[tuple[str, str]]:
    """What was read as what: "E-mail" from "Teacher_email"."""
    headers = seen.get("headers", [])
    return [
        (str(COLUMN_LABELS[name]), headers[index] if index < len(headers) else _("column %d") % (index + 1))
        for name, index in seen.get("fields", {}).items()
    ]


# --- Sheets -----------------------------------------------------------------------------------------------------------


@deed
def roster_lay(request: Request, draft_id: int) -> HttpResponse:
    draft = draft_for(request, draft_id)
    form = ReplaceForm(request.POST, request.FILES)
    if form.is_valid() and _laid(request, draft, form, replacing=form.cleaned_data["replacing"] == "whole"):
        return redirect("registrations:roster", draft.pk)
    return shown(request, draft, status=422, form=form)


@deed
def roster_columns(request: Request, draft_id: int) -> HttpResponse:
    draft = draft_for(request, draft_id)
    form = ColumnsForm(request.POST, seen=draft.columns)
    if form.is_valid():
        change(request, drafting.remap, draft, form.fields_at())
        return redirect("registrations:roster", draft.pk)
    return shown(request, draft, status=422, columns_form=form)


def change(request: Request, verb: Callable[..., object], draft: RosterDraft, *subject: Any, **changes: Any) -> bool:
    """Call a verb on a draft; a refusal is said on the page that follows."""
    try:
        verb(draft, *subject, at=timezone.now(), **changes)
    except drafting.CannotDraft as refusal:
        messages.error(request, str(refusal))
        return False
    return True
