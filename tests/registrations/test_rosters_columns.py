"""Columns by their headers, in any order and of many names, or by what they hold."""

import csv
from pathlib import Path

import pytest
from django.conf import settings

from registrations.rosters import cells, columns, reading
from registrations.rosters.rows import rows_from

SHARED = Path(settings.BASE_DIR).parent / "shared" / "data"
FORMATS = SHARED / "roster_formats"
needs_formats = pytest.mark.skipif(
    not FORMATS.exists(), reason="the roster formats of districts are not beside this repository"
)


def rows(text: str):
    guess = columns.guess(reading.read_text(text))
    return [row.texts()[:6] for row in rows_from(guess.rows, guess.fields)]


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        ("School_id,Teacher_id,Teacher_email,First_name,Middle_name,Last_name,Title", {"school": 0, "email": 2, "given_name": 3, "family_name": 5, "role": 6}),
        ("USER_FIRST_NAME,USER_LAST_NAME,USER_EMAIL", {"given_name": 0, "family_name": 1, "email": 2}),
        ("TchID,SchCode,TchFN,TchLN,Email,UserName", {"school": 1, "given_name": 2, "family_name": 3, "email": 4}),
        ("staffId,firstName,middleName,lastName,email,role,username", {"given_name": 1, "family_name": 3, "email": 4, "role": 5}),
        ("E-Mail Address;Surname;Given Name;Site;Job Title;Grade Level(s)", {"email": 0, "family_name": 1, "given_name": 2, "school": 3, "role": 4, "grade": 5}),
        ("Correo electrónico,Nombre,Apellidos,Escuela", {"email": 0, "given_name": 1, "family_name": 2, "school": 3}),
        ("Participant,Email", {"name": 0, "email": 1}),
        ('"Last, First Name",EMAIL ADDRESS,Site,Position,Gr.', {"name": 0, "email": 1, "school": 2, "role": 3, "grade": 4}),
    ],
)  # fmt: skip
def test_headers_of_many_systems_are_known(header: str, fields: dict[str, int]):
    table = reading.read_text(header + "\n" + ";".join("x" * 6) if ";" in header else header)

    assert columns.guess(table).fields == fields


def test_titles_above_the_headers_are_passed_over():
    text = "Alder Valley Unified\t\nStaff for LT27\t\nFirst\tLast\nAna\tTorres\n"

    assert rows(text) == [("Ana", "Torres", "", "", "", "")]


def test_what_we_have_no_business_with_is_never_kept():
    text = "First,Last,Birth Date,Gender,Race,Password,SSN\nAna,Torres,1980-01-01,F,600,hunter2,000-00-0000\n"

    guess = columns.guess(reading.read_text(text))

    assert guess.dropped == ["Birth Date", "Gender", "Race", "Password", "SSN"]
    assert guess.rows == [["Ana", "Torres", "", "", "", "", ""]]


def test_a_list_of_pupils_is_refused():
    with pytest.raises(columns.CannotKeep, match="We never keep anything about children"):
        columns.guess(reading.read_text("Student First Name,Last Name\nKim,Lee\n"))


def test_headers_nobody_knows_are_offered_for_mapping():
    guess = columns.guess(reading.read_text("Aaa,Bbb\n123,4\n567,8\n"))

    assert (guess.fields, guess.headers, guess.is_enough) == ({}, ["Aaa", "Bbb"], False)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Ana\tTorres\tana@example.test\n", ("Ana", "Torres", "ana@example.test", "", "", "")),
        ("ana@example.test\tAna Torres\tPine Elementary\tTeacher\t3\n", ("Ana", "Torres", "ana@example.test", "Pine Elementary", "Teacher", "3")),
        ("Torres, Ana\nLi, Bo\n", ("Ana", "Torres", "", "", "", "")),
        ("Ana Torres\nBo Li\n", ("Ana", "Torres", "", "", "", "")),
    ],
)  # fmt: skip
def test_a_table_without_headers_is_read_by_what_it_holds(text: str, first: tuple[str, ...]):
    assert rows(text)[0] == first


def test_a_calpads_file_keeps_names_and_nothing_else():
    sdem = "SDEM^A^1^20260801^^9900101^2026-2027^1234567890^55^Ana^Maria^Torres^^^^19800101^F^N^600\n"
    sass = "SASS^A^1^9900101^100001^2026-2027^1234567890^55^Bo^^Li^10^^1.00\n"

    assert columns.guess(reading.read_text(sdem)).rows == [[""] * 9 + ["Ana", "", "Torres"] + [""] * 7]
    assert rows(sass) == [("Bo", "Li", "", "100001", "", "")]


@needs_formats
def test_every_header_of_the_formats_that_districts_export_is_known():
    with (FORMATS / "roster_headers.csv").open(encoding="utf-8") as file:
        listed = [row for row in csv.DictReader(file) if row["format"] != "CALPADS"]

    for row in listed:
        table = reading.read_text(row["header_line"])
        fields = columns.by_header(table[0], [["a@b.test"] * len(table[0])])
        assert {"given_name", "family_name"} <= set(fields), row["file"]


