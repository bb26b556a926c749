"""Whom an institute is for, who may register first, and seats that only one district may take."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from events.models import Audience, Cohort, CohortMember, Institute, PriorityWindow, SetAside
from people.models import Appointment, AppointmentKind, Organization, Person, Region, User
from registrations import doors, enrollment, places
from registrations.enrollment import CannotRegister
from tests import make

BEFORE = make.NOW - timedelta(days=31)


@pytest.fixture(autouse=True)
def _payee(provider):
    make.payee()


def appointed(who: Person, at: Organization, kind: str = AppointmentKind.STAFF_DEVELOPER, **more) -> Appointment:
    return Appointment.objects.create(person=who, kind=kind, organization=at, **{"starts_on": date(2026, 7, 1)} | more)


# --- For whom ---------------------------------------------------------------------------------------------------------


def test_an_institute_without_an_audience_is_for_everyone(alder_valley, ana: Person, dolores: User):
    assert doors.reasons(make.institute(), alder_valley, [ana], at=make.NOW, by=dolores) == []


def test_who_is_not_meant_is_named_with_whom_it_is_for(alder_valley, ana: Person, omar: User):
    winter = make.institute(code="LT27-01")
    Audience.objects.create(institute=winter, appointment=AppointmentKind.STAFF_DEVELOPER)
    Audience.objects.create(institute=winter, appointment=AppointmentKind.CORE_LEADER)
    noor = make.person("Noor Haddad")
    appointed(noor, alder_valley, AppointmentKind.CORE_LEADER)

    assert doors.reasons(winter, alder_valley, [ana, noor], at=make.NOW, by=omar) == [
        "Ana Torres is not among those whom LT27-01 is for: Core leadership team member, Staff developer."
    ]
    assert doors.refusal_of_newcomers(winter) == (
        "LT27-01 is for people with a part we know of: Core leadership team member, Staff developer."
    )


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "is_welcome"),
    [
        (date(2026, 7, 1), None, True),
        (date(2026, 7, 1), date(2027, 1, 21), True),
        (date(2026, 7, 1), date(2027, 1, 20), False),
        (date(2027, 1, 22), None, False),
    ],
)
def test_an_appointment_counts_on_the_first_day(starts_on, ends_on, is_welcome, alder_valley, ana: Person):
    winter = make.institute()
    Audience.objects.create(institute=winter, appointment=AppointmentKind.STAFF_DEVELOPER)
    appointed(ana, alder_valley, starts_on=starts_on, ends_on=ends_on)

    assert (doors.refusals(winter, [ana]) == {}) == is_welcome


def test_a_member_of_the_cohort_is_welcome_also_under_an_earlier_name(alder_valley, ana: Person):
    winter = make.institute()
    cohort = Cohort.objects.create(program=winter.program, name="Cohort 2026", starts_on=date(2026, 7, 1))
    Audience.objects.create(institute=winter, cohort=cohort)
    alias = make.person("Ana Maria Torres", merged_into=ana)
    CohortMember.objects.create(cohort=cohort, person=alias, organization=alder_valley, starts_on=date(2026, 7, 1))

    assert doors.refusals(winter, [ana]) == {}


def test_nobody_is_seated_whom_the_institute_is_not_for(alder_valley, ana: Person, omar: User):
    winter = make.institute(code="LT27-01")
    Audience.objects.create(institute=winter, appointment=AppointmentKind.CONTENT_CADRE)

    with pytest.raises(CannotRegister, match="Ana Torres is not among those whom LT27-01 is for"):
        enrollment.register([ana], allotment=make.allotment(winter, alder_valley), by=omar, at=make.NOW)


# --- Who registers first ----------------------------------------------------------------------------------------------


def opening_later() -> Institute:
    return make.institute(code="LT27-01", registration_opens_at=make.NOW + timedelta(days=7))


def test_a_county_may_register_before_the_others(alder_valley, bristlecone, ana: Person, dolores: User, hal: User):
    winter = opening_later()
    bristlecone.county = make.county("98")
    bristlecone.save()
    PriorityWindow.objects.create(institute=winter, county=alder_valley.county, opens_at=make.NOW)

    assert doors.reasons(winter, alder_valley, [ana], at=make.NOW, by=dolores) == []
    assert doors.reasons(winter, bristlecone, [ana], at=make.NOW, by=hal) == [
        "Registration for LT27-01 opens on November 9, 2026, 9:00 AM."
    ]


def test_a_region_may_register_before_the_others_and_reads_from_when(alder_valley):
    winter = opening_later()
    region = Region.objects.create(name="Region 7")
    alder_valley.county.region = region
    PriorityWindow.objects.create(institute=winter, region=region, opens_at=make.NOW + timedelta(days=1))

    assert doors.why_closed(winter, make.NOW, sponsor=alder_valley) == (
        "Registration for LT27-01 opens on November 3, 2026, 9:00 AM."
    )


def test_a_county_without_a_region_has_no_window_of_a_region(alder_valley):
    winter = opening_later()
    PriorityWindow.objects.create(institute=winter, region=Region.objects.create(name="R"), opens_at=make.NOW)

    assert doors.opens_at(winter, alder_valley) == winter.registration_opens_at


def test_a_window_opens_no_institute_that_is_not_published(alder_valley):
    winter = make.institute(code="LT27-01", published_at=None)
    PriorityWindow.objects.create(institute=winter, county=alder_valley.county, opens_at=BEFORE)

    assert doors.why_closed(winter, make.NOW, sponsor=alder_valley) == "LT27-01 is not open for registration yet."


# --- Set aside --------------------------------------------------------------------------------------------------------


def aside(institute: Institute, to: Organization, seats: int, until: date = date(2026, 12, 1)) -> SetAside:
    return SetAside.objects.create(institute=institute, organization=to, seats=seats, until=until)


def seated(institute: Institute, sponsor: Organization, number: int, at: datetime = make.NOW):
    people = [make.person(f"Pat Number{sponsor.pk}x{place}") for place in range(number)]
    allotment = make.allotment(institute, sponsor, seats=number)
    return enrollment.register(people, allotment=allotment, by=None, at=at)


def test_seats_set_aside_are_for_one_district_alone(alder_valley, bristlecone):
    winter = make.institute(code="LT27-01", capacity=5)
    aside(winter, alder_valley, 3)

    with pytest.raises(
        CannotRegister,
        match=r"^LT27-01 has 5 seats left, 3 of them set aside for other districts until December 1; you asked for 3\.$",
    ):
        seated(winter, bristlecone, 3)

    assert len(seated(winter, bristlecone, 2)) == 2
    assert len(seated(winter, alder_valley, 3)) == 3


def test_what_the_district_took_is_not_kept_twice(alder_valley, bristlecone):
    winter = make.institute(capacity=5)
    aside(winter, alder_valley, 3)
    seated(winter, alder_valley, 2)

    winter.refresh_from_db()
    assert places.of(winter, at=make.NOW) == places.Places(3, {alder_valley.pk: 1})
    assert len(seated(winter, bristlecone, 2)) == 2


def test_a_charter_takes_of_what_is_set_aside_for_its_parent(alder_valley):
    winter = make.institute(capacity=3)
    charter = make.organization("Alder Charter", parent=alder_valley)
    aside(winter, alder_valley, 3)

    seated(winter, charter, 2)

    winter.refresh_from_db()
    assert places.of(winter, at=make.NOW).kept == {alder_valley.pk: 1}


@pytest.mark.parametrize(("hour", "is_kept"), [(23, True), (24, False)])
def test_the_day_passes_on_the_institutes_clocks(hour: int, is_kept: bool, alder_valley):
    winter = make.institute(zone="Pacific/Honolulu")
    aside(winter, alder_valley, 3, until=date(2026, 12, 1))
    midnight = datetime(2026, 12, 1, tzinfo=winter.tz)

    assert bool(places.kept_in(winter, at=midnight + timedelta(hours=hour))) == is_kept


def test_places_are_taken_from_what_is_kept_first():
    here = places.Places(5, {1: 2, 9: 1})

    here.take(3, frozenset({1}))

    assert here == places.Places(2, {1: 0, 9: 1})
    assert (here.left_for(frozenset({1})), here.own(frozenset({1})), here.left_for(frozenset({9}))) == (1, 0, 2)


def test_the_price_is_charged_as_everywhere(alder_valley):
    winter = make.institute(capacity=3)
    aside(winter, alder_valley, 1)

    [registration] = seated(winter, alder_valley, 1)

    assert registration.seat.seat_charges.get().charge.amount == Decimal(525)
