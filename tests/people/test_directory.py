"""The state's directory comes in from any of its files, again and again, and old files undo nothing."""

import gzip
import io
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from people.directory import importing
from people.directory.importing import Result, Wanted
from people.directory.tables import CannotRead
from people.models import Organization, OrganizationKind, School, Standing
from tests import make

FILES = Path(__file__).parent.parent / "fixtures" / "directory"
EXPORT = FILES / "export_2026-04-06.csv"
OLD = FILES / "pubschls_2018.csv"
TODAYS = FILES / "pubschls_2026-07.txt"
DISTRICTS = FILES / "pubdistricts_2021-12.txt"
ALDER = "99001010000000"
MONTANEZ = "99001010000101"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _county() -> None:
    make.county("99")


def bring_in(content: bytes, name: str = "file.csv", **wanted) -> Result:
    return importing.bring_in(io.BytesIO(content), name=name, by=None, at=make.NOW, wanted=Wanted(**wanted))


def bring_in_file(path: Path, **wanted) -> Result:
    return bring_in(path.read_bytes(), path.name, **wanted)


def counts(result: Result) -> tuple[int, int, int, int]:
    return result.new, result.changed, result.unchanged, result.refused


def rows(*lines: str, header: str = "CDSCode,County,District,School,StatusType,OpenDate") -> bytes:
    return "\n".join([header, *lines]).encode()


# --- What is in a file ----------------------------------------------------------------------------------------------


def test_the_export_brings_districts_and_public_schools_of_the_state() -> None:
    result = bring_in_file(EXPORT)

    assert counts(result) == (5, 0, 0, 0)
    assert result.left_out == 2
    assert list(Organization.objects.order_by("cds").values_list("cds", "kind")) == [
        (ALDER, OrganizationKind.DISTRICT),
        ("99109900000000", OrganizationKind.COUNTY_OFFICE),
    ]
    assert [school.name for school in School.objects.order_by("cds")] == [
        "Montañez Elementary",
        "Washington, George High",
        "Lobo Continuing Education",
    ]


def test_no_data_and_redacted_are_nothing() -> None:
    bring_in_file(EXPORT, private=True)

    pending, private = School.objects.filter(cds__in=["99001010000102", "99001010000103"]).order_by("cds")
    assert (pending.status, pending.city, pending.zip) == (Standing.PENDING, "", "")
    assert (private.is_private, private.city, private.organization) == (True, "", None)


def test_county_77_comes_in_when_asked() -> None:
    result = bring_in_file(EXPORT, out_of_state=True)

    assert result.left_out == 1
    assert str(Organization.objects.get(cds="77000010000000").county) == "Out of State"


def test_a_school_without_a_district_is_kept_and_reported() -> None:
    result = bring_in_file(EXPORT)

    assert School.objects.get(cds="99009990000901").organization is None
    assert [(remark.line, remark.refused) for remark in result.remarks] == [(9, False)]
    assert result.without_district == 1


def test_a_school_finds_its_district_when_that_comes_later() -> None:
    bring_in_file(EXPORT)

    bring_in(rows("99009990000000,County 99,San Lobo Unified,,Active,"), as_of=date(2026, 5, 1))

    assert str(School.objects.get(cds="99009990000901").organization) == "San Lobo Unified"


def test_the_layout_of_2018_brings_closed_and_merged_schools() -> None:
    bring_in_file(OLD)

    mill, annex = School.objects.filter(cds__in=["99001010000104", "99001010000105"]).order_by("cds")
    assert (mill.status, mill.opened_on, mill.closed_on) == (Standing.CLOSED, None, date(1989, 6, 30))
    assert (annex.status, annex.opened_on) == (Standing.MERGED, date(1856, 7, 1))
    creek = School.objects.get(cds=MONTANEZ)
    assert (creek.phone, creek.grades, creek.is_charter) == ("(555) 010-0101 ext. 6", "K-6", True)


def test_the_layout_of_today_is_read_in_windows_1252_with_crlf() -> None:
    bring_in_file(TODAYS)

    montanez = School.objects.get(cds=MONTANEZ)
    assert (montanez.name, montanez.status, montanez.closed_on) == (
        "Montañez Elementary",
        Standing.CLOSED,
        date(2026, 6, 30),
    )


def test_districts_have_codes_of_seven_digits_and_a_heading_with_spaces() -> None:
    bring_in_file(DISTRICTS)

    alder, lodestar = Organization.objects.order_by("cds")
    assert (alder.cds, alder.phone) == (ALDER, "(555) 010-0150 ext. 22")
    assert lodestar.kind == OrganizationKind.CHARTER


