"""Files that are kept: private, of a known type, 20 MB at most. They leave only through office.http."""

import csv
import hashlib
import io
import unicodedata
import zipfile
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from office.models import StoredFile
from people.models import User

LARGEST = 20 * 1024 * 1024

PDF = "application/pdf"
PNG = "image/png"
JPEG = "image/jpeg"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP = "application/zip"
ICS = "text/calendar"
CSV = "text/csv"
TEXT = "text/plain"

NAMES = {
    PDF: "a PDF",
    PNG: "a PNG picture",
    JPEG: "a JPEG photograph",
    XLSX: "an Excel workbook (.xlsx)",
    ZIP: "a ZIP archive",
    ICS: "a calendar file",
    CSV: "a CSV file",
    TEXT: "a text file",
}
ENDINGS = {
    PDF: ".pdf", PNG: ".png", JPEG: ".jpg", XLSX: ".xlsx", ZIP: ".zip", ICS: ".ics", CSV: ".csv", TEXT: ".txt",
}  # fmt: skip
# An old Excel file and a password-protected new one are the same kind of container.
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class CannotKeep(Exception):
    """The file is too large, empty, or not of a kind that is wanted."""


@dataclass(frozen=True)
class Content:
    """Bytes to keep, under a name, of a type that the caller vouches for."""

    bytes: bytes
    name: str
    type: str


def keep(content: bytes, *, name: str, type: str, by: User | None, at: datetime) -> StoredFile:  # noqa: A002
    """Keep bytes that we made ourselves."""
    return keep_all([Content(content, name, type)], by=by, at=at)[0]


def keep_all(contents: Sequence[Content], *, by: User | None, at: datetime) -> list[StoredFile]:
    """Keep many in one insert. Bytes of a transaction that is undone stay behind, unnamed, as nothing refers to them."""
    made = [_unsaved(content, by=by, at=at) for content in contents]
    with transaction.atomic():
        for stored, content in zip(made, contents, strict=True):
            # A path of the hash alone: the name a person gave is text in a row, never a part of a path.
            stored.bytes.save(stored.sha256 + ENDINGS.get(content.type, ""), ContentFile(content.bytes), save=False)
        return StoredFile.objects.bulk_create(made)


def accept(upload: UploadedFile, *, types: Collection[str], by: User | None, at: datetime) -> StoredFile:
    """Keep what someone uploaded, if its bytes are of one of the types. Raises CannotKeep."""
    name = tidy_name(upload.name or "")
    content = read(upload)
    found = type_of(content) or ""
    # A CSV is text whose lines split; nothing in its bytes says so, hence either word will do.
    if found == TEXT and TEXT not in types and CSV in types:
        found = CSV
    if found not in types:
        wanted = _listed([NAMES.get(one, one) for one in types])
        is_what = f"is {NAMES[found]}" if found else "is of a kind we cannot read"
        raise CannotKeep(f"“{name}” {is_what}. Send {wanted}.{_hint(content)}")
    return keep(content, name=name, type=found, by=by, at=at)


def read(upload: UploadedFile) -> bytes:
    """All of an upload. Raises CannotKeep when there is nothing or too much."""
    name = tidy_name(upload.name or "")
    if (upload.size or 0) > LARGEST:
        raise CannotKeep(f"“{name}” has {(upload.size or 0) // 1_000_000} MB; at most 20 MB can be sent.")
    content = upload.read()
    if not content:
        raise CannotKeep(f"“{name}” is empty. Choose the file again.")
    return bytes(content)


def type_of(content: bytes) -> str | None:
    """What the bytes are, whatever the name says; None for what we do not know."""
    for type_, is_it in SIGNS:
        if is_it(content):
            return type_
    return None


def tidy_name(name: str) -> str:
    """The last part of a name, without what could break a header or a path, 200 characters at most."""
    last = PurePosixPath(name.replace("\\", "/")).name
    clean = "".join(sign for sign in unicodedata.normalize("NFC", last) if unicodedata.category(sign)[0] != "C")
    if len(clean) > 200:
        path = PurePosixPath(clean)
        clean = path.stem[: 200 - len(path.suffix)] + path.suffix if len(path.suffix) < 20 else clean[:200]
    return clean.strip() or "file"


def _unsaved(content: Content, *, by: User | None, at: datetime) -> StoredFile:
    return StoredFile(
        name=tidy_name(content.name),
        type=content.type,
        size=len(content.bytes),
        sha256=hashlib.sha256(content.bytes).hexdigest(),
        by=by,
        at=at,
    )


def _is_workbook(content: bytes) -> bool:
    if not content.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except zipfile.BadZipFile:
        return False


def _is_text(content: bytes) -> bool:
    """Nothing but text: in UTF-8, UTF-16 with its mark, or an encoding of one byte without control characters."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return not any(sign < 32 and sign not in b"\t\n\r\f" for sign in content[:65536])


def _is_table(content: bytes) -> bool:
    if not _is_text(content) or content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    lines = content[:65536].decode("latin-1").splitlines()[:5]
    try:
        rows = list(csv.reader(lines))
    except csv.Error:
        return False
    return bool(rows) and len(rows[0]) > 1 and len({len(row) for row in rows[:-1] or rows}) == 1


SIGNS: list[tuple[str, Callable[[bytes], bool]]] = [
    (PDF, lambda content: b"%PDF-" in content[:1024]),
    (PNG, lambda content: content.startswith(b"\x89PNG\r\n\x1a\n")),
    (JPEG, lambda content: content.startswith(b"\xff\xd8\xff")),
    (XLSX, _is_workbook),
    (ZIP, lambda content: content.startswith(b"PK\x03\x04")),
    (ICS, lambda content: content.lstrip(b"\xef\xbb\xbf \r\n").upper().startswith(b"BEGIN:VCALENDAR")),
    (CSV, _is_table),
    (TEXT, _is_text),
]


def _hint(content: bytes) -> str:
    if content.startswith(OLD_OFFICE):
        return " If it is a workbook, take its password off, or save it as .xlsx, and send it again."
    return ""


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
