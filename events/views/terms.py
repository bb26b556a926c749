"""Staff: cancellation terms, which are never edited: a change is a new version."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from events import offering, revisions
from events import terms as ladders
from events.forms.reference import StepFormSet, StepRows, TermsForm
from events.models import Terms
from events.views.reference import tabs
from people import access, once
from people.access import Action
from people.http import Request, act

REFUSALS = (ladders.CannotSetTerms, once.KeyUsedForSomethingElse)


@require_safe
def terms(request: Request) -> HttpResponse:
    """Each name's newest version, as it is printed."""
    access.require_provider(request.user, Action.SCHEDULE)
    newest = Terms.objects.order_by("name", "-version").distinct("name")
    printed = [(row, ladders.sentences(row)) for row in newest]
    return render(request, "events/terms.html", {"printed": printed, "tabs": tabs("terms")})


@require_http_methods(["GET", "POST"])
def new_terms(request: Request) -> HttpResponse:
    """A new version, begun from `?from=` or from nothing."""
    access.require_provider(request.user, Action.SCHEDULE)
    begun = get_object_or_404(Terms, pk=request.GET["from"]) if request.GET.get("from", "").isdecimal() else Terms()
    form, steps = _forms(request, begun)
    if form.is_valid() and steps.is_valid():
        try:
            made = act(request, form, lambda: _made(form, steps), verb="new_terms")
        except revisions.ChangedMeanwhile as refusal:
            form.warn(refusal, saved=str(refusal.saved))
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, _("%(terms)s is there to choose. Older versions stay as they are.") % {"terms": made}
            )
            return redirect("events:terms")
    wrong = form.is_bound and not (form.is_valid() and steps.is_valid())
    context = {"form": form, "steps": steps, "sentences": _printed(form, steps), "tabs": tabs("terms")}
    return render(request, "events/new_terms.html", context, status=422 if wrong else 200)


@require_safe
def preview(request: Request) -> HttpResponse:
    """The sentences of what stands in the form: the fragment that is asked for while one types."""
    access.require_provider(request.user, Action.SCHEDULE)
    form, steps = TermsForm(request.GET), StepRows(request.GET, prefix="steps")
    return render(request, "events/_terms_printed.html", {"sentences": _printed(form, steps)})


def _forms(request: Request, begun: Terms) -> tuple[TermsForm, StepFormSet]:
    fresh = Terms(**{name: getattr(begun, name) for name in TermsForm.Meta.fields})
    form = TermsForm(request.POST or None, instance=fresh, initial={"seen": begun.pk or ""})
    steps: StepFormSet = StepRows(request.POST or None, initial=begun.ladder, prefix="steps")
    return form, steps


def _made(form: TermsForm, steps: StepFormSet) -> str:
    """The new version, in words; not over a newer one than it was begun from."""
    seen = form.cleaned_data["seen"]
    return str(offering.new_version(form.instance, ladder=steps.ladder(), seen=seen, at=timezone.now()))


def _printed(form: TermsForm, steps: StepFormSet) -> list[str]:
    """The sentences of the form, or none while something in it is wrong."""
    if not form.is_bound:
        row, ladder = form.instance, steps.initial or []
    elif form.is_valid() and steps.is_valid():
        row, ladder = form.instance, steps.ladder()
    else:
        return []
    row.ladder = ladder
    return ladders.sentences(row)
