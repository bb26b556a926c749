"""Scenario 9, the half of the job: Priya Ellison leaves Alder Valley on February 28 and teaches for Lodestar."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from certificates.models import Certificate
from people import links
from people.access import Role
from people.models import EmailAddress, Employment, Organization, Person, User
from registrations.models import Registration
from tests import make
from tests.scenarios import careers

AsUser = Callable[[User], Client]


@pytest.fixture
def lodestar(db: None) -> Organization:
    return make.organization("Lodestar Public Schools", "99001050000000")


@pytest.fixture
def leo(lodestar: Organization) -> User:
    return make.user("leo@lodestar.example.test", Role.COORDINATOR, at=lodestar, name="Leo Park")


@pytest.fixture
def priya(alder_valley: Organization) -> Person:
    made = make.person("Priya Ellison", "priya@avusd.example.test")
    Employment.objects.create(person=made, organization=alder_valley, starts_on=date(2015, 8, 1))
    return made


@pytest.fixture
def january(priya: Person, alder_valley: Organization, omar: User) -> Certificate:
    return careers.earned(priya, alder_valley, date(2020, 1, 16), days=3, daily=7, code="LT20-01")


@pytest.fixture
def april(
    as_user: AsUser, january: Certificate, priya: Person, dolores: User, omar: User, lodestar: Organization
) -> Certificate:
    """Dolores says when she left, staff say where she works now, and Lodestar sends her in April."""
    job = Employment.objects.get(person=priya)
    as_user(dolores).post(reverse("people:end_job", args=[job.pk]), {"on": "2020-02-28", "submission_key": "a"})
    asked = {"organization": "99-00105", "school": "", "role": "teacher", "on": "2020-03-01", "submission_key": "b"}
    as_user(omar).post(reverse("people:begin_job", args=[priya.pk]), asked)
    EmailAddress.objects.create(person=priya, address="priya@lodestar.example.test")
    return careers.earned(priya, lodestar, date(2020, 4, 13), days=2, daily=6, code="TLC20")


@pytest.mark.usefixtures("april")
def test_her_employment_is_told_by_the_day(priya: Person) -> None:
    jobs = Employment.objects.filter(person=priya).order_by("starts_on")

    assert [(str(job.organization), job.ends_on) for job in jobs] == [
        ("Alder Valley Unified", date(2020, 2, 28)),
        ("Lodestar Public Schools", None),
    ]


def test_each_certificate_names_the_district_of_its_days(january: Certificate, april: Certificate) -> None:
    token = links.sign(january.person, purpose="certificates")
    papers = [
        Client().get(reverse("certificates:certificate", args=[token, one.code])).content.decode()
        for one in (january, april)
    ]

    assert [("Alder Valley Unified" in page, "Lodestar" in page) for page in papers] == [(True, False), (False, True)]


def test_her_transcript_is_one(client: Client, january: Certificate, april: Certificate) -> None:
    page = client.get(reverse("certificates:mine", args=[links.sign(january.person, purpose="certificates")]))

    assert [one.code in page.content.decode() for one in (january, april)] == [True, True]


def test_the_old_coordinator_sees_january_and_never_april(
    as_user: AsUser, dolores: User, january: Certificate, april: Certificate, priya: Person
) -> None:
    client = as_user(dolores)

    assert list(Certificate.objects.visible_to(dolores)) == [january]
    assert [row.institute for row in Registration.objects.visible_to(dolores)] == [january.institute]
    pages = [
        client.get(address)
        for address in (
            reverse("certificates:show", args=[january.code]),
            reverse("certificates:show", args=[april.code]),
            f"/api/v1/people/{priya.pk}/",
        )
    ]
    assert [page.status_code for page in pages] == [200, 404, 404]
    everything = b"".join(client.get(where).content for where in ("/api/v1/people/", "/api/v1/registrations/"))
    assert [word in everything for word in (b"LT20-01", b"lodestar", b"Lodestar", b"TLC20")] == [False] * 4


def test_the_new_coordinator_sees_april_and_her_addresses_and_not_january(
    leo: User, january: Certificate, april: Certificate, priya: Person
) -> None:
    assert list(Certificate.objects.visible_to(leo)) == [april]
    assert [row.institute for row in Registration.objects.visible_to(leo)] == [april.institute]
    assert [str(job.organization) for job in Employment.objects.visible_to(leo)] == ["Lodestar Public Schools"]
    assert priya in Person.objects.visible_to(leo)
