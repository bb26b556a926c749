"""Every situation of the year that is due has its test: a file of its own in tests/scenarios, named after it.

A later issue adds its rows here, and this fails until their tests are written.
"""

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "scenarios"
COORDINATORS, MONEY = "coordinators", "money"
DUE = {COORDINATORS}

# Number and name of each situation of scenarios.md, and the issue that proves it.
SCENARIOS = {
    1: ("Paste a messy roster", COORDINATORS),
    2: ("Unnamed seats", COORDINATORS),
    3: ("Team rule", COORDINATORS),
    4: ("Over capacity, waitlisted as a team", COORDINATORS),
    5: ("Morning-of substitution", COORDINATORS),
    6: ("Substitution on day 2 only", COORDINATORS),
    7: ("Duplicate teacher", COORDINATORS),
    8: ("Name change", COORDINATORS),
    9: ("Teacher moves district mid-year", COORDINATORS),
    10: ("Twelve withdraw after the invoice", MONEY),
    11: ("Whole district withdraws for a closure", COORDINATORS),
    12: ("Event canceled for low enrollment", COORDINATORS),
    13: ("Split funding in one roster", COORDINATORS),
    14: ("Grant exhausted mid-roster", COORDINATORS),
    15: ("Purchase order arrives late", COORDINATORS),
    16: ("Purchase order is wrong", COORDINATORS),
    17: ("One warrant for three invoices, short by $25", MONEY),
    18: ("Journal transfer", MONEY),
    19: ("Card dispute", MONEY),
    20: ("Fiscal-year boundary", MONEY),
    21: ("Year-end purchase orders", MONEY),
}

# The traps on identity and rosters, and the test that springs each.
TRAPS = {
    "mail scanners open one-time links": "test_a_scanner_that_opens_every_link_changes_nothing",
    "names of one word, of two lines, with apostrophes and diacritics": (
        "test_names_of_every_kind_sit_are_found_and_are_printed_as_they_are_spelled"
    ),
    "a shared school inbox used by four teachers": (
        "test_four_teachers_of_one_inbox_are_four_people_each_with_her_own_mail"
    ),
    "a retired teacher without a district": (
        "test_a_retired_consultant_has_no_employer_and_her_certificate_names_none"
    ),
    "a private-school teacher under equitable services": (
        "test_a_private_school_teacher_keeps_her_school_and_the_district_that_pays_sees_no_other_job"
    ),
    "a university student who observes": "test_a_university_student_who_observes_is_sent_by_her_university",
    "minors never": "test_minors_never",
    "a coordinator registers herself at no cost": "test_a_coordinator_registers_herself_at_no_cost_as_chaperone",
    "Excel eats leading zeros of CDS codes": "test_zeros_that_a_spreadsheet_ate_come_back",
    "formulas in names": "test_a_formula_in_a_name_runs_in_no_export",
    "void of an invoice already exported to accounting": (
        "test_to_void_an_invoice_that_accounting_has_is_a_new_row_and_changes_nothing"
    ),
}


@pytest.mark.parametrize("number", [number for number, (_name, issue) in SCENARIOS.items() if issue in DUE])
def test_each_scenario_that_is_due_has_its_tests(number: int) -> None:
    files = sorted(HERE.glob(f"test_{number:02}*.py"))

    assert files, f"Scenario {number}, {SCENARIOS[number][0]}, has no tests/scenarios/test_{number:02}_….py"
    assert all("def test_" in file.read_text() for file in files)


def test_no_scenario_is_tested_under_a_number_that_nobody_knows() -> None:
    numbers = {int(found[1]) for file in HERE.glob("test_*.py") if (found := re.match(r"test_(\d\d)", file.name))}

    assert numbers <= SCENARIOS.keys()


@pytest.mark.parametrize("trap", TRAPS)
def test_each_trap_of_identity_and_rosters_has_a_test(trap: str) -> None:
    assert TRAPS[trap] in _names_of_tests(), f"No test springs the trap: {trap}."


def _names_of_tests() -> set[str]:
    sources = (file.read_text() for file in Path(__file__).parent.rglob("test_*.py") if file != Path(__file__))
    return {name for source in sources for name in re.findall(r"def (test_\w+)", source)}
