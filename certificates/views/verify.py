"""Anyone with a code may check a certificate; nobody may guess one."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from certificates import printing, verifying
from certificates.forms import CodeForm
from people import throttle

WRONG_CODES = 30
"""A minute from one address; after that even right codes are not answered, or the limit would tell."""


@login_not_required
@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    """The form; a code goes on to its own address."""
    form = CodeForm(request.GET if "code" in request.GET else None)
    code = verifying.tidy_code(form.cleaned_data["code"]) if form.is_valid() else ""
    if code:
        return redirect("certificates:verify_code", code)
    return _closed(render(request, "certificates/verify.html", {"form": form}, status=422 if form.is_bound else 200))


@login_not_required
@require_safe
@never_cache
def verify_code(request: HttpRequest, code: str) -> HttpResponse:
    address = throttle.address_of(request.META)
    if throttle.too_many("verify", address, most=WRONG_CODES):
        return _closed(render(request, "certificates/verify_later.html", status=429))
    certificate = verifying.find(code)
    if certificate is None:
        throttle.count("verify", address)
        form = CodeForm(initial={"code": code[:40]})
        context = {"form": form, "unknown": verifying.tidy_code(code)[:40]}
        return _closed(render(request, "certificates/verify.html", context, status=404))
    context = printing.context_of(certificate) | {"standing": verifying.standing_of(certificate)}
    return _closed(render(request, "certificates/verify_code.html", context))


def _closed(answer: HttpResponse) -> HttpResponse:
    """No search engine keeps it."""
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer
