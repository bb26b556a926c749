"""The style guide: every part in every state, for those who build pages."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal import specimens


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    messages.success(request, "16 seats held for Alder Valley. Send the purchase order by January 7.")
    messages.info(request, "Names for 6 seats are due on January 7.")
    messages.warning(request, "LT27-01 has 2 seats left.")
    messages.error(request, "The card was declined. Nothing was charged.")
    sort = request.GET.get("sort", "institute")
    context = specimens.context(page=request.GET.get("page", "2"), sort=sort)
    return render(request, "portal/styleguide.html", context)


@require_safe
def progress(request: HttpRequest, done: int) -> HttpResponse:
    """The fragment a running job asks for: here it goes on by ten each time it is asked."""
    return render(request, "components/_progress.html", specimens.job(min(done + 10, 120)))
