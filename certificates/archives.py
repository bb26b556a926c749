"""All certificates of a district as one ZIP, sent while it is made: no more than one PDF is in memory."""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from certificates import printing, renderings
from certificates.models import Certificate, CertificateQuerySet, Download
from events import printed
from office.archives import Pipe, unique
from office.paper import CannotRender
from people.models import User

CHUNK = 50
COLUMNS = ("Code", "Version", "Name", "School", "District", "Title", "Institute", "First day", "Last day",
           "Hours", "Hours offered", "Issued on", "File")  # fmt: skip


def stream(rows: CertificateQuerySet, *, by: User, at: datetime) -> Iterator[bytes]:
    """A ZIP with the PDF of each certificate and a CSV of them all; each is noted as downloaded."""
    pipe, names = Pipe(), set[str]()
    sheet = io.StringIO()
    table = csv.writer(sheet)
    table.writerow(COLUMNS)
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as archive:
        for certificates in _chunks(rows):
            for certificate in certificates:
                name = unique(printing.file_name(certificate), names)
                try:
                    pdf = renderings.pdf_of(certificate, at=at)
                except CannotRender as refusal:
                    name = str(refusal)
                else:
                    with pdf.bytes.open("rb") as content:
                        archive.writestr(name, content.read())
                table.writerow([_cell(value) for value in _row(certificate, name)])
                yield pipe.taken()
            Download.objects.bulk_create(Download(certificate=one, by=by, at=at) for one in certificates)
        archive.writestr(_("certificates.csv"), "\ufeff" + sheet.getvalue(), zipfile.ZIP_DEFLATED)
    yield pipe.taken()


def _chunks(rows: CertificateQuerySet) -> Iterator[list[Certificate]]:
    keys = list(rows.order_by("person__sort_key", "pk").values_list("pk", flat=True))
    for start in range(0, len(keys), CHUNK):
        found = Certificate.objects.select_related("supersedes", "person").in_bulk(keys[start : start + CHUNK])
        yield [found[key] for key in keys[start : start + CHUNK] if key in found]


def _row(certificate: Certificate, file: str) -> list[object]:
    says = certificate.snapshot
    return [
        certificate.code, certificate.version, certificate.name, says["school"], says["district"], says["title"],
        says["code"], says["first_day"], says["last_day"], printed.hours(certificate.minutes),
        printed.hours(certificate.minutes_offered), f"{certificate.issued_at:%Y-%m-%d}", file,
    ]  # fmt: skip


def _cell(value: object) -> str:
    """Text that a spreadsheet does not take for a formula."""
    text = str(value)
    return f"'{text}" if text[:1] in "=+-@\t\r" and text else text
