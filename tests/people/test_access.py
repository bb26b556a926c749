"""Who may see which rows and do which things: roads, families, principals."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

from people import access
from people.access import Action, Principal, Role
from people.models import (
    EmailAddress,
    Employment,
    Organization,
    Person,
    Region,
    School,
    User,
)
from tests import make


def district_of(coordinator: User) -> Organization:
    return Organization.objects.get(memberships__user=coordinator)


def test_a_stranger_sees_nothing(ana: Person) -> None:
    for model in (Person, Organization, EmailAddress, Employment):
        assert not model.objects.visible_to(AnonymousUser()).exists()


def test_staff_see_every_row(ana: Person, hal: User, omar: User) -> None:
    assert set(Person.objects.visible_to(omar)) == set(Person.objects.all())


def test_a_coordinator_sees_her_own_district_and_its_people(dolores: User, hal: User, ana: Person) -> None:
    make.school(district_of(dolores))

    assert set(Person.objects.visible_to(dolores)) == {dolores.person, ana}
    assert set(EmailAddress.objects.visible_to(dolores)) == set(
        EmailAddress.objects.filter(person__in=[dolores.person, ana])
    )
    assert School.objects.visible_to(dolores).count() == 1


def test_another_coordinator_sees_none_of_it(hal: User, dolores: User, ana: Person) -> None:
    make.school(district_of(dolores))

    assert set(Person.objects.visible_to(hal)) == {hal.person}
    assert not School.objects.visible_to(hal).exists()
    assert [organization.name for organization in Organization.objects.visible_to(hal)] == [
        "Bristlecone Joint Union Elementary"
    ]


def test_a_person_by_link_sees_herself_under_every_name_she_had(ana: Person, hal: User) -> None:
    former = make.person("Ana Quiroga", "ana@old.example.test", merged_into=ana)

    for herself in (ana, former):
        assert set(Person.objects.visible_to(herself)) == {ana, former}
    assert EmailAddress.objects.visible_to(ana).count() == 2


def test_a_successor_sees_what_was_its_predecessors(
    dolores: User, alder_valley: Organization, bristlecone: Organization
) -> None:
    Organization.objects.filter(pk=bristlecone.pk).update(successor=alder_valley)
    teacher = make.person("Kit Lowe", at=bristlecone)

    assert teacher in Person.objects.visible_to(dolores)
    assert access.may(dolores, Action.REGISTER, bristlecone)


def test_a_family_holds_children_of_children_and_their_predecessors(dolores: User, alder_valley: Organization) -> None:
    child = make.organization("Alder East", parent=alder_valley)
    grandchild = make.organization("Alder Far East", parent=child)
    before = make.organization("Old Far East", successor=grandchild)
    teacher = make.person("Kit Lowe", at=before)

    assert teacher in Person.objects.visible_to(dolores)
    assert Principal.of(dolores).organizations == {alder_valley.pk, child.pk, grandchild.pk, before.pk}


def test_a_predecessor_does_not_see_its_successor(
    hal: User, ana: Person, alder_valley: Organization, bristlecone: Organization
) -> None:
    Organization.objects.filter(pk=bristlecone.pk).update(successor=alder_valley)

    assert ana not in Person.objects.visible_to(hal)
    assert not access.may(hal, Action.REGISTER, alder_valley)


def test_an_ended_part_opens_nothing(dolores: User, ana: Person) -> None:
    dolores.memberships.update(ended_at=make.NOW)

    assert set(Person.objects.visible_to(dolores)) == {dolores.person}
    assert not access.may(dolores, Action.REGISTER)


def test_a_user_who_may_no_longer_sign_in_sees_nothing(omar: User, ana: Person) -> None:
    omar.is_active = False

    assert not Person.objects.visible_to(omar).exists()


@pytest.mark.django_db
def test_a_director_is_known_by_her_region_and_is_not_on_the_staff() -> None:
    north = Region.objects.create(name="North")
    rosa = make.user("rosa@ssc.example.test", name="Rosa Delgado")
    rosa.memberships.create(role=Role.DIRECTOR, region=north, started_at=make.NOW)

    assert Principal.of(rosa).regions == {north.pk}
    assert not Principal.of(rosa).is_provider
    assert access.may(rosa, Action.TAKE_ATTENDANCE)


@pytest.mark.parametrize(
    ("who", "action", "allowed"),
    [
        ("dolores", Action.REGISTER, True),
        ("dolores", Action.SEE_MONEY, True),
        ("dolores", Action.KEEP_DIRECTORY, False),
        ("bea", Action.SEE_MONEY, True),
        ("bea", Action.REGISTER, False),
        ("omar", Action.KEEP_DIRECTORY, True),
        ("omar", Action.BILL, True),
    ],
)
def test_the_policy_is_the_table(
    who: str, action: Action, allowed: bool, request: pytest.FixtureRequest, alder_valley: Organization
) -> None:
    assert access.may(request.getfixturevalue(who), action, alder_valley) is allowed


def test_a_district_role_counts_for_its_district_alone(dolores: User, bristlecone: Organization) -> None:
    with pytest.raises(PermissionDenied):
        access.require(dolores, Action.REGISTER, bristlecone)
    access.require(dolores, Action.REGISTER, district_of(dolores))


def test_the_providers_actions_are_no_districts(dolores: User, omar: User) -> None:
    with pytest.raises(PermissionDenied):
        access.require_provider(dolores, Action.SEE_MONEY)
    access.require_provider(omar, Action.SEE_MONEY)


def test_a_principal_is_read_once(dolores: User, django_assert_num_queries) -> None:
    who = User.objects.get(pk=dolores.pk)
    with django_assert_num_queries(4):  # memberships, family, the person and her aliases
        first = Principal.of(who)
    with django_assert_num_queries(0):
        assert Principal.of(who) is first
        assert Principal.of(first) is first
