"""Names put right and addresses added."""

import pytest
from django.apps import apps

from people import corrections
from people.corrections import CannotCorrect
from people.models import Person, User
from tests import make


def test_a_name_on_certificates_may_differ_from_first_and_last(ana: Person, omar: User) -> None:
    changed = corrections.rename(ana, given="Ana", family="Torres", display="Ana María Torres", by=omar)

    assert (str(changed), changed.name_last_first) == ("Ana María Torres", "Torres, Ana")


def test_someone_with_one_name_is_found_by_it(ana: Person, omar: User) -> None:
    changed = corrections.rename(ana, given="", family="", display="Sukarno", by=omar)

    assert changed.sort_key == "sukarno"


def test_the_history_says_who_changed_a_name(ana: Person, omar: User) -> None:
    corrections.rename(ana, given="Ana", family="Muñoz", display="", by=omar)

    last = apps.get_model("people", "PersonEvent").objects.filter(pgh_obj=ana).latest("pgh_id")
    assert (last.display_name, last.pgh_context.metadata["user"]) == ("Ana Muñoz", omar.pk)


def test_the_first_address_is_preferred_and_may_be_shared(ana: Person, omar: User) -> None:
    other = make.person("Kit Lowe")

    first = corrections.add_address(other, " Ana.Torres@avusd.example.test", by=omar)
    second = corrections.add_address(other, "kit@example.test", by=omar)

    assert (first.address, first.is_preferred, second.is_preferred) == ("ana.torres@avusd.example.test", True, False)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("kit", "“kit” is not an e-mail address."),
        ("ana.torres@avusd.example.test", "has ana.torres@avusd.example.test already"),
    ],
)
def test_an_address_is_refused_with_a_sentence(address: str, sentence: str, ana: Person, omar: User) -> None:
    with pytest.raises(CannotCorrect, match=sentence):
        corrections.add_address(ana, address, by=omar)
