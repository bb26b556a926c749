"""Two people who may be one, as staff look at them; and the merges that can still be undone."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from people import matching, merging, once
from people.access import Action, require_provider
from people.forms import OnceForm, UnmergeForm
from people.http import Request, act
from people.models import Merge, Person

ON_A_PAGE = 25


@require_safe
def duplicates(request: Request) -> HttpResponse:
    require_provider(request.user, Action.KEEP_DIRECTORY)
    page = Paginator(matching.suggestions(), ON_A_PAGE).get_page(request.GET.get("page"))
    rows = list(page)
    reasons = matching.reasons([(row.one, row.other) for row in rows])
    context = {"page": page, "rows": list(zip(rows, reasons, strict=True)), "form": OnceForm()}
    return render(request, "people/duplicates.html", context)


@require_POST
def two_people(request: Request, person_id: int, other_id: int) -> HttpResponse:
    visible = Person.objects.visible_to(request.user).canonical()
    one, other = (get_object_or_404(visible, pk=key) for key in (person_id, other_id))
    require_provider(request.user, Action.KEEP_DIRECTORY)
    matching.keep_apart(one, other, by=request.user, at=timezone.now())
    messages.success(request, _("Kept as two: they are not suggested again."))
    return redirect("people:duplicates")


@require_safe
def merges(request: Request) -> HttpResponse:
    rows = Merge.objects.visible_to(request.user)
    require_provider(request.user, Action.KEEP_DIRECTORY)
    now = timezone.now()
    found = rows.select_related("person", "into", "by__person", "undone__by__person").order_by("-at", "-pk")
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    told = [(merge, merging.days_left(merge, at=now)) for merge in page]
    return render(request, "people/merges.html", {"page": page, "rows": told})


@require_http_methods(["GET", "POST"])
def unmerge(request: Request, merge_id: int) -> HttpResponse:
    rows = Merge.objects.visible_to(request.user).select_related("person", "into")
    merge = get_object_or_404(rows, pk=merge_id)
    require_provider(request.user, Action.KEEP_DIRECTORY)
    now = timezone.now()
    form = UnmergeForm(request.POST or None)
    if form.is_valid():

        def do() -> int:
            return merging.unmerge(merge, reason=form.cleaned_data["reason"], by=request.user, at=now).pk

        try:
            act(request, form, do, verb="unmerge")
        except (merging.CannotUnmerge, once.KeyUsedForSomethingElse) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, _("Two people again. What was done meanwhile is %(into)s’s.") % {"into": merge.into}
            )
            return redirect("people:merges")
    context = {"merge": merge, "form": form, "days_left": merging.days_left(merge, at=now)}
    return render(request, "people/unmerge.html", context, status=422 if form.errors else 200)
