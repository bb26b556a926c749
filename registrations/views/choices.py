"""What a person chose: her strand, and her sessions among those in parallel."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from people import once
from people.http import Request, act
from registrations import choices
from registrations.line_forms import ChoiceForm
from registrations.models import Registration
from registrations.refusals import CannotChange
from registrations.views.waitlist import require_sponsor

REFUSALS = (CannotChange, once.KeyUsedForSomethingElse)


@require_http_methods(["GET", "POST"])
def choice(request: Request, registration_id: int) -> HttpResponse:
    """The strand and the sessions of one person, with the places left in each."""
    rows = Registration.objects.visible_to(request.user).live()
    rows = rows.select_related("institute", "person", "strand", "seat__allotment__order__sponsor")
    shown: Registration = get_object_or_404(rows, pk=registration_id)
    require_sponsor(request, shown.seat.allotment.order.sponsor)
    form = ChoiceForm(request.POST or None, menu=choices.menu_of(shown))
    if form.is_valid():
        try:
            act(request, form, lambda: _kept(request, shown, form), verb="choose")
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Kept: the places of %(name)s.") % {"name": shown.person.display_name})
            return redirect("registrations:order", shown.seat.allotment.order_id)
    context = {"registration": shown, "institute": shown.institute, "form": form}
    return render(request, "registrations/choice.html", context, status=422 if form.errors else 200)


def _kept(request: Request, shown: Registration, form: ChoiceForm) -> int:
    strand_id, session_ids = form.chosen()
    now = timezone.now()
    return choices.keep(shown, strand_id=strand_id, session_ids=session_ids, by=request.user, at=now).pk
