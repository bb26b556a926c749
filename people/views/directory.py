"""Districts and other organizations: the list, one of them, and the parts that users play there."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from people import memberships, once
from people.access import Action, require_provider
from people.filters import OrganizationFilter
from people.forms import AppointForm, OnceForm
from people.http import Request
from people.models import Membership, Organization, Person, School

ON_A_PAGE = 50


@require_safe
def directory(request: Request) -> HttpResponse:
    rows = Organization.objects.visible_to(request.user).select_related("county")
    require_provider(request.user, Action.KEEP_DIRECTORY)
    filters = OrganizationFilter(request.GET, rows)
    found = filters.qs.annotate(schools_open=_open_schools()).order_by("search_key", "pk")
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "people/directory.html", {"filters": filters, "page": page})


def _open_schools() -> Coalesce:
    counted = School.objects.open().filter(organization=OuterRef("pk")).order_by().values("organization")
    return Coalesce(Subquery(counted.annotate(number=Count("pk")).values("number")), 0)


@require_safe
def organization(request: Request, organization_id: int) -> HttpResponse:
    rows = Organization.objects.visible_to(request.user).select_related("county__region", "parent", "successor")
    shown = get_object_or_404(rows, pk=organization_id)
    require_provider(request.user, Action.KEEP_DIRECTORY)
    schools = School.objects.visible_to(request.user).filter(organization=shown).order_by("search_key", "pk")
    today = timezone.localdate()
    context = {
        "organization": shown,
        "page": Paginator(schools, ON_A_PAGE).get_page(request.GET.get("page")),
        "parts": Membership.objects.active()
        .filter(organization=shown)
        .select_related("user__person")
        .order_by("role", "pk"),
        "people_count": Person.objects.visible_to(request.user).employed_at(shown.pk, on=today).canonical().count(),
        "relatives": Organization.objects.visible_to(request.user).next_to(shown).order_by("search_key"),
        "end_form": OnceForm(),
    }
    return render(request, "people/organization.html", context)


@require_http_methods(["GET", "POST"])
def appoint(request: Request, organization_id: int) -> HttpResponse:
    shown = get_object_or_404(Organization.objects.visible_to(request.user), pk=organization_id)
    require_provider(request.user, Action.KEEP_DIRECTORY)
    form = AppointForm(request.POST or None)
    if form.is_valid():

        def do() -> int:
            asked = form.cleaned_data
            made = memberships.appoint(
                asked["email"], asked["name"], asked["role"], shown, by=request.user, at=timezone.now()
            )
            memberships.announce(made)
            return made.pk

        key = form.cleaned_data["submission_key"]
        try:
            once.act(key, do, verb="appoint", by=request.user, at=timezone.now(), content=form.cleaned_data)
        except (memberships.CannotAppoint, once.KeyUsedForSomethingElse) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Appointed; a mail says how to sign in."))
            return redirect("people:organization", organization_id)
    context = {"organization": shown, "form": form}
    return render(request, "people/appoint.html", context, status=422 if form.errors else 200)


@require_POST
def end_membership(request: Request, membership_id: int) -> HttpResponse:
    organizations = Organization.objects.visible_to(request.user)
    membership = get_object_or_404(Membership, pk=membership_id, organization__in=organizations)
    require_provider(request.user, Action.KEEP_DIRECTORY)
    try:
        memberships.end(membership, by=request.user, at=timezone.now())
    except memberships.CannotEnd as refusal:
        messages.error(request, str(refusal))
    else:
        said = {"user": membership.user, "organization": membership.organization}
        messages.success(request, _("%(user)s has no part at %(organization)s any more.") % said)
    return redirect("people:organization", membership.organization_id)
