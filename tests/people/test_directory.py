"""The state's directory comes in from any of its files, again and again, and old files undo nothing."""

import gzip
import io
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from django.apps import apps

from people.models import Organization, OrganizationKind, School, Standing
from tests import make
from tests.people.directory import (
    ALDER,
    DISTRICTS,
    EXPORT,
    MONTANEZ,
    OLD,
    TODAYS,
    bring_in,
    bring_in_file,
    counts,
    rows,
    workbook,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _county() -> None:
    make.county("99")


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
    header, row = "CDSCode,District\n", f"0,{'x' * 1000}\n"
    filling = (header + row * (1 << 11))[: (1 << 20) - len("\n0,") - 1] + "\n0,"
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
