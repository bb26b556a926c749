"""Orders over the API: many people in one go, and many who want the last places."""

import itertools
import time
from collections.abc import Sequence
from typing import Any

from benchmarks import tables, together, world
from benchmarks.site import Caller, Site
from benchmarks.tables import Row
from events.models import Institute
from people.access import Role
from people.models import Organization
from registrations.models import Registration

PEOPLE = 100
CLIENTS = 16
TRIES = 200
PLACES = 50


def measure(site: Site, *, people: int = PEOPLE, orders: int = 5) -> list[Row]:
    """Orders of a hundred new people, one after the other; each is committed and answers every row."""
    institute, district = world.institute(), world.districts(1)[0]
    coordinator = world.by_key(site, world.user(Role.COORDINATOR, district))
    waited = []
    for _order in range(orders):
        answer = coordinator.post_json("/api/v1/orders/", order_for(people, institute, district))
        assert answer.status == 201, answer.body[:500]
        assert len(answer.json()["registrations"]) == people, answer.body[:500]
        waited.append(answer.seconds)
    assert Registration.objects.filter(institute=institute).count() == people * orders
    return [
        tables.rate(f"{people} attendees in one go, committed, every row answered", people, min(waited), asked=1000)
    ]


def order_for(people: int, institute: Institute, district: Organization) -> dict[str, Any]:
    """What a coordinator sends: people, and the line of her district that pays for them."""
    pays = f"line-{world.line_of(district).pk}"
    attendees = [
        {"given_name": given, "family_name": family, "email": email, "pays": pays}
        for given, family, email in world.names(people)
    ]
    return {"sponsor": district.pk, "institute": institute.pk, "people": attendees}


def race(site: Site, *, tries: int = TRIES, places: int = PLACES) -> list[Row]:
    """Coordinators of sixteen districts, each ordering one seat after the other, for more seats than there are."""
    institute = world.institute(capacity=places)
    districts = world.districts(CLIENTS)
    callers = [world.by_key(site, world.user(Role.COORDINATOR, district)) for district in districts]
    orders = [[order_for(1, institute, district) for _try in range(tries // CLIENTS)] for district in districts]
    for order, district in zip(orders, districts[: tries % CLIENTS], strict=False):
        order.append(order_for(1, institute, district))
    started = time.perf_counter()
    answers = together.run([(_try_all, caller, mine) for caller, mine in zip(callers, orders, strict=True)])
    seconds = time.perf_counter() - started
    told = list(itertools.chain.from_iterable(answers))
    return _told(told, institute, places, seconds)


def _try_all(caller: Caller, orders: Sequence[dict[str, Any]]) -> list[tuple[int, float]]:
    answers = [caller.post_json("/api/v1/orders/", order) for order in orders]
    return [(answer.status, answer.seconds) for answer in answers]


def _told(told: Sequence[tuple[int, float]], institute: Institute, places: int, seconds: float) -> list[Row]:
    statuses = [status for status, _waited in told]
    sold = Registration.objects.live().filter(institute=institute).count()
    errors = sum(status >= 500 for status in statuses)
    exact = sold == statuses.count(201) == places
    work = f"{len(told)} tries by {CLIENTS} clients at {places} places"
    return [
        Row(f"{work}: sold", f"{sold}; {errors} error pages", f"exactly {places}, none", exact and not errors, seconds),
        tables.rate(f"{work}: tries", len(told), seconds, asked=100),
        tables.waiting(f"{work}: waiting", [waited for _status, waited in told], under=0.3),
    ]
