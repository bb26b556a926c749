"""Lines by which an organization pays for the people of another."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing.models import FundingLine, Source
from office import files
from people import once
from people.access import Action, require
from people.http import Request, act
from people.models import Organization
from registrations import funding
from registrations.forms.money import PayForOthersForm

MAY_BE_SENT = {files.PDF, files.PNG, files.JPEG}


@require_http_methods(["GET", "POST"])
def pay_for_others(request: Request, organization_id: int) -> HttpResponse:
    """Whoever keeps an organization's money says whose people it pays for; their coordinator then chooses the line."""
    payer = get_object_or_404(Organization.objects.visible_to(request.user), pk=organization_id)
    require(request.user, Action.REGISTER, payer)
    require(request.user, Action.SEE_MONEY, payer)
    form = PayForOthersForm(request.POST or None, request.FILES or None, sponsor=payer, who=request.user)
    if form.is_valid():
        try:
            act(request, form, lambda: _added(request, payer, form), verb="pay for others")
        except files.CannotKeep as refusal:
            form.add_error("evidence", str(refusal))
        except (funding.CannotFund, once.KeyUsedForSomethingElse) as refusal:
            form.add_error(None, str(refusal))
        else:
            district = form.cleaned_data["district"]
            messages.success(request, _("%s can choose this line for its people now.") % district)
            return redirect(reverse("registrations:pay_for_others", args=[payer.pk]))
    context = {"payer": payer, "form": form, "lines": _lines_for_others(request, payer)}
    return render(request, "registrations/pay_for_others.html", context, status=422 if form.errors else 200)


def _lines_for_others(request: Request, payer: Organization) -> QuerySet[FundingLine]:
    """The newest by which it pays for others."""
    lines = FundingLine.objects.visible_to(request.user).filter(payer__organization=payer).exclude(organization=payer)
    found: QuerySet[FundingLine] = lines.filter(organization__isnull=False)
    return found.select_related("organization", "agreement").order_by("-pk")[:50]


def _added(request: Request, payer: Organization, form: PayForOthersForm) -> int:
    asked, now = form.cleaned_data, timezone.now()
    upload = asked["evidence"]
    made = funding.add_line(
        asked["district"],
        payer=payer,
        source=Source(asked["source"]),
        account_string=asked["account_string"],
        lcap=(asked["lcap_year"], asked["lcap_goal"], asked["lcap_action"]),
        is_contributing=asked["is_contributing"],
        attested_by=(asked["attested_by"] or str(request.user)) if asked["attests"] else "",
        evidence=files.accept(upload, types=MAY_BE_SENT, by=request.user, at=now) if upload else None,
        by=request.user,
        at=now,
    )
    return int(made.pk)
