"""Two rows of one person: merged with evidence, and apart again for 90 days. No row moves."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import ProgrammingError, transaction

from people import corrections, matching, merging
from people.merging import CannotMerge, CannotUnmerge
from people.models import EmailAddress, Merge, Organization, Person, Suggestion, TwoPeople, User
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def maria(bristlecone: Organization) -> Person:
    return make.person("Maria Ruiz-Ortega", "maria@bristlecone.example.test", at=bristlecone)


@pytest.fixture
def carmen() -> Person:
    return make.person("Carmen Ortega", "carmen@delta.example.test")


def merge(person: Person, into: Person, by: User | None = None, evidence: str = "Her passport.") -> Merge:
    return merging.merge(person, into=into, evidence=evidence, by=by, at=make.NOW)


def into_of(person: Person) -> Person | None:
    merged: Person | None = Person.objects.get(pk=person.pk).merged_into
    return merged


def test_a_merge_sets_a_pointer_and_moves_no_row(maria: Person, carmen: Person, omar: User) -> None:
    made = merge(maria, carmen, omar)

    assert into_of(maria) == carmen
    assert (made.person, made.into, made.evidence, made.by, made.at) == (maria, carmen, "Her passport.", omar, make.NOW)
    assert EmailAddress.objects.get(address="maria@bristlecone.example.test").person == maria
    assert set(Person.objects.of(carmen)) == {maria, carmen}


def test_the_history_says_who_merged(maria: Person, carmen: Person, omar: User) -> None:
    merge(maria, carmen, omar)

    last = apps.get_model("people", "PersonEvent").objects.filter(pgh_obj=maria).latest("pgh_id")
    assert (last.merged_into_id, last.pgh_context.metadata["user"]) == (carmen.pk, omar.pk)


def test_a_merge_has_its_evidence(maria: Person, carmen: Person) -> None:
    with pytest.raises(CannotMerge, match="Say what shows"):
        merge(maria, carmen, evidence="  ")

    assert into_of(maria) is None


def test_a_person_is_not_merged_into_herself_nor_twice(maria: Person, carmen: Person) -> None:
    with pytest.raises(CannotMerge, match="one person already"):
        merge(maria, maria)
    merge(maria, carmen)
    with pytest.raises(CannotMerge, match="Maria Ruiz-Ortega was merged into Carmen Ortega"):
        merge(maria, make.person("Kit Lowe"))
    with pytest.raises(CannotMerge, match="Maria Ruiz-Ortega was merged into Carmen Ortega"):
        merge(make.person("Kit Lowe"), maria)


def test_aliases_of_an_alias_follow_and_come_back(maria: Person, carmen: Person) -> None:
    oldest = make.person("M. C. Ruiz")
    first = merge(oldest, maria)
    second = merge(maria, carmen)
    assert set(Person.objects.of(carmen)) == {oldest, maria, carmen}

    merging.unmerge(second, reason="Two people.", by=None, at=make.NOW)

    assert (into_of(oldest), into_of(maria)) == (maria, None)
    merging.unmerge(first, reason="Three people.", by=None, at=make.NOW)
    assert into_of(oldest) is None


def test_the_first_of_two_merges_is_undone_alone(maria: Person, carmen: Person) -> None:
    oldest = make.person("M. C. Ruiz")
    first = merge(oldest, maria)
    second = merge(maria, carmen)

    merging.unmerge(first, reason="Not she.", by=None, at=make.NOW)
    merging.unmerge(second, reason="Nor she.", by=None, at=make.NOW)

    assert (into_of(oldest), into_of(maria)) == (None, None)


def test_what_was_merged_is_suggested_no_more_and_what_was_undone_neither(
    maria: Person, carmen: Person, omar: User
) -> None:
    EmailAddress.objects.create(person=carmen, address="maria@bristlecone.example.test")
    matching.sweep(at=make.NOW)
    made = merge(maria, carmen, omar)
    assert not Suggestion.objects.exists()

    merging.unmerge(made, reason="Sisters.", by=omar, at=make.NOW)
    matching.sweep(at=make.NOW)

    assert (Suggestion.objects.count(), TwoPeople.objects.get().by) == (0, omar)


def test_two_people_may_be_merged_after_all(maria: Person, carmen: Person, omar: User) -> None:
    matching.keep_apart(maria, carmen, by=omar, at=make.NOW)

    merge(maria, carmen, omar)

    assert not TwoPeople.objects.exists()


def test_a_merge_is_undone_for_90_days(maria: Person, carmen: Person, omar: User) -> None:
    made = merge(maria, carmen, omar)
    last = make.NOW + timedelta(days=90)

    with pytest.raises(CannotUnmerge, match="for 90 days"):
        merging.unmerge(made, reason="Sisters.", by=omar, at=last + timedelta(seconds=1))
    assert (merging.days_left(made, at=make.NOW), merging.days_left(made, at=last)) == (90, 0)
    undone = merging.unmerge(made, reason="Sisters.", by=omar, at=last)

    assert (into_of(maria), undone.reason, undone.by, undone.at) == (None, "Sisters.", omar, last)
    assert list(Merge.objects.standing()) == []


def test_a_merge_is_undone_once_and_with_a_reason(maria: Person, carmen: Person) -> None:
    made = merge(maria, carmen)

    with pytest.raises(CannotUnmerge, match="Say why"):
        merging.unmerge(made, reason=" ", by=None, at=make.NOW)
    merging.unmerge(made, reason="Sisters.", by=None, at=make.NOW)
    with pytest.raises(CannotUnmerge, match="undone before"):
        merging.unmerge(made, reason="Sisters.", by=None, at=make.NOW)


def test_a_name_hidden_since_is_not_left_with_the_other(maria: Person, carmen: Person, omar: User) -> None:
    made = merge(maria, carmen, omar)
    wish = corrections.ask_for_name(carmen, given="C.", family="Ortega", display="", hides_former=True, at=make.NOW)
    corrections.grant(wish, by=omar, at=make.NOW)
    assert str(Person.objects.get(pk=maria.pk)) == "C. Ortega"

    merging.unmerge(made, reason="Sisters.", by=omar, at=make.NOW)

    back = Person.objects.get(pk=maria.pk)
    assert (str(back), back.sort_key, back.former_name) == ("Maria Ruiz-Ortega", "ruiz ortega maria", "")


def test_merges_are_never_changed(maria: Person, carmen: Person) -> None:
    made = merge(maria, carmen)

    for change in (lambda: Merge.objects.update(evidence="x"), made.delete):
        with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
            change()
