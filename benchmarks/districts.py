"""The one page that a coordinator opens every morning, of a district as large as they come."""

from django.urls import reverse
from django.utils import timezone

from benchmarks import tables, world
from benchmarks.site import Site
from benchmarks.tables import Row
from people.access import Role
from portal import scale_district

TIMES = 20
MOST = 0.3
STAFF, YEARS = 6_000, 10


def measure(site: Site, *, times: int = TIMES, staff: int = STAFF, years: int = YEARS) -> list[Row]:
    """Her page as it is today, and what it shows of a year gone by."""
    now = timezone.now()
    district = scale_district.build(staff=staff, years=years, today=timezone.localdate(now), at=now)
    coordinator = world.by_session(site, world.user(Role.COORDINATOR, district))
    page = reverse("portal:district")
    work = f"a coordinator's page, {staff:,} staff and {years} years"
    waited = {work: [page] * times, f"{work}, a year gone by": [f"{page}?year={now.year - 3}"] * times}
    rows = []
    for name, paths in waited.items():
        answers = [coordinator.get(path) for path in paths]
        assert {answer.status for answer in answers} == {200}
        rows.append(tables.waiting(name, [answer.seconds for answer in answers], under=MOST))
    return rows
