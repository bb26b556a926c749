"""A file of the state's directory brought in, from its first line to the counts."""

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import BinaryIO

import pghistory
from django.db import connection, transaction
from django.utils import timezone

from people.directory import entries, layouts, tables, writing
from people.directory.counties import Counties
from people.directory.entries import CannotUse, Entry
from people.directory.layouts import Layout
from people.directory.tables import CannotRead
from people.models import Organization, School, User

BATCH = 2000
LOCK = "people.directory"
BUSY = "Another file of the directory is being brought in. Bring this one in when that is done."
WITHOUT_DISTRICT = "No district has this code; kept without one."
CLOSED_SINCE = "Newer files do not name it any more; kept as closed."


@dataclass(frozen=True)
class Wanted:
    """What to take from a file beyond the public schools of the state, and what somebody knows of it.

    `as_of` is how new it is. `complete` says that it names all that is open in its counties: the rest has closed.
    """

    private: bool = False
    out_of_state: bool = False
    complete: bool = False
    as_of: date | None = None


@dataclass(frozen=True)
class Remark:
    """Something to know about one row: it was refused, or kept in a way that its file does not say."""

    line: int
    cds: str
    name: str
    reason: str
    refused: bool = True


@dataclass
class Result:
    """What came of a file."""

    as_of: date
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    left_out: int = 0
    without_district: int = 0
    closed: int = 0
    unnamed: int = 0
    remarks: list[Remark] = field(default_factory=list)

    @property
    def refused(self) -> int:
        return sum(remark.refused for remark in self.remarks)

    def remarks_csv(self) -> bytes:
        """The rows that were refused or need a look, as a file that Excel opens in the right letters."""
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(["line", "CDS code", "name", "outcome", "reason"])
        for remark in sorted(self.remarks, key=lambda remark: remark.line):
            outcome = "refused" if remark.refused else "kept"
            writer.writerow([remark.line, _as_text(remark.cds), _as_text(remark.name), outcome, remark.reason])
        return text.getvalue().encode("utf-8-sig")


def _as_text(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t"} else cell


Progress = Callable[[int, int], None]
"""Told after each batch: lines read, lines expected."""


def bring_in(
    source: BinaryIO,
    *,
    name: str,
    by: User | None,
    at: datetime,
    wanted: Wanted = Wanted(),
    progress: Progress = lambda _read, _expected: None,
) -> Result:
    """Bring a file of the directory in, batch by batch; a second run of the same file changes nothing.

    How new the file is, is what `wanted` says; else the newest LastUpDate in it, the date in its name, the day the
    workbook was made, or the day of the import. Raises tables.CannotRead, also while another file is brought in.
    """
    with _one_at_a_time():
        return _brought_in(source, name=name, by=by, at=at, wanted=wanted, progress=progress)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two files at once would count each other's rows as their own. A process that is killed lets go of the lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [LOCK])
        if not cursor.fetchone()[0]:
            raise CannotRead(BUSY)
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [LOCK])


def _brought_in(
    source: BinaryIO, *, name: str, by: User | None, at: datetime, wanted: Wanted, progress: Progress
) -> Result:
    table = tables.opened(source, name)
    layout = layouts.recognized(table)
    result = Result(wanted.as_of or _newest(table, layout, until=timezone.localdate(at)))
    counties, reader = Counties(), _Reader(wanted, result)
    found = reader.entries(table, layout, counties)
    with pghistory.context(user=by.pk if by else None, directory=name):
        while batch := list(islice(found, BATCH)):
            _keep(batch, result, counties)
            progress(batch[-1].line, table.lines_expected)
        _settle(result, reader, wanted)
    return result


def _newest(table: tables.Table, layout: Layout, *, until: date) -> date:
    """The day to which a file speaks; a date in the future is somebody's mistake."""
    newest = None
    if layout.has("updated"):
        for _line, cells in layout.cells(table):
            try:
                day = entries.day_of(cells.get("updated", ""))
            except CannotUse:
                continue
            newest = max(newest or day, day) if day <= until else newest
    return newest or table.made_on or until


class _Reader:
    """Reads entries off a table and remarks on the rows that are none."""

    def __init__(self, wanted: Wanted, result: Result) -> None:
        self._wanted, self._result = wanted, result
        self._lines: dict[str, int] = {}
        self.schools: dict[str, tuple[int, str]] = {}
        self.counties: dict[type[Organization | School], set[str]] = {Organization: set(), School: set()}

    def entries(self, table: tables.Table, layout: Layout, counties: Counties) -> Iterator[Entry]:
        for line, cells in layout.cells(table):
            try:
                entry = entries.read(line, cells, layout, counties)
                self._check_new(entry)
            except CannotUse as refusal:
                name = cells.get("school") or cells.get("district", "")
                code = cells.get("cds") or cells.get("cd", "")
                self._result.remarks.append(Remark(line, code, name, str(refusal)))
                continue
            if self._is_left_out(entry):
                self._result.left_out += 1
                continue
            self.counties[Organization if entry.is_lea else School].add(entry.county_code)
            if not (entry.is_lea or entry.is_private):
                self.schools[entry.cds] = (line, entry.name)
            yield entry

    def _check_new(self, entry: Entry) -> None:
        first = self._lines.setdefault(entry.cds, entry.line)
        if first != entry.line:
            raise CannotUse(f"This CDS code is on line {first} already; the first one counts.")

    def _is_left_out(self, entry: Entry) -> bool:
        return (entry.is_private and not self._wanted.private) or (
            entry.is_out_of_state and not self._wanted.out_of_state
        )


@transaction.atomic
def _keep(batch: list[Entry], result: Result, counties: Counties) -> None:
    """One batch, districts first, so that its schools find them."""
    leas = [entry for entry in batch if entry.is_lea]
    schools = [entry for entry in batch if not entry.is_lea]
    for model, some in ((Organization, leas), (School, schools)):
        kept = writing.keep(model, some, counties=counties, as_of=result.as_of)
        result.new += kept.new
        result.changed += kept.changed
        result.unchanged += kept.unchanged
        for entry in kept.closed_since:
            result.remarks.append(Remark(entry.line, entry.cds, entry.name, CLOSED_SINCE, refused=False))


@transaction.atomic
def _settle(result: Result, reader: _Reader, wanted: Wanted) -> None:
    """Find the districts that came after their schools, and say what the file leaves open."""
    writing.find_districts()
    homeless = School.objects.filter(organization=None, is_private=False).values_list("cds", flat=True)
    for cds in reader.schools.keys() & set(homeless):
        line, name = reader.schools[cds]
        result.without_district += 1
        result.remarks.append(Remark(line, cds, name, WITHOUT_DISTRICT, refused=False))
    for model, codes in reader.counties.items():
        if wanted.complete:
            result.closed += writing.close_unnamed(model, as_of=result.as_of, codes=codes, private=wanted.private)
        result.unnamed += writing.unnamed(model, as_of=result.as_of).filter(county__code__in=codes).count()
