"""A place for someone who pays for herself: asked for, paid on the card processor's page, and seen by its address."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import gateway
from billing.checkouts import CannotCheckOut
from events import terms
from events.models import Institute
from people import throttle
from registrations import self_paying
from registrations.forms.own_place import OwnPlaceForm
from registrations.models import Order
from registrations.refusals import CannotRegister

MOST = 5
HOUR = 3600


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def own_place_new(request: HttpRequest, code: str) -> HttpResponse:
    """Five tries an hour from one address: each holds a seat for half an hour."""
    institute = get_object_or_404(Institute.objects.published(), code=code)
    now, form = timezone.now(), OwnPlaceForm(request.POST or None)
    why_not = self_paying.why_not(institute, at=now)
    if not why_not and form.is_valid() and not _too_often(request, form):
        asked = form.cleaned_data
        names = {name: asked[name] for name in ("given_name", "family_name", "email")}
        try:
            order = self_paying.hold(institute, **names, key=f"own-{asked['submission_key']}", at=now)
        except CannotRegister as refusal:
            form.add_error(None, str(refusal))
        else:
            return _to_the_card(order)
    context = {"institute": institute, "form": form, "why_not": why_not, "terms": terms.sentences(institute.terms)}
    return render(request, "registrations/own_place_new.html", context, status=422 if form.errors else 200)


def _too_often(request: HttpRequest, form: OwnPlaceForm) -> bool:
    address = throttle.address_of(request.META)
    if throttle.too_many("own place", address, most=MOST):
        form.add_error(None, _("Too many places were asked for from here. Try again in an hour, or call us."))
        return True
    throttle.count("own place", address, seconds=HOUR)
    return False


def _to_the_card(order: Order) -> HttpResponse:
    """To the processor's page; where it does not answer, to her own, which offers it again."""
    try:
        return redirect(self_paying.pay(order, at=timezone.now()).url)
    except (CannotRegister, CannotCheckOut, gateway.GatewayRefused, gateway.GatewayAway):
        return redirect("registrations:own_place", self_paying.token_of(order))


@login_not_required
@never_cache
@require_safe
def own_place(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the address; it says how things stand and changes nothing."""
    try:
        order = self_paying.read(token)
    except self_paying.LinkRefused as refusal:
        return render(request, "registrations/own_place_refused.html", {"refusal": refusal}, status=403)
    context = {"order": order, "token": token} | self_paying.standing(order, at=timezone.now())
    answer = render(request, "registrations/own_place.html", context)
    answer["X-Robots-Tag"] = "noindex, nofollow"
    answer["Referrer-Policy"] = "same-origin"
    return answer


@login_not_required
@require_POST
def own_place_pay(request: HttpRequest, token: str) -> HttpResponse:
    try:
        return _to_the_card(self_paying.read(token))
    except self_paying.LinkRefused as refusal:
        return render(request, "registrations/own_place_refused.html", {"refusal": refusal}, status=403)


@login_not_required
@require_POST
def own_place_let_go(request: HttpRequest, token: str) -> HttpResponse:
    try:
        self_paying.let_go(self_paying.read(token), at=timezone.now())
    except self_paying.LinkRefused as refusal:
        return render(request, "registrations/own_place_refused.html", {"refusal": refusal}, status=403)
    return redirect("registrations:own_place", token)
