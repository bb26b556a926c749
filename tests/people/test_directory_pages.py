"""The staff's pages of the directory: districts, people, imports."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from office.models import Message
from people import tasks
from people.access import Role
from people.directory import runs
from people.models import DirectoryImport, Membership, Organization, Person, School, User
from tests import make

EXPORT = Path(__file__).parent.parent / "fixtures" / "directory" / "export_2026-04-06.csv"
AsUser = Callable[[User], Client]


@pytest.fixture
def staff(as_user: AsUser, omar: User) -> Client:
    return as_user(omar)


def district_of(coordinator: User) -> Organization:
    return Organization.objects.get(memberships__user=coordinator)


def names_on(page: object, key: str = "page") -> list[str]:
    shown = page.context[key]  # type: ignore[attr-defined]
    return [str(row) for row in getattr(shown, "rows", shown)]


# --- Districts ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "valley ALDER"}, ["Alder Valley Unified"]),
        ({"q": "99-00102"}, ["Bristlecone Joint Union Elementary"]),
        ({"kind": "provider"}, ["Sierra Science Collaborative"]),
        ({"status": "closed"}, ["Old Mill Elementary"]),
        ({"county": "98"}, ["Old Mill Elementary"]),
        ({"q": "nobody"}, []),
    ],
)
def test_districts_are_found_by_what_stands_in_the_address(
    asked: dict[str, str], found: list[str], staff: Client, alder_valley: Organization, bristlecone: Organization
) -> None:
    make.organization("Old Mill Elementary", status="closed", county=make.county("98"))

    page = staff.get(reverse("people:directory"), asked)

    assert names_on(page) == found


def test_a_district_is_listed_with_its_county_and_its_open_schools(staff: Client, alder_valley: Organization) -> None:
    make.school(alder_valley)
    make.school(alder_valley, "Gone", status="closed")

    page = staff.get(reverse("people:directory"), {"q": "alder"})

    assert [row.schools_open for row in page.context["page"]] == [1]
    assert "County 99" in page.content.decode()


def test_a_list_asks_as_much_for_three_districts_as_for_one(
    staff: Client, alder_valley: Organization, django_assert_num_queries, django_assert_max_num_queries
) -> None:
    staff.get(reverse("people:directory"))
    with django_assert_max_num_queries(20) as one:
        staff.get(reverse("people:directory"))
    for name in ("Birch", "Cedar"):
        make.school(make.organization(name, county=make.county(name[:2])))

    with django_assert_num_queries(len(one)):
        staff.get(reverse("people:directory"))


def test_a_districts_page_shows_its_schools_people_and_parts(
    staff: Client, alder_valley: Organization, dolores: User, ana: Person
) -> None:
    before = make.organization("Old Alder", successor=alder_valley, status="merged")
    make.school(alder_valley, "Alder Elementary")

    page = staff.get(reverse("people:organization", args=[alder_valley.pk]))

    assert names_on(page) == ["Alder Elementary"]
    assert page.context["people_count"] == 1
    assert [part.user for part in page.context["parts"]] == [dolores]
    assert list(page.context["relatives"]) == [before]
    assert "Alder Valley Unified (County 99)" in page.content.decode()


def test_a_merged_district_says_who_succeeded_it(staff: Client, alder_valley: Organization) -> None:
    before = make.organization("Old Alder", successor=alder_valley, status="merged")

    page = staff.get(reverse("people:organization", args=[before.pk]))

    assert "Its successor is Alder Valley Unified." in page.content.decode()
    assert reverse("people:appoint", args=[before.pk]) not in page.content.decode()


# --- Parts ----------------------------------------------------------------------------------------------------------


def appoint(client: Client, at: Organization, **more: str) -> object:
    asked = {"email": "Nia@avusd.example.test", "name": "Nia Okafor", "role": "coordinator", "submission_key": "k1"}
    return client.post(reverse("people:appoint", args=[at.pk]), asked | more)


def mails_to(address: str) -> int:
    """However far the mail has come: written for the worker, or sent."""
    return Message.objects.filter(to=address).count() + sum(address in sent.to for sent in mail.outbox)


def test_staff_appoint_a_coordinator_who_gets_one_mail(staff: Client, alder_valley: Organization) -> None:
    first = appoint(staff, alder_valley)
    again = appoint(staff, alder_valley)

    part = Membership.objects.get(organization=alder_valley)
    assert first.status_code == again.status_code == 302  # type: ignore[attr-defined]
    assert (part.user.email, part.role, str(part.user)) == ("nia@avusd.example.test", Role.COORDINATOR, "Nia Okafor")
    assert not part.user.has_usable_password()
    assert mails_to("nia@avusd.example.test") == 1


def test_a_refused_appointment_comes_back_with_its_sentence(
    staff: Client, alder_valley: Organization, dolores: User
) -> None:
    page = appoint(staff, alder_valley, email=dolores.email)

    assert page.status_code == 422  # type: ignore[attr-defined]
    assert page.context["form"].non_field_errors() == [  # type: ignore[attr-defined]
        "Dolores Quintero is district coordinator of Alder Valley Unified already."
    ]


def test_the_appointment_form_is_empty_at_first(staff: Client, alder_valley: Organization) -> None:
    page = staff.get(reverse("people:appoint", args=[alder_valley.pk]))

    assert page.status_code == 200
    assert "Appoint someone at Alder Valley Unified" in page.content.decode()


def test_staff_end_a_part_once(staff: Client, dolores: User) -> None:
    part = dolores.memberships.get()

    first = staff.post(reverse("people:end_membership", args=[part.pk]), follow=True)
    again = staff.post(reverse("people:end_membership", args=[part.pk]), follow=True)

    assert "Dolores Quintero has no part at Alder Valley Unified any more." in first.content.decode()
    assert again.status_code == 200
    assert not dolores.memberships.active().exists()


# --- People ---------------------------------------------------------------------------------------------------------


def test_people_are_found_by_name_address_and_district(
    staff: Client, ana: Person, hal: User, alder_valley: Organization
) -> None:
    make.person("Ana Quiroga", merged_into=ana)

    def found(**asked: str | int) -> list[str]:
        return names_on(staff.get(reverse("people:people"), asked))

    assert found(q="torr an") == ["Ana Torres"]
    assert found(q="ana") == ["Ana Torres"]
    assert found(q="ANA.torres@") == ["Ana Torres"]
    assert found(organization=alder_valley.pk) == ["Ana Torres"]
    assert found(q="zzz") == []


def test_people_come_page_by_page_in_both_directions(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("people.views.persons.ON_A_PAGE", 2)
    Person.objects.exclude(users__isnull=False).delete()
    for name in ("A A", "A B", "A B", "A C"):
        make.person(name)
    url = reverse("people:people")

    first = staff.get(url, {"q": "a"}).context["page"]
    second = staff.get(url, {"q": "a", "after": first.after}).context["page"]
    third = staff.get(url, {"q": "a", "after": second.after}).context["page"]
    back = staff.get(url, {"q": "a", "before": second.before}).context["page"]

    everyone = [person.pk for page in (first, second, third) for person in page.rows]
    assert everyone == list(Person.objects.order_by("sort_key", "pk").values_list("pk", flat=True))
    assert (first.before, third.after) == ("", "")
    assert back.rows == first.rows
    assert back.before == ""


def test_a_key_that_nobody_gave_shows_the_first_page(staff: Client, ana: Person) -> None:
    for key in ("nonsense", "x~y", "x~" + "9" * 30):
        assert "Ana Torres" in names_on(staff.get(reverse("people:people"), {"after": key}))


def test_a_list_asks_as_much_for_three_people_as_for_one(
    staff: Client, ana: Person, alder_valley: Organization, django_assert_num_queries, django_assert_max_num_queries
) -> None:
    staff.get(reverse("people:people"))
    with django_assert_max_num_queries(20) as one:
        staff.get(reverse("people:people"))
    for name in ("Bo Li", "Cy Mo"):
        make.person(name, f"{name[:2]}@example.test".lower(), at=alder_valley)

    with django_assert_num_queries(len(one)):
        staff.get(reverse("people:people"))


def test_a_persons_page_tells_where_she_works_and_takes_an_address(staff: Client, ana: Person) -> None:
    url = reverse("people:person", args=[ana.pk])

    added = staff.post(url, {"address": "Ana@Home.example.test", "submission_key": "k1"}, follow=True)
    again = staff.post(url, {"address": "ana@home.example.test", "submission_key": "k2"})

    assert "Alder Valley Unified (County 99)" in added.content.decode()
    assert [str(address) for address in added.context["addresses"]] == [
        "ana.torres@avusd.example.test",
        "ana@home.example.test",
    ]
    assert again.status_code == 422
    assert again.context["form"].errors["address"] == ["Ana Torres has ana@home.example.test already."]


def test_a_name_is_changed_and_found_by_its_new_key(staff: Client, ana: Person) -> None:
    asked = {"given": "Ana ", "family": "Muñoz", "display": "", "submission_key": "k1"}

    staff.post(reverse("people:rename", args=[ana.pk]), asked)

    ana.refresh_from_db()
    assert (ana.display_name, ana.sort_key) == ("Ana Muñoz", "munoz ana")


def test_a_person_keeps_a_name(staff: Client, ana: Person) -> None:
    url = reverse("people:rename", args=[ana.pk])
    assert staff.get(url).context["form"].initial["display"] == "Ana Torres"

    page = staff.post(url, {"given": "", "family": "", "display": " ' "})

    assert page.status_code == 422
    assert page.context["form"].non_field_errors() == ["Write a name."]


# --- Imports --------------------------------------------------------------------------------------------------------


def upload(client: Client, content: bytes | None = None, **more: str) -> object:
    file = SimpleUploadedFile(EXPORT.name, EXPORT.read_bytes() if content is None else content)
    return client.post(reverse("people:imports"), {"file": file, "submission_key": "k1"} | more)


def test_an_uploaded_file_is_brought_in_by_a_worker_once(staff: Client) -> None:
    make.county("99")

    upload(staff, private="on")
    upload(staff, private="on")
    waiting = DirectoryImport.objects.get()
    progress = staff.get(reverse("people:import_progress", args=[waiting.pk])).content.decode()
    tasks.import_directory(directory_import=waiting.pk)
    tasks.import_directory(directory_import=waiting.pk)

    done = DirectoryImport.objects.get()
    assert ProcrastinateJob.objects.get(task_name="people.import_directory").args == {"directory_import": done.pk}
    assert 'hx-trigger="every 1s"' in progress
    assert (done.new, done.refused, done.left_out, done.without_district) == (6, 0, 1, 1)
    assert (done.rows_read, done.rows_expected) == (9, 9)
    assert done.takes_private
    assert School.objects.count() == 4


def test_the_page_of_a_finished_import_has_its_counts_and_its_refused_rows(staff: Client) -> None:
    upload(staff, EXPORT.read_bytes().replace(b",99", b",61"))  # all but the row of county 77
    made = DirectoryImport.objects.get()
    tasks.import_directory(directory_import=made.pk)

    page = staff.get(reverse("people:import", args=[made.pk])).content.decode()
    refused = staff.get(reverse("people:import_refused", args=[made.pk]))

    assert "hx-trigger" not in page
    assert "The file speaks of April 6, 2026." in page
    assert refused.getvalue().decode("utf-8-sig").count("There is no county 61") == 6
    assert refused["Content-Disposition"] == 'attachment; filename="export_2026-04-06-refused.csv"'


def test_an_import_without_refused_rows_has_no_file_of_them(staff: Client, omar: User) -> None:
    made = DirectoryImport.objects.create(name="x.csv", file="x", by=omar, at=make.NOW, finished_at=make.NOW)

    assert staff.get(reverse("people:import_refused", args=[made.pk])).status_code == 404


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"Name,E-mail\nAna,a@example.test\n", "None of the first ten lines"), (b"\x00\x01", "not a spreadsheet")],
)
def test_a_file_that_is_no_directory_comes_back_with_a_sentence(content: bytes, sentence: str, staff: Client) -> None:
    page = upload(staff, content)

    assert page.status_code == 422  # type: ignore[attr-defined]
    assert sentence in page.context["form"].errors["file"][0]  # type: ignore[attr-defined]
    assert not DirectoryImport.objects.exists()


def test_a_file_of_more_than_20_mb_is_not_kept(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("people.directory.uploads.LARGEST", 100)

    assert "larger than 20 MB" in upload(staff).context["form"].errors["file"][0]  # type: ignore[attr-defined]


def test_a_key_with_another_file_is_refused(staff: Client) -> None:
    upload(staff)

    page = upload(staff, EXPORT.read_bytes() + b"\n")

    assert page.status_code == 422  # type: ignore[attr-defined]
    assert DirectoryImport.objects.count() == 1


def test_a_file_that_breaks_on_the_way_says_so(staff: Client) -> None:
    upload(staff)
    made = DirectoryImport.objects.get()
    made.file.storage.delete(made.file.name)

    with pytest.raises(FileNotFoundError):
        runs.run(made, at=make.NOW)

    assert "Something went wrong on our side" in staff.get(reverse("people:import", args=[made.pk])).content.decode()


def test_a_workbook_that_cannot_be_read_to_its_end_says_so(staff: Client) -> None:
    upload(staff, EXPORT.read_bytes() + b'\n"' + b"x" * 200_000)
    made = DirectoryImport.objects.get()

    tasks.import_directory(directory_import=made.pk)

    assert "This is not a spreadsheet" in DirectoryImport.objects.get().failure
    assert "Stopped" in staff.get(reverse("people:imports")).content.decode()


# --- Who gets in ----------------------------------------------------------------------------------------------------


def test_the_directory_is_the_staffs_alone(as_user: AsUser, dolores: User, ana: Person, omar: User) -> None:
    district = district_of(dolores)
    made = DirectoryImport.objects.create(name="x.csv", file="x", by=omar, at=make.NOW)
    her = as_user(dolores)

    for name, args, status in [
        ("directory", [], 403), ("people", [], 403), ("imports", [], 403), ("organization", [district.pk], 403),
        ("appoint", [district.pk], 403), ("person", [ana.pk], 403), ("rename", [ana.pk], 403), ("import", [made.pk], 404),
        ("import_progress", [made.pk], 404), ("import_refused", [made.pk], 404),
    ]:  # fmt: skip
        assert her.get(reverse(f"people:{name}", args=args)).status_code == status, name
    assert her.post(reverse("people:end_membership", args=[dolores.memberships.get().pk])).status_code == 403


def test_another_districts_rows_are_not_there(as_user: AsUser, hal: User, dolores: User, ana: Person) -> None:
    district, part = district_of(dolores), dolores.memberships.get()
    his = as_user(hal)

    for name, key in [("organization", district.pk), ("appoint", district.pk), ("person", ana.pk), ("rename", ana.pk)]:
        assert his.get(reverse(f"people:{name}", args=[key])).status_code == 404, name
    assert his.post(reverse("people:end_membership", args=[part.pk])).status_code == 404
