"""Parts at a district: given, refused, ended."""

import pytest

from people import memberships
from people.access import Role
from people.memberships import CannotAppoint, CannotEnd
from people.models import EmailAddress, Membership, Organization, Person, Standing, User
from tests import make


def appoint(
    email: str, at: Organization, by: User, name: str = "Nia Okafor", role: Role = Role.COORDINATOR
) -> Membership:
    return memberships.appoint(email, name, role, at, by=by, at=make.NOW)


def test_someone_we_know_by_name_and_address_stays_one_person(
    omar: User, ana: Person, alder_valley: Organization
) -> None:
    part = appoint("ANA.torres@avusd.example.test ", alder_valley, omar, name="ana TORRES")

    assert part.user.person == ana


def test_a_shared_inbox_does_not_make_two_people_one(omar: User, ana: Person, alder_valley: Organization) -> None:
    part = appoint("ana.torres@avusd.example.test", alder_valley, omar)

    assert str(part.user) == "Nia Okafor"
    assert EmailAddress.objects.get(person=part.user.person).address == "ana.torres@avusd.example.test"


def test_a_login_may_play_parts_at_two_districts(omar: User, dolores: User, bristlecone: Organization) -> None:
    part = appoint(dolores.email, bristlecone, omar, role=Role.BUSINESS_OFFICE)

    assert part.user == dolores
    assert dolores.memberships.active().count() == 2


def test_a_part_that_ended_may_be_given_again(omar: User, dolores: User, alder_valley: Organization) -> None:
    memberships.end(dolores.memberships.get(), by=omar, at=make.NOW)

    appoint(dolores.email, alder_valley, omar)

    assert dolores.memberships.active().count() == 1


@pytest.mark.parametrize(
    ("email", "name", "role", "sentence"),
    [
        (
            "dolores@avusd.example.test",
            "D",
            Role.COORDINATOR,
            "Dolores Quintero is district coordinator of Alder Valley",
        ),
        ("nobody", "N", Role.COORDINATOR, "“nobody” is not an e-mail address."),
        ("n@example.test", " - ", Role.COORDINATOR, "Write the first and last name"),
        ("n@example.test", "Nia", Role.FINANCE, "Provider finance is no part that a district gives."),
        ("omar@ssc.example.test", "Omar", Role.COORDINATOR, "Ask a colleague to appoint you."),
        ("gone@example.test", "Gone", Role.COORDINATOR, "may no longer sign in"),
    ],
)
def test_an_appointment_is_refused_with_a_sentence(
    email: str, name: str, role: Role, sentence: str, omar: User, dolores: User, alder_valley: Organization
) -> None:
    make.user("gone@example.test", is_active=False)

    with pytest.raises(CannotAppoint, match=sentence):
        appoint(email, alder_valley, omar, name=name, role=role)


def test_a_closed_district_appoints_nobody(omar: User, alder_valley: Organization) -> None:
    alder_valley.status = Standing.MERGED

    with pytest.raises(CannotAppoint, match=r"is merged\. Appoint at its successor"):
        appoint("n@example.test", alder_valley, omar)


def test_a_part_ends_once_and_not_by_its_own_hand(omar: User, dolores: User) -> None:
    part = dolores.memberships.get()

    with pytest.raises(CannotEnd, match="Ask a colleague"):
        memberships.end(part, by=dolores, at=make.NOW)
    memberships.end(part, by=omar, at=make.NOW)
    with pytest.raises(CannotEnd, match="has no part at Alder Valley Unified any more"):
        memberships.end(part, by=omar, at=make.NOW)
