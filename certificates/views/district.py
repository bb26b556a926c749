"""Certificates for those who sign in: one, and all of a district as one ZIP."""

from django.db.models import Count, Max
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from certificates import archives, printing, verifying
from certificates.models import Certificate, CertificateQuerySet, Download
from certificates.views.papers import pdf_or_why_not
from events.models import Institute
from people.http import Request
from people.models import Organization


@require_safe
def show(request: Request, code: str) -> HttpResponse:
    """The certificate as a page, which any reader can read."""
    found = get_object_or_404(
        Certificate.objects.visible_to(request.user).select_related("supersedes"), code=verifying.tidy_code(code)
    )
    context = printing.context_of(found) | {"standing": verifying.standing_of(found)}
    return render(request, "certificates/certificate.html", context)


@require_safe
def pdf(request: Request, code: str) -> HttpResponseBase:
    found = get_object_or_404(Certificate.objects.visible_to(request.user), code=verifying.tidy_code(code))
    answer = pdf_or_why_not(request, found)
    if answer.status_code == 200:
        Download.objects.create(certificate=found, by=request.user, at=timezone.now())
    return answer


@require_safe
def district(request: Request, organization_id: int) -> HttpResponse:
    """The certificates of a district's people, institute by institute; `?institute=` opens one."""
    organization = get_object_or_404(Organization.objects.visible_to(request.user), pk=organization_id)
    rows = _of(request, organization)
    institutes = (
        Institute.objects.filter(certificates__in=rows)
        .annotate(count=Count("certificates"), newest=Max("certificates__issued_at"))
        .order_by("-starts_on", "-pk")
    )
    chosen = institutes.filter(pk=_key(request.GET.get("institute", ""))).first()
    context = {
        "organization": organization,
        "institutes": institutes,
        "chosen": chosen,
        "certificates": rows.filter(institute=chosen).order_by("person__sort_key", "pk") if chosen else [],
    }
    return render(request, "certificates/district.html", context)


@require_safe
def district_zip(request: Request, organization_id: int, institute_id: int) -> HttpResponseBase:
    """Every certificate that holds today, with a list of them."""
    organization = get_object_or_404(Organization.objects.visible_to(request.user), pk=organization_id)
    rows = _of(request, organization).filter(institute=institute_id)
    first = get_object_or_404(rows.select_related("institute").order_by("pk")[:1])
    answer = StreamingHttpResponse(
        archives.stream(rows, by=request.user, at=timezone.now()), content_type="application/zip"
    )
    code = first.snapshot["code"]
    name = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-.") else "-" for sign in code)
    answer["Content-Disposition"] = f'attachment; filename="certificates-{name}.zip"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _of(request: Request, organization: Organization) -> CertificateQuerySet:
    rows: CertificateQuerySet = Certificate.objects.visible_to(request.user).filter(sponsor=organization).current()
    return rows


def _key(typed: str) -> int | None:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else None
