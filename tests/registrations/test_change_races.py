"""Eight at once about one seat: what one of them does, the others find done."""

from decimal import Decimal

import pytest

from billing.books import broken_equations
from billing.models import Charge
from people.access import Role
from registrations import moves, naming, recount, substitutes, takeovers, withdrawals
from registrations.funding import Share
from registrations.models import PayerMove, Registration, Seat, Substitution, Takeover, Withdrawal
from registrations.newcomers import Attendee
from registrations.refusals import CannotChange
from tests import make
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def winter(provider):
    make.payee()
    return make.institute(code="LT27-01", names_due_on=make.date(2027, 1, 7))


@pytest.fixture
def ines(winter, alder_valley, dolores) -> Registration:
    make.placed(alder_valley, winter, "Ines Barragán", by=dolores)
    return Registration.objects.select_related("seat").get()


def refusals(answers) -> list[str]:
    return sorted(str(answer) for answer in answers if isinstance(answer, CannotChange))


def books() -> list[str]:
    return [*broken_equations(), *recount.broken_equations()]


def test_of_eight_who_withdraw_a_seat_one_takes_its_charge_back(ines, dolores):
    answers = at_once(*[lambda: withdrawals.withdraw([ines.seat], by=dolores, at=make.NOW)] * 8)

    gone = "A seat was given back meanwhile. Look at the order again."
    assert refusals(answers) == [gone] * 7
    assert (Withdrawal.objects.count(), Charge.objects.filter(reverses__isnull=False).count()) == (1, 1)
    assert books() == []


def test_a_seat_is_withdrawn_or_substituted_and_never_both(ines, dolores):
    def substitute():
        return substitutes.substitute(ines, Attendee("Tomas", "Wexler"), by=dolores, at=make.NOW)

    def withdraw():
        return withdrawals.withdraw([ines.seat], by=dolores, at=make.NOW)

    at_once(*[substitute, withdraw] * 4)

    seat = Seat.objects.get()
    live = Registration.objects.live().count()
    charged = sum(Charge.objects.values_list("amount", flat=True), Decimal(0))
    assert (live, charged) == ((0, Decimal(0)) if seat.released_at else (1, Decimal(525)))
    assert books() == []


def test_of_eight_substitutes_one_sits_there(ines, dolores):
    answers = at_once(
        *[
            lambda number=number: substitutes.substitute(
                ines, Attendee("Tomas", f"No{number}"), by=dolores, at=make.NOW
            )
            for number in range(8)
        ]
    )

    told = "Ines Barragán does not sit in this seat any more. Look at it again."
    assert refusals(answers) == [told] * 7
    assert (Substitution.objects.count(), Registration.objects.live().count()) == (1, 1)


def test_two_coordinators_name_one_seat_once(winter, alder_valley, dolores):
    make.placed(alder_valley, winter, unnamed=1, by=dolores)
    seat = Seat.objects.get()
    rosa = make.user("rosa@avusd.example.test", Role.COORDINATOR, at=alder_valley)

    answers = at_once(
        *[
            lambda who=who, number=number: naming.name(seat, Attendee("Ada", f"No{number}"), by=who, at=make.NOW)
            for number, who in enumerate([dolores, rosa] * 4)
        ]
    )

    assert len(refusals(answers)) == 7
    assert all("has this seat already" in sentence for sentence in refusals(answers))
    assert Registration.objects.live().count() == 1


def test_a_takeover_is_answered_once(ines, winter, bristlecone, dolores, hal):
    asked = takeovers.ask(ines.seat, bristlecone, by=dolores, at=make.NOW)
    shares = [Share(make.line(bristlecone), winter.starts_on, winter.ends_on)]

    def accept():
        return takeovers.accept(Takeover.objects.get(pk=asked.pk), shares=shares, by=hal, at=make.NOW)

    def decline():
        return takeovers.decline(Takeover.objects.get(pk=asked.pk), by=hal, at=make.NOW)

    answers = at_once(*[accept, decline] * 4)

    assert refusals(answers) == ["This was answered meanwhile."] * 7
    assert PayerMove.objects.count() == int(bool(Takeover.objects.get().is_accepted))
    assert books() == []


def test_opposite_moves_of_payers_do_not_wait_for_each_other_in_a_ring(winter, alder_valley, dolores):
    summer = make.institute(code="LT27-02", names_due_on=winter.names_due_on)
    here, there = (make.line(alder_valley, make.agreement(alder_valley, amount=Decimal(9000))) for _line in range(2))
    for institute, line in ((winter, here), (summer, there)):
        names = [f"{institute.code} No{number}" for number in range(4)]
        make.placed(alder_valley, institute, *names, by=dolores, paid_by=line)

    def moving(seat):
        line = there if seat.institute == winter else here
        shares = [Share(line, winter.starts_on, winter.ends_on)]
        return lambda: moves.move([seat], shares=shares, by=dolores, at=make.NOW)

    answers = at_once(*[moving(seat) for seat in Seat.objects.select_related("institute").order_by("pk")])

    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert PayerMove.objects.count() == 8
    assert books() == []
