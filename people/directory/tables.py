"""A file opened as rows of text, whatever it was saved as: XLSX, or delimited text, packed by gzip or not."""

import codecs
import csv
import gzip
import io
import re
import warnings
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import BinaryIO, cast
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

MOST_BYTES = 300 * 1024 * 1024  # unpacked: a bomb is stopped here, and the state's largest file has 9 MB

Line = tuple[int, list[str]]

_ZIP = b"PK\x03\x04"
_GZIP = b"\x1f\x8b"
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_DATE_IN_NAME = re.compile(r"(?<!\d)(20\d\d)-?([01]\d)-?([0-3]\d)(?!\d)")

NOT_A_SPREADSHEET = "This is not a spreadsheet that can be read here. Save it as XLSX, CSV or tab-delimited text."


class CannotRead(Exception):
    """The file as a whole is of no use, with a sentence that says what to do."""


class Table(ABC):
    """An open file: its sheets, each a run of numbered lines that can be read again and again."""

    made_on: date | None = None
    lines_expected = 0

    @abstractmethod
    def sheets(self) -> list[str]:
        """The names of the sheets; text has one."""

    @abstractmethod
    def lines(self, sheet: str) -> Iterator[Line]:
        """The lines of a sheet with their numbers, blank ones included."""


def opened(source: BinaryIO, name: str) -> Table:
    """The table in a file. `source` is seekable; `name` is what the file was called, which may hold its date."""
    source.seek(0)
    start = source.read(4096)
    source.seek(0)
    if not start.strip():
        raise CannotRead("This file is empty.")
    if start.startswith(_OLE):
        raise CannotRead(_why_not_ole(source))
    if start.startswith(_ZIP):
        table: Table = Workbook(source)
    elif start.startswith(_GZIP):
        table = Text(cast("BinaryIO", gzip.GzipFile(fileobj=source)))
    else:
        table = Text(source)
    table.made_on = date_in(name) or table.made_on
    return table


def date_in(name: str) -> date | None:
    """The day in a file's name, such as 2026-04-06."""
    found = _DATE_IN_NAME.search(name)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _why_not_ole(source: BinaryIO) -> str:
    source.seek(0)
    if "EncryptedPackage".encode("utf-16-le") in source.read(MOST_BYTES):
        return "This workbook is protected by a password. Save it without one, then choose it again."
    return "This is a workbook of the old kind (.xls). Save it as XLSX or CSV, then choose it again."


@contextmanager
def _or_a_sentence() -> Iterator[None]:
    """What the readers raise over a damaged file becomes one sentence."""
    try:
        yield
    except (
        zipfile.BadZipFile, InvalidFileException, ParseError, zlib.error, csv.Error,
        KeyError, ValueError, TypeError, AttributeError, EOFError, OSError,
    ) as damage:  # fmt: skip
        raise CannotRead(NOT_A_SPREADSHEET) from damage


class Workbook(Table):
    """An XLSX file, read as a stream."""

    def __init__(self, source: BinaryIO) -> None:
        with _or_a_sentence(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a workbook without styles is none the worse for it
            with zipfile.ZipFile(source) as parts:
                if sum(part.file_size for part in parts.infolist()) > MOST_BYTES:
                    raise CannotRead("This workbook unpacks to more than 300 MB. Split it.")
            self._book = openpyxl.load_workbook(source, read_only=True, data_only=True)
            created = self._book.properties.created
            self.made_on = created.date() if isinstance(created, datetime) else None
            self.lines_expected = max((sheet.max_row or 0 for sheet in self._book.worksheets), default=0)

    def sheets(self) -> list[str]:
        return [sheet.title for sheet in self._book.worksheets]

    def lines(self, sheet: str) -> Iterator[Line]:
        with _or_a_sentence():
            worksheet = self._book[sheet]
            worksheet.reset_dimensions()  # some programs write them wrong
            for number, cells in enumerate(worksheet.iter_rows(values_only=True), start=1):
                yield number, [_text_of(cell) for cell in cells]


def _text_of(cell: object) -> str:
    """A cell as it would stand in a text file."""
    if cell is None:
        return ""
    if isinstance(cell, datetime | date):
        return cell.strftime("%m/%d/%Y")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


class Text(Table):
    """Delimited text in UTF-8 or Windows-1252, with LF, CRLF or CR."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        with _or_a_sentence():
            self._survey()

    def _survey(self) -> None:
        """Read it through once: how it is written, and how long it is."""
        self._source.seek(0)
        start = self._source.read(4096)
        self._encoding = "utf-16" if start.startswith(_UTF16) else "utf-8-sig"
        if b"\x00" in start and self._encoding != "utf-16":
            raise CannotRead(NOT_A_SPREADSHEET)
        self._source.seek(0)
        decoder, length = codecs.getincrementaldecoder(self._encoding)(), 0
        while piece := self._source.read(1 << 20):
            length += len(piece)
            if length > MOST_BYTES:
                raise CannotRead("This file unpacks to more than 300 MB. Split it.")
            self.lines_expected += piece.count(b"\n")
            try:
                decoder.decode(piece)
            except UnicodeDecodeError:
                self._encoding = "cp1252"
                decoder = codecs.getincrementaldecoder("latin-1")()
        self._delimiter = self._guess_delimiter()

    def _guess_delimiter(self) -> str:
        """The one that stands most often in the first lines."""
        with self._characters() as characters:
            start = characters.read(20_000)
        return max("\t,;|", key=start.count)

    @contextmanager
    def _characters(self) -> Iterator[io.TextIOWrapper]:
        self._source.seek(0)
        wrapper = io.TextIOWrapper(self._source, self._encoding, errors="replace", newline="")
        try:
            yield wrapper
        finally:
            wrapper.detach()  # else it would close a file that is not ours

    def sheets(self) -> list[str]:
        return [""]

    def lines(self, sheet: str) -> Iterator[Line]:  # noqa: ARG002 - text has one sheet
        # The state's tab-delimited files quote nothing, so that a stray quotation mark must swallow no lines.
        quoting = csv.QUOTE_NONE if self._delimiter == "\t" else csv.QUOTE_MINIMAL
        with _or_a_sentence(), self._characters() as characters:
            reader = csv.reader(characters, delimiter=self._delimiter, quoting=quoting)  # type: ignore[arg-type]
            for cells in reader:
                yield reader.line_num, [_unquoted(cell) for cell in cells] if quoting else cells


def _unquoted(cell: str) -> str:
    """Excel quotes a tab-delimited cell that holds a comma or a quotation mark."""
    if len(cell) > 1 and cell.startswith('"') and cell.endswith('"'):
        return cell[1:-1].replace('""', '"')
    return cell
