"""What measures is right itself: its arguments, its tables, and the world it builds. Nothing here is timed."""

import csv
import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.models import Count

from benchmarks import __main__ as bench
from benchmarks import directory, peaks, tables, together
from benchmarks.tables import Row
from billing.models import Charge, FundingAgreement
from events.models import Institute
from people.models import Organization, Person
from portal import scale, scale_district
from registrations.models import AttendanceEvent, Registration, Seat, SeatCharge
from tests import make

TINY = {"people": 30, "districts": 4, "institutes": 3, "registrations": 60, "at_first": 20, "events": 25}


def row(figure: str = "12 a second", *, is_reached: bool = True, seconds: float = 1.0) -> Row:
    return Row("check-ins", figure, "10 a second", is_reached, seconds)


def test_without_names_everything_is_measured_three_times() -> None:
    asked = bench.parser().parse_args([])

    assert (asked.names, asked.json, asked.size, asked.times) == ([], False, 20_000, 3)


def test_measures_are_asked_for_by_name() -> None:
    asked = bench.parser().parse_args(["orders", "lists", "--json", "--size", "1000000", "--times", "1"])

    assert (asked.names, asked.json, asked.size, asked.times) == (["orders", "lists"], True, 1_000_000, 1)


def test_an_unknown_measure_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        bench.parser().parse_args(["luck"])

    assert "invalid choice: 'luck'" in capsys.readouterr().err


@pytest.mark.parametrize("name", bench.MEASURES)
def test_each_name_leads_to_a_measure(name: str) -> None:
    assert callable(bench.measure(name))


def test_a_rate_is_reached_from_what_is_asked_on() -> None:
    just, short = (tables.rate("orders", number, 2.0, asked=100) for number in (200, 199))

    assert (just.figure, just.asked, just.is_reached, short.is_reached) == ("100 a second", "100 a second", True, False)


def test_waiting_is_judged_by_its_longest_twentieth() -> None:
    told = tables.waiting("a page", [0.01] * 94 + [0.2] * 6, under=0.08)

    assert (told.figure, told.asked, told.is_reached) == ("p50 10 ms, p95 200 ms", "p95 under 80 ms", False)


def test_of_several_runs_the_best_counts_line_by_line() -> None:
    fast, slow, short = row(seconds=1.0), row(seconds=2.0), row(is_reached=False, seconds=0.5)

    assert tables.best([[slow, short], [fast, slow], [slow, fast]]) == [fast, fast]


def test_the_table_says_what_falls_short() -> None:
    assert tables.as_markdown([row(), row("8 a second", is_reached=False)]).splitlines() == [
        "| work | measured | at least | |",
        "| --- | --- | --- | --- |",
        "| check-ins | 12 a second | 10 a second | ✓ |",
        "| check-ins | 8 a second | 10 a second | short |",
    ]


def test_json_holds_the_same_rows() -> None:
    assert json.loads(tables.as_json([row()])) == [
        {"work": "check-ins", "figure": "12 a second", "asked": "10 a second", "is_reached": True, "seconds": 1.0}
    ]


def test_clients_that_run_together_answer_in_order() -> None:
    assert together.run([(pow, base, 2) for base in range(8)]) == [base**2 for base in range(8)]


@pytest.mark.django_db
def test_the_directory_that_is_measured_is_read_whole(tmp_path: Path) -> None:
    make.county("99", name="Measured")
    directory.write(tmp_path / "directory.csv", 30)

    call_command("import_directory", str(tmp_path / "directory.csv"), stdout=(said := StringIO()))

    assert ": 30 new, 0 changed, 0 unchanged, 0 refused, 0 left out" in said.getvalue()


def test_no_two_rows_of_the_directory_share_a_code(tmp_path: Path) -> None:
    directory.write(tmp_path / "directory.csv", 100)

    with (tmp_path / "directory.csv").open(newline="", encoding="utf-8") as source:
        codes = [found["CDS Code"] for found in csv.DictReader(source)]
    assert (len(set(codes)), {len(code) for code in codes}) == (100, {14})


def test_a_commands_memory_is_its_own_and_not_that_of_who_started_it() -> None:
    ours = bytearray(200 << 20)
    ours[:: 1 << 12] = b"x" * (len(ours) >> 12)  # pages that were written to count

    said, small = peaks.measured([sys.executable, "-S", "-c", "print('small')"])
    _said, large = peaks.measured([sys.executable, "-S", "-c", "b'x' * (100 << 20)"])

    assert said == "small"
    assert small < 100 <= large < 200


def test_a_command_that_fails_is_not_measured() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        peaks.measured([sys.executable, "-c", "raise SystemExit(3)"])


@pytest.mark.django_db(transaction=True)
def test_a_measured_world_is_as_large_as_asked_for_and_its_books_add_up() -> None:
    call_command("seed_scale", **TINY, stdout=(said := StringIO()))

    call_command("audit_books", stdout=said)

    assert said.getvalue().splitlines() == [
        "4 districts, 30 people, 3 institutes, 60 registrations, 25 events",
        "The books add up.",
    ]
    assert Organization.objects.filter(cds__startswith="98").count() == 4
    counted = (Person.objects.count(), Institute.objects.count(), Registration.objects.count())
    assert (*counted, AttendanceEvent.objects.count()) == (30, 3, 60, 25)


@pytest.mark.django_db(transaction=True)
def test_in_a_measured_world_seats_money_and_people_belong_together() -> None:
    call_command("seed_scale", **TINY, stdout=StringIO())

    held = Seat.objects.held().values("institute").annotate(seats=Count("pk"))
    assert {each["institute"]: each["seats"] for each in held} == dict(
        Institute.objects.values_list("pk", "seats_taken")
    )
    assert Institute.objects.get(code="SC-00001").seats_taken == 20
    assert SeatCharge.objects.count() == Charge.objects.count() == 60
    assert sum(agreement.charged for agreement in FundingAgreement.objects.all()) == 60 * 525


@pytest.mark.django_db
@pytest.mark.parametrize("more", [{"registrations": 7}, {"registrations": 7, "at_first": 3}, {"at_first": 4}])
def test_nobody_is_asked_to_sit_at_one_institute_twice(more: dict[str, int]) -> None:
    size = scale.Size(**{"people": 3, "institutes": 2, "registrations": 4} | more)

    with pytest.raises(ValueError, match="nobody sits at one institute twice"):
        scale.build(size, today=make.NOW.date(), at=make.NOW)


@pytest.mark.django_db(transaction=True)
def test_a_measured_district_has_its_years_behind_it_and_its_books_add_up() -> None:
    call_command("seed_scale", **TINY, staff=80, stdout=(said := StringIO()))
    call_command("audit_books", stdout=said)

    district = Organization.objects.filter(cds__startswith="98").earliest("pk")

    assert said.getvalue().splitlines()[-2:] == [
        f"{district} has 80 people and 10 years behind it.",
        "The books add up.",
    ]
    assert (
        Registration.objects.filter(seat__allotment__order__sponsor=district, institute__code__startswith="SD").count()
        == 880
    )


@pytest.mark.django_db(transaction=True)
def test_a_measured_district_is_built_once() -> None:
    call_command("seed_scale", **TINY, staff=40, stdout=StringIO())
    before = Registration.objects.count()

    scale_district.build(staff=40, years=10, today=make.NOW.date(), at=make.NOW)

    assert Registration.objects.count() == before
