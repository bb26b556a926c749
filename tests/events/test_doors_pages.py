"""Staff say who may come, who registers first, and for whom seats are set aside; the public page says so."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from events import doors, scheduling
from events.models import Audience, Cohort, Institute, PriorityWindow, SetAside
from people.models import Region
from tests import make


@pytest.fixture
def coming(provider) -> Institute:
    return make.institute(code="LT27-01", capacity=20, registration_opens_at=timezone.now() + timedelta(days=9))


def text(response) -> str:
    return " ".join(response.content.decode().split())


def test_an_institute_is_for_some_and_says_so(as_user, client, omar, coming):
    cohort = Cohort.objects.create(program=coming.program, name="Cohort 2026", starts_on=date(2026, 7, 1))
    Audience.objects.create(institute=coming, appointment="content_cadre")
    address = reverse("events:doors_audience", args=[coming.pk])

    done = as_user(omar).post(address, {"appointments": ["core_leader"], "cohorts": [cohort.pk]})

    assert done["Location"] == reverse("events:doors", args=[coming.pk])
    assert sorted(str(audience) for audience in coming.audiences.all()) == [
        "Cohort 2026",
        "Core leadership team member",
    ]
    assert "For: Cohort 2026, Core leadership team member." in text(
        client.get(reverse("events:institute", args=["LT27-01"]))
    )
    as_user(omar).post(address, {"appointments": ["core_leader"], "cohorts": [cohort.pk]})
    assert coming.audiences.count() == 2
    as_user(omar).post(address, {})
    assert coming.audiences.count() == 0


def test_the_next_of_its_kind_is_for_the_same_people(omar, coming):
    Audience.objects.create(institute=coming, appointment="core_leader")

    made = scheduling.clone(coming, starts_on=date(2028, 1, 20), by=omar, at=make.NOW)

    assert [audience.appointment for audience in made.audiences.all()] == ["core_leader"]


def test_a_region_registers_first_and_the_page_says_from_when(as_user, client, omar, coming):
    region = Region.objects.create(name="Region 7")
    address = reverse("events:doors_window", args=[coming.pk])

    both = as_user(omar).post(
        address, {"region": region.pk, "county": make.county().pk, "opens_at": "2026-11-01T08:00"}
    )
    late = as_user(omar).post(address, {"region": region.pk, "opens_at": "2099-11-01T08:00"})
    none = as_user(omar).post(address, {"region": region.pk, "opens_at": "2026-03-08T02:30"})
    as_user(omar).post(address, {"region": region.pk, "opens_at": "2026-11-01T08:00"})
    as_user(omar).post(address, {"region": region.pk, "opens_at": "2026-11-02T08:00"})

    assert "Choose a county or a region." in text(both)
    assert "Registration opens to all by then: choose an earlier time." in text(late)
    assert "the clocks go forward that night" in text(none)
    window = PriorityWindow.objects.get()
    assert "Region 7: from Monday, November 2, 2026, 8:00 AM" in text(
        client.get(reverse("events:institute", args=["LT27-01"]))
    )
    as_user(omar).post(reverse("events:doors_window_close", args=[coming.pk, window.pk]))
    assert PriorityWindow.objects.count() == 0


def test_seats_are_set_aside_within_the_capacity_and_freed(as_user, client, omar, coming, alder_valley, bristlecone):
    address = reverse("events:doors_set_aside", args=[coming.pk])
    asked = {"organization": "Alder Valley Unified", "seats": 12, "until": "2026-12-20"}

    unknown = as_user(omar).post(address, asked | {"organization": "Nowhere"})
    as_user(omar).post(address, asked)
    too_many = as_user(omar).post(address, asked | {"organization": bristlecone.cds, "seats": 9})
    over = as_user(omar).post(address, asked | {"until": "2027-02-01"})
    as_user(omar).post(address, asked | {"seats": 20})

    assert "Nothing open is called so." in text(unknown)
    assert "LT27-01 has 20 seats, of which 8 can be set aside." in text(too_many)
    assert "The institute is over by then" in text(over)
    kept = SetAside.objects.get()
    assert (kept.organization, kept.seats) == (alder_valley, 20)
    Institute.objects.update(registration_opens_at=make.NOW)
    page = text(client.get(reverse("events:institute", args=["LT27-01"])))
    assert "20 seats are set aside for districts until December 20." in page
    assert "Alder Valley" not in page
    as_user(omar).post(reverse("events:doors_free", args=[coming.pk, kept.pk]))
    assert SetAside.objects.count() == 0


def test_two_districts_of_one_name_are_told_apart_by_code(as_user, omar, coming, alder_valley):
    make.organization(alder_valley.name)
    asked = {"organization": alder_valley.name, "seats": 1, "until": "2026-12-20"}

    answer = as_user(omar).post(reverse("events:doors_set_aside", args=[coming.pk]), asked)

    assert "Several are called so: write the CDS code." in text(answer)


def test_small_gaps_are_filled_or_not(as_user, omar, coming):
    as_user(omar).post(reverse("events:doors_gaps", args=[coming.pk]), {})
    coming.refresh_from_db()
    assert coming.fills_small_gaps is False
    doors.fill_gaps(coming, is_filled=True)
    coming.refresh_from_db()
    assert coming.fills_small_gaps is True


def test_once_it_is_open_to_all_nobody_registers_first(as_user, omar, coming):
    Institute.objects.update(registration_opens_at=make.NOW)

    page = text(as_user(omar).get(reverse("events:doors", args=[coming.pk])))

    assert "Registration is open to all since" in page
    assert "Let them register first" not in page
