"""The coordinator's one page: what is open, ordered, paid and earned, and what needs her today."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from certificates.models import Certificate
from people.access import Role
from people.models import Organization, User
from portal import coordinator
from registrations import enrollment, funding
from registrations.models import HoursEarned, Registration
from registrations.newcomers import Attendee
from registrations.rosters import drafting
from tests import make

URL = reverse("portal:district")


@pytest.fixture
def winter(provider):
    make.payee()
    return make.institute(code="LT27-01", registration_closes_at=timezone.now() + timedelta(days=400))


def place(institute, sponsor, by, number=1, line=None):
    share = funding.Share(line or make.line(sponsor), institute.starts_on, institute.ends_on)
    group = enrollment.Group([Attendee("Ana", f"No{institute.pk}x{number}")], [share])
    key = f"{institute.pk} {number}"
    return enrollment.place([group], sponsor=sponsor, institute=institute, key=key, by=by, at=make.NOW)


def year_of(district, who, at=make.NOW):
    return coordinator.year_of(district, who=who, at=at, may_register=True)


def test_her_seats_are_shown_with_money_hours_and_certificates(winter, alder_valley, dolores: User):
    place(winter, alder_valley, dolores)
    registration = Registration.objects.get()
    HoursEarned.objects.create(
        registration=registration,
        day=winter.starts_on,
        hour_type="intensive",
        minutes=390,
        agenda_revision=1,
        worked_out_at=make.NOW,
    )
    Certificate.objects.create(
        person=registration.person, institute=winter, sponsor=alder_valley, snapshot={}, issued_at=make.NOW
    )

    [row] = year_of(alder_valley, dolores).attended

    assert (row.seats, row.unnamed, row.charged, row.minutes, row.certificates) == (1, 0, Decimal(525), 390, 1)


def test_a_seat_without_a_person_has_no_name(winter, alder_valley, dolores: User):
    place(winter, alder_valley, dolores)
    Registration.objects.update(ended_at=make.NOW)

    assert year_of(alder_valley, dolores).attended[0].unnamed == 1


def test_what_waits_for_her_is_said(winter, alder_valley, dolores: User):
    drafting.start(alder_valley, winter, by=dolores, at=make.NOW)
    make.purchase_order(alder_valley, number="B27-0042", expires_on=make.date(2026, 11, 20))
    make.purchase_order(alder_valley, number="old", expires_on=make.date(2026, 10, 20))

    needs = [need.sentence for need in year_of(alder_valley, dolores).needs]

    assert needs == [
        "The roster for LT27-01 waits with 0 rows.",
        "Purchase order B27-0042 expires on November 20 with $5,250.00 left.",
    ]


def test_the_page_shows_what_is_open(winter, alder_valley, dolores: User, as_user):
    answer = as_user(dolores).get(URL)

    assert list(answer.context["year"].open_institutes) == [winter]
    assert reverse("registrations:roster_start", args=[winter.pk]) in answer.content.decode()


def test_the_business_office_sees_money_and_registers_nobody(winter, alder_valley, dolores, bea: User, as_user):
    place(winter, alder_valley, dolores)
    drafting.start(alder_valley, winter, by=dolores, at=make.NOW)

    answer = as_user(bea).get(URL)

    assert answer.context["year"].attended[0].charged == Decimal(525)
    assert answer.context["year"].drafts == []
    assert "rosters/new" not in answer.content.decode()


def test_another_districts_page_is_not_there(winter, alder_valley: Organization, dolores, hal: User, as_user):
    place(winter, alder_valley, dolores)

    assert as_user(hal).get(URL, {"district": alder_valley.pk}).status_code == 404
    assert as_user(hal).get(URL).context["year"].attended == []


def test_staff_see_any_districts_page(alder_valley: Organization, omar: User, as_user):
    client = as_user(omar)

    assert client.get(URL, {"district": alder_valley.pk}).context["district"] == alder_valley
    assert client.get(URL).status_code == 404


def test_somebody_with_two_districts_goes_from_one_to_the_other(alder_valley, bristlecone, dolores: User, as_user):
    make.Membership.objects.create(user=dolores, role=Role.COORDINATOR, organization=bristlecone, started_at=make.NOW)

    answer = as_user(dolores).get(URL, {"district": bristlecone.pk})

    assert list(answer.context["districts"]) == [alder_valley, bristlecone]


def test_ten_years_ask_as_often_as_one(winter, alder_valley, dolores: User, as_user, django_assert_max_num_queries):
    client = as_user(dolores)
    counted = []
    for number in range(3):
        institute = winter if not number else make.institute(registration_closes_at=winter.registration_closes_at)
        place(institute, alder_valley, dolores, number)
        drafting.start(alder_valley, institute, by=dolores, at=make.NOW)
        make.purchase_order(alder_valley)
        if number in {0, 2}:
            with django_assert_max_num_queries(40) as queries:
                client.get(URL)
            counted.append(len(queries))

    assert counted[0] == counted[1]


def test_her_orders_lead_to_the_names_in_their_seats(winter, alder_valley, dolores: User, as_user):
    order = place(winter, alder_valley, dolores)

    page = as_user(dolores).get(URL).content.decode()

    assert f'<a href="{reverse("registrations:order", args=[order.pk])}">Order {order.pk}</a>' in page
