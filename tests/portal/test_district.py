"""The coordinator's one page: what is open, ordered, paid and earned, and what needs her today."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from certificates.models import Certificate
from events.models import PriorityWindow, SetAside
from office.models import Message
from people.access import Role
from people.models import Organization, User
from portal import coordinator
from registrations import enrollment, funding
from registrations.models import Approval, HoursEarned, Offer, Registration, Seat, SeatCharge, Takeover, WaitlistEntry
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

    needs = [(need.sentence, need.action) for need in year_of(alder_valley, dolores).needs]

    assert needs == [
        ("Purchase order B27-0042 expires on November 20 with $5,250.00 left.", "See it"),
        ("The roster for LT27-01 waits with 0 rows.", "Go on"),
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
    assert answer.context["year"].needs == []
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


# --- What needs her ---------------------------------------------------------------------------------------------------


def sentences(district, who, at=make.NOW):
    return [(need.sentence, need.url) for need in year_of(district, who, at).needs]


def test_seats_without_a_name_say_until_when(winter, alder_valley, dolores: User):
    order = place(winter, alder_valley, dolores)
    Seat.objects.update(name_by=make.date(2027, 1, 7))
    Registration.objects.update(ended_at=make.NOW)

    page = year_of(alder_valley, dolores)

    assert [(need.sentence, need.by, need.url) for need in page.needs] == [
        (
            "1 seat at LT27-01 goes back unless you name it by Thursday, January 7.",
            make.date(2027, 1, 7),
            reverse("registrations:order", args=[order.pk]),
        )
    ]
    assert page.attended[0].name_by == make.date(2027, 1, 7)


def test_an_offer_is_said_with_its_end(winter, alder_valley, dolores: User):
    order = place(winter, alder_valley, dolores)
    entry = WaitlistEntry.objects.create(
        allotment=order.allotments.get(), institute=winter, seats=2, joined_at=make.NOW
    )
    offer = Offer.objects.create(entry=entry, sent_at=make.NOW, ends_at=make.NOW + timedelta(days=1))

    page = year_of(alder_valley, dolores)

    assert [(need.sentence, need.url) for need in page.needs] == [
        (
            "2 places at LT27-01 are offered to you until Tuesday, 9:00 AM.",
            reverse("registrations:offer", args=[offer.pk]),
        )
    ]
    assert page.attended[0].waiting == [entry]


def test_a_takeover_is_asked_of_the_other_district(winter, alder_valley, bristlecone, dolores: User, hal: User):
    place(winter, alder_valley, dolores)
    asked = Takeover.objects.create(seat=Seat.objects.get(), asked_of=bristlecone, asked_at=make.NOW)

    words = "Alder Valley Unified asks you to take over a seat at LT27-01, with its cost."
    assert sentences(bristlecone, hal) == [(words, reverse("registrations:takeover", args=[asked.pk]))]
    assert sentences(alder_valley, dolores) == []


def test_seats_without_a_purchase_order_are_said_when_the_institute_is_near(winter, alder_valley, dolores: User):
    winter.terms = make.terms(po_due_days=10)
    winter.save()
    order = place(winter, alder_valley, dolores)
    two_weeks_before = datetime(2027, 1, 7, 9, tzinfo=make.PACIFIC)

    words = "1 seat at LT27-01 has no purchase order yet, $525.00."
    assert sentences(alder_valley, dolores) == []
    assert sentences(alder_valley, dolores, two_weeks_before) == [
        (words, reverse("registrations:order_papers", args=[order.pk]))
    ]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({}, "The roster for LT27-01 waits for the approval of Pat Principal."),
        ({"decision": "approved"}, "The roster for LT27-01 was approved by Pat Principal: it can be sent."),
        ({"decision": "declined"}, "The roster for LT27-01 was declined by Pat Principal."),
    ],
)
def test_a_roster_says_what_became_of_its_approval(winter, alder_valley, dolores: User, answer, words):
    draft = drafting.start(alder_valley, winter, by=dolores, at=make.NOW)
    decided = {"decided_at": make.NOW, "decided_by": "Pat Principal"} if answer else {}
    Approval.objects.create(
        draft=draft,
        revision=draft.revision,
        amount=525,
        email="p@example.test",
        name="Pat Principal",
        asked_at=make.NOW,
        **answer,
        **decided,
    )

    assert sentences(alder_valley, dolores)[0][0] == words


def test_mail_that_did_not_arrive_is_said_with_the_way_to_it(winter, alder_valley, dolores: User, as_user):
    order = place(winter, alder_valley, dolores)
    message = lost_mail(order)

    [need] = year_of(alder_valley, dolores).needs
    page = as_user(dolores).get(need.url)

    assert need.sentence == "1 mail to your people did not arrive."
    assert [row for row, _address in page.context["lost"]] == [message]


def lost_mail(order, kind="bounced"):
    person = Registration.objects.filter(seat__allotment__order=order).first().person
    message = Message.objects.create(
        to="longname@avusd.example.test",
        person=person,
        subject="Your place",
        text="https://secret.example.test/",
        about=f"order {order.pk}",
        at=make.NOW,
    )
    message.outcomes.create(kind=kind, at=make.NOW)
    return message


def test_what_is_most_urgent_stands_first(winter, alder_valley, dolores: User):
    order = place(winter, alder_valley, dolores)
    make.purchase_order(alder_valley, number="B27-0042", expires_on=make.date(2026, 11, 20))
    entry = WaitlistEntry.objects.create(allotment=order.allotments.get(), institute=winter, joined_at=make.NOW)
    Offer.objects.create(entry=entry, sent_at=make.NOW, ends_at=make.NOW + timedelta(days=1))
    drafting.start(alder_valley, winter, by=dolores, at=make.NOW)

    actions = [need.action for need in year_of(alder_valley, dolores).needs]

    assert actions == ["Answer", "See it", "Go on"]


def test_an_offer_that_ends_stands_before_an_invoice_that_is_long_overdue(winter, alder_valley, dolores: User):
    order = place(winter, alder_valley, dolores)
    entry = WaitlistEntry.objects.create(allotment=order.allotments.get(), institute=winter, joined_at=make.NOW)
    Offer.objects.create(entry=entry, sent_at=make.NOW, ends_at=make.NOW + timedelta(days=1))
    charges = [row.charge for row in SeatCharge.objects.select_related("charge__line__payer", "charge__payee")]
    draft = make.invoice_of(charges, due_on=make.date(2026, 3, 9))
    draft.issued_at, draft.number, draft.number_year = make.NOW, 31, 2026
    draft.save()

    assert [need.tone for need in year_of(alder_valley, dolores).needs] == ["bad", "warn"]


# --- Mail to her people -----------------------------------------------------------------------------------------------

MAIL = reverse("portal:mailings")


def test_she_sees_that_a_mail_went_and_not_what_it_says(winter, alder_valley, dolores: User, as_user):
    lost_mail(place(winter, alder_valley, dolores), kind="sent")

    shown = as_user(dolores).get(MAIL).content.decode()

    assert "Your place" in shown
    assert "lo…@avusd.example.test" in shown
    assert "longname" not in shown
    assert "secret.example.test" not in shown


def test_her_mail_is_found_by_name_and_subject_and_not_by_address(winter, alder_valley, dolores: User, as_user):
    lost_mail(place(winter, alder_valley, dolores))
    client = as_user(dolores)

    found = {words: len(client.get(MAIL, {"q": words}).context["rows"]) for words in ("ana", "PLACE", "longname")}

    assert found == {"ana": 1, "PLACE": 1, "longname": 0}


def test_mail_to_another_districts_people_is_not_there(winter, alder_valley, dolores: User, hal: User, as_user):
    lost_mail(place(winter, alder_valley, dolores))
    client = as_user(hal)

    assert client.get(MAIL, {"district": alder_valley.pk}).status_code == 404
    assert client.get(MAIL).context["rows"] == []


def test_the_business_office_reads_no_mail(winter, alder_valley, bea: User, as_user):
    assert as_user(bea).get(MAIL).status_code == 403


# --- Years ------------------------------------------------------------------------------------------------------------


def test_what_is_over_is_found_under_its_year(provider, alder_valley, dolores: User):
    make.payee()
    old = make.institute(code="LT24-01", starts_on=make.date(2024, 1, 18), ends_on=make.date(2024, 1, 20))
    make.allotment(old, alder_valley)
    make.registration(make.person("Ana Torres"), old, alder_valley)

    now = year_of(alder_valley, dolores)
    then = coordinator.year_of(alder_valley, who=dolores, at=make.NOW, may_register=True, asked=2024)

    assert ([row.institute for row in now.attended], now.years) == ([], [2027, 2026, 2025, 2024])
    assert ([row.institute.code for row in then.attended], then.open_institutes, then.needs) == (["LT24-01"], (), [])


def test_a_year_that_nobody_has_seen_is_this_one(winter, alder_valley, dolores: User, as_user):
    assert as_user(dolores).get(URL, {"year": "9999"}).context["year"].is_current


# --- Doors ------------------------------------------------------------------------------------------------------------


def test_an_institute_that_opens_early_for_her_county_is_open_to_her_alone(
    winter, alder_valley, bristlecone, dolores: User, hal: User
):
    bristlecone.county = make.county("98")
    bristlecone.save()
    winter.registration_opens_at = make.NOW + timedelta(days=9)
    winter.save()
    PriorityWindow.objects.create(institute=winter, county=alder_valley.county, opens_at=make.NOW - timedelta(days=1))

    assert year_of(alder_valley, dolores).open_institutes == [winter]
    assert year_of(bristlecone, hal).open_institutes == []


def test_seats_that_are_set_aside_for_her_are_said(winter, alder_valley, dolores: User, as_user):
    SetAside.objects.create(
        institute=winter, organization=alder_valley, seats=12, until=timezone.localdate() + timedelta(days=20)
    )

    assert "12 seats are set aside for you until" in as_user(dolores).get(URL).content.decode()
