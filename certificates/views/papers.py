"""The PDF of a certificate as an answer."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from certificates import renderings
from certificates.models import Certificate
from office.http import file_response
from office.paper import CannotRender


def pdf_or_why_not(request: HttpRequest, certificate: Certificate) -> HttpResponseBase:
    """The PDF, made on the spot if the worker has not come by yet; or a page that says why there is none."""
    try:
        file = renderings.pdf_of(certificate, at=timezone.now())
    except CannotRender as refusal:
        return render(request, "certificates/no_paper.html", {"refusal": str(refusal)}, status=503)
    return file_response(file)
