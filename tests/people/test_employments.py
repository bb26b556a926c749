"""Where people work, by the day; and who sees them for how long."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people import employments, merging
from people.employments import CannotEmploy
from people.models import EmailAddress, Employment, JobRole, Organization, Person, Standing, User
from registrations.models import Registration
from tests import make

AsUser = Callable[[User], Client]
FEBRUARY = date(2027, 2, 28)


def job_of(person: Person) -> Employment:
    return Employment.objects.get(person=person)


def begin(person: Person, at: Organization, by: User, on: date = FEBRUARY, **more: object) -> Employment:
    return employments.begin(person, at, role=JobRole.TEACHER, on=on, by=by, at=make.NOW, **more)  # type: ignore[arg-type]


def left(person: Person, days_ago: int = 1) -> None:
    Employment.objects.filter(person=person).update(ends_on=timezone.localdate() - timedelta(days=days_ago))


# --- Beginning and ending ---------------------------------------------------------------------------------------------


def test_a_job_ends_on_its_last_day_and_another_begins(ana: Person, omar: User, bristlecone: Organization) -> None:
    employments.end(job_of(ana), on=FEBRUARY, by=omar, at=make.NOW)
    begin(ana, bristlecone, omar, on=date(2027, 3, 1))

    held = [
        [str(job.organization) for job in Employment.objects.filter(person=ana).on(day)]
        for day in (FEBRUARY, date(2027, 3, 1))
    ]
    assert held == [["Alder Valley Unified"], ["Bristlecone Joint Union Elementary"]]


def test_a_job_is_refused_with_a_sentence(
    ana: Person, omar: User, alder_valley: Organization, bristlecone: Organization
) -> None:
    oak = make.school(bristlecone, "Oak Elementary")
    job = job_of(ana)
    closed = make.organization("Gone Elementary", status=Standing.CLOSED)

    for refused, sentence in (
        (lambda: begin(ana, alder_valley, omar), "Ana Torres has that job at Alder Valley Unified already."),
        (lambda: begin(ana, alder_valley, omar, school=oak), "Oak Elementary is no school of Alder Valley Unified."),
        (lambda: begin(ana, closed, omar), "Gone Elementary is open no more."),
        (lambda: begin(ana, bristlecone, omar, on=date(2207, 3, 1)), "March 1, 2207 is more than a year ahead."),
        (lambda: employments.end(job, on=date(2019, 1, 1), by=omar, at=make.NOW), "It began on August 1, 2020"),
    ):
        with pytest.raises(CannotEmploy, match=sentence):
            refused()
    employments.end(job, on=date(2026, 10, 1), by=omar, at=make.NOW)
    with pytest.raises(CannotEmploy, match=r"This job ended on October 1, 2026\."):
        employments.end(job, on=FEBRUARY, by=omar, at=make.NOW)


def test_a_new_job_is_the_canonical_persons(ana: Person, omar: User, bristlecone: Organization) -> None:
    alias = make.person("A. Torres")
    merging.merge(alias, into=ana, evidence="She says so.", by=omar, at=make.NOW)

    assert begin(Person.objects.get(pk=alias.pk), bristlecone, omar).person == ana


# --- Who sees her -----------------------------------------------------------------------------------------------------


def test_a_district_sees_her_to_her_last_day_and_no_longer(dolores: User, ana: Person) -> None:
    left(ana, days_ago=0)
    assert ana in Person.objects.visible_to(dolores)
    left(ana)

    EmailAddress.objects.create(person=ana, address="ana@lodestar.example.test")

    assert ana not in Person.objects.visible_to(dolores)
    assert not EmailAddress.objects.visible_to(dolores).filter(person=ana).exists()


def test_the_old_district_keeps_what_it_sponsored_and_sees_nothing_of_the_new(
    as_user: AsUser, dolores: User, hal: User, ana: Person, alder_valley: Organization, bristlecone: Organization
) -> None:
    january = make.registration(ana, make.institute(), alder_valley)
    left(ana)
    Employment.objects.create(person=ana, organization=bristlecone, starts_on=timezone.localdate())
    april = make.registration(ana, make.institute(), bristlecone)

    assert list(Registration.objects.visible_to(dolores)) == [january]
    assert list(Registration.objects.visible_to(hal)) == [april]
    assert ana in Person.objects.visible_to(hal)
    assert as_user(dolores).get(f"/api/v1/people/{ana.pk}/").status_code == 404
    rows = as_user(dolores).get("/api/v1/registrations/").json()["results"]
    assert [(row["id"], row["name"]) for row in rows] == [(january.pk, "Ana Torres")]


def test_whoever_works_somewhere_under_a_former_row_is_seen_there(dolores: User, ana: Person, hal: User) -> None:
    carmen = make.person("Carmen Ortega", at=Organization.objects.get(memberships__user=hal))

    merging.merge(ana, into=carmen, evidence="She says so.", by=hal, at=make.NOW)

    assert carmen in Person.objects.visible_to(dolores)
    assert list(Employment.objects.visible_to(dolores)) == [job_of(ana)]


def test_a_merge_with_someone_who_left_opens_nothing_to_the_old_district(dolores: User, ana: Person, hal: User) -> None:
    left(ana)
    carmen = make.person("Carmen Ortega", at=Organization.objects.get(memberships__user=hal))

    merging.merge(ana, into=carmen, evidence="She says so.", by=hal, at=make.NOW)

    assert not Person.objects.visible_to(dolores).filter(pk__in=[ana.pk, carmen.pk]).exists()


# --- Pages ------------------------------------------------------------------------------------------------------------


def test_a_coordinator_says_who_left_and_when(
    as_user: AsUser, dolores: User, ana: Person, alder_valley: Organization
) -> None:
    coordinator = as_user(dolores)
    listed = reverse("people:district_people", args=[alder_valley.pk])
    where = reverse("people:end_job", args=[job_of(ana).pk])
    today = timezone.localdate()
    assert coordinator.get(where).status_code == 200
    assert coordinator.post(where, {"submission_key": "a", "on": "2019-01-01"}).status_code == 422

    answer = coordinator.post(where, {"submission_key": "b", "on": str(today - timedelta(days=1))}, follow=True)

    page = answer.content.decode()
    assert ("Ana Torres works at Alder Valley Unified until" in page, "Nobody yet" in page) == (True, True)
    assert "Torres" not in coordinator.get(listed, {"q": "torres"}).content.decode().replace('value="torres"', "")


def test_staff_begin_a_job_by_the_name_or_the_code_of_the_district(
    as_user: AsUser, omar: User, ana: Person, bristlecone: Organization
) -> None:
    staff, where = as_user(omar), reverse("people:begin_job", args=[ana.pk])
    oak = make.school(bristlecone, "Oak Elementary")
    make.organization("Twin Elementary")
    make.organization("Twin Elementary")
    asked = {"role": "teacher", "on": "2026-09-01"}

    refusals = [
        staff.post(where, asked | {"submission_key": name, "organization": name, "school": school}).status_code
        for name, school in (("Nowhere", ""), ("Twin Elementary", ""), ("99-00102", "Elm"))
    ]
    staff.post(where, asked | {"submission_key": "a", "organization": "99-00102", "school": "oak elementary"})

    assert refusals == [422, 422, 422]
    assert Employment.objects.get(organization=bristlecone).school == oak
    again = staff.post(where, asked | {"submission_key": "b", "organization": str(bristlecone)})
    assert (again.status_code, "has that job" in again.content.decode()) == (422, True)


def test_staff_end_a_job_from_the_persons_page(as_user: AsUser, omar: User, ana: Person) -> None:
    where = reverse("people:end_job", args=[job_of(ana).pk]) + "?from=person"

    answer = as_user(omar).post(where, {"submission_key": "a", "on": "2026-11-01"})

    assert answer["Location"] == reverse("people:person", args=[ana.pk])
    assert job_of(ana).ends_on == date(2026, 11, 1)


def test_the_people_of_a_district_take_the_same_queries_for_one_and_for_three(
    as_user: AsUser, dolores: User, ana: Person, alder_valley: Organization, django_assert_max_num_queries
) -> None:
    coordinator, where = as_user(dolores), reverse("people:district_people", args=[alder_valley.pk])
    coordinator.get(where)
    with django_assert_max_num_queries(14) as one:
        coordinator.get(where)
    for name in ("Kit Lowe", "Noor Haddad"):
        make.person(name, f"{name[:3].lower()}@avusd.example.test", at=alder_valley)

    with django_assert_max_num_queries(len(one.captured_queries)):
        page = coordinator.get(where)

    assert [str(job.person) for job in page.context["page"]] == ["Noor Haddad", "Kit Lowe", "Ana Torres"]
