"""Long lists: a page of them, and a search by name."""

import random
from collections.abc import Iterable
from urllib.parse import quote

from django.urls import reverse

from benchmarks import tables, world
from benchmarks.site import Caller, Site
from benchmarks.tables import Row
from people.access import Role
from people.models import Person
from registrations.models import Order, Registration

TIMES = 30
MOST = 0.08


def measure(site: Site, *, times: int = TIMES) -> list[Row]:
    """What the staff open all day: who comes to an institute, all orders, all people; the first pages and deep ones."""
    staff = world.by_session(site, world.user(Role.STAFF))
    institute = world.largest()
    here, orders, people = institute.seats_taken, Order.objects.count(), Person.objects.count()
    everyone = f"of {Registration.objects.count():,}"
    roster = reverse("registrations:institute_roster", args=[institute.pk])
    ordered, directory = reverse("registrations:orders"), reverse("people:people")
    chosen = list(Person.objects.filter(registrations__institute=institute).order_by("pk")[: 50 * times : 50])
    places = Registration.objects.filter(institute=institute).values_list("person__sort_key", "pk")
    keys = [quote(f"{name}~{number}") for name, number in random.choices(places, k=times)]
    names = [quote(f"{person.given_name} {person.family_name.split()[0]}") for person in chosen]
    return [
        _row(
            staff,
            f"{here:,} registrations at an institute ({everyone}), a page",
            [f"{roster}?after={key}" for key in keys],
        ),
        _row(staff, f"the same {here:,}, search by name", [f"{roster}?q={name}" for name in names]),
        _row(staff, f"{orders:,} orders, a page", [ordered] * times),
        _row(staff, f"the same {orders:,}, search by a person's name", [f"{ordered}?q={name}" for name in names]),
        _row(staff, f"{people:,} people, search by name", [f"{directory}?q={name}" for name in names]),
    ]


def _row(staff: Caller, work: str, paths: Iterable[str]) -> Row:
    waited = []
    for path in paths:
        answer = staff.get(path)
        assert answer.status == 200, (path, answer.status)
        waited.append(answer.seconds)
    return tables.waiting(work, waited, under=MOST)
