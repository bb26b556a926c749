"""What is wrong with a file of the directory is said with its line, and the rest comes in."""

import gzip
import io
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from people.directory.tables import CannotRead
from people.models import Organization
from tests import make
from tests.people.directory import (
    ALDER,
    EXPORT,
    FILES,
    bring_in,
    counts,
    rows,
    workbook,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _county() -> None:
    make.county("99")


# --- Rows that are refused ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",County 99,Alder,,Active,", "The row has no CDS code."),
        ("99A01010000000,County 99,Alder,,Active,", "“99A01010000000” is not a CDS code of 14 digits."),
        ("9.90E+13,County 99,Alder,,Active,", "“9.90E+13” is not a CDS code of 14 digits."),
        ("99001010000000,County 99,,,Active,", "The row has no name."),
        ("61001010000000,,Alder,,Active,", "There is no county 61. Correct the CDS code, or add the county first."),
        ("99001010000000,Narnia,Alder,,Active,", "There is no county called “Narnia”."),
        ("99001010000000,County 99,Alder,,Asleep,", "The status “Asleep” is not Active, Pending, Closed or Merged."),
        ("99001010000000,County 99,Alder,,Active,31/12/2019", "“31/12/2019” is not a date such as 07/01/2026."),
        (f"99001010000000,County 99,{'A' * 201},,Active,", f"The name “{'A' * 30}…” is longer than 200 characters."),
    ],
    ids=["no code", "letters", "rounded by Excel", "no name", "county", "county name", "status", "date", "length"],
)
def test_a_row_that_is_wrong_is_refused_with_its_line_and_a_sentence(row: str, reason: str) -> None:
    result = bring_in(rows("99001020000000,County 99,Bristlecone,,Active,", row))

    assert counts(result) == (1, 0, 0, 1)
    assert [(remark.line, remark.reason) for remark in result.remarks] == [(3, reason)]


def test_an_unknown_kind_of_district_is_refused() -> None:
    result = bring_in(rows(f"{ALDER},Alder,Guild of Mages", header="CDSCode,District,DOCType"))

    assert [remark.reason for remark in result.remarks] == [
        "“Guild of Mages” is not a kind of district or agency that is known here."
    ]


def test_the_second_row_with_a_code_is_refused() -> None:
    result = bring_in(rows(f"{ALDER},County 99,Alder,,Active,", f"{ALDER},County 99,Birch,,Active,"))

    assert [remark.reason for remark in result.remarks] == ["This CDS code is on line 2 already; the first one counts."]
    assert Organization.objects.get().name == "Alder"


@pytest.mark.parametrize(
    "code", ["1100170000000", "01100170000000.0", "'01100170000000", '=""01100170000000""', "01-10017-0000000"]
)
def test_a_code_that_a_spreadsheet_spoiled_is_mended(code: str) -> None:
    bring_in(rows(f'"{code}",Alameda,Alameda COE,,Active,'))

    assert Organization.objects.get().cds == "01100170000000"


def test_the_refused_rows_come_as_a_file_that_no_spreadsheet_runs() -> None:
    result = bring_in(rows("1,County 99,=HYPERLINK(),,Active,"))

    lines = result.remarks_csv().decode("utf-8-sig").splitlines()
    assert lines == [
        "line,CDS code,name,outcome,reason",
        "2,1,'=HYPERLINK(),refused,“1” is not a CDS code of 14 digits.",
    ]


# --- Files that are none --------------------------------------------------------------------------------------------


OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This file is empty."),
        (b" \n \n", "This file is empty."),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "This is not a spreadsheet"),
        (b"PK\x03\x04 and then nothing of use", "This is not a spreadsheet"),
        (gzip.compress(EXPORT.read_bytes())[:60], "This is not a spreadsheet"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        (OLE, r"old kind \(.xls\). Save it as XLSX"),
        (b"<html><body>Sign in first</body></html>", "None of the first ten lines names the columns"),
        (rows(*["x,y"] * 30, header="Name,E-mail"), "None of the first ten lines names the columns"),
        (b'CDSCode,District\n"' + b"x" * 200_000, "This is not a spreadsheet"),
    ],
    ids=["empty", "blank", "picture", "broken XLSX", "cut gzip", "password", "xls", "web page", "other", "one cell"],
)
def test_a_file_that_is_no_directory_gets_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(CannotRead, match=sentence):
        bring_in(content)

    assert not Organization.objects.exists()


def test_a_file_that_unpacks_to_too_much_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("people.directory.tables.MOST_BYTES", 1000)

    for content in (EXPORT.read_bytes() * 9, workbook(["CDS Code", "District"])):
        with pytest.raises(CannotRead, match="Split it"):
            bring_in(content)


# --- The command ----------------------------------------------------------------------------------------------------


def test_the_command_prints_the_counts_and_writes_the_refused_rows(tmp_path: Path) -> None:
    said, refused = io.StringIO(), tmp_path / "refused.csv"

    call_command("import_directory", EXPORT, refused=refused, stdout=said)

    assert "as of 2026-04-06: 5 new, 0 changed, 0 unchanged, 0 refused, 2 left out" in said.getvalue()
    assert "line 9: Lobo Continuing Education: No district has this code; kept without one." in said.getvalue()
    assert "99009990000901" in refused.read_text("utf-8-sig")


def test_the_command_brings_in_what_it_can_and_names_what_it_cannot(tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.touch()

    with pytest.raises(CommandError, match=r"empty.csv: This file is empty.\n.*none.csv"):
        call_command(
            "import_directory", empty, EXPORT, tmp_path / "none.csv", refused=tmp_path / "r.csv", stdout=io.StringIO()
        )

    assert Organization.objects.count() == 2
    assert (tmp_path / "r-export_2026-04-06.csv").exists()


def test_the_command_takes_what_it_is_told(tmp_path: Path) -> None:
    said = io.StringIO()

    call_command(
        "import_directory", EXPORT, private=True, out_of_state=True, complete=True, as_of=date(2027, 1, 1), stdout=said
    )
    call_command(
        "import_directory", FILES / "pubdistricts_2021-12.txt", as_of=date(2027, 2, 1), complete=True, stdout=said
    )

    assert "as of 2027-01-01: 7 new" in said.getvalue()
    assert "1 closed, as the file does not name them" in said.getvalue()
