"""Where people work: staff begin and end jobs; a coordinator says who left her district, and when."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from people import employments, once
from people.access import Action, require, require_provider
from people.forms import EndJobForm, JobForm
from people.http import Request, act
from people.models import Employment, Organization, Person

ON_A_PAGE = 50


@require_http_methods(["GET", "POST"])
def begin_job(request: Request, person_id: int) -> HttpResponse:
    person = get_object_or_404(Person.objects.visible_to(request.user).canonical(), pk=person_id)
    require_provider(request.user, Action.KEEP_DIRECTORY)
    now = timezone.now()
    form = JobForm(request.POST or None)
    if form.is_valid():
        asked = form.cleaned_data
        job = {name: asked[name] for name in ("organization", "school", "role", "on")}

        def do() -> int:
            return employments.begin(person, **job, by=request.user, at=now).pk

        try:
            act(request, form, do, verb="begin_job")
        except (employments.CannotEmploy, once.KeyUsedForSomethingElse) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, _("%(name)s works at %(place)s now.") % {"name": person, "place": job["organization"]}
            )
            return redirect("people:person", person.pk)
    return render(
        request, "people/begin_job.html", {"person": person, "form": form}, status=422 if form.errors else 200
    )


@require_http_methods(["GET", "POST"])
def end_job(request: Request, employment_id: int) -> HttpResponse:
    """By staff, or by the coordinator of the district: "left the district on"."""
    rows = Employment.objects.visible_to(request.user).select_related("person__merged_into", "organization", "school")
    job = get_object_or_404(rows, pk=employment_id)
    require(request.user, Action.REGISTER, job.organization)
    now = timezone.now()
    form = EndJobForm(request.POST or None)
    if form.is_valid():
        day = form.cleaned_data["on"]

        def do() -> int:
            return employments.end(job, on=day, by=request.user, at=now).pk

        try:
            act(request, form, do, verb="end_job")
        except (employments.CannotEmploy, once.KeyUsedForSomethingElse) as refusal:
            form.add_error("on", str(refusal))
        else:
            told = {"name": job.person, "day": date_format(day, "F j, Y"), "place": job.organization}
            messages.success(request, _("%(name)s works at %(place)s until %(day)s.") % told)
            return _back(request, job)
    context = {"job": job, "person": job.person.merged_into or job.person, "form": form}
    context["back"] = _back(request, job).url
    return render(request, "people/end_job.html", context, status=422 if form.errors else 200)


def _back(request: Request, job: Employment) -> HttpResponseRedirect:
    """To the page one came from."""
    if request.GET.get("from") == "person":
        return redirect("people:person", job.person.canonical_id)
    return redirect("people:district_people", job.organization_id)


@require_safe
def district_people(request: Request, organization_id: int) -> HttpResponse:
    """Who works at a district today, for its coordinator."""
    district = get_object_or_404(Organization.objects.visible_to(request.user), pk=organization_id)
    require(request.user, Action.REGISTER, district)
    today, words = timezone.localdate(), request.GET.get("q", "")
    people = Person.objects.visible_to(request.user).named_like(words)
    jobs = Employment.objects.visible_to(request.user).filter(organization=district, person__in=people)
    found = jobs.lasting(on=today).select_related("person__merged_into", "school").prefetch_related("person__addresses")
    page = Paginator(found.order_by("person__sort_key", "pk"), ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "people/district_people.html", {"district": district, "page": page, "q": words})
