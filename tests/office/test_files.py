"""Files are private, of the type that their bytes say, and 20 MB at most."""

import io
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from office import files
from office.files import CSV, ICS, JPEG, PDF, PNG, TEXT, XLSX, ZIP, CannotKeep, Content
from office.http import file_response
from office.models import StoredFile
from tests import make

NOW = make.NOW


def workbook() -> bytes:
    book, into = Workbook(), io.BytesIO()
    book.save(into)
    return into.getvalue()


def archive() -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as made:
        made.writestr("a.txt", "a")
    return into.getvalue()


@pytest.mark.parametrize(
    ("content", "type_"),
    [
        (b"%PDF-1.7\n", PDF),
        (b"\x89PNG\r\n\x1a\n....", PNG),
        (b"\xff\xd8\xff\xe0..", JPEG),
        (workbook(), XLSX),
        (archive(), ZIP),
        (b"PK\x03\x04 and then it breaks off", ZIP),
        (b"\xef\xbb\xbfBEGIN:VCALENDAR\r\n", ICS),
        (b"First,Last\nAna,Torres\n", CSV),
        ("First,Last\nJosé,Muñoz\n".encode("cp1252"), CSV),
        (b"one line of words", TEXT),
        (b"a,b\nc\nd,e,f\n", TEXT),
        ("Ana".encode("utf-16"), TEXT),
        (b"MZ\x90\x00\x03", None),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", None),
    ],
    ids=lambda value: str(value)[:20],
)
def test_the_bytes_say_the_type(content: bytes, type_: str | None) -> None:
    assert files.type_of(content) == type_


def upload(content: bytes, name: str = "roster.xlsx", type_: str = XLSX) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type=type_)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "“roster.xlsx” is empty. Choose the file again."),
        (b"MZ\x90\x00", "“roster.xlsx” is of a kind we cannot read. Send an Excel workbook (.xlsx) or a CSV file."),
        (b"%PDF-1.7", "“roster.xlsx” is a PDF. Send an Excel workbook (.xlsx) or a CSV file."),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            "“roster.xlsx” is of a kind we cannot read. Send an Excel workbook (.xlsx) or a CSV file. If it is a workbook, take its password off, or save it as .xlsx, and send it again.",
        ),
        (b"x" * (files.LARGEST + 1), "“roster.xlsx” has 20 MB; at most 20 MB can be sent."),
    ],
    ids=["empty", "program", "pdf", "old", "large"],
)
def test_a_file_that_is_not_wanted_gets_a_sentence(db: None, content: bytes, sentence: str) -> None:
    with pytest.raises(CannotKeep) as refusal:
        files.accept(upload(content), types=[XLSX, CSV], by=None, at=NOW)

    assert str(refusal.value) == sentence
    assert StoredFile.objects.count() == 0


def test_what_was_sent_as_a_workbook_and_is_text_is_kept_as_text(db: None) -> None:
    kept = files.accept(upload(b"Ana Torres\nTomas Wexler\n"), types=[CSV], by=None, at=NOW)

    with kept.bytes.open("rb") as file:
        assert (kept.type, kept.size, file.read()) == (CSV, 24, b"Ana Torres\nTomas Wexler\n")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Ana\\día 1.pdf", "día 1.pdf"),
        ('a"\r\nSet-Cookie: b.pdf', 'a"Set-Cookie: b.pdf'),
        ("\u202egpj.exe", "gpj.exe"),
        ("", "file"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
        ("x" * 300, "x" * 200),
    ],
)
def test_a_name_is_only_a_name(name: str, kept: str) -> None:
    assert files.tidy_name(name) == kept


def test_the_bytes_lie_under_their_hash_and_never_under_the_name(db: None, settings) -> None:
    kept = files.keep(b"%PDF-", name="../evil.pdf", type=PDF, by=None, at=NOW)

    path = Path(kept.bytes.path)
    assert path.is_relative_to(settings.MEDIA_ROOT)
    assert path.stem.startswith(kept.sha256)


@pytest.mark.parametrize("many", [1, 3])
def test_many_files_are_kept_by_one_insert(db: None, many: int, django_assert_num_queries) -> None:
    contents = [Content(b"%PDF-", f"{number}.pdf", PDF) for number in range(many)]

    with django_assert_num_queries(3):  # the insert in its savepoint
        kept = files.keep_all(contents, by=None, at=NOW)

    assert [file.name for file in kept] == [content.name for content in contents]
    assert len({file.bytes.name for file in kept}) == many


def test_a_file_leaves_as_a_private_download_with_its_name(db: None) -> None:
    kept = files.keep(b"%PDF-1.7", name="Nguyễn Thị Ánh.pdf", type=PDF, by=None, at=NOW)

    with closing(file_response(kept)) as answer:
        assert b"".join(answer.streaming_content) == b"%PDF-1.7"  # type: ignore[attr-defined]

    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''Nguy%E1%BB%85n%20Th%E1%BB%8B%20%C3%81nh.pdf"
    assert (answer["X-Content-Type-Options"], answer["Cache-Control"]) == ("nosniff", "private, no-store")


def test_only_pictures_and_pdfs_are_shown_in_the_browser(db: None) -> None:
    picture = files.keep(b"\x89PNG\r\n\x1a\n", name="a.png", type=PNG, by=None, at=NOW)
    text = files.keep(b"<script>", name="a.txt", type=TEXT, by=None, at=NOW)

    with (
        closing(file_response(picture, download=False)) as shown,
        closing(file_response(text, download=False)) as saved,
    ):
        assert shown["Content-Disposition"] == 'inline; filename="a.png"'
        assert saved["Content-Disposition"] == 'attachment; filename="a.txt"'
