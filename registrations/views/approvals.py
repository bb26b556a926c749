"""Approvals: asked by the coordinator, answered by whoever holds the mailed link."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from people import once
from people.access import Action, require
from people.http import Request, act
from registrations import approvals
from registrations.forms.papers import AnswerForm, AskForm
from registrations.models import Approval
from registrations.views.rosters import STEPS, draft_for


@require_http_methods(["GET", "POST"])
def roster_approval(request: Request, draft_id: int) -> HttpResponse:
    draft = draft_for(request, draft_id)
    require(request.user, Action.SEE_MONEY, draft.sponsor)
    if draft.order_id:
        return redirect("registrations:order", draft.order_id)
    form = AskForm(request.POST or None)
    if form.is_valid():
        asked = {name: form.cleaned_data[name] for name in ("email", "name", "note")}

        def do() -> int:
            return approvals.ask(draft, **asked, by=request.user, at=timezone.now()).pk

        try:
            act(request, form, do, verb="ask for an approval")
        except (approvals.CannotApprove, once.KeyUsedForSomethingElse) as refusal:
            form.add_error("email", str(refusal))
        else:
            messages.success(request, _("The mail is on its way. The roster waits for the answer."))
            return redirect("registrations:roster_approval", draft.pk)
    context = {"draft": draft, "form": form, "steps": STEPS, "standing": approvals.standing(draft)}
    return render(request, "registrations/roster_approval.html", context, status=422 if form.errors else 200)


@require_POST
def take_back(request: Request, draft_id: int, approval_id: int) -> HttpResponse:
    draft = draft_for(request, draft_id)
    require(request.user, Action.SEE_MONEY, draft.sponsor)
    found = get_object_or_404(Approval.objects.visible_to(request.user), pk=approval_id, draft=draft)
    try:
        approvals.take_back(found, at=timezone.now())
    except approvals.CannotApprove as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The question is taken back; the roster does not wait for it."))
    return redirect("registrations:roster_approval", draft.pk)


@login_not_required
@require_http_methods(["GET", "POST"])
@never_cache
def approval(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link: opening it changes nothing, whoever or whatever opens it."""
    try:
        found = approvals.read(token)
    except approvals.LinkRefused as refusal:
        return _closed(render(request, "registrations/approval_refused.html", {"refusal": refusal}, status=403))
    form = AnswerForm(request.POST or None)
    if form.is_valid():
        asked = form.cleaned_data
        try:
            found = approvals.decide(token, **asked, at=timezone.now())
        except approvals.CannotApprove as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Thank you. Your answer is kept, and whoever asked you has a mail."))
            return _closed(redirect("registrations:approval", token))
    why_not = approvals.why_not(found, found.draft)
    context = {"approval": found, "form": form, "why_not": why_not}
    if not why_not:
        context["seen"] = approvals.seen_by(found, at=timezone.now())
    return _closed(render(request, "registrations/approval.html", context, status=422 if form.errors else 200))


def _closed(answer: HttpResponse) -> HttpResponse:
    """No search engine keeps it, and no page that it leads to learns the link."""
    answer["X-Robots-Tag"] = "noindex, nofollow"
    answer["Referrer-Policy"] = "same-origin"  # under no-referrer a browser sends the form as from nowhere: refused
    return answer
