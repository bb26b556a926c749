"""Districts, schools and people by API: each caller's own, and only to be read."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from people.models import Organization, Person, User
from tests import make

AsUser = Callable[[User], Client]


def district_of(coordinator: User) -> Organization:
    return Organization.objects.get(memberships__user=coordinator)


def results(client: Client, path: str, **asked: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"/api/v1/{path}/", asked).json()["results"]
    return found


def test_a_coordinator_reads_her_own(as_user: AsUser, dolores: User, hal: User, ana: Person) -> None:
    school = make.school(district_of(dolores), cds="99001010000101")
    her = as_user(dolores)

    assert [row["name"] for row in results(her, "districts")] == ["Alder Valley Unified"]
    assert [row["cds"] for row in results(her, "schools")] == [school.cds]
    assert [row["display_name"] for row in results(her, "people")] == ["Dolores Quintero", "Ana Torres"]


def test_another_coordinator_reads_none_of_it(as_user: AsUser, dolores: User, hal: User, ana: Person) -> None:
    make.school(district_of(dolores))
    his = as_user(hal)

    assert [row["name"] for row in results(his, "districts")] == ["Bristlecone Joint Union Elementary"]
    assert results(his, "schools") == []
    assert [row["display_name"] for row in results(his, "people")] == ["Hal Nakamura"]
    assert his.get(f"/api/v1/people/{ana.pk}/").status_code == 404


def test_a_job_at_another_district_is_not_told(
    as_user: AsUser, dolores: User, ana: Person, bristlecone: Organization
) -> None:
    ana.employments.create(organization=bristlecone, starts_on="2010-08-01", ends_on="2020-07-31")

    row = as_user(dolores).get(f"/api/v1/people/{ana.pk}/").json()

    assert [job["organization"] for job in row["employments"]] == [district_of(dolores).pk]
    assert row["addresses"] == [{"address": "ana.torres@avusd.example.test", "is_preferred": True}]


@pytest.mark.parametrize("path", ["districts", "schools", "people"])
def test_nothing_is_written_here_and_a_stranger_reads_nothing(path: str, as_user: AsUser, omar: User) -> None:
    assert Client().get(f"/api/v1/{path}/").status_code in {401, 403}
    assert as_user(omar).post(f"/api/v1/{path}/", {}).status_code == 405


def test_lists_are_narrowed_by_the_address(as_user: AsUser, omar: User, ana: Person, bristlecone: Organization) -> None:
    make.school(bristlecone, "Pine Elementary", cds="99001020000201")
    his = as_user(omar)

    assert [row["name"] for row in results(his, "districts", q="bristle")] == [bristlecone.name]
    assert [row["name"] for row in results(his, "districts", county="99", kind="district", q="99-00102")] == [
        bristlecone.name
    ]
    assert [row["name"] for row in results(his, "schools", district=str(bristlecone.cds))] == ["Pine Elementary"]
    assert [row["name"] for row in results(his, "schools", q="pine")] == ["Pine Elementary"]
    assert [row["name"] for row in results(his, "schools", q="990010200002")] == ["Pine Elementary"]
    assert [row["display_name"] for row in results(his, "people", q="torres")] == ["Ana Torres"]


@pytest.mark.parametrize("path", ["districts", "schools", "people"])
def test_a_list_asks_as_much_for_three_as_for_one(
    path: str, as_user: AsUser, omar: User, django_assert_num_queries, django_assert_max_num_queries
) -> None:
    his = as_user(omar)
    his.get(f"/api/v1/{path}/")
    with django_assert_max_num_queries(20) as one:
        his.get(f"/api/v1/{path}/")
    for name in ("Birch", "Cedar", "Dogwood"):
        at = make.organization(name, county=make.county(name[:2]))
        make.school(at)
        make.person(name, f"{name.lower()}@example.test", at=at)

    with django_assert_num_queries(len(one)):
        his.get(f"/api/v1/{path}/")
