"""Who coordinates a district and who sees its money; colleagues are invited here, and handed everything over to."""

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from people import memberships, once
from people.access import SPONSOR_ROLES, Action, Principal, require, require_provider
from people.forms import HandOverForm, InviteForm
from people.http import Request, act
from people.memberships import CannotAppoint, CannotHandOver
from people.models import HandOver, Membership, Organization
from portal import colleagues as parts
from registrations.models import RosterDraft


@require_safe
def colleagues(request: Request, organization_id: int) -> HttpResponse:
    district = _district(request, organization_id)
    waiting = Prefetch("hand_overs", HandOver.objects.waiting().select_related("to__user__person"), to_attr="waiting")
    drafts = (
        RosterDraft.objects.visible_to(request.user).unsubmitted().filter(sponsor=district).defer("rows", "columns")
    )
    context = {
        "district": district,
        "parts": _parts(district).prefetch_related(waiting).order_by("role", "pk"),
        "drafts": drafts.select_related("institute", "made_by__person").order_by("-changed_at", "-pk"),
        "is_staff": Principal.of(request.user).is_provider,
    }
    return render(request, "portal/colleagues.html", context)


@require_http_methods(["GET", "POST"])
def invite_colleague(request: Request, organization_id: int) -> HttpResponse:
    district = _district(request, organization_id)
    form = InviteForm(request.POST or None)
    if form.is_valid():
        asked = form.cleaned_data

        def do() -> int:
            made = parts.invite(
                asked["email"], asked["name"], asked["role"], district, by=request.user, at=timezone.now()
            )
            return made.pk

        try:
            act(request, form, do, verb="invite_colleague")
        except (CannotAppoint, once.KeyUsedForSomethingElse) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("%s is invited; a mail says how to sign in.") % asked["name"])
            return redirect("portal:colleagues", district.pk)
    context = {"district": district, "form": form}
    return render(request, "portal/invite_colleague.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def hand_over(request: Request, membership_id: int) -> HttpResponse:
    """One's own part; any part, when the provider's staff replace somebody who is gone."""
    part = _part(request, membership_id)
    form = HandOverForm(request.POST or None)
    if form.is_valid():
        asked = form.cleaned_data

        def do() -> int:
            to = {"email": asked["email"], "name": asked["name"], "at_once": form.at_once()}
            return parts.hand_over(part, **to, by=request.user, at=timezone.now()).pk

        try:
            act(request, form, do, verb="hand_over")
        except (CannotHandOver, once.KeyUsedForSomethingElse) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Handed over to %s. Both get a mail.") % asked["name"])
            return _after(request, part)
    context = {"part": part, "is_own": part.user == request.user, "form": form}
    return render(request, "portal/hand_over.html", context, status=422 if form.errors else 200)


@require_POST
def keep_part(request: Request, membership_id: int) -> HttpResponse:
    """Take a hand-over back that waits for the colleague."""
    part = _part(request, membership_id)
    waiting = get_object_or_404(HandOver.objects.waiting(), part=part)
    try:
        memberships.keep(waiting)
    except CannotHandOver as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("%s keeps the part.") % part.user)
    return redirect("portal:colleagues", part.organization_id)


def _district(request: Request, organization_id: int) -> Organization:
    found: Organization = get_object_or_404(Organization.objects.visible_to(request.user), pk=organization_id)
    require(request.user, Action.HAND_OVER, found)
    return found


def _parts(district: Organization) -> QuerySet[Membership]:
    held = Membership.objects.active().filter(organization=district, role__in=SPONSOR_ROLES)
    return held.select_related("user__person", "organization")


def _part(request: Request, membership_id: int) -> Membership:
    visible = Organization.objects.visible_to(request.user)
    rows = Membership.objects.active().filter(organization__in=visible, role__in=SPONSOR_ROLES)
    found: Membership = get_object_or_404(rows.select_related("user__person", "organization"), pk=membership_id)
    require(request.user, Action.HAND_OVER, found.organization)
    if found.user_id != request.user.pk:
        require_provider(request.user, Action.KEEP_DIRECTORY)
    return found


def _after(request: Request, part: Membership) -> HttpResponse:
    """Her own part may be gone: then the page of the district is closed to her."""
    if part.user_id == request.user.pk and not Membership.objects.active().filter(pk=part.pk).exists():
        return redirect("portal:start")
    return redirect("portal:colleagues", part.organization_id)
