"""Scenario 7: "Maria del Carmen Ruiz-Ortega" of 2019 and "Carmen Ortega" of 2026 are one teacher."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from certificates.models import Certificate
from people import claims, links, matching, merging
from people.models import AddressClaim, Merge, Organization, Person, User
from portal import participant
from registrations import confirmations
from registrations.models import Registration
from tests import make
from tests.scenarios import careers

AsUser = Callable[[User], Client]
OLD = "mruiz@bristlecone.example.test"


@pytest.fixture
def maria(bristlecone: Organization) -> Person:
    made = make.person("Maria Ruiz-Ortega", OLD)
    Person.objects.filter(pk=made.pk).update(
        given_name="Maria del Carmen",
        display_name="Maria del Carmen Ruiz-Ortega",
        sort_key="ruiz ortega maria del carmen",
    )
    return Person.objects.get(pk=made.pk)


@pytest.fixture
def carmen(db: None) -> Person:
    return make.person("Carmen Ortega", "cortega@delta.example.test")


@pytest.fixture
def career(omar: User, maria: Person, carmen: Person, bristlecone: Organization) -> list[Certificate]:
    """84 hours of hers at Bristlecone in 2019, 12 hours at Delta Vista in 2026."""
    delta_vista = make.organization("Delta Vista Unified", "99001040000000")
    return [
        careers.earned(maria, bristlecone, date(2019, 6, 17), days=12, daily=7),
        careers.earned(carmen, delta_vista, date(2026, 9, 19), days=2, daily=6),
    ]


def claimed(client: Client, carmen: Person) -> None:
    """She says by her link where she was reached then, and clicks on the page behind the mail that comes there."""
    token = links.sign(carmen, purpose="participant")
    client.post(reverse("portal:my_address", kwargs={"token": token}), {"address": OLD, "submission_key": "a"})
    link = reverse("portal:confirm_address", args=[claims.token_of(AddressClaim.objects.get())])
    client.post(link, {"submission_key": "b"})


def merged(client: Client, maria: Person, carmen: Person) -> Merge:
    asked = {"keep": str(carmen.pk), "evidence": "She confirmed her old address.", "submission_key": "c"}
    client.post(reverse("portal:same_person", args=[maria.pk, carmen.pk]), asked)
    return Merge.objects.get()


def minutes_of(person: Person) -> int:
    return sum(place.earned for place in participant.places_of(person, at=make.NOW))


@pytest.mark.usefixtures("career")
def test_names_alone_suggest_nothing_across_districts() -> None:
    assert matching.sweep(at=make.NOW) == 0


@pytest.mark.usefixtures("career")
def test_her_old_address_suggests_the_two_with_the_reasons(
    client: Client, as_user: AsUser, maria: Person, carmen: Person, omar: User
) -> None:
    claimed(client, carmen)

    page = as_user(omar).get(reverse("people:duplicates"))

    [(suggestion, reasons)] = page.context["rows"]
    assert {suggestion.one, suggestion.other} == {maria, carmen}
    assert reasons[0].startswith(f"Carmen Ortega claims {OLD}, confirmed by link on ")
    assert reasons[1:] == ["Every word of “Carmen Ortega” is in “Maria del Carmen Ruiz-Ortega”."]


@pytest.mark.usefixtures("career")
def test_staff_see_84_and_12_hours_side_by_side(
    client: Client, as_user: AsUser, maria: Person, carmen: Person, omar: User
) -> None:
    page = as_user(omar).get(reverse("portal:same_person", args=[maria.pk, carmen.pk]))

    told = [(side.minutes // 60, side.certificates) for side in page.context["sides"]]
    assert told == [(84, 1), (12, 1)]


def test_one_person_two_names_96_hours_and_both_certificates_verify(
    client: Client, as_user: AsUser, maria: Person, carmen: Person, omar: User, career: list[Certificate]
) -> None:
    claimed(client, carmen)

    merged(as_user(omar), maria, carmen)

    assert (set(Person.objects.of(carmen)), minutes_of(carmen)) == ({maria, carmen}, 96 * 60)
    pages = [client.get(reverse("certificates:verify_code", args=[one.code])).content.decode() for one in career]
    assert ["This certificate is valid." in page for page in pages] == [True, True]
    token = links.sign(carmen, purpose="certificates")
    mine = client.get(reverse("certificates:mine", args=[token])).content.decode()
    assert [one.code in mine for one in career] == [True, True]


def test_each_district_sees_what_it_sponsored(
    as_user: AsUser, maria: Person, carmen: Person, omar: User, hal: User, career: list[Certificate]
) -> None:
    merged(as_user(omar), maria, carmen)

    assert list(Certificate.objects.visible_to(hal)) == [career[0]]
    assert [row.person for row in Registration.objects.visible_to(hal)] == [maria]
    assert not Person.objects.visible_to(hal).filter(pk__in=[maria.pk, carmen.pk]).exists()


@pytest.mark.usefixtures("career")
def test_mail_about_a_place_under_her_former_name_goes_where_she_is_reached_today(
    as_user: AsUser, maria: Person, carmen: Person, omar: User, bristlecone: Organization
) -> None:
    make.registration(maria, make.institute(), bristlecone)
    merged(as_user(omar), maria, carmen)

    reached = confirmations.addresses_of(list(Registration.objects.filter(person=maria).select_related("person")))

    assert reached == {maria.pk: "cortega@delta.example.test"}


def test_it_can_be_undone_for_90_days(
    as_user: AsUser, maria: Person, carmen: Person, omar: User, career: list[Certificate]
) -> None:
    merge = merged(as_user(omar), maria, carmen)

    merging.unmerge(merge, reason="Two sisters.", by=omar, at=merge.at + timedelta(days=90))

    alone = [Person.objects.get(pk=one.pk) for one in (maria, carmen)]
    assert [minutes_of(one) // 60 for one in alone] == [84, 12]
    assert matching.sweep(at=make.NOW) == 0
