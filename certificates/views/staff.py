"""Staff: who earned a certificate, all issued in one action, one corrected or revoked."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from certificates import issuing, renderings, verifying
from certificates.forms import ReasonForm
from certificates.models import Certificate
from events.models import Institute
from office import paper
from people import access, once
from people.access import Action
from people.forms import OnceForm
from people.http import Request, act

PAGE = 100


@require_safe
def institute(request: Request, institute_id: int) -> HttpResponse:
    """Who earned a certificate and who did not, and why; what is issued, and how many PDFs are made."""
    found = _institute(request, institute_id)
    everyone = issuing.earned(found)
    due = [one for one in everyone if one.is_due]
    context = {
        "institute": found,
        "page": Paginator(everyone, PAGE).get_page(request.GET.get("page")),
        "due": len(due),
        "issued": sum(one.certificate is not None for one in everyone),
        "not_earned": sum(not one.is_earned for one in everyone),
        "refusal": issuing.reason_not_to_issue(found, at=timezone.now()),
        "no_paper": paper.why_not(),
        "form": OnceForm(),
        **_progress(found),
    }
    return render(request, "certificates/institute.html", context)


@require_POST
def issue(request: Request, institute_id: int) -> HttpResponse:
    found = _institute(request, institute_id)
    form = OnceForm(request.POST)
    form.is_valid()

    def do() -> int:
        return len(issuing.issue_all(found, by=request.user, at=timezone.now()))

    try:
        made = act(request, form, do, verb="issue_certificates")
    except (issuing.CannotIssue, once.KeyUsedForSomethingElse) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _said(made))
    return redirect("certificates:institute", institute_id)


@require_safe
def progress(request: Request, institute_id: int) -> HttpResponse:
    """How many PDFs are made: a part of the page, which asks for itself."""
    found = _institute(request, institute_id)
    return render(request, "certificates/_progress.html", {"institute": found, **_progress(found)})


@require_POST
def print_again(request: Request, institute_id: int) -> HttpResponse:
    """Try those once more that could not be printed, when a font was installed or paper has come to the machine."""
    found = _institute(request, institute_id)
    issuing.print_again(found)
    messages.info(request, _("The PDFs that are missing are tried again."))
    return redirect("certificates:institute", institute_id)


@require_http_methods(["GET", "POST"])
def reissue(request: Request, code: str) -> HttpResponse:
    """The next version of a certificate, when what it says has changed."""
    found = _certificate(request, code)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            made = act(
                request,
                form,
                lambda: issuing.reissue(found, reason=reason, by=request.user, at=timezone.now()).code,
                verb="reissue_certificate",
            )
        except (issuing.CannotReissue, once.KeyUsedForSomethingElse) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The new version is on its way to the holder; the old one says so."))
            return redirect("certificates:show", made)
    return _correcting(request, found, form, "reissue")


@require_http_methods(["GET", "POST"])
def revoke(request: Request, code: str) -> HttpResponse:
    """Say that a certificate no longer holds."""
    found = _certificate(request, code)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            act(
                request,
                form,
                lambda: issuing.revoke(found, reason=reason, by=request.user, at=timezone.now()).pk,
                verb="revoke_certificate",
            )
        except (issuing.CannotRevoke, once.KeyUsedForSomethingElse) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Revoked. Whoever checks the code is told so from now on."))
            return redirect("certificates:show", found.code)
    return _correcting(request, found, form, "revoke")


def _institute(request: Request, institute_id: int) -> Institute:
    found: Institute = get_object_or_404(Institute.objects.visible_to(request.user), pk=institute_id)
    access.require_provider(request.user, Action.CERTIFY)
    return found


def _certificate(request: Request, code: str) -> Certificate:
    rows = Certificate.objects.visible_to(request.user).select_related("person", "institute", "sponsor")
    found: Certificate = get_object_or_404(rows, code=verifying.tidy_code(code))
    access.require_provider(request.user, Action.CERTIFY)
    return found


def _correcting(request: Request, found: Certificate, form: ReasonForm, verb: str) -> HttpResponse:
    context = {"certificate": found, "form": form, "verb": verb}
    return render(request, "certificates/correct.html", context, status=422 if form.errors else 200)


def _progress(found: Institute) -> dict[str, Any]:
    """Of those that hold today: what is printed, and what could not be. One that was superseded is past mending."""
    rows = Certificate.objects.filter(institute=found).current()
    total = rows.count()
    printed = total - rows.unprinted().count()
    failed = renderings.misprinted(rows)
    return {"total": total, "printed": printed, "failed": failed, "finished": printed + len(failed) == total}


def _said(made: int) -> str:
    if not made:
        return _("Nobody was without a certificate she had earned: nothing was issued.")
    words = ngettext("%(count)s certificate is issued.", "%(count)s certificates are issued.", made) % {"count": made}
    return f"{words} " + _("Mail is on its way, and the PDFs are being made.")
