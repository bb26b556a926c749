"""Seats, people and money: together or not at all."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum

from billing.models import Charge, FundingAgreement, Payee
from events.models import Institute
from people.models import EmailAddress, Employment, Organization, Person, User
from registrations import enrollment, funding
from registrations.enrollment import CannotRegister, Group
from registrations.models import AllotmentFunding, Order, Registration, Seat, SeatCharge
from registrations.newcomers import Attendee
from tests import make


@pytest.fixture(autouse=True)
def _payee(provider):
    make.payee()


def whole(line, institute, purchase_order=None):
    return [funding.Share(line, institute.starts_on, institute.ends_on, purchase_order)]


def test_registering_takes_a_seat_and_charges_it(alder_valley: Organization, ana: Person, dolores: User):
    spring = make.allotment(make.institute(), alder_valley)

    [registration] = enrollment.register([ana], allotment=spring, by=dolores, at=make.NOW)

    assert registration.person == ana
    assert SeatCharge.objects.get(seat=registration.seat).charge.amount == Decimal("525.00")
    assert Institute.objects.get().seats_taken == 1


def test_nobody_is_registered_while_nobody_can_be_paid(alder_valley: Organization, ana: Person, dolores: User):
    spring = make.allotment(make.institute(), alder_valley)
    Payee.objects.all().delete()

    with pytest.raises(CannotRegister, match="cannot be paid yet: set its remit-to address first"):
        enrollment.register([ana], allotment=spring, by=dolores, at=make.NOW)


def test_a_seat_across_june_30_is_charged_in_two_fiscal_years(alder_valley: Organization, ana: Person, dolores: User):
    summer = make.institute(starts_on=date(2027, 6, 28), ends_on=date(2027, 7, 2), price=Decimal("1250.00"))
    line = make.line(alder_valley)
    group = Group([Attendee(person_id=ana.pk)], whole(line, summer))

    enrollment.place([group], sponsor=alder_valley, institute=summer, key="k", by=dolores, at=make.NOW)

    assert list(Charge.objects.order_by("pk").values_list("fiscal_year", "amount")) == [
        (2027, Decimal("750.00")),
        (2028, Decimal("500.00")),
    ]


def test_a_grant_pays_its_days_and_the_district_the_rest(alder_valley: Organization, dolores: User):
    summer = make.institute(starts_on=date(2027, 6, 28), ends_on=date(2027, 7, 2), price=Decimal("1250.00"))
    grant = make.line(alder_valley, make.agreement(amount=Decimal(60_000)))
    own = make.line(alder_valley)
    shares = [
        funding.Share(own, date(2027, 7, 1), summer.ends_on),
        funding.Share(grant, summer.starts_on, date(2027, 6, 30)),
    ]
    people = [Attendee("Ana", f"Torres {n}", f"ana{n}@example.test") for n in range(8)]

    enrollment.place([Group(people, shares)], sponsor=alder_valley, institute=summer, key="k", by=dolores, at=make.NOW)

    paid = dict(Charge.objects.values_list("line").annotate(Sum("amount")))
    assert paid == {grant.pk: Decimal("6000.00"), own.pk: Decimal("4000.00")}


@pytest.mark.parametrize("first", [date(2027, 1, 22), date(2027, 1, 20)])
def test_days_that_nobody_pays_are_refused(first: date, alder_valley: Organization, dolores: User):
    winter = make.institute()
    group = Group([Attendee("Ana", "Torres")], [funding.Share(make.line(alder_valley), first, winter.ends_on)])

    with pytest.raises(CannotRegister, match="choose who pays from January 21 on"):
        enrollment.place([group], sponsor=alder_valley, institute=winter, key="k", by=dolores, at=make.NOW)


def test_last_days_that_nobody_pays_are_refused(alder_valley: Organization, dolores: User):
    winter = make.institute()
    share = funding.Share(make.line(alder_valley), winter.starts_on, date(2027, 1, 22))

    with pytest.raises(CannotRegister, match=r"Choose who pays for .* from January 23 on\."):
        enrollment.place(
            [Group([Attendee("Ana", "Torres")], [share])],
            sponsor=alder_valley,
            institute=winter,
            key="k",
            by=dolores,
            at=make.NOW,
        )


def test_an_order_makes_people_with_their_address_and_job(alder_valley: Organization, dolores: User):
    winter = make.institute()
    pine = make.school(alder_valley, "Pine Elementary")
    attendee = Attendee("Noor", "Haddad", "Noor@AVUSD.example.test", school_id=pine.pk, role="coach", grade_span="3-5")

    order = enrollment.place(
        [Group([attendee], whole(make.line(alder_valley), winter))],
        sponsor=alder_valley,
        institute=winter,
        key="k",
        by=dolores,
        at=make.NOW,
    )

    noor = Registration.objects.get(seat__allotment__order=order).person
    assert (noor.display_name, noor.addresses.get().address) == ("Noor Haddad", "noor@avusd.example.test")
    job = Employment.objects.get(person=noor)
    assert (job.organization, job.school, job.role, job.grade_span) == (alder_valley, pine, "coach", "3-5")


def test_a_person_who_is_known_keeps_her_job_and_gains_the_address(
    alder_valley: Organization, ana: Person, dolores: User
):
    winter = make.institute()
    group = Group([Attendee(person_id=ana.pk, email="ana@new.example.test")], whole(make.line(alder_valley), winter))

    enrollment.place([group], sponsor=alder_valley, institute=winter, key="k", by=dolores, at=make.NOW)

    assert list(EmailAddress.objects.filter(person=ana).order_by("pk").values_list("address", "is_preferred")) == [
        ("ana.torres@avusd.example.test", True),
        ("ana@new.example.test", False),
    ]
    assert Employment.objects.filter(person=ana).count() == 1


def test_an_alias_is_registered_as_the_person_she_was_merged_into(alder_valley, ana: Person, dolores: User):
    winter = make.institute()
    alias = make.person("Ana Maria Torres", merged_into=ana)
    group = Group([Attendee(person_id=alias.pk)], whole(make.line(alder_valley), winter))

    enrollment.place([group], sponsor=alder_valley, institute=winter, key="k", by=dolores, at=make.NOW)

    assert Registration.objects.get().person == ana


def test_a_person_merged_at_that_moment_is_refused(alder_valley: Organization, ana: Person, dolores: User):
    spring = make.allotment(make.institute(), alder_valley)
    stale = Person.objects.get(pk=ana.pk)
    Person.objects.filter(pk=ana.pk).update(merged_into=make.person("Ana Canonical"))

    with pytest.raises(CannotRegister, match="Ana Torres was merged with someone else just now"):
        enrollment.register([stale], allotment=spring, by=dolores, at=make.NOW)


def test_three_kinds_of_money_are_one_order_with_three_allotments(alder_valley: Organization, dolores: User):
    winter = make.institute()
    grant = make.agreement(name="NSF-LEAP", amount=Decimal(60_000))
    lines = [make.line(alder_valley), make.line(alder_valley), make.line(alder_valley, grant)]
    sizes = [9, 4, 3]
    groups = [
        Group([Attendee("Pat", f"No{size}x{n}") for n in range(size)], whole(line, winter))
        for line, size in zip(lines, sizes, strict=True)
    ]

    order = enrollment.place(groups, sponsor=alder_valley, institute=winter, key="k", by=dolores, at=make.NOW)

    sums = dict(Charge.objects.values_list("line").annotate(Sum("amount")))
    assert [sums[line.pk] for line in lines] == [Decimal(4725), Decimal(2100), Decimal(1575)]
    assert list(order.allotments.order_by("pk").values_list("seats_wanted", flat=True)) == sizes
    assert FundingAgreement.objects.get().charged == Decimal(1575)


def test_the_same_key_gives_the_same_order(alder_valley: Organization, dolores: User):
    winter = make.institute()
    group = Group([Attendee("Ana", "Torres")], whole(make.line(alder_valley), winter))
    asked: dict[str, Any] = {"sponsor": alder_valley, "institute": winter, "key": "k", "by": dolores, "at": make.NOW}

    first = enrollment.place([group], **asked)
    second = enrollment.place([group], **asked)

    assert first == second
    assert Seat.objects.count() == 1


def test_a_seat_without_a_price_is_charged_to_nobody(alder_valley: Organization, dolores: User):
    free = make.institute(price=Decimal(0))
    group = Group([Attendee("Ana", "Torres")], whole(make.line(alder_valley), free))

    enrollment.place([group], sponsor=alder_valley, institute=free, key="k", by=dolores, at=make.NOW)

    assert (Registration.objects.count(), Charge.objects.count()) == (1, 0)
    assert AllotmentFunding.objects.get().amount == 0


# --- Refusals ---------------------------------------------------------------------------------------------------------


def test_more_people_than_seats_are_refused_with_both_numbers(alder_valley: Organization, dolores: User):
    winter = make.institute(code="LT27-01", capacity=2)
    group = Group([Attendee("Ana", f"Torres {n}") for n in range(4)], whole(make.line(alder_valley), winter))

    with pytest.raises(CannotRegister, match=r"^LT27-01 has 2 seats left; you asked for 4\.$"):
        enrollment.place([group], sponsor=alder_valley, institute=winter, key="k", by=dolores, at=make.NOW)

    assert (Order.objects.count(), Seat.objects.count(), Registration.objects.count()) == (0, 0, 0)
    assert not Person.objects.filter(family_name__startswith="Torres").exists()


def test_a_full_institute_says_so(alder_valley: Organization, ana: Person, dolores: User):
    winter = make.institute(code="LT27-01", capacity=0)

    reasons = enrollment.reasons_not_to_register([ana], winter, make.NOW)

    assert reasons == ["LT27-01 has no seats left; you asked for 1."]


def test_a_person_already_registered_is_named(alder_valley: Organization, ana: Person, dolores: User):
    winter = make.institute(code="LT27-01")
    make.registration(make.person("Ana Alias", merged_into=ana), winter, alder_valley)
    spring = make.allotment(winter, alder_valley)

    with pytest.raises(CannotRegister, match=r"^Already registered for LT27-01: Ana Torres\.$"):
        enrollment.register([ana], allotment=spring, by=dolores, at=make.NOW)


def test_a_person_on_the_roster_twice_is_named(alder_valley: Organization, ana: Person, dolores: User):
    spring = make.allotment(make.institute(), alder_valley, seats=2)

    with pytest.raises(CannotRegister, match=r"^On the roster twice: Ana Torres\.$"):
        enrollment.register([ana, ana], allotment=spring, by=dolores, at=make.NOW)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"canceled_at": make.NOW}, "LT27-01 was canceled."),
        ({"published_at": None}, "LT27-01 is not open for registration yet."),
        (
            {"registration_opens_at": make.NOW + timedelta(days=1)},
            "Registration for LT27-01 opens on November 3, 2026, 9:00 AM.",
        ),
        (
            {"registration_closes_at": make.NOW},
            "Registration for LT27-01 closed on November 2, 2026, 9:00 AM. Ask us whether there is still a place.",
        ),
    ],
)
def test_a_district_registers_inside_the_window_only(change, sentence, ana: Person, dolores: User):
    winter = make.institute(code="LT27-01", **change)

    assert enrollment.reasons_not_to_register([ana], winter, make.NOW, by=dolores) == [sentence]


def test_staff_register_after_the_window_but_not_after_cancellation(ana: Person, omar: User):
    late = make.institute(registration_closes_at=make.NOW)
    canceled = make.institute(code="LT27-01", canceled_at=make.NOW)

    assert enrollment.reasons_not_to_register([ana], late, make.NOW, by=omar) == []
    assert enrollment.reasons_not_to_register([ana], canceled, make.NOW, by=omar) == ["LT27-01 was canceled."]


def test_an_agreement_that_cannot_pay_takes_the_seats_back(alder_valley: Organization, dolores: User):
    winter = make.institute()
    grant = make.agreement(name="NSF-LEAP", amount=Decimal(9_000))
    group = Group([Attendee("Ana", f"Torres {n}") for n in range(20)], whole(make.line(alder_valley, grant), winter))

    with pytest.raises(CannotRegister, match="NSF-LEAP"):
        enrollment.place([group], sponsor=alder_valley, institute=winter, key="k", by=dolores, at=make.NOW)

    assert (Seat.objects.count(), Charge.objects.count(), Institute.objects.get().seats_taken) == (0, 0, 0)
