"""What tests of the directory stand on: small files of every layout, and how they are brought in."""

import io
from collections.abc import Sequence
from pathlib import Path

import openpyxl

from people.directory import importing
from people.directory.importing import Result, Wanted
from tests import make

FILES = Path(__file__).parent.parent / "fixtures" / "directory"
EXPORT = FILES / "export_2026-04-06.csv"
OLD = FILES / "pubschls_2018.csv"
TODAYS = FILES / "pubschls_2026-07.txt"
DISTRICTS = FILES / "pubdistricts_2021-12.txt"
ALDER = "99001010000000"
MONTANEZ = "99001010000101"


def bring_in(content: bytes, name: str = "file.csv", **wanted) -> Result:
    return importing.bring_in(io.BytesIO(content), name=name, by=None, at=make.NOW, wanted=Wanted(**wanted))


def bring_in_file(path: Path, **wanted) -> Result:
    return bring_in(path.read_bytes(), path.name, **wanted)


def counts(result: Result) -> tuple[int, int, int, int]:
    return result.new, result.changed, result.unchanged, result.refused


def rows(*lines: str, header: str = "CDSCode,County,District,School,StatusType,OpenDate") -> bytes:
    return "\n".join([header, *lines]).encode()


def workbook(*lines: Sequence[object], blank: int = 0) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.create_sheet("Sheet1")  # after an empty first one
    for line in lines:
        sheet.append(line)
        for _ in range(blank):
            sheet.append(["", None, "  "])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()