@needs_formats
@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("sds_v1_100users_Teacher.csv", ("Craig", "Beane")),
        ("sds_v1_Teacher.csv", ("Craig", "Beane")),
        ("sds_v2.1_users.csv", ("Jack", "Craig")),
    ],
)
def test_sample_files_of_school_data_sync_are_read(name: str, first: tuple[str, str]):
    guess = columns.guess(reading.read_file((FORMATS / name).read_bytes()))

    assert rows_from(guess.rows, guess.fields)[0].texts()[:2] == first
    assert "Password" in guess.dropped or "password" in guess.dropped


@needs_formats
def test_names_of_every_kind_come_through():
    with (SHARED / "names" / "edge_case_names.csv").open(encoding="utf-8") as file:
        cases = list(csv.DictReader(file))

    for case in cases:
        given, family = cells.name_of(case["first"], case["last"])
        assert given or family, case["why"]


# --- Cells ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "family", "whole", "name"),
    [
        ("Ana", "Torres", "", ("Ana", "Torres")),
        ("", "", "Torres, Ana María", ("Ana María", "Torres")),
        ("Smith, John", "", "", ("John", "Smith")),
        ("John", "Smith, III", "", ("John", "Smith, III")),
        ("", "", "Smith, Jr.", ("Smith,", "Jr.")),
        ("", "", "Juan de la Cruz", ("Juan", "de la Cruz")),
        ("", "", "John Smith Jr.", ("John", "Smith Jr.")),
        ("", "", "Madonna", ("Madonna", "")),
        ("Dr. Alice", "Wong", "", ("Alice", "Wong")),
        (" “Ana”\u00a0", "Pen\u0303a\u00a0", "", ("Ana", "Peña")),
    ],
)
def test_a_name_is_had_from_one_cell_or_two(given: str, family: str, whole: str, name: tuple[str, str]):
    assert cells.name_of(given, family, whole) == name


@pytest.mark.parametrize(
    ("shouted", "written"),
    [
        ("MARIA DE LA CRUZ-O'NEILL", "Maria De La Cruz-O'Neill"),
        ("MCDONALD III", "McDonald III"),
        ("nguyen", "Nguyen"),
        ("MC", "Mc"),
    ],
)
def test_capitals_become_a_name_as_one_writes_it(shouted: str, written: str):
    assert cells.proper_case(shouted) == written


def test_only_names_all_in_one_case_are_changed():
    table = [["INÉS", "BARRAGÁN"], ["Ana", "McDonald"], ["Jo", "NG"], ["LI", "O"], ["小龍", "李"]]

    made = rows_from(table, {"given_name": 0, "family_name": 1})

    assert [row.name for row in made] == ["Inés Barragán", "Ana McDonald", "Jo NG", "Li O", "李小龍"]
    assert [row.as_written for row in made] == ["INÉS BARRAGÁN", "", "", "LI O", ""]


@pytest.mark.parametrize(
    ("cell", "address"),
    [
        ("Ana.Torres@Example.TEST ", "ana.torres@example.test"),
        ("Ana Torres <ana@example.test>", "ana@example.test"),
        ("mailto:ana@example.test", "ana@example.test"),
        ("ana@@example", "ana@@example"),
        ("", ""),
    ],
)
def test_an_address_is_found_in_its_cell(cell: str, address: str):
    assert cells.address(cell) == address


@pytest.mark.parametrize(
    ("word", "role"),
    [
        ("3rd Grade Teacher", "teacher"), ("TOSA", "coach"), ("Asst. Principal", "principal"), ("school_admin", "principal"),
        ("Director of Curriculum", "administrator"), ("Lead Teacher", "teacher_leader"), ("Para", "paraprofessional"),
        ("Superintendent/Principal", "superintendent"), ("Wizard", ""),
    ],
)  # fmt: skip
def test_a_job_is_said_in_our_words(word: str, role: str):
    assert cells.role_of(word) == role


@pytest.mark.parametrize(
    ("word", "band"),
    [
        ("3", "3-5"), ("3rd", "3-5"), ("TK", "tk-2"), ("K-2", "tk-2"), ("K–5", "all"), ("6,7,8", "6-8"), ("High", "9-12"),
        ("All grades", "all"), ("N/A", "none"), ("2026", ""), ("", ""),
    ],
)  # fmt: skip
def test_grades_are_said_in_our_bands(word: str, band: str):
    assert cells.grade_of(word) == band


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("1611190130229", "01611190130229"), ("1611190130229.0", "01611190130229"), ("99-00101-0100001", "99001010100001"),
        ("100001", "0100001"), ("Pine", ""), ("12", ""),
    ],
)  # fmt: skip
def test_zeros_that_a_spreadsheet_ate_come_back(cell: str, code: str):
    assert cells.code(cell) == code


@pytest.mark.parametrize("last", ["Total: 40", "GRAND TOTAL", "Total teachers 40", "Count 12", "Subtotal"])
def test_the_sum_below_a_sheet_is_no_person(last: str):
    table = columns.guess(reading.read_text(f"Name,Email\nAna Torres,ana@example.test\n{last},\n"))

    assert [row.name for row in rows_from(table.rows, table.fields)] == ["Ana Torres"]


def test_a_person_whose_name_begins_like_a_sum_stays():
    table = columns.guess(reading.read_text("Name,Email\nTotal Okafor,total@example.test\n"))

    assert [row.name for row in rows_from(table.rows, table.fields)] == ["Total Okafor"]
