"""Names that people ask for themselves: one wish at a time, decided once; and the hourly look for duplicates."""

import pytest

from people import corrections, merging, tasks
from people.corrections import CannotCorrect
from people.models import NameRequest, Organization, Person, Suggestion, User
from tests import make


def asked(person: Person, family: str = "Vance", *, hides_former: bool = False) -> NameRequest:
    return corrections.ask_for_name(
        person, given="Ana", family=family, display="", hides_former=hides_former, at=make.NOW
    )


def test_a_newer_wish_takes_the_place_of_the_one_that_waits(ana: Person) -> None:
    asked(ana)
    asked(ana, "Vance-Torres", hides_former=True)

    [wish] = NameRequest.objects.all()
    assert (wish.display_name, wish.hides_former) == ("Ana Vance-Torres", True)


def test_a_wish_is_granted_to_whoever_she_was_merged_into_since(ana: Person, omar: User) -> None:
    wish = asked(ana)
    today = make.person("Ana Quiroga")
    merging.merge(ana, into=today, evidence="Her passport.", by=omar, at=make.NOW)

    granted = corrections.grant(NameRequest.objects.get(pk=wish.pk), by=omar, at=make.NOW)

    assert (granted, str(granted), granted.former_name) == (today, "Ana Vance", "Ana Quiroga")
    assert str(Person.objects.get(pk=ana.pk)) == "Ana Torres"


def test_a_former_name_that_is_hidden_is_hidden_under_every_name_she_had(ana: Person, omar: User) -> None:
    alias = make.person("A. Torres")
    merging.merge(alias, into=ana, evidence="Her passport.", by=omar, at=make.NOW)

    corrections.grant(asked(ana, hides_former=True), by=omar, at=make.NOW)

    names = Person.objects.of(ana).values_list("display_name", "sort_key", "former_name")
    assert sorted(names) == [("Ana Vance", "vance ana", "A. Torres"), ("Ana Vance", "vance ana", "Ana Torres")]


def test_a_wish_is_decided_once(ana: Person, omar: User) -> None:
    wish = asked(ana)
    corrections.decline(wish, by=omar, at=make.NOW)

    with pytest.raises(CannotCorrect, match="decided on this name meanwhile"):
        corrections.grant(wish, by=omar, at=make.NOW)

    assert str(Person.objects.get(pk=ana.pk)) == "Ana Torres"


def test_a_wish_for_the_name_she_has_is_none_unless_the_former_is_to_be_hidden(ana: Person) -> None:
    with pytest.raises(CannotCorrect, match="called Ana Torres here already"):
        asked(ana, "Torres")
    with pytest.raises(CannotCorrect, match="Write a name"):
        corrections.ask_for_name(ana, given=" ", family="-", display="", hides_former=True, at=make.NOW)

    assert asked(ana, "Torres", hides_former=True).hides_former


def test_the_directory_is_looked_through_by_itself(ana: Person, alder_valley: Organization) -> None:
    make.person("ANA TORRES", at=alder_valley)

    tasks.look_for_duplicates(0)

    assert Suggestion.objects.count() == 1
