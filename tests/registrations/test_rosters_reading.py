"""Tables as districts have them: read whatever their program made of them, or told why not."""

import io
import zipfile

import openpyxl
import pytest

from registrations.rosters import reading
from registrations.rosters.reading import CannotRead

NAMES = [["First", "Last"], ["María José", "Muñoz"]]


def workbook(rows, *, sheets=1) -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    sheet = book.active if sheets == 1 else book.create_sheet("Roster")
    for row in rows:
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|", "^"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_text_is_read_in_any_encoding_with_any_delimiter(encoding: str, delimiter: str, ending: str):
    text = ending.join(delimiter.join(row) for row in NAMES)

    assert reading.read_file(text.encode(encoding)) == NAMES


def test_a_workbook_is_read_as_a_person_reads_it():
    content = workbook([["First", "CDS", "Day"], ["Ana", 1611190130229.0, None], [None], ["Bo", "=1+1", 2.5]])

    assert reading.read_file(content) == [
        ["First", "CDS", "Day"],
        ["Ana", "1611190130229", ""],
        ["Bo", "=1+1", "2.5"],
    ]


def test_the_first_sheet_with_cells_is_read():
    assert reading.read_file(workbook(NAMES, sheets=2)) == NAMES


def test_days_are_read_as_days():
    from datetime import date, datetime  # noqa: PLC0415 - used here alone

    content = workbook([[date(2026, 8, 1), datetime(2026, 8, 1, 9, 30)]])

    assert reading.read_file(content) == [["2026-08-01", "2026-08-01T09:30:00"]]


def test_pasted_cells_may_hold_commas_and_line_breaks():
    pasted = 'Name\tSchool\n"Torres, Ana"\t"Pine\nElementary"\n'

    assert reading.read_text(pasted) == [["Name", "School"], ["Torres, Ana", "Pine\nElementary"]]


def test_empty_rows_are_nothing():
    assert reading.read_text("Ana,Torres\n,\n  ,\nBo,Li\n") == [["Ana", "Torres"], ["Bo", "Li"]]


def packed(name: str, content: bytes) -> bytes:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return package.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This file is empty"),
        (b" \n ", "This file is empty"),
        (b",,\n,,", "All cells of this table are empty"),
        (b"%PDF-1.7 ...", "This file is no spreadsheet"),
        (b"\x00\x01\x02 binary", "This file is no spreadsheet"),
        (packed("word/document.xml", b"<x/>"), "This file is no spreadsheet"),
        (b"PK\x03\x04 cut short", "This file is no spreadsheet"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        (OLE + b"Workbook", r"Excel 2003 or older \(\.xls\)"),
        (packed("xl/worksheets/sheet1.xml", b"0" * 210_000_000), "unpacks to more than 200 MB"),
        (b'Ana,"' + b"x" * 200_000, "quotation mark in this table is never closed"),
    ],
    ids=["empty", "blank", "no cells", "pdf", "binary", "word", "cut", "password", "xls", "bomb", "quote"],
)
def test_what_is_no_table_gets_a_sentence(content: bytes, sentence: str):
    with pytest.raises(CannotRead, match=sentence):
        reading.read_file(content)


def test_a_file_of_200_mb_is_refused_by_its_size():
    with pytest.raises(CannotRead, match="This file has 200 MB; a roster may have 20"):
        reading.read_file(b"", size=200 * 1024 * 1024)


def test_nothing_pasted_gets_a_sentence():
    with pytest.raises(CannotRead, match="There is nothing here yet"):
        reading.read_text("\ufeff \n")


def test_more_than_5000_rows_are_refused():
    with pytest.raises(CannotRead, match="A roster has 5,000 rows at most"):
        reading.read_text("Ana,Torres\n" * 20_000)
