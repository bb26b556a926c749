"""A coordinator's roster of 2,000 rows through the pages: pasted and answered row by row, then sent."""

import secrets
import time
from collections.abc import Mapping

from django.urls import reverse

from benchmarks import world
from benchmarks.site import Caller, Site
from benchmarks.tables import Row
from people.access import Role
from registrations.models import Registration, RosterDraft

ROWS = 2000
PREVIEW, COMMIT = 3.0, 4.0
"""Seconds that she waits at most: from the paste to the roster with every row answered, and for the order."""


def measure(site: Site, *, rows: int = ROWS) -> list[Row]:
    """The paste to the page that answers each row; the money chosen for all; the order, committed."""
    institute, district = world.institute(capacity=rows + 100), world.districts(1)[0]
    coordinator = world.by_session(site, world.user(Role.COORDINATOR, district))
    coordinator.get(reverse("registrations:roster_start", args=[institute.pk]))
    preview = _waited(
        coordinator,
        reverse("registrations:roster_start", args=[institute.pk]),
        {"sponsor": district.pk, "pasted": sheet(rows)},
    )
    draft = RosterDraft.objects.get(institute=institute)
    assert len(draft.rows) == rows
    pays = {"everyone": "yes", "pays": f"line-{world.line_of(district).pk}"}
    _waited(coordinator, reverse("registrations:roster_funding", args=[draft.pk]), pays)
    commit = _waited(coordinator, reverse("registrations:roster_confirm", args=[draft.pk]), {})
    assert Registration.objects.filter(institute=institute).count() == rows
    return [_row(f"roster of {rows:,} rows: previewed", preview, PREVIEW), _row("the same: sent", commit, COMMIT)]


def sheet(rows: int) -> str:
    """Cells as they are copied from a spreadsheet, with headers, of people whom nobody knows."""
    mark = secrets.token_hex(2)
    lines = [f"{given}\t{family}\t{mark}{email}\tTeacher\t3" for given, family, email in world.names(rows)]
    return "\n".join(["First name\tLast name\tE-mail\tRole\tGrade", *lines])


def _waited(coordinator: Caller, path: str, fields: Mapping[str, object]) -> float:
    """Seconds from the press of a button until the page that follows is there."""
    started = time.perf_counter()
    answer = coordinator.follow(coordinator.post_form(path, dict(fields)))
    assert answer.status == 200, (path, answer.status, answer.body[:300])
    return time.perf_counter() - started


def _row(work: str, seconds: float, most: float) -> Row:
    return Row(work, f"{seconds:.2f} s", f"under {most:.0f} s", seconds < most, seconds)
