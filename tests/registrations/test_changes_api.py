"""The API changes its mind as the pages do: the same verbs, refusals and prices."""

from decimal import Decimal

import pytest
from django.utils import timezone

from registrations.models import (
    PayerMove,
    Registration,
    Seat,
    Substitution,
    Takeover,
    Transfer,
    Withdrawal,
)
from tests import make
from tests.registrations.test_change_pages import LATER, timedelta, to_come

UNA = {"given_name": "Una", "family_name": "Vane", "email": "una@avusd.example.test"}


@pytest.fixture
def winter(provider):
    make.payee()
    return to_come("LT27-01")


@pytest.fixture
def line(alder_valley):
    return make.line(alder_valley)


@pytest.fixture
def seats(winter, alder_valley, dolores, line) -> list[Seat]:
    """Two with names, one without."""
    now = timezone.now()
    make.placed(alder_valley, winter, "Ines Barragán", "Bo Li", unnamed=1, by=dolores, when=now, paid_by=line)
    return list(Seat.objects.order_by("pk"))


@pytest.fixture
def call(dolores, as_user):
    client = as_user(dolores)

    def post(where: str, who=None, **more):
        caller = as_user(who) if who else client
        return caller.post(f"/api/v1/{where}", more, content_type="application/json")

    return post


def test_a_dry_run_answers_the_price_and_keeps_nothing(seats, call):
    answer = call("withdrawals/?dry_run=true", seats=[seats[0].pk])

    [told] = answer.json()["seats"]
    assert (told["seat"], told["back"], told["kept"]) == (seats[0].pk, "525.00", "0.00")
    assert Withdrawal.objects.count() == 0


def test_seats_go_back_for_the_price_that_was_told(seats, call):
    keys = [seat.pk for seat in seats]

    refused = call("withdrawals/", seats=keys, kept="1.00")
    made = call("withdrawals/", seats=keys, kept="0.00", cause="illness")

    assert refused.json()["detail"][0].startswith("The price has changed since you looked")
    assert (made.status_code, Withdrawal.objects.count()) == (201, 3)


def test_only_staff_give_back_by_force(seats, call, omar):
    asked = {"seats": [seats[0].pk], "is_forced": True, "cause": "closure", "words": "Fire"}

    assert call("withdrawals/", **asked).status_code == 403
    assert call("withdrawals/", omar, **asked).status_code == 201


def test_names_come_off_instead(seats, winter, call):
    ines = Registration.objects.get(seat=seats[0])

    answer = call("withdrawals/instead/", registrations=[ines.pk], until=str(winter.starts_on))

    assert answer.json() == {"seats": [seats[0].pk], "name_by": str(winter.starts_on)}


def test_somebody_comes_for_another(seats, call):
    ines = Registration.objects.get(seat=seats[0])

    answer = call("substitutions/", registration=ines.pk, reason="flu", **UNA)

    made = Substitution.objects.get()
    assert answer.json() == {"id": made.pk, "registration": made.to_registration_id, "first_day": str(LATER)}


def test_a_seat_without_a_name_is_told_who_comes(seats, call):
    empty = call(f"seats/{seats[2].pk}/name/")
    named = call(f"seats/{seats[2].pk}/name/", **UNA)

    assert (empty.status_code, named.status_code) == (400, 201)
    assert Registration.objects.get(seat=seats[2]).person.display_name == "Una Vane"


def test_whom_we_know_is_asked_about_and_named_by_her_key(seats, alder_valley, call):
    una = make.person("Una Vane", "una@avusd.example.test", at=alder_valley)

    asked = call(f"seats/{seats[2].pk}/name/", given_name="Una", family_name="Vane", email="other@avusd.example.test")
    named = call(f"seats/{seats[2].pk}/name/", person=una.pk)

    assert (asked.status_code, named.json()["person"]) == (400, una.pk)


def test_seats_say_until_when_they_wait(seats, winter, dolores, as_user):
    rows = as_user(dolores).get("/api/v1/seats/", {"held": "true"}).json()["results"]

    due = {row["id"]: (row["due_at"] is None, len(row["registrations"])) for row in rows}
    assert due == {seats[0].pk: (True, 1), seats[1].pk: (True, 1), seats[2].pk: (False, 0)}


def test_seats_move_and_their_payer_changes(seats, alder_valley, call):
    spring = to_come("LT27-02", LATER + timedelta(days=90))
    other = make.line(alder_valley)

    moved = call("transfers/", seats=[seats[0].pk], institute=spring.pk)
    again = call("transfers/", seats=[seats[1].pk], institute=spring.pk, pays=f"line-{other.pk}")
    paid = call("payer-moves/", seats=[seats[2].pk], pays=f"line-{other.pk}")

    assert [answer.status_code for answer in (moved, again, paid)] == [201] * 3
    assert Transfer.objects.get(seat=seats[1]).to_seat.allotment.fundings.get().line == other
    assert PayerMove.objects.get().line == other


def test_money_of_another_district_pays_nothing(seats, bristlecone, call):
    answer = call("payer-moves/", seats=[seats[0].pk], pays=f"line-{make.line(bristlecone).pk}")

    assert answer.json()["detail"] == ["That money cannot pay here for all the days. Choose again."]


def test_another_district_is_asked_and_answers(seats, bristlecone, hal, call):
    line = make.line(bristlecone)
    first, second = (call("takeovers/", seat=seat.pk, asked_of=bristlecone.pk).json()["id"] for seat in seats[:2])

    accepted = call(f"takeovers/{first}/accept/", hal, pays=f"line-{line.pk}")
    declined = call(f"takeovers/{second}/decline/", hal)

    assert (accepted.json()["is_accepted"], declined.json()["is_accepted"]) == (True, False)
    assert set(Takeover.objects.values_list("is_accepted", flat=True)) == {True, False}


def test_staff_cancel_an_institute(seats, winter, omar, call):
    asked = {"institute": winter.pk, "reason": "Too few people registered."}

    tried = call("cancellations/?dry_run=true", omar, **asked).json()["seats"]
    done = call("cancellations/", omar, **asked)

    assert sum(Decimal(seat["back"]) for seat in tried) == Decimal(1575)
    assert (done.status_code, Withdrawal.objects.count()) == (201, 3)
