"""Statements of account: the page, the paper, and the mail of one."""

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing import statements, tasks
from billing.ageing import COLUMNS
from billing.forms.statements import StatementForm
from billing.models import Payer
from billing.statements import CannotState, Statement
from office import paper
from people import access, once
from people.access import Action
from people.http import Request


@require_safe
def statement(request: Request, payer_id: int) -> HttpResponse:
    payer = _payer(request, payer_id)
    made, form = _asked(request, payer)
    context = {
        "payer": payer,
        "statement": made,
        "form": form,
        "spans": zip(COLUMNS, made.spans, strict=True) if made else [],
        "days": _days(made) if made else "",
        "why_no_paper": paper.why_not(),
        "may_bill": access.may(request.user, Action.BILL),
        "key": once.new_key(),
    }
    return render(request, "billing/statement.html", context)


@require_safe
def statement_paper(request: Request, payer_id: int) -> HttpResponse:
    payer = _payer(request, payer_id)
    made, _form = _asked(request, payer)
    try:
        if made is None:
            raise CannotState(_("Choose the days of the statement first."))
        pdf = statements.pdf_of(made)
    except (CannotState, paper.CannotRender) as refusal:
        messages.error(request, str(refusal))
        return redirect("billing:statement", payer_id)
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="statement-{made.last:%Y-%m-%d}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_POST
def send_statement(request: Request, payer_id: int) -> HttpResponse:
    """By mail to accounts payable, in the background. The form's key keeps a second press from sending twice."""
    payer = _payer(request, payer_id)
    access.require_provider(request.user, Action.BILL)
    made, _form = _asked(request, payer)
    if made is None or not payer.ap_email:
        messages.error(request, _("%s has no accounts payable e-mail: set it first.") % payer)
        return redirect("billing:statement", payer_id)
    key = request.POST.get("submission_key") or once.new_key()
    days = [made.first.isoformat(), made.last.isoformat()]
    tasks.send_statement.defer(payer=payer.pk, payee=made.payee.pk, days=days, by=request.user.pk, key=key[:60])
    messages.success(request, _("The statement goes to %s.") % payer.ap_email)
    return redirect(f"{reverse('billing:statement', args=[payer_id])}?{_days(made)}")


def _payer(request: Request, payer_id: int) -> Payer:
    rows = Payer.objects.visible_to(request.user).select_related("organization", "person")
    found: Payer = get_object_or_404(rows, pk=payer_id)
    access.require(request.user, Action.SEE_MONEY, found.organization_id)
    return found


def _asked(request: Request, payer: Payer) -> tuple[Statement | None, StatementForm]:
    """The statement of the days asked for; of this fiscal year unless told. None where there is none to make."""
    payees = statements.payees_of(payer)
    first, last = statements.this_year(timezone.localdate())
    usual: dict[str, str | int | date] = {"first": first, "last": last, "payee": payees[0].pk if payees else ""}
    form = StatementForm(usual | request.GET.dict(), payees=payees)
    if not payees or not form.is_valid():
        return None, form
    asked = form.cleaned_data
    payee = next((one for one in payees if one.pk == asked["payee"]), payees[0])
    try:
        return statements.state(payer, payee, first=asked["first"], last=asked["last"]), form
    except CannotState as refusal:
        form.add_error("first", str(refusal))
        return None, form


def _days(made: Statement) -> str:
    return urlencode({"payee": str(made.payee.pk), "first": str(made.first), "last": str(made.last)})
