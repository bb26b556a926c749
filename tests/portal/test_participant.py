"""The participant's page: hers alone, by link or by signing in, with agenda, badge and hours."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from certificates.models import Certificate
from events.models import Engagement, EngagementRole, Institute
from people import links
from people.models import Organization, Person, User
from portal import participant
from registrations import desk
from registrations.models import Registration
from tests import make

AFTER = datetime(2027, 2, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def institute(omar: User) -> Institute:
    made = make.institute(what_to_bring="A laptop", venue=make.venue())
    make.agenda(made)
    return made


@pytest.fixture
def place(institute: Institute, ana: Person, alder_valley: Organization) -> Registration:
    return make.registration(ana, institute, alder_valley)


def by_link(person: Person) -> str:
    return reverse("portal:participant", kwargs={"token": links.sign(person, purpose="participant")})


def begun(institute: Institute, days_ago: int) -> Registration:
    """Moves the institute so that its first day was some days ago, and makes the agenda anew."""
    institute.sessions.all().delete()
    institute.starts_on = timezone.now().astimezone(institute.tz).date() - timedelta(days=days_ago)
    institute.ends_on = institute.starts_on + timedelta(days=2)
    institute.save()
    make.agenda(institute)
    Registration.objects.update(days=institute.days)
    row: Registration = Registration.objects.select_related("institute").get()
    return row


def test_her_link_opens_her_institutes_with_agenda_and_badge_as_often_as_she_likes(
    client: Client, place: Registration, ana: Person
) -> None:
    for _twice in range(2):
        answer = client.get(by_link(ana))

    page = answer.content.decode()
    assert answer.status_code == 200
    assert [word in page for word in ("Leadership Training", "Morning", "A laptop", "Times are Pacific time.")] == [
        True
    ] * 4
    assert page.count('class="qr__drawing"') == 1
    assert "My hours" not in page
    assert (answer["Referrer-Policy"], "no-store" in answer["Cache-Control"]) == ("same-origin", True)


def test_hours_are_told_day_by_day_while_it_runs(client: Client, place: Registration, ana: Person, omar: User) -> None:
    row = begun(place.institute, days_ago=0)
    desk.tick([row.pk], row.institute.sessions.in_order()[0], key=uuid4(), by=omar, at=timezone.now())

    page = client.get(by_link(ana)).content.decode()

    assert "<strong>3.75</strong> of 19.5 hours" in page
    assert "Present for the whole block" in page


def test_when_it_is_over_the_badge_goes_and_the_certificate_is_there(
    client: Client, place: Registration, ana: Person, omar: User
) -> None:
    row = begun(place.institute, days_ago=10)
    Certificate.objects.create(
        person=ana, institute=row.institute, snapshot={}, issued_by=omar, issued_at=timezone.now(), code="ABCD-EFGH-JK"
    )

    found = participant.places_of(ana, at=timezone.now())
    page = client.get(by_link(ana)).content.decode()

    assert [one.code for one in found[0].certificates] == ["ABCD-EFGH-JK"]
    assert ("qr__drawing" in page, "A laptop" in page, "My hours" in page) == (False, False, True)


def test_two_registrations_at_one_institute_are_one_place(
    place: Registration, ana: Person, alder_valley: Organization
) -> None:
    Registration.objects.update(days=DateRange(date(2027, 1, 21), date(2027, 1, 22)))
    third_day = DateRange(date(2027, 1, 23), date(2027, 1, 24))
    make.registration(ana, place.institute, alder_valley, days=third_day)

    [found] = participant.places_of(ana, at=AFTER)

    assert ([row.first_day.day for row in found.registrations], found.offered, found.is_over) == ([21, 23], 780, True)


def test_what_is_on_or_comes_next_stands_before_what_is_over(
    place: Registration, ana: Person, alder_valley: Organization
) -> None:
    for first in (date(2027, 6, 24), date(2026, 6, 24), date(2026, 1, 22)):
        other = make.institute(starts_on=first, ends_on=first)
        make.registration(ana, other, alder_valley)

    found = participant.places_of(ana, at=datetime(2027, 1, 22, 18, 0, tzinfo=UTC))

    starts = [(one.institute.starts_on.year, one.institute.starts_on.month) for one in found]
    assert starts == [(2027, 1), (2027, 6), (2026, 6), (2026, 1)]


def test_her_agenda_has_her_own_strand_once_she_has_one(place: Registration, ana: Person) -> None:
    hers, other = make.strand(place.institute, "Grades 3–5"), make.strand(place.institute, "High school")
    for strand in (hers, other):
        make.session(place.institute, start="16:00", end="17:00", title=f"Design, {strand}", strand=strand)

    def titles() -> set[str]:
        [found] = participant.places_of(ana, at=AFTER)
        blocks = [
            block
            for day in found.agenda
            for stretch in day.stretches
            for column in stretch
            for block in column.sessions
        ]
        return {block.title for block in blocks if block.strand_id}

    assert titles() == {"Design, Grades 3–5", "Design, High school"}
    Registration.objects.update(strand=hers)
    assert titles() == {"Design, Grades 3–5"}


def test_she_sees_her_own_place_and_not_those_of_whom_she_teaches(
    client: Client, place: Registration, ana: Person, alder_valley: Organization
) -> None:
    noor = make.person("Noor Haddad")
    make.registration(noor, place.institute, alder_valley)
    Engagement.objects.create(institute=place.institute, person=ana, role=EngagementRole.PRESENTER)

    page = client.get(by_link(ana)).content.decode()

    assert ("Ana Torres" in page, "Noor Haddad" in page) == (True, False)


def test_an_alias_place_is_hers_too(ana: Person, place: Registration) -> None:
    carmen = make.person("Carmen Ortega")
    Person.objects.filter(pk=ana.pk).update(merged_into=carmen)

    assert [found.institute for found in participant.places_of(carmen, at=AFTER)] == [place.institute]


@pytest.mark.parametrize("purpose", ["certificates", "participant"])
def test_a_link_for_another_page_or_an_altered_one_opens_nothing(
    client: Client, place: Registration, ana: Person, purpose: str
) -> None:
    token = links.sign(ana, purpose=purpose) + ("" if purpose == "certificates" else "x")

    answer = client.get(reverse("portal:participant", kwargs={"token": token}))

    assert (answer.status_code, "Ana" in answer.content.decode()) == (403, False)
    assert "This link does not open" in answer.content.decode()


def test_who_signs_in_sees_the_same_and_who_does_not_is_asked_to(
    client: Client, as_user: Callable[[User], Client], place: Registration, ana: Person
) -> None:
    address = reverse("portal:participant")
    asked = client.get(address)
    login = User.objects.create_user("ana@example.test", person=ana)

    assert (asked.status_code, asked["Location"]) == (302, f"/accounts/login/?next={address}")
    assert "Leadership Training" in as_user(login).get(address).content.decode()


def test_a_login_without_a_person_or_places_is_told_what_comes(as_user: Callable[[User], Client], omar: User) -> None:
    nobody = User.objects.create_user("nobody@example.test")

    pages = [as_user(user).get(reverse("portal:participant")).content.decode() for user in (nobody, omar)]

    assert ["No institutes yet" in page for page in pages] == [True, True]


def test_the_page_takes_the_same_queries_for_one_institute_and_for_three(
    client: Client, ana: Person, alder_valley: Organization, provider: Any, django_assert_num_queries: Any
) -> None:
    client.get(by_link(ana))
    for _number in range(3):
        institute = make.institute(venue=make.venue())
        make.agenda(institute)
        make.registration(ana, institute, alder_valley)
        with django_assert_num_queries(11, exact=True):
            client.get(by_link(ana))
