"""Rows as CSV and XLSX while they are read: no cell of them runs as a formula, and few are in memory."""

import csv
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any
from xml.sax.saxutils import escape

from django.db import connection, transaction
from django.db.models import QuerySet

ROWS_AT_ONCE = 1000
_RUNS = ("=", "+", "-", "@", "\t", "\r")
_NO_XML = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])
_PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/xl/workbook.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        '<sheets><sheet name="People" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'

Rows = Iterable[Sequence[Any]]


def harmless(value: object) -> str:
    """The text of a cell, with an apostrophe before what a spreadsheet would run."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_RUNS) else text


def streamed(rows: QuerySet[Any]) -> Iterator[Any]:
    """The rows while they are read, a thousand in memory at most.

    PostgreSQL plans a cursor for its first rows, unless it is told that all are wanted: then an export of 20,000 is
    twelve times as fast.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL cursor_tuple_fraction = 1")
        yield from rows.iterator(chunk_size=ROWS_AT_ONCE)


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, line: str) -> str:
        return line


def csv_lines(headers: Sequence[str], rows: Rows) -> Iterator[str]:
    """A CSV file with the mark by which Excel knows UTF-8, some hundred rows at a time."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(headers)
    waiting: list[str] = []
    for row in rows:
        waiting.append(writer.writerow([harmless(value) for value in row]))
        if len(waiting) >= ROWS_AT_ONCE:
            yield "".join(waiting)
            waiting.clear()
    yield "".join(waiting)


def xlsx_file(headers: Sequence[str], rows: Rows) -> IO[bytes]:
    """A workbook with one sheet of text cells, written row by row to a file that the caller closes.

    Our own few lines, as openpyxl's write-only mode makes less than half as many rows a second.
    """
    target: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=2_000_000)  # noqa: SIM115 - the caller closes it
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for name, content in _PARTS.items():
            package.writestr(name, _HEAD + content)
        with package.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write((_HEAD + _SHEET + _xml_row(headers)).encode())
            waiting: list[str] = []
            for row in rows:
                waiting.append(_xml_row(row))
                if len(waiting) >= ROWS_AT_ONCE:
                    sheet.write("".join(waiting).encode())
                    waiting.clear()
            sheet.write(("".join(waiting) + "</sheetData></worksheet>").encode())
    target.seek(0)
    return target


def _xml_row(values: Sequence[Any]) -> str:
    cells = "".join(
        f'<c t="inlineStr"><is><t xml:space="preserve">{escape(harmless(value).translate(_NO_XML))}</t></is></c>'
        for value in values
    )
    return f"<row>{cells}</row>"
