"""A participant's own certificates, behind a signed link. Opening it uses nothing up: a mail scanner may."""

from typing import Any, TypeVar

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from certificates import announcing, printing, tasks, verifying
from certificates.forms import LinkForm
from certificates.models import Certificate, Download
from certificates.views.papers import pdf_or_why_not
from people import links, once, throttle
from people.models import Person

R = TypeVar("R", bound=HttpResponseBase)

ASKED_FOR = 10
"""New links that one address may ask for in an hour."""
HOUR = 3600


@login_not_required
@require_safe
@never_cache
def mine(request: HttpRequest, token: str) -> HttpResponse:
    try:
        person = _person(token)
    except links.LinkRefused as refusal:
        return _refused(request, refusal)
    rows = Certificate.objects.visible_to(person).of(person).current().select_related("supersedes")
    context = {
        "person": person,
        "token": token,
        "certificates": [(one, printing.context_of(one)) for one in rows.order_by("-issued_at", "-pk")],
    }
    return _private(render(request, "certificates/mine.html", context))


@login_not_required
@require_safe
@never_cache
def certificate(request: HttpRequest, token: str, code: str) -> HttpResponse:
    """The certificate as a page, which any reader can read."""
    try:
        person = _person(token)
    except links.LinkRefused as refusal:
        return _refused(request, refusal)
    found = get_object_or_404(Certificate.objects.visible_to(person).of(person), code=verifying.tidy_code(code))
    context = printing.context_of(found) | {"standing": verifying.standing_of(found), "token": token}
    return _private(render(request, "certificates/certificate.html", context))


@login_not_required
@require_safe
@never_cache
def pdf_by_link(request: HttpRequest, token: str, code: str) -> HttpResponseBase:
    try:
        person = _person(token)
    except links.LinkRefused as refusal:
        return _refused(request, refusal)
    found = get_object_or_404(Certificate.objects.visible_to(person).of(person), code=verifying.tidy_code(code))
    answer = pdf_or_why_not(request, found)
    if answer.status_code == 200:
        Download.objects.create(certificate=found, by=None, at=timezone.now())
    return _private(answer)


@login_not_required
@require_http_methods(["GET", "POST"])
@never_cache
def new_link(request: HttpRequest) -> HttpResponse:
    """Mail a new link. The answer is the same whether somebody has the address or nobody."""
    form = LinkForm(request.POST or None)
    if not form.is_valid():
        return _private(_asking(request, form, status=422 if form.errors else 200))
    address = throttle.address_of(request.META)
    if throttle.too_many("link", address, most=ASKED_FOR):
        return _private(render(request, "certificates/verify_later.html", status=429))
    throttle.count("link", address, seconds=HOUR)
    email = form.cleaned_data["email"].lower()

    def do() -> dict[str, Any]:
        tasks.send_links.defer(address=email)
        return {}

    once.act(form.cleaned_data["submission_key"], do, verb="send_links", by=None, at=timezone.now())
    return _private(_asking(request, LinkForm(), sent_to=email))


def _person(token: str) -> Person:
    person, _about = links.read(token, purpose=announcing.PURPOSE, valid_for=announcing.VALID_FOR)
    return person


def _refused(request: HttpRequest, refusal: links.LinkRefused) -> HttpResponse:
    return _private(_asking(request, LinkForm(), refusal=str(refusal), status=403))


def _asking(request: HttpRequest, form: LinkForm, *, status: int = 200, **more: str) -> HttpResponse:
    return render(request, "certificates/new_link.html", {"form": form, **more}, status=status)


def _private(answer: R) -> R:
    """The address is the key: it is neither indexed nor told to other sites.

    To our own it is told: under `no-referrer` a browser says `Origin: null` with a form, and the form is refused.
    """
    answer["X-Robots-Tag"] = "noindex, nofollow"
    answer["Referrer-Policy"] = "same-origin"
    return answer
