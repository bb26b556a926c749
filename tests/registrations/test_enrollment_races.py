"""Eight at once: the last seat, the last dollar, the same order twice."""

from decimal import Decimal

import pytest

from billing.models import Charge, FundingAgreement
from events.models import Institute
from people.access import Role
from registrations import enrollment, funding
from registrations.enrollment import CannotRegister, Group
from registrations.models import Order, Registration, Seat
from registrations.newcomers import Attendee
from tests import make
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def placing(institute, line, number, key=None):
    """A call that orders a seat for one person."""
    share = funding.Share(line, institute.starts_on, institute.ends_on)
    group = Group([Attendee("Ana", f"No{number}", f"ana{number}@example.test")], [share])
    sponsor = line.organization
    dolores = make.user(f"dolores{number}@example.test", Role.COORDINATOR, at=sponsor)
    return lambda: enrollment.place(
        [group], sponsor=sponsor, institute=institute, key=key or f"order {number}", by=dolores, at=make.NOW
    )


def test_the_last_seat_goes_to_one_of_eight(provider):
    make.payee()
    winter = make.institute(code="LT27-01", capacity=1)
    line = make.line(make.organization())

    answers = at_once(*[placing(winter, line, number) for number in range(8)])

    refusals = [str(answer) for answer in answers if isinstance(answer, CannotRegister)]
    assert refusals == ["LT27-01 has no seats left; you asked for 1."] * 7
    assert (Seat.objects.count(), Charge.objects.count(), Institute.objects.get().seats_taken) == (1, 1, 1)


def test_the_last_dollar_goes_to_one_of_eight(provider):
    make.payee()
    winter = make.institute()
    line = make.line(make.organization(), make.agreement(name="NSF-LEAP", amount=Decimal(600)))

    answers = at_once(*[placing(winter, line, number) for number in range(8)])

    assert sum(isinstance(answer, Order) for answer in answers) == 1
    assert sum(isinstance(answer, CannotRegister) for answer in answers) == 7
    assert FundingAgreement.objects.get().charged == Decimal(525)
    assert (Registration.objects.count(), Institute.objects.get().seats_taken) == (1, 1)


def test_the_same_order_sent_eight_times_is_one(provider):
    make.payee()
    winter = make.institute()
    line = make.line(make.organization())

    orders = at_once(*[placing(winter, line, number, key="one draft") for number in range(8)])

    assert len({order.pk for order in orders}) == 1
    assert (Order.objects.count(), Seat.objects.count()) == (1, 1)


def test_a_person_ordered_by_eight_at_once_gets_one_seat(provider):
    make.payee()
    winter = make.institute(code="LT27-01")
    district = make.organization()
    ana = make.person("Ana Torres", at=district)
    allotments = [make.allotment(winter, district) for _number in range(8)]
    dolores = make.user("dolores@example.test", Role.COORDINATOR, at=district)

    answers = at_once(
        *[
            lambda allotment=allotment: enrollment.register([ana], allotment=allotment, by=dolores, at=make.NOW)
            for allotment in allotments
        ]
    )

    refusals = [str(answer) for answer in answers if isinstance(answer, CannotRegister)]
    assert refusals == ["Already registered for LT27-01: Ana Torres."] * 7
    assert Seat.objects.count() == 1
