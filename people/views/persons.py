"""People, as staff find them and put their names and addresses right."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from people import corrections, once, paging
from people.access import Action, require_provider
from people.filters import DirectoryPersonFilter
from people.forms import AddressForm, NameForm
from people.http import Request
from people.models import Appointment, EmailAddress, Employment, Merge, Person

ON_A_PAGE = 50


@require_safe
def people(request: Request) -> HttpResponse:
    rows = Person.objects.visible_to(request.user).canonical()
    require_provider(request.user, Action.KEEP_DIRECTORY)
    filters = DirectoryPersonFilter(request.GET, rows)
    current = Employment.objects.on(timezone.localdate()).select_related("organization").order_by("pk")
    found = filters.qs.prefetch_related("addresses", Prefetch("employments", current, to_attr="current_jobs"))
    before, after = request.GET.get("before", ""), request.GET.get("after", "")
    page = paging.page(found, size=ON_A_PAGE, before=before, after=after)
    other = request.GET.get("same_as", "")
    same_as = rows.filter(pk=other).first() if other.isascii() and other.isdigit() and len(other) < 18 else None
    return render(request, "people/people.html", {"filters": filters, "page": page, "same_as": same_as})


@require_http_methods(["GET", "POST"])
def person(request: Request, person_id: int) -> HttpResponse:
    """Her page; the form on it adds an address."""
    shown = get_object_or_404(Person.objects.visible_to(request.user), pk=person_id)
    require_provider(request.user, Action.KEEP_DIRECTORY)
    if shown.merged_into_id:
        return redirect("people:person", shown.merged_into_id)
    form = AddressForm(request.POST or None)
    if form.is_valid():
        address = form.cleaned_data["address"]

        def do() -> int:
            return corrections.add_address(shown, address, by=request.user).pk

        try:
            _act(form, do, "add_address", request)
        except (corrections.CannotCorrect, once.KeyUsedForSomethingElse) as refusal:
            form.add_error("address", str(refusal))
        else:
            messages.success(request, _("%(address)s was added.") % {"address": address})
            return redirect("people:person", person_id)
    context = _known_of(shown) | {"person": shown, "form": form}
    return render(request, "people/person.html", context, status=422 if form.errors else 200)


def _known_of(person: Person) -> dict[str, Any]:
    """Her addresses, where she works and worked under all her names, who turned out to be she, and what became of it."""
    hers = list(Person.objects.of(person).order_by("pk"))
    jobs = Employment.objects.filter(person__in=hers).select_related("organization__county", "school")
    given = Appointment.objects.filter(person__in=hers).select_related("organization", "region")
    merges = Merge.objects.filter(into__in=hers) | Merge.objects.filter(person__in=hers)
    return {
        "addresses": EmailAddress.objects.filter(person__in=hers).order_by("-is_preferred", "pk"),
        "employments": jobs.order_by("-starts_on", "pk"),
        "appointments": given.order_by("-starts_on", "pk"),
        "aliases": [one for one in hers if one != person],
        "today": timezone.localdate(),
        "merges": merges.select_related("person", "into", "by__person", "undone__by__person").order_by("at", "pk"),
    }


@require_http_methods(["GET", "POST"])
def rename(request: Request, person_id: int) -> HttpResponse:
    shown = get_object_or_404(Person.objects.visible_to(request.user).canonical(), pk=person_id)
    require_provider(request.user, Action.KEEP_DIRECTORY)
    now = {"given": shown.given_name, "family": shown.family_name, "display": shown.display_name}
    form = NameForm(request.POST or None, initial=now)
    if form.is_valid():
        asked = {name: form.cleaned_data[name] for name in now}

        def do() -> int:
            return corrections.rename(shown, **asked, by=request.user).pk

        try:
            _act(form, do, "rename", request)
        except (corrections.CannotCorrect, once.KeyUsedForSomethingElse) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The name was changed. Certificates that are issued keep theirs."))
            return redirect("people:person", person_id)
    return render(request, "people/rename.html", {"person": shown, "form": form}, status=422 if form.errors else 200)


def _act(form: AddressForm | NameForm, do: Callable[[], int], verb: str, request: Request) -> None:
    content = form.cleaned_data
    once.act(content["submission_key"], do, verb=verb, by=request.user, at=timezone.now(), content=content)
