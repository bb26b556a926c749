"""Which programs an agreement may pay for."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing.models import FundingAgreement
from people import access
from people.access import Action
from people.http import Request
from registrations import scopes
from registrations.scope_forms import ScopeForm


@require_http_methods(["GET", "POST"])
def agreement_scope(request: Request, agreement_id: int) -> HttpResponse:
    agreement = get_object_or_404(FundingAgreement.objects.visible_to(request.user), pk=agreement_id)
    access.require_provider(request.user, Action.FUND)
    form = ScopeForm(
        request.POST if request.method == "POST" else None, initial={"programs": scopes.programs_of(agreement)}
    )
    if form.is_valid():
        scopes.limit(agreement, form.cleaned_data["programs"])
        messages.success(request, _("From now on it pays for these."))
        return redirect("billing:agreement", agreement_id)
    context = {"agreement": agreement, "form": form}
    return render(request, "registrations/agreement_scope.html", context, status=422 if form.errors else 200)
