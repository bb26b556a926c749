"""A form or a call that arrives twice acts once."""

import time
from typing import Any

import pytest

from people import once
from people.models import County, Submission, User
from tests import make
from tests.races import at_once

NOW = make.NOW


def found(code: str = "98") -> dict[str, str]:
    return {"county": County.objects.create(code=code, name="County").code}


def act(key: str = "k", do=found, by: User | None = None, content: object = "98", verb: str = "found"):
    return once.act(key, do, verb=verb, by=by, at=NOW, content=content)


def test_a_second_arrival_gets_the_first_answer(db: None) -> None:
    assert act() == ({"county": "98"}, True)
    assert act() == ({"county": "98"}, False)

    assert County.objects.filter(code="98").count() == 1


def test_another_key_acts_anew(db: None) -> None:
    act("one")

    assert act("two", do=lambda: "done") == ("done", True)


def test_two_people_may_have_the_same_key(dolores: User, hal: User) -> None:
    act(by=dolores)

    assert act(by=hal, do=lambda: "done") == ("done", True)


@pytest.mark.parametrize("other", [{"content": "97"}, {"verb": "close"}])
def test_a_key_is_for_one_thing(db: None, other: dict[str, Any]) -> None:
    act()

    with pytest.raises(once.KeyUsedForSomethingElse, match="send a new one"):
        act(**other)


def test_a_refusal_frees_the_key_and_undoes_all(db: None) -> None:
    def refuse() -> None:
        found()
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        act(do=refuse)

    assert not County.objects.filter(code="98").exists()
    assert Submission.objects.count() == 0
    assert act() == ({"county": "98"}, True)


@pytest.mark.django_db(transaction=True)
def test_eight_arrivals_at_once_act_once_and_all_get_the_answer() -> None:
    def slowly() -> dict[str, str]:
        answer = found()
        time.sleep(0.2)
        return answer

    answers = at_once(*[lambda: act(do=slowly)] * 8)

    assert sorted(was_first for _answer, was_first in answers) == [False] * 7 + [True]
    assert all(answer == {"county": "98"} for answer, _was_first in answers)


def test_the_order_of_what_was_asked_does_not_matter() -> None:
    assert (
        once.digest_of({"a": 1, "b": [2]}) == once.digest_of({"b": [2], "a": 1}) != once.digest_of({"a": 1, "b": [3]})
    )


def test_keys_are_new_each_time() -> None:
    assert len({once.new_key() for _again in range(100)}) == 100
