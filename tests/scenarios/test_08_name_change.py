"""Scenario 8: she is "Carmen Ortega" everywhere, and her former name is shown nowhere any more."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from certificates.models import Certificate
from people import links, merging
from people.models import NameRequest, Organization, Person, User
from tests import make
from tests.scenarios import careers

AsUser = Callable[[User], Client]
ASKED = {"given": "Carmen", "family": "Ortega", "display": "", "hides_former": "on", "submission_key": "a"}


@pytest.fixture
def maria(bristlecone: Organization) -> Person:
    return make.person("Maria Ruiz", "cortega@delta.example.test", at=bristlecone)


@pytest.fixture
def old(omar: User, maria: Person, bristlecone: Organization) -> Certificate:
    """Of a row that was merged into hers, under the name she had."""
    alias = make.person("M. Ruiz-Ortega")
    certificate = careers.earned(alias, bristlecone, date(2019, 6, 17), days=2, daily=7)
    merging.merge(alias, into=maria, evidence="Her passport.", by=omar, at=make.NOW)
    return certificate


@pytest.fixture
def granted(client: Client, as_user: AsUser, maria: Person, old: Certificate, omar: User) -> Certificate:
    """She asks by the link in her mail, staff grant it; the next version of her certificate."""
    token = links.sign(maria, purpose="participant")
    client.post(reverse("portal:my_name", kwargs={"token": token}), ASKED)
    as_user(omar).post(reverse("portal:grant_name", args=[NameRequest.objects.get().pk]))
    client.logout()
    return Certificate.objects.get(version=2)


def test_the_certificate_is_issued_anew_and_the_old_one_is_kept(old: Certificate, granted: Certificate) -> None:
    kept = Certificate.objects.get(pk=old.pk)

    assert (granted.supersedes, granted.name, granted.minutes) == (old, "Carmen Ortega", old.minutes)
    assert (kept.name, kept.snapshot) == ("M. Ruiz-Ortega", old.snapshot)


def test_the_old_code_says_superseded_and_names_nobody(client: Client, old: Certificate, granted: Certificate) -> None:
    page = client.get(reverse("certificates:verify_code", args=[old.code])).content.decode()

    assert ("Superseded on" in page, "ask the holder" in page) == (True, True)
    assert [name in page for name in ("Ruiz", "Maria", "Ortega", granted.code)] == [False] * 4


def test_the_new_code_is_valid_in_her_name(client: Client, granted: Certificate) -> None:
    page = client.get(reverse("certificates:verify_code", args=[granted.code])).content.decode()

    assert ("This certificate is valid." in page, "Carmen Ortega" in page, "Ruiz" in page) == (True, True, False)


def test_no_page_and_no_call_of_a_district_tells_the_former_name(
    as_user: AsUser, hal: User, maria: Person, bristlecone: Organization, granted: Certificate
) -> None:
    district = as_user(hal)
    where = [
        reverse("people:district_people", args=[bristlecone.pk]),
        reverse("certificates:show", args=[granted.code]),
        "/api/v1/registrations/",
        "/api/v1/people/",
        f"/api/v1/people/{maria.pk}/",
    ]

    pages = [district.get(address).content.decode() for address in where]

    assert [("Carmen Ortega" in page or "Ortega, Carmen" in page, "Ruiz" in page) for page in pages] == [
        (True, False)
    ] * 5


@pytest.mark.usefixtures("granted")
def test_her_own_pages_say_carmen_ortega(client: Client, maria: Person) -> None:
    pages = [
        client.get(reverse("portal:participant", kwargs={"token": links.sign(maria, purpose="participant")})),
        client.get(reverse("certificates:mine", args=[links.sign(maria, purpose="certificates")])),
    ]

    told = [page.content.decode() for page in pages]
    assert [("Carmen Ortega" in page, "Ruiz" in page) for page in told] == [(True, False)] * 2


@pytest.mark.usefixtures("granted")
def test_the_former_names_are_kept_for_staff(as_user: AsUser, maria: Person, omar: User) -> None:
    page = as_user(omar).get(reverse("people:person", args=[maria.pk])).content.decode()

    assert [name in page for name in ("Former name", "Maria Ruiz")] == [True, True]
    assert sorted(Person.objects.exclude(former_name="").values_list("former_name", flat=True)) == [
        "M. Ruiz-Ortega",
        "Maria Ruiz",
    ]


def test_a_certificate_that_cannot_be_issued_anew_is_told_to_staff(
    as_user: AsUser, maria: Person, old: Certificate, omar: User
) -> None:
    old.institute.registrations.update(ended_at=make.NOW)
    wish = NameRequest.objects.create(person=maria, display_name="Carmen Ortega", asked_at=make.NOW)

    page = as_user(omar).post(reverse("portal:grant_name", args=[wish.pk]), follow=True).content.decode()

    assert f"{old.code}: She is in no seat. Revoke the certificate instead." in page
    assert Person.objects.get(pk=maria.pk).display_name == "Carmen Ortega"