@pytest.mark.parametrize(
    "content",
    [
        EXPORT.read_bytes().replace(b"\n", b"\r\n"),
        EXPORT.read_bytes().replace(b"\n", b"\r"),
        b"\xef\xbb\xbf" + EXPORT.read_bytes(),
        EXPORT.read_text("utf-8").encode("cp1252"),
        EXPORT.read_text("utf-8").encode("utf-16"),
        gzip.compress(EXPORT.read_bytes()),
        b"Exported for County 99\n\n" + EXPORT.read_bytes(),
    ],
    ids=["CRLF", "CR", "BOM", "Windows-1252", "UTF-16", "gzip", "a title above"],
)
def test_the_way_a_file_is_written_makes_no_difference(content: bytes) -> None:
    result = bring_in(content)

    assert counts(result) == (5, 0, 0, 0)
    assert School.objects.filter(name="Montañez Elementary").count() == 1


def test_a_letter_cut_in_two_by_a_block_of_the_file_is_still_utf_8() -> None:
    header, row = "CDSCode,District\n", "0,x\n"
    filling = (header + row * (1 << 18))[: (1 << 20) - len("\n0,") - 1] + "\n0,"
    content = f"{filling}ñ\n{ALDER},Cañon Unified\n".encode()

    bring_in(content)

    assert Organization.objects.get().name == "Cañon Unified"


def test_a_quotation_mark_in_a_tab_delimited_file_swallows_no_line() -> None:
    header = "CDSCode\tDistrict\tSchool"
    result = bring_in(
        f'{header}\n{ALDER}\tAlder Valley\t\n{MONTANEZ}\tAlder\t"The Mill\n{MONTANEZ[:-1]}9\tAlder\t"A ""B"" C"\n'.encode()
    )

    assert counts(result) == (3, 0, 0, 0)
    assert list(School.objects.order_by("cds").values_list("name", flat=True)) == ['"The Mill', 'A "B" C']


# --- Workbooks ------------------------------------------------------------------------------------------------------


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


def test_a_workbook_is_read_past_its_blank_rows() -> None:
    content = workbook(["CDS Code", "District", "School"], [ALDER, "Alder", ""], [MONTANEZ, "", "Creek"], blank=30)

    result = bring_in(content, "export.xlsx")

    assert counts(result) == (2, 0, 0, 0)
    assert str(School.objects.get().organization) == "Alder"


def test_numbers_and_dates_in_a_workbook_are_what_they_were_in_the_text() -> None:
    header = ["CDSCode", "District", "School", "OpenDate"]
    content = workbook(
        header, [1100170000000, "Alameda COE", "", None], [1100170000001.0, "", "Bay", date(2005, 8, 29)]
    )

    bring_in(content, "export.xlsx")

    assert School.objects.get().cds == "01100170000001"
    assert School.objects.get().opened_on == date(2005, 8, 29)
    assert str(Organization.objects.get().county) == "Alameda"


def changes() -> object:
    """How many changes the histories of districts hold."""
    return apps.get_model("people", "OrganizationEvent").objects.count()


# --- Again and again ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [EXPORT, OLD, TODAYS, DISTRICTS], ids=lambda path: path.stem)
def test_the_same_file_twice_changes_nothing(path: Path) -> None:
    first = bring_in_file(path)
    history = changes()

    second = bring_in_file(path)

    assert counts(second) == (0, 0, first.new, 0)
    assert changes() == history


def test_a_newer_file_changes_what_it_says_and_keeps_the_rest() -> None:
    bring_in_file(OLD)

    result = bring_in_file(TODAYS)

    alder = Organization.objects.get(cds=ALDER)
    montanez = School.objects.get(cds=MONTANEZ)
    assert counts(result) == (0, 2, 0, 0)
    assert (alder.name, alder.search_key, alder.phone) == (
        "Alder Valley Unified",
        "alder valley unified",
        "(555) 010-0199",
    )
    assert (montanez.status, montanez.grades, montanez.phone) == (Standing.CLOSED, "K-6", "(555) 010-0101 ext. 6")


def test_an_older_file_neither_renames_nor_reopens() -> None:
    bring_in_file(TODAYS)

    bring_in_file(OLD)

    montanez = School.objects.get(cds=MONTANEZ)
    assert (montanez.name, montanez.status, montanez.directory_on) == (
        "Montañez Elementary",
        Standing.CLOSED,
        date(2026, 7, 2),
    )
    assert Organization.objects.get(cds=ALDER).street == "9 New Street"


def test_an_older_file_fills_in_what_is_unknown_and_adds_what_is_missing() -> None:
    bring_in_file(EXPORT)

    result = bring_in_file(OLD)

    assert counts(result) == (2, 2, 0, 0)
    assert Organization.objects.get(cds=ALDER).street == "1 Old Road"
    assert School.objects.get(cds="99001010000104").status == Standing.CLOSED


