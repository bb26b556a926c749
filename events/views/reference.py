"""Staff: what institutes choose from, each a list and a form: programs, seasons, venues, rules."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Model
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from events import offering, revisions
from events.forms import reference as forms
from events.models import HoursRule, Program, Season, TeamRule, Venue
from people import access, once
from people.access import Action
from people.http import Request, act


@dataclass(frozen=True)
class Kind:
    """One kind of row: what it is called, its form, and the facts its list shows."""

    slug: str
    plural: str | Promise
    new: str | Promise
    model: type[Model]
    form: type[forms.ReferenceForm]
    order: str
    columns: tuple[str, ...]

    @property
    def headings(self) -> list[str]:
        fields: dict[str, Any] = self.form.base_fields
        return [fields[name].label for name in self.columns]


KINDS = {
    kind.slug: kind
    for kind in (
        Kind("programs", gettext_lazy("Programs"), gettext_lazy("New program"), Program, forms.ProgramForm, "name", ("code", "summary")),
        Kind("seasons", gettext_lazy("Seasons"), gettext_lazy("New season"), Season, forms.SeasonForm, "-starts_on", ("starts_on", "ends_on")),
        Kind("venues", gettext_lazy("Venues"), gettext_lazy("New venue"), Venue, forms.VenueForm, "name", ("street", "city")),
        Kind("hours-rules", gettext_lazy("Hours rules"), gettext_lazy("New hours rule"), HoursRule, forms.HoursRuleForm, "name", ("full_day_percent", "step_minutes", "certificate_percent")),
        Kind("team-rules", gettext_lazy("Team rules"), gettext_lazy("New team rule"), TeamRule, forms.TeamRuleForm, "name", ("smallest", "largest")),
    )
}  # fmt: skip


def _kind(request: Request, slug: str) -> Kind:
    access.require_provider(request.user, Action.SCHEDULE)
    if slug not in KINDS:
        raise Http404
    return KINDS[slug]


def tabs(current: str) -> list[dict[str, Any]]:
    """The kinds and the terms, as tabs."""
    listed = [(kind.slug, kind.plural) for kind in KINDS.values()] + [("terms", gettext_lazy("Terms"))]
    return [
        {"label": label, "url": f"/staff/offer/{slug}/", "current": slug == current, "count": None}
        for slug, label in listed
    ]


@require_safe
def rows(request: Request, kind: str) -> HttpResponse:
    what = _kind(request, kind)
    listed = what.model._default_manager.order_by(what.order)  # noqa: SLF001 - Django's public door to any model
    shown = [(row, [getattr(row, name) for name in what.columns]) for row in listed]
    return render(request, "events/reference.html", {"kind": what, "rows": shown, "tabs": tabs(kind)})


@require_http_methods(["GET", "POST"])
def new(request: Request, kind: str) -> HttpResponse:
    what = _kind(request, kind)
    form = what.form(request.POST or None)
    if form.is_valid():
        try:
            act(request, form, lambda: form.save().pk, verb=f"new_{kind}")
        except once.KeyUsedForSomethingElse as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("%(name)s is there to choose.") % {"name": form.instance})
            return redirect("events:reference", kind)
    context = {"kind": what, "form": form, "title": what.new, "tabs": tabs(kind)}
    return render(request, "events/reference_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def edit(request: Request, kind: str, pk: int) -> HttpResponse:
    what = _kind(request, kind)
    row = get_object_or_404(what.model, pk=pk)
    title = str(row)
    form = what.form(request.POST or None, instance=row)
    if form.is_valid():
        seen = form.cleaned_data["seen"]
        try:
            act(request, form, lambda: offering.change(form.instance, seen=seen).pk, verb=f"edit_{kind}")
        except revisions.ChangedMeanwhile as refusal:
            form.warn(refusal)
        except once.KeyUsedForSomethingElse as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("%(name)s is saved.") % {"name": row})
            return redirect("events:reference", kind)
    context = {"kind": what, "form": form, "title": title, "tabs": tabs(kind)}
    return render(request, "events/reference_form.html", context, status=422 if form.errors else 200)
