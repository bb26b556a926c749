"""The year's end: the purchase orders that are open, first as a list, and the letters about them, once."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from billing import year_end as closing
from billing.models import fiscal_year_of
from billing.views.acting import acted
from billing.wording import fiscal_year
from billing.year_end import CannotWrite
from people import access
from people.access import Action
from people.forms import OnceForm
from people.http import Request


@require_http_methods(["GET", "POST"])
def year_end(request: Request) -> HttpResponse:
    access.require_provider(request.user, Action.BILL)
    year = fiscal_year_of(timezone.localdate())
    form = OnceForm(request.POST or None)
    is_done, count = acted(
        request,
        form,
        lambda: closing.send(year, by=request.user, at=timezone.now()),
        verb="year_end",
        refusals=CannotWrite,
    )
    if is_done:
        messages.success(request, ngettext("%d letter is on its way.", "%d letters are on their way.", count) % count)
        return redirect("billing:year_end")
    rows = closing.open_orders(year)
    context = {
        "rows": rows,
        "waiting": sum(not row.letter and not row.why_not for row in rows),
        "form": form,
        "year": fiscal_year(year),
        "last_day": closing.last_day(year),
    }
    return render(request, "billing/year_end.html", context, status=422 if form.errors else 200)
