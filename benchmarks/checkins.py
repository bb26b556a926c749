"""Attendance taken by several clients at once, over the API."""

import itertools
import time
import uuid
from collections.abc import Sequence

from django.utils import timezone

from benchmarks import tables, together, world
from benchmarks.site import Caller, Site
from benchmarks.tables import Row
from people.access import Role

CLIENTS = 4
EACH = 150


def measure(site: Site, *, each: int = EACH) -> list[Row]:
    """Four desks, each sending one event after the other: every person in a seat is checked in once."""
    institute = world.institute(starts_on=timezone.localdate())
    session = institute.sessions.order_by("starts_at")[0]
    registered = world.seat(CLIENTS * each, at=institute, sponsor=world.districts(1)[0])
    keys = [[row.pk for row in registered[desk::CLIENTS]] for desk in range(CLIENTS)]
    desks = [world.by_key(site, world.user(Role.STAFF)) for _desk in range(CLIENTS)]

    def desk(caller: Caller, registrations: Sequence[int]) -> list[float]:
        waited = []
        for key in registrations:
            event = {"id": uuid.uuid4(), "session": session.pk, "registration": key, "kind": "present"}
            answer = caller.post_json("/api/v1/attendance-events/", {"events": [event | {"at": session.starts_at}]})
            assert answer.json()["events"][0]["result"] == "new", answer.body
            waited.append(answer.seconds)
        return waited

    started = time.perf_counter()
    waited = together.run([(desk, caller, mine) for caller, mine in zip(desks, keys, strict=True)])
    seconds = time.perf_counter() - started
    everyone = list(itertools.chain.from_iterable(waited))
    return [
        tables.rate(f"check-ins by API, {CLIENTS} clients", len(everyone), seconds, asked=150),
        tables.waiting("the same: waiting for one check-in", everyone, under=0.05),
    ]
