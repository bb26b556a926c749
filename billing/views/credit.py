"""What a payer has to its credit, put to an invoice."""

from decimal import Decimal

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from billing import payments
from billing.models import Invoice
from billing.wording import dollars
from people import access
from people.access import Action
from people.http import Request


@require_POST
def use_credit(request: Request, invoice_id: int) -> HttpResponse:
    """Pressed twice it acts once: then the credit is spent, or the invoice owes nothing."""
    found: Invoice = get_object_or_404(Invoice.objects.visible_to(request.user), pk=invoice_id)
    access.require_provider(request.user, Action.BILL)
    try:
        made = payments.use_credit(found, by=request.user, at=timezone.now())
    except payments.CannotPay as refusal:
        messages.error(request, str(refusal))
    else:
        amount = dollars(sum((row.amount for row in made), Decimal(0)))
        messages.success(request, _("%(amount)s of credit pays %(invoice)s.") % {"amount": amount, "invoice": found})
    return redirect("billing:invoice", invoice_id)
