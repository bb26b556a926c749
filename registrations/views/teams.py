"""Teams: a coordinator's own, an institute's, and one with its people and its days."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from events.models import Institute, InstituteKind
from people import once
from people.access import Action, Principal, may, require, require_provider
from people.http import Request, act
from people.models import Person, School
from registrations import teams as rules
from registrations.line_forms import AllowForm, TeamForm
from registrations.models import Team
from registrations.models.teams import TeamQuerySet
from registrations.refusals import CannotChange
from registrations.views.waitlist import require_sponsor

REFUSALS = (CannotChange, once.KeyUsedForSomethingElse)
MOST = 200


@require_safe
def teams(request: Request) -> HttpResponse:
    """Hers, of the institutes to come first."""
    rows = Team.objects.visible_to(request.user)
    require(request.user, Action.REGISTER)
    listed = _listed(rows).order_by("-institute__starts_on", "name", "pk")
    own = [team for team in listed[:MOST] if may(request.user, Action.REGISTER, team.order.sponsor)]
    return render(request, "registrations/teams.html", {"teams": rules.judged(own)})


@require_safe
def institute_teams(request: Request, institute_id: int) -> HttpResponse:
    rows = Institute.objects.visible_to(request.user).select_related("team_rule")
    institute = get_object_or_404(rows, pk=institute_id)
    require_provider(request.user, Action.REGISTER)
    listed = _listed(Team.objects.visible_to(request.user).filter(institute=institute))
    context = {
        "institute": institute,
        "current": "teams",
        "rule": rules.in_words(institute.team_rule) if institute.team_rule else "",
        "teams": rules.judged(list(listed.order_by("name", "pk"))),
    }
    return render(request, "registrations/institute_teams.html", context)


def _listed(rows: TeamQuerySet) -> TeamQuerySet:
    found: TeamQuerySet = rows.standing().select_related("institute__team_rule", "order__sponsor", "waiting")
    return found


@require_http_methods(["GET", "POST"])
def team(request: Request, team_id: int) -> HttpResponse:
    """One team: who is in it, and where and when it studies its lesson."""
    shown = _team(request, team_id)
    form = _form(request, shown)
    if form.is_valid():
        try:
            wanted = form.arrangement()
            act(request, form, lambda: rules.arrange(shown, wanted, by=request.user).pk, verb="arrange a team")
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Kept. The team's page shows it."))
            return redirect("registrations:team", shown.pk)
    return _page(request, shown, form, AllowForm())


@require_POST
def team_allow(request: Request, team_id: int) -> HttpResponse:
    """Staff: let it come as it is."""
    shown = _team(request, team_id)
    require_provider(request.user, Action.REGISTER)
    form = AllowForm(request.POST)
    if form.is_valid():
        try:
            reason = form.cleaned_data["reason"]
            act(request, form, lambda: rules.allow(shown, reason=reason, by=request.user).pk, verb="allow a team")
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The team may come as it is; your reason is kept with it."))
            return redirect("registrations:team", shown.pk)
    return _page(request, shown, _form(request, shown, blank=True), form)


def _team(request: Request, team_id: int) -> Team:
    rows = Team.objects.visible_to(request.user).select_related(
        "institute__team_rule", "order__sponsor", "facilitator", "host_school", "override_by__person"
    )
    shown: Team = get_object_or_404(rows, pk=team_id)
    require_sponsor(request, shown.order.sponsor)
    return shown


def _form(request: Request, shown: Team, *, blank: bool = False) -> TeamForm:
    """Schools of the sponsor and its charters; whoever is engaged at the institute may facilitate."""
    sponsor = shown.order.sponsor
    homes = [sponsor.pk, *sponsor.children.values_list("pk", flat=True)] if sponsor else []
    return TeamForm(
        None if blank else request.POST or None,
        team=shown,
        schools=School.objects.filter(organization__in=homes).order_by("name"),
        facilitators=Person.objects.filter(engagements__institute=shown.institute).distinct().order_by("sort_key"),
        is_staff=Principal.of(request.user).is_provider,
    )


def _page(request: Request, shown: Team, form: TeamForm, allow: AllowForm) -> HttpResponse:
    context: dict[str, Any] = {
        "team": shown,
        "institute": shown.institute,
        "members": rules.members_of(shown),
        "unnamed": rules.unnamed_in(shown),
        "shortfalls": rules.falls_short(shown),
        "rule": rules.in_words(shown.institute.team_rule) if shown.institute.team_rule else "",
        "is_lesson_study": shown.institute.kind == InstituteKind.LESSON_STUDY,
        "form": form,
        "allow": allow,
        "is_staff": Principal.of(request.user).is_provider,
    }
    return render(request, "registrations/team.html", context, status=422 if form.errors or allow.errors else 200)
