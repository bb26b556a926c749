"""The state's directory, from files: the command, from its start to its end."""

import csv
import random
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import peaks
from benchmarks.site import ROOT, Site
from benchmarks.tables import Row

REAL = ROOT.parent / "shared" / "data" / "cde" / "CDESchoolDirectoryExport_2026-04-06.csv"
ROWS = 15_000
HEADERS = ["Record Type", "CDS Code", "County", "District", "School", "Status", "Entity Type", "Public Yes/No",
           "Street City", "Street Zip"]  # fmt: skip


def measure(_site: Site, *, rows: int = ROWS) -> list[Row]:
    """A file of invented rows that are all new; and the state's own, where it is there (new the first time only)."""
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "directory.csv"
        write(file, rows)
        measured = _imported(file, rows, f"{rows:,} new rows", says=f"{rows:,} new")
    return [*measured, *(_imported(REAL, 14_932, "the state's 14,932 rows") if REAL.is_file() else [])]


def _imported(file: Path, rows: int, words: str, *, says: str = "as of") -> list[Row]:
    started = time.perf_counter()
    said, megabytes = peaks.measured([sys.executable, "manage.py", "import_directory", str(file)], cwd=ROOT)
    seconds = time.perf_counter() - started
    assert says in said, said
    reached = rows / seconds
    figure = f"{reached:,.0f} rows a second, {megabytes:,.0f} MB"
    is_reached = reached >= 3000 and megabytes < 250
    return [Row(f"directory import: {words}", figure, "3,000 rows a second, under 250 MB", is_reached, seconds)]


def write(file: Path, rows: int) -> None:
    """A district and its thirteen schools, again and again, under codes that no other run has used."""
    first = random.randint(10_000, 80_000)
    with file.open("w", newline="", encoding="utf-8") as target:
        writer = csv.writer(target)
        writer.writerow(HEADERS)
        for number in range(rows):
            district, school = first + number // 14, number % 14
            of = [f"99{district}{school:07}", "Measured", f"Measured District {district}"]
            if school:
                more = [f"School {number} Elementary", "Active", "Elementary Schools (Public)", "Y"]
            else:
                more = ["No Data", "Active", "Unified School District", "No Data"]
            writer.writerow(["School" if school else "District", *of, *more, "Sierra", "99001"])
