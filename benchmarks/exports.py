"""A spreadsheet of everyone at an institute."""

import io
import zipfile

from django.urls import reverse

from benchmarks import world
from benchmarks.site import Caller, Site
from benchmarks.tables import Row, rate
from events.models import Institute
from people.access import Role


def measure(site: Site) -> list[Row]:
    """Each of the two files, from the request to the last byte."""
    staff = world.by_session(site, world.user(Role.STAFF))
    institute = world.largest()
    return [_file(staff, institute, "xlsx", asked=10_000), _file(staff, institute, "csv", asked=30_000)]


def _file(staff: Caller, institute: Institute, ending: str, *, asked: int) -> Row:
    answer = staff.get(reverse(f"registrations:institute_roster_{ending}", args=[institute.pk]))
    assert _rows_in(answer.body, ending) == institute.seats_taken + 1, answer.status
    work = f"export of {institute.seats_taken:,} rows, {ending.upper()}"
    more = f"; first byte after {1000 * answer.first_byte:,.0f} ms"
    return rate(work, institute.seats_taken, answer.seconds, asked=asked, unit="rows a second", more=more)


def _rows_in(content: bytes, ending: str) -> int:
    if ending == "csv":
        return content.count(b"\n")
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return package.read("xl/worksheets/sheet1.xml").count(b"<row>")
