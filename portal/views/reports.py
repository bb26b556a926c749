"""A grant's report for its funder: as it is today, as it was given, and what changed since."""

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.http.response import FileResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing.models import FundingAgreement
from office import files, paper
from office.http import file_response
from people import once
from people.access import Action, require_provider
from people.http import Request, act
from portal import reports
from portal.forms import FreezeForm, PeriodForm
from portal.models import ReportRun
from portal.reports import GrantReport
from registrations import spreadsheets

RUNS_SHOWN = 25


@require_safe
def grant_report(request: Request, agreement_id: int) -> HttpResponse:
    agreement = _agreement(request, agreement_id)
    form = _period(request, agreement)
    report = GrantReport(agreement, **form.cleaned_data) if form.is_valid() else None
    figures = report.figures() if report else None
    days = {"first": str(report.first), "last": str(report.last)} if report else {}
    runs = ReportRun.objects.visible_to(request.user).filter(agreement=agreement).select_related("by__person")
    context = {
        "agreement": agreement,
        "form": form,
        "report": report,
        "figures": figures,
        "hours": reports.hours(figures["minutes"]) if figures else "",
        "sections": reports.sections_of(figures) if figures else [],
        "days": urlencode(days),
        "freeze": FreezeForm(initial=days),
        "runs": runs.order_by("-at", "-pk")[:RUNS_SHOWN],
        "why_no_paper": paper.why_not(),
    }
    return render(request, "portal/grant_report.html", context, status=200 if report else 422)


@require_safe
def grant_report_file(request: Request, agreement_id: int, kind: str) -> HttpResponseBase:
    """The report of the days asked for as csv, xlsx or pdf."""
    agreement = _agreement(request, agreement_id)
    form = _period(request, agreement)
    if not form.is_valid() or kind not in KINDS:
        raise Http404
    report = GrantReport(agreement, **form.cleaned_data)
    try:
        answer = KINDS[kind](report)
    except paper.CannotRender as refusal:
        messages.error(request, str(refusal))
        return redirect("portal:grant_report", agreement_id)
    name = f"grant-report-{report.first:%Y-%m-%d}-{report.last:%Y-%m-%d}.{kind}"
    answer["Content-Disposition"] = f'{"inline" if kind == "pdf" else "attachment"}; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_POST
def freeze_report(request: Request, agreement_id: int) -> HttpResponse:
    agreement = _agreement(request, agreement_id)
    form = FreezeForm(request.POST)
    try:
        if not form.is_valid():
            raise reports.CannotReport(_("Choose the days of the report again."))
        key = act(request, form, lambda: _frozen(request, agreement, form), verb="freeze_report")
    except (reports.CannotReport, paper.CannotRender, once.KeyUsedForSomethingElse) as refusal:
        messages.error(request, str(refusal))
        return redirect("portal:grant_report", agreement_id)
    messages.success(request, _("The figures and the paper are kept as they are today."))
    return redirect("portal:report_run", key)


@require_safe
def report_run(request: Request, run_id: int) -> HttpResponse:
    run = _run(request, run_id)
    now = GrantReport(run.agreement, run.first_day, run.last_day).figures()
    days = urlencode({"first": str(run.first_day), "last": str(run.last_day)})
    context = {
        "run": run,
        "agreement": run.agreement,
        "figures": run.figures,
        "hours": reports.hours(run.figures["minutes"]),
        "sections": reports.sections_of(run.figures),
        "changes": reports.changes(run.figures, now),
        "today_url": f"{reverse('portal:grant_report', args=[run.agreement_id])}?{days}",
    }
    return render(request, "portal/report_run.html", context)


@require_safe
def report_run_paper(request: Request, run_id: int) -> HttpResponseBase:
    run = _run(request, run_id)
    if run.file is None:
        raise Http404
    return file_response(run.file, download=False)


# --- Parts -----------------------------------------------------------------------------------------------------------


def _agreement(request: Request, agreement_id: int) -> FundingAgreement:
    rows = FundingAgreement.objects.visible_to(request.user)
    found: FundingAgreement = get_object_or_404(rows, pk=agreement_id)
    require_provider(request.user, Action.FUND)
    return found


def _run(request: Request, run_id: int) -> ReportRun:
    rows = ReportRun.objects.visible_to(request.user).select_related("agreement", "file", "by__person")
    found: ReportRun = get_object_or_404(rows, pk=run_id)
    require_provider(request.user, Action.FUND)
    return found


def _period(request: Request, agreement: FundingAgreement) -> PeriodForm:
    """The days asked for; from the agreement's first day to today unless told."""
    until: date = max(agreement.starts_on, min(agreement.ends_on, timezone.localdate()))
    asked = {name: request.GET[name] for name in ("first", "last") if name in request.GET}
    return PeriodForm({"first": agreement.starts_on, "last": until} | asked)


def _frozen(request: Request, agreement: FundingAgreement, form: FreezeForm) -> int:
    report = GrantReport(agreement, form.cleaned_data["first"], form.cleaned_data["last"])
    return int(reports.freeze(report, by=request.user, at=timezone.now()).pk)


def _csv(report: GrantReport) -> HttpResponseBase:
    lines = spreadsheets.csv_lines(reports.HEADERS, reports.table(report.figures()))
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")


def _xlsx(report: GrantReport) -> HttpResponseBase:
    content = spreadsheets.xlsx_file(reports.HEADERS, reports.table(report.figures()))
    return FileResponse(content, content_type=files.XLSX)


def _pdf(report: GrantReport) -> HttpResponseBase:
    pdf = reports.pdf_of(report, report.figures(), on=timezone.localdate())
    return HttpResponse(pdf, content_type=files.PDF)


KINDS = {"csv": _csv, "xlsx": _xlsx, "pdf": _pdf}
