"""PDFs of certificates: made once, kept with their hash, in the background or on the spot."""

import logging
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from certificates import printing
from certificates.models import Certificate, CertificateQuerySet, Rendering
from office import files, misprints, presses
from office.models import StoredFile

CHUNK = 50
log = logging.getLogger(__name__)


def pdf_of(certificate: Certificate, *, at: datetime) -> StoredFile:
    """The first PDF that was made of it; made now if none was. Raises office.paper.CannotRender."""
    first = _first(certificate)
    if first is None:
        _keep({certificate.pk: printing.pdf_of(certificate)}, at=at)
        first = _first(certificate)
    assert first  # noqa: S101 - it was kept just now, by us or by whoever came before
    return first.file


def misprinted(rows: CertificateQuerySet) -> list[tuple[Certificate, str]]:
    """Those of the certificates that the worker could not print, each with the reason."""
    unprinted = {one.about: one for one in rows.unprinted().order_by("pk")}
    return [(unprinted[about], reason) for about, reason in sorted(misprints.reasons(unprinted).items())]


def render_all(keys: Sequence[int], *, at: datetime) -> int:
    """Make the PDFs that are missing, over all cores, and keep them chunk by chunk; how many.

    May be killed at any time and started again: what was kept is not made again, what was not is. A certificate that
    cannot be printed (a letter that no font has) is reported to the log and shown to staff with the reason.
    """
    missing = list(Certificate.objects.unprinted().filter(pk__in=keys).order_by("pk").values_list("pk", flat=True))
    made = 0
    with presses.presses(len(missing)) as pool:
        for start in range(0, len(missing), CHUNK):
            chunk = missing[start : start + CHUNK]
            certificates = list(Certificate.objects.select_related("supersedes").filter(pk__in=chunk).order_by("pk"))
            jobs = [(printing.TEMPLATE, printing.context_of(one), printing.title_of(one)) for one in certificates]
            pdfs: dict[int, bytes] = {}
            reasons: dict[str, str] = {}
            for certificate, pdf in zip(certificates, presses.press(jobs, pool), strict=True):
                if isinstance(pdf, bytes):
                    pdfs[certificate.pk] = pdf
                else:
                    log.warning("Certificate %s has no PDF: %s", certificate.code, pdf)
                    reasons[certificate.about] = pdf
            made += _keep(pdfs, at=at)
            misprints.note(reasons, at=at)
    return made


@transaction.atomic
def _keep(pdfs: dict[int, bytes], *, at: datetime) -> int:
    """Keep what nobody kept meanwhile: the certificates are locked, so that two of us do not both keep one."""
    locked = Certificate.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=list(pdfs)).order_by("pk")
    keys = [certificate.pk for certificate in locked]
    printed = set(Rendering.objects.filter(certificate__in=keys).values_list("certificate", flat=True))
    missing = [certificate for certificate in locked if certificate.pk not in printed]
    kept = files.keep_all(
        [files.Content(pdfs[one.pk], printing.file_name(one), files.PDF) for one in missing], by=None, at=at
    )
    Rendering.objects.bulk_create(
        Rendering(certificate=one, sha256=file.sha256, file=file, renderer=printing.RENDERER, at=at)
        for one, file in zip(missing, kept, strict=True)
    )
    misprints.forget(one.about for one in missing)
    return len(missing)


def _first(certificate: Certificate) -> Rendering | None:
    return certificate.renderings.select_related("file").order_by("pk").first()
