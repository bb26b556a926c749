"""Reminders of overdue invoices: what goes out next, what waits and why, and holds."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import reminders as reminding
from billing.forms.statements import HoldForm
from billing.models import Invoice, Payer, ReminderHold
from billing.reminders import CannotHold
from billing.views.acting import acted
from people import access
from people.access import Action
from people.http import Request


@require_safe
def reminders(request: Request) -> HttpResponse:
    access.require_provider(request.user, Action.BILL)
    today = timezone.localdate()
    ready, kept = reminding.due(on=today)
    holds = ReminderHold.objects.visible_to(request.user).filter(until__gte=today)
    context = {
        "ready": ready,
        "kept": kept,
        "holds": holds.select_related("payer__organization", "payer__person", "invoice", "by__person").order_by(
            "until"
        ),
        "ladder": settings.REMINDER_DAYS,
    }
    return render(request, "billing/reminders.html", context)


@require_http_methods(["GET", "POST"])
def hold_reminders(request: Request, payer_id: int) -> HttpResponse:
    """Keep reminders from a payer, or with `?invoice=` about one of its invoices."""
    rows = Payer.objects.visible_to(request.user).select_related("organization", "person")
    payer = get_object_or_404(rows, pk=payer_id)
    access.require_provider(request.user, Action.BILL)
    wanted = request.GET.get("invoice", "")
    mine = Invoice.objects.visible_to(request.user).filter(payer=payer)
    invoice = get_object_or_404(mine, pk=wanted) if wanted.isdecimal() else None
    form = HoldForm(request.POST or None)

    def do() -> int:
        asked = form.cleaned_data
        made = reminding.hold(
            payer, until=asked["until"], reason=asked["reason"], invoice=invoice, by=request.user, at=timezone.now()
        )
        return int(made.pk)

    if acted(request, form, do, verb="hold_reminders", refusals=CannotHold)[0]:
        messages.success(request, _("No reminder goes to %s until then.") % payer)
        return redirect("billing:reminders")
    context = {"payer": payer, "invoice": invoice, "form": form}
    return render(request, "billing/reminder_hold.html", context, status=422 if form.errors else 200)


@require_POST
def end_hold(request: Request, hold_id: int) -> HttpResponse:
    held = get_object_or_404(ReminderHold.objects.visible_to(request.user).select_related("payer"), pk=hold_id)
    access.require_provider(request.user, Action.BILL)
    reminding.end(held, on=timezone.localdate())
    messages.success(request, _("%s is reminded again.") % held.payer)
    return redirect("billing:reminders")
