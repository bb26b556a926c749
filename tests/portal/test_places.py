"""What a participant says of her place on her own page: needs, choices, and her days as a calendar file."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from events.models import Institute
from people import links
from people.models import Organization, Person, User
from registrations.models import Need, Registration, WaitlistEntry, WaitlistPerson
from tests import make


@pytest.fixture
def institute(omar: User) -> Institute:
    made = make.institute(code="LT27-01")
    make.agenda(made)
    return made


@pytest.fixture
def place(institute: Institute, ana: Person, alder_valley: Organization) -> Registration:
    return make.registration(ana, institute, alder_valley)


def page(name: str, place: Registration) -> str:
    token = links.sign(place.person, purpose="participant")
    return reverse(f"portal:{name}", kwargs={"token": token, "registration_id": place.pk})


def test_she_says_what_she_needs_without_a_password(client: Client, place: Registration) -> None:
    answer = client.post(page("my_needs", place), {f"dietary-{place.pk}": "No peanuts"}, follow=True)

    need = Need.objects.get()
    assert (need.registration, need.text, need.by) == (place, "No peanuts", None)
    assert "Kept. Your coordinator" in answer.content.decode()


def test_opening_the_page_changes_nothing(client: Client, place: Registration) -> None:
    assert client.get(page("my_needs", place)).status_code == 200
    assert not Need.objects.exists()


def test_a_refusal_is_said_beside_what_she_typed(client: Client, place: Registration) -> None:
    answer = client.post(page("my_needs", place), {f"dietary-{place.pk}": "x" * 301})

    assert answer.status_code == 422
    assert "x" * 301 in answer.content.decode()


def test_needs_for_what_is_over_are_refused(client: Client, place: Registration) -> None:
    Institute.objects.update(starts_on="2020-01-01", ends_on="2020-01-02")

    answer = client.post(page("my_needs", place), {f"dietary-{place.pk}": "Vegan"})

    assert "LT27-01 is over" in answer.content.decode()


def test_she_chooses_her_strand_until_it_begins(client: Client, place: Registration, institute: Institute) -> None:
    strand = make.strand(institute, "Grades 3–5")

    client.post(page("my_choices", place), {"strand": strand.pk})

    place.refresh_from_db()
    assert place.strand == strand


def test_a_full_strand_is_refused_with_a_sentence(
    client: Client, place: Registration, institute: Institute, alder_valley: Organization
) -> None:
    strand = make.strand(institute, "Grades 3–5", capacity=1)
    make.registration(make.person("Tomas Wexler"), institute, alder_valley, strand=strand)

    answer = client.post(page("my_choices", place), {"strand": strand.pk})

    assert answer.status_code == 422
    assert "Grades 3–5 is full. Choose another." in answer.content.decode()


def test_where_nothing_is_to_choose_that_is_said(client: Client, place: Registration) -> None:
    assert "There is nothing to choose here" in client.get(page("my_choices", place)).content.decode()


def test_her_days_are_those_of_her_mail(client: Client, place: Registration) -> None:
    Registration.objects.update(sequence=3)

    answer = client.get(page("my_days", place))

    entries = Calendar.from_ical(answer.content).walk("VEVENT")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert [str(entry["uid"]).split("@")[0] for entry in entries] == [
        f"day{number}.registration-{place.pk:012d}" for number in (1, 2, 3)
    ]
    assert {str(entry["sequence"]) for entry in entries} == {"4"}


@pytest.mark.parametrize("name", ["my_needs", "my_choices", "my_days"])
def test_the_place_of_another_is_not_there(
    client: Client, place: Registration, alder_valley: Organization, name: str
) -> None:
    theirs = make.registration(make.person("Tomas Wexler"), place.institute, alder_valley)
    token = links.sign(place.person, purpose="participant")

    answer = client.get(reverse(f"portal:{name}", kwargs={"token": token, "registration_id": theirs.pk}))

    assert answer.status_code == 404


def test_who_is_signed_in_needs_no_link(place: Registration, as_user: Callable[[User], Client]) -> None:
    user = make.user("ana@example.test")
    user.person = place.person
    user.save()

    answer = as_user(user).post(reverse("portal:my_needs", args=[place.pk]), {f"access-{place.pk}": "A ramp"})

    assert answer.headers["Location"] == reverse("portal:participant")
    assert Need.objects.get().by == user


def test_her_page_leads_to_all_of_it(client: Client, place: Registration, institute: Institute) -> None:
    make.session(institute, institute.starts_on, "15:40", "16:30", strand=make.strand(institute))

    shown = client.get(
        reverse("portal:participant", args=[links.sign(place.person, purpose="participant")])
    ).content.decode()

    for words in ("Put the days into my calendar", "Food and access", "Choose a strand", "My name is spelled wrong"):
        assert words in shown


def test_she_sees_her_place_in_line(client: Client, institute: Institute, alder_valley: Organization) -> None:
    waiting = make.person("Tomas Wexler")
    entry = WaitlistEntry.objects.create(
        allotment=make.allotment(institute, alder_valley), institute=institute, joined_at=make.NOW
    )
    WaitlistPerson.objects.create(entry=entry, person=waiting)

    shown = client.get(
        reverse("portal:participant", args=[links.sign(waiting, purpose="participant")])
    ).content.decode()

    assert "Waiting for Leadership Training" in shown
