"""Funding agreements: what each has left, what one pays for, and writing one."""

from typing import Any

from django.contrib import messages
from django.db.models import Q, Sum
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import agreements as agreeing
from billing import spending
from billing.forms.funding import AgreementForm, LineForm, ShareForm
from billing.forms.lists import AgreementFilter
from billing.models import AgreementCap, AgreementKind, Charge, FundingAgreement, FundingLine
from billing.parties import payer_of
from billing.views.paging import page_of
from people import access, once
from people.access import Action, Principal
from people.http import Request, act
from people.names import fold

REFUSALS = (agreeing.CannotAgree, once.KeyUsedForSomethingElse)


@require_safe
def agreements(request: Request) -> HttpResponse:
    access.require(request.user, Action.SEE_MONEY)
    form = AgreementFilter(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    rows = FundingAgreement.objects.visible_to(request.user).select_related("payer__organization")
    if asked.get("kind"):
        rows = rows.filter(kind=asked["kind"])
    for word in (asked.get("q") or "").split():
        named = Q(name__icontains=word) | Q(award_no__icontains=word) | Q(funder__icontains=word)
        rows = rows.filter(named | Q(payer__organization__search_key__contains=fold(word)))
    page = page_of(request, rows.order_by("-ends_on", "name", "pk"))
    context = {
        "page": page,
        "rows": list(zip(page, _spendings(request, page), strict=True)),
        "form": form,
        "kinds": AgreementKind.choices,
        "may_fund": access.may(request.user, Action.FUND),
    }
    return render(request, "billing/agreements.html", context)


@require_safe
def agreement(request: Request, agreement_id: int) -> HttpResponse:
    return _page(request, _agreement(request, agreement_id))


@require_http_methods(["GET", "POST"])
def new_agreement(request: Request, kind: str) -> HttpResponse:
    access.require_provider(request.user, Action.FUND)
    if kind not in AgreementKind.values:
        raise Http404
    return _written(request, FundingAgreement(kind=kind))


@require_http_methods(["GET", "POST"])
def edit_agreement(request: Request, agreement_id: int) -> HttpResponse:
    found = _agreement(request, agreement_id)
    access.require_provider(request.user, Action.FUND)
    return _written(request, found)


@require_POST
def share_out(request: Request, agreement_id: int) -> HttpResponse:
    found = _agreement(request, agreement_id)
    access.require_provider(request.user, Action.FUND)
    form = ShareForm(request.POST)
    if form.is_valid():
        try:
            agreeing.share_out(found, form.cleaned_data["district"], form.cleaned_data["amount"])
        except agreeing.CannotAgree as refusal:
            form.add_error("amount", str(refusal))
        else:
            messages.success(request, _("%s is served.") % form.cleaned_data["district"])
            return redirect("billing:agreement", agreement_id)
    return _page(request, found, share_form=form)


@require_POST
def serve_no_longer(request: Request, agreement_id: int, cap_id: int) -> HttpResponse:
    found = _agreement(request, agreement_id)
    access.require_provider(request.user, Action.FUND)
    try:
        agreeing.serve_no_longer(get_object_or_404(found.caps, pk=cap_id))
    except agreeing.CannotAgree as refusal:
        messages.error(request, str(refusal))
    return redirect("billing:agreement", agreement_id)


@require_POST
def add_line(request: Request, agreement_id: int) -> HttpResponse:
    found = _agreement(request, agreement_id)
    access.require_provider(request.user, Action.FUND)
    form = LineForm(request.POST, agreement=found)
    if form.is_valid():
        try:
            act(request, form, lambda: _added(request, found, form), verb="add_line")
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The line is kept; rosters may be paid by it."))
            return redirect("billing:agreement", agreement_id)
    return _page(request, found, line_form=form)


# --- Parts -----------------------------------------------------------------------------------------------------------


def _agreement(request: Request, agreement_id: int) -> FundingAgreement:
    rows = FundingAgreement.objects.visible_to(request.user).select_related("payer__organization")
    found: FundingAgreement = get_object_or_404(rows, pk=agreement_id)
    access.require(request.user, Action.SEE_MONEY, found.payer.organization_id if found.payer else None)
    return found


def _page(request: Request, found: FundingAgreement, **forms: Any) -> HttpResponse:
    """One agreement; a district sees its own share and lines only."""
    lines = FundingLine.objects.visible_to(request.user).filter(agreement=found)
    charges = Charge.objects.visible_to(request.user).filter(line__agreement=found)
    context = {
        "agreement": found,
        "spending": _spendings(request, [found])[0],
        "caps": AgreementCap.objects.visible_to(request.user).filter(agreement=found).select_related("organization"),
        "lines": lines.select_related("organization", "payer").annotate(dollars=Sum("charges__amount")).order_by("pk"),
        "by_district": charges.values("line__organization__name", "fiscal_year").annotate(dollars=Sum("amount")),
        "share_form": ShareForm(),
        "line_form": LineForm(agreement=found),
        "may_fund": access.may(request.user, Action.FUND),
    } | forms
    context["by_district"] = context["by_district"].order_by("line__organization__name", "fiscal_year")
    return render(request, "billing/agreement.html", context, status=422 if forms else 200)


def _spendings(request: Request, rows: Any) -> list[spending.Spending | None]:
    """What became of the dollars, for the provider and the payer; how others spend a grant is not a district's matter."""
    principal = Principal.of(request.user)
    return [
        each if principal.is_provider or _is_payer(each.agreement, principal) else None
        for each in spending.spending_of(rows)
    ]


def _is_payer(agreement: FundingAgreement, principal: Principal) -> bool:
    return agreement.payer is not None and agreement.payer.organization_id in principal.organizations


def _written(request: Request, agreement: FundingAgreement) -> HttpResponse:
    """The form of a new or a known agreement."""
    form = AgreementForm(request.POST or None, instance=agreement)
    if form.is_valid():
        try:
            key = act(request, form, lambda: _kept(form), verb="keep_agreement")
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The agreement is kept."))
            return redirect("billing:agreement", key)
    kind = AgreementKind(agreement.kind).label
    context = {"form": form, "agreement": agreement, "kind": kind}
    return render(request, "billing/edit_agreement.html", context, status=422 if form.errors else 200)


def _kept(form: AgreementForm) -> int:
    agreement = form.save(commit=False)
    district = form.cleaned_data.get("district")
    agreement.payer = payer_of(district) if district else None
    return int(agreeing.keep(agreement).pk)


def _added(request: Request, agreement: FundingAgreement, form: LineForm) -> int:
    line = form.save(commit=False)
    line.agreement, line.organization = agreement, form.cleaned_data["district"]
    line.payer = agreement.payer or payer_of(None)
    return int(agreeing.add_line(line, by=request.user, at=timezone.now()).pk)
