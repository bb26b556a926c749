"""Staff's pages of a person over all rooms: two side by side, merged with evidence; the names that people ask for."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from people import corrections, matching, once
from people.access import Action, require_provider
from people.forms import MergeForm, OnceForm
from people.http import Request, act
from people.merging import CannotMerge
from people.models import NameRequest, Person
from portal import persons

ON_A_PAGE = 25


@require_http_methods(["GET", "POST"])
def same_person(request: Request, person_id: int, other_id: int) -> HttpResponse:
    visible = Person.objects.visible_to(request.user)
    one, other = (get_object_or_404(visible, pk=key) for key in (person_id, other_id))
    require_provider(request.user, Action.KEEP_DIRECTORY)
    if one.canonical_id == other.canonical_id:
        return redirect("people:person", one.canonical_id)
    sides = [persons.side_of(person) for person in (one, other)]
    form = MergeForm(request.POST or None, one=one, other=other, stays=persons.who_stays(*sides))
    if form.is_valid():
        stays, goes = (one, other) if form.cleaned_data["keep"] == str(one.pk) else (other, one)

        def do() -> int:
            evidence = form.cleaned_data["evidence"]
            return persons.merge(goes, into=stays, evidence=evidence, by=request.user, at=timezone.now()).pk

        try:
            act(request, form, do, verb="merge")
        except (CannotMerge, once.KeyUsedForSomethingElse) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("One person now. It can be undone for 90 days."))
            return redirect("people:person", stays.pk)
    context = {"sides": sides, "reasons": matching.reasons([(one, other)])[0], "form": form, "one": one, "other": other}
    context["clashes"] = persons.clashes(sides[0].places, sides[1].places)
    return render(request, "portal/same_person.html", context, status=422 if form.errors else 200)


@require_safe
def names_asked_for(request: Request) -> HttpResponse:
    rows = NameRequest.objects.visible_to(request.user).waiting().select_related("person")
    require_provider(request.user, Action.KEEP_DIRECTORY)
    page = Paginator(rows.order_by("asked_at", "pk"), ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "portal/names_asked_for.html", {"page": page, "form": OnceForm()})


@require_POST
def grant_name(request: Request, request_id: int) -> HttpResponse:
    wish = get_object_or_404(NameRequest.objects.visible_to(request.user).select_related("person"), pk=request_id)
    require_provider(request.user, Action.KEEP_DIRECTORY)
    require_provider(request.user, Action.CERTIFY)
    try:
        renamed = persons.grant_name(wish, by=request.user, at=timezone.now())
    except corrections.CannotCorrect as refusal:
        messages.error(request, str(refusal))
        return redirect("portal:names_asked_for")
    number = len(renamed.reissued)
    issued = ngettext("%d certificate was issued anew.", "%d certificates were issued anew.", number) % number
    messages.success(request, _("She is called %(name)s now.") % {"name": renamed.person} + " " + issued)
    for sentence in renamed.refused:
        messages.warning(request, sentence)
    return redirect("portal:names_asked_for")


@require_POST
def decline_name(request: Request, request_id: int) -> HttpResponse:
    wish = get_object_or_404(NameRequest.objects.visible_to(request.user).select_related("person"), pk=request_id)
    require_provider(request.user, Action.KEEP_DIRECTORY)
    try:
        corrections.decline(wish, by=request.user, at=timezone.now())
    except corrections.CannotCorrect as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The name stays as it is."))
    return redirect("portal:names_asked_for")