def test_a_street_of_another_town_is_not_filled_in_nor_kept() -> None:
    header = "CDSCode,District,Street,City,Zip"
    bring_in(rows(f"{ALDER},Alder,1 Old Road,Alder,99010", header=header), as_of=date(2018, 1, 1))

    bring_in(rows(f"{ALDER},Alder,Birch,99020", header="CDSCode,District,City,Zip"), as_of=date(2026, 1, 1))
    bring_in(rows(f"{ALDER},Alder,1 Old Road,Alder,99010", header=header), as_of=date(2018, 1, 1))

    alder = Organization.objects.get()
    assert (alder.street, alder.city, alder.zip) == ("", "Birch", "99020")


def test_what_an_older_file_calls_open_and_a_newer_one_no_longer_names_is_added_as_closed() -> None:
    bring_in_file(EXPORT)  # names two schools of Alder Valley
    ghost = rows("99001010000199,County 99,Alder Valley,Ghost School,Active,")

    first = bring_in(ghost, as_of=date(2018, 6, 26))
    again = bring_in(ghost, as_of=date(2018, 6, 26))

    assert School.objects.get(cds="99001010000199").status == Standing.CLOSED
    assert counts(first) == (1, 0, 0, 0)
    assert counts(again) == (0, 0, 1, 0)
    assert [remark.refused for remark in first.remarks] == [False]


def test_a_school_that_opens_again_has_no_closing_day() -> None:
    bring_in_file(TODAYS)

    bring_in(rows(f"{MONTANEZ},County 99,Alder,Montañez Elementary,Active,"), as_of=date(2027, 1, 1))

    montanez = School.objects.get(cds=MONTANEZ)
    assert (montanez.status, montanez.closed_on) == (Standing.ACTIVE, None)


def test_a_successor_and_a_district_set_by_hand_stay() -> None:
    bring_in_file(EXPORT)
    alder, juniper = Organization.objects.order_by("cds")
    Organization.objects.filter(pk=alder.pk).update(successor=juniper)
    School.objects.filter(cds=MONTANEZ).update(organization=juniper)

    bring_in(rows(f"{ALDER},County 99,Alder Valley,,Merged,", f"{MONTANEZ},,,Montañez,Merged,"), as_of=date(2027, 1, 1))

    alder.refresh_from_db()
    assert (alder.status, alder.successor) == (Standing.MERGED, juniper)
    assert School.objects.get(cds=MONTANEZ).organization == juniper


def test_a_complete_file_closes_what_it_does_not_name_in_its_counties() -> None:
    bring_in_file(EXPORT)
    elsewhere = make.organization(
        "Elsewhere", "01001010000000", county=make.county("01"), directory_on=date(2020, 1, 1)
    )

    result = bring_in(
        rows(f"{ALDER},County 99,Alder Valley,,Active,", f"{MONTANEZ},County 99,,Montañez,Active,"),
        as_of=date(2026, 9, 1),
        complete=True,
    )

    assert result.closed == 3
    assert result.unnamed == 0
    assert {school.cds for school in School.objects.open()} == {MONTANEZ}
    elsewhere.refresh_from_db()
    assert elsewhere.is_open


def test_a_file_says_how_much_is_open_here_and_not_in_it() -> None:
    bring_in_file(EXPORT)

    result = bring_in(rows(f"{ALDER},County 99,Alder Valley,,Active,"), as_of=date(2026, 9, 1))

    assert result.unnamed == 1  # the county office; a file without schools says nothing of schools


# --- How new a file is ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (OLD.read_bytes(), "pubschls_2026-01-01.csv", date(2018, 6, 26)),
        (rows(f"{ALDER},,Alder,,,"), "directory 20260406.csv", date(2026, 4, 6)),
        (rows(f"{ALDER},,Alder,,,"), "directory 20269999.csv", date(2026, 11, 2)),
        (rows(f"{ALDER},Alder,01/01/2999", header="CDSCode,District,LastUpDate"), "x.csv", date(2026, 11, 2)),
        (rows(f"{ALDER},Alder,soon", header="CDSCode,District,LastUpDate"), "x.csv", date(2026, 11, 2)),
    ],
    ids=["its newest row", "its name", "no date in its name", "a day to come", "no day"],
)
def test_a_file_is_as_new_as_it_says(content: bytes, name: str, expected: date) -> None:
    assert bring_in(content, name).as_of == expected


def test_a_workbook_is_as_new_as_the_day_it_was_made() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(["CDS Code", "District"], [ALDER, "Alder"])))
    book.properties.created = datetime(2026, 4, 6)
    written = io.BytesIO()
    book.save(written)

    assert bring_in(written.getvalue(), "export.xlsx").as_of == date(2026, 4, 6)


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
