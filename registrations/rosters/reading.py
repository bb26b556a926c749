"""A table out of whatever was given: CSV, TSV, XLSX, or cells pasted from a spreadsheet."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

MOST_ROWS = 5_000
MOST_COLUMNS = 200
LARGEST = 20 * 1024 * 1024
LARGEST_UNPACKED = 200 * 1024 * 1024
DELIMITERS = "\t,;|^"
_OLE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_FOREIGN = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"<html", b"<!doc")

Table = list[list[str]]


class CannotRead(Exception):
    """Why there is no roster in it, and what to do."""


def read_file(content: bytes, *, size: int | None = None) -> Table:
    """The rows of a file as text, without empty ones. `size` is the file's, where not all of it was read."""
    megabytes = (size or len(content)) / 1024 / 1024
    if megabytes > LARGEST / 1024 / 1024:
        raise CannotRead(
            f"This file has {megabytes:,.0f} MB; a roster may have 20. Save only the sheet with the names."
        )
    if not content.strip():
        raise CannotRead("This file is empty. Save the spreadsheet again, and upload it then.")
    if content.startswith(_OLE):
        raise CannotRead(_why_not_ole(content))
    if content.startswith(b"PK"):
        return _checked(_rows_of_workbook(content))
    return read_text(_decoded(content))


def read_text(text: str) -> Table:
    """The rows of a text: its delimiter is the one that cuts most lines alike."""
    text = text.lstrip("\ufeff")
    if not text.strip():
        raise CannotRead("There is nothing here yet. Copy the cells in your spreadsheet and paste them.")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text))
    try:
        return _checked(reader)
    except csv.Error:
        raise CannotRead(
            "A quotation mark in this table is never closed. Save it as a spreadsheet (XLSX) instead."
        ) from None


def delimiter_of(text: str) -> str:
    """A tab wins wherever lines hold one: cells pasted from a spreadsheet always do."""
    lines = [line for line in text.splitlines()[:50] if line.strip()]
    if sum("\t" in line for line in lines) * 2 > len(lines):
        return "\t"
    return max(
        DELIMITERS, key=lambda delimiter: sum(delimiter in line for line in lines) * 1000 + text.count(delimiter)
    )


def _checked(rows: Iterable[Iterable[str]]) -> Table:
    table: Table = []
    for row in rows:
        cells = [str(cell).replace("\x00", "") for cell in row][:MOST_COLUMNS]
        if not any(cell.strip() for cell in cells):
            continue
        table.append(cells)
        if len(table) > MOST_ROWS + 1:
            raise CannotRead(f"A roster has {MOST_ROWS:,} rows at most. Send this one in parts, school by school.")
    if not table:
        raise CannotRead("All cells of this table are empty. Look whether the names are on another sheet.")
    return table


def _why_not_ole(content: bytes) -> str:
    if _ENCRYPTED in content:
        return "This spreadsheet is protected by a password. Save it without one, and upload it then."
    return "This is a spreadsheet of Excel 2003 or older (.xls). Save it as .xlsx or .csv, and upload it then."


def _rows_of_workbook(content: bytes) -> Iterator[list[str]]:
    """The first sheet that has cells."""
    not_one = CannotRead("This file is no spreadsheet. Save your list as .xlsx or .csv, or paste its cells.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            if sum(part.file_size for part in package.infolist()) > LARGEST_UNPACKED:
                raise CannotRead("This spreadsheet unpacks to more than 200 MB. Save only the sheet with the names.")
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError):
        raise not_one from None
    try:
        for sheet in book.worksheets:
            rows = ([_text_of(value) for value in row[:MOST_COLUMNS]] for row in sheet.iter_rows(values_only=True))
            first = next((row for row in rows if any(row)), None)
            if first is not None:
                yield first
                yield from rows
                return
    finally:
        book.close()


def _text_of(value: object) -> str:
    """A cell as a person would read it: whole numbers without `.0`, days as days."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def _decoded(content: bytes) -> str:
    """UTF-8 with or without a mark, UTF-16 likewise, else Windows-1252."""
    if content.lower().lstrip().startswith(tuple(mark.lower() for mark in _FOREIGN)):
        raise CannotRead("This file is no spreadsheet. Save your list as .xlsx or .csv, or paste its cells.")
    for encoding in _encodings(content):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("cp1252", errors="replace")


def _encodings(content: bytes) -> list[str]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ["utf-16"]
    head = content[:2000]
    if head.count(0) * 4 > len(head):
        return ["utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"]
    if 0 in head:
        raise CannotRead("This file is no spreadsheet. Save your list as .xlsx or .csv, or paste its cells.")
    return ["utf-8-sig"]
