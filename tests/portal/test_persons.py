"""A person over all rooms: compared, merged, not merged while she sits twice, her address and her name her own."""

import json
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse

from events.models import Institute
from office.models import Message
from people import claims, corrections, links, matching, merging
from people.merging import CannotMerge
from people.models import AddressClaim, Merge, NameRequest, Organization, Person, User
from portal import persons
from registrations import enrollment
from registrations.models import Registration
from registrations.refusals import CannotRegister
from tests import make
from tests.races import at_once

AsUser = Callable[[User], Client]


@pytest.fixture
def institute(db: None) -> Institute:
    return make.institute(code="LT27-01")


@pytest.fixture
def carmen(db: None) -> Person:
    return make.person("Carmen Ortega", "carmen@delta.example.test")


def form(**asked: str) -> dict[str, str]:
    return {"submission_key": "a-key"} | asked


# --- Merging ----------------------------------------------------------------------------------------------------------


def test_two_who_sit_at_one_institute_on_one_day_stay_two(
    ana: Person, carmen: Person, omar: User, institute: Institute, alder_valley: Organization
) -> None:
    first = make.registration(ana, institute, alder_valley)
    second = make.registration(carmen, institute, alder_valley, days=DateRange(date(2027, 1, 23), date(2027, 1, 24)))

    with pytest.raises(CannotMerge) as refusal:
        persons.merge(ana, into=carmen, evidence="She says so.", by=omar, at=make.NOW)

    assert str(refusal.value) == (
        f"Both have a place at LT27-01 on January 23, 2027: withdraw or substitute Ana Torres (place {first.pk}) "
        f"or Carmen Ortega (place {second.pk}) first."
    )
    assert not Merge.objects.exists()


def test_days_that_do_not_meet_and_a_place_given_up_do_not_stand_in_the_way(
    ana: Person, carmen: Person, omar: User, institute: Institute, alder_valley: Organization
) -> None:
    make.registration(ana, institute, alder_valley, days=DateRange(date(2027, 1, 21), date(2027, 1, 22)))
    make.registration(ana, make.institute(), alder_valley)
    make.registration(carmen, institute, alder_valley, days=DateRange(date(2027, 1, 22), date(2027, 1, 24)))
    given_up = make.registration(carmen, institute, alder_valley, ended_at=make.NOW)

    made = persons.merge(ana, into=carmen, evidence="She says so.", by=omar, at=make.NOW)

    assert (made.person, made.into, given_up.person) == (ana, carmen, carmen)


def test_a_place_of_an_alias_counts(
    ana: Person, carmen: Person, omar: User, institute: Institute, alder_valley: Organization
) -> None:
    alias = make.person("A. Torres")
    make.registration(alias, institute, alder_valley)
    make.registration(carmen, institute, alder_valley)
    merging.merge(alias, into=ana, evidence="She says so.", by=omar, at=make.NOW)

    with pytest.raises(CannotMerge, match=r"A\. Torres .* or Carmen Ortega"):
        persons.merge(ana, into=carmen, evidence="She says so.", by=omar, at=make.NOW)


@pytest.mark.django_db(transaction=True)
def test_of_registering_and_merging_at_once_one_waits_for_the_other(
    ana: Person, carmen: Person, omar: User, institute: Institute, alder_valley: Organization
) -> None:
    """Four merge, four register her under the other name: she never sits twice under two names."""
    make.payee()
    make.registration(carmen, institute, alder_valley)

    def merge() -> Merge:
        return persons.merge(ana, into=carmen, evidence="She says so.", by=omar, at=make.NOW)

    def register() -> list[Registration]:
        seats = make.allotment(institute, alder_valley)
        return enrollment.register([Person.objects.get(pk=ana.pk)], allotment=seats, by=omar, at=make.NOW)

    answers = at_once(*[merge, register] * 4)

    merged = Person.objects.get(pk=ana.pk).merged_into == carmen
    seated = Registration.objects.live().filter(person=ana).count()
    assert (merged, seated) in {(True, 0), (False, 1)}
    assert Merge.objects.count() == merged
    assert all(isinstance(one, Merge | list | CannotMerge | CannotRegister) for one in answers)


def test_the_page_shows_both_sides_and_proposes_who_came_last(
    as_user: AsUser, ana: Person, carmen: Person, omar: User, institute: Institute, alder_valley: Organization
) -> None:
    make.registration(ana, institute, alder_valley)
    later = institute.starts_on + timedelta(days=90)
    make.registration(carmen, make.institute(starts_on=later, ends_on=later), alder_valley)

    page = as_user(omar).get(reverse("portal:same_person", args=[ana.pk, carmen.pk]))

    text = page.content.decode()
    assert [words in text for words in ("carmen@delta.example.test", "Alder Valley Unified", "LT27-01")] == [True] * 3
    assert page.context["form"]["keep"].initial == str(carmen.pk)


def test_staff_merge_on_the_page_once_and_undo_it(as_user: AsUser, ana: Person, carmen: Person, omar: User) -> None:
    staff = as_user(omar)
    where = reverse("portal:same_person", args=[ana.pk, carmen.pk])
    assert staff.post(where, form(keep=str(carmen.pk))).status_code == 422

    answer = staff.post(where, form(keep=str(carmen.pk), evidence="Her passport."))

    merge = Merge.objects.get()
    assert (answer["Location"], merge.person, merge.evidence) == (
        reverse("people:person", args=[carmen.pk]), ana, "Her passport.",
    )  # fmt: skip
    page = staff.get(reverse("people:person", args=[ana.pk]), follow=True).content.decode()
    assert [words in page for words in ("Also known as", "Her passport.", "ana.torres@avusd")] == [True] * 3
    assert "90 days left" in staff.get(reverse("people:merges")).content.decode()
    undo = reverse("people:unmerge", args=[merge.pk])
    assert staff.post(undo, form(submission_key="b")).status_code == 422
    staff.post(undo, form(submission_key="c", reason="Sisters."))
    assert Person.objects.get(pk=ana.pk).merged_into is None
    assert "Sisters." in staff.get(reverse("people:merges")).content.decode()
    assert staff.post(undo, form(submission_key="d", reason="Sisters.")).status_code == 422


def test_a_refusal_stands_on_the_page(
    as_user: AsUser, ana: Person, carmen: Person, omar: User, institute: Institute, alder_valley: Organization
) -> None:
    for one in (ana, carmen):
        make.registration(one, institute, alder_valley)
    where = reverse("portal:same_person", args=[ana.pk, carmen.pk])

    shown = as_user(omar).get(where).content.decode()
    answer = as_user(omar).post(where, form(keep=str(ana.pk), evidence="Her passport."))

    assert "They cannot be merged yet" in shown
    assert (answer.status_code, "Both have a place at LT27-01" in answer.content.decode()) == (422, True)


def test_staff_look_for_the_other_row_of_a_person(as_user: AsUser, ana: Person, carmen: Person, omar: User) -> None:
    staff = as_user(omar)
    hers = staff.get(reverse("people:person", args=[ana.pk])).content.decode()

    found = staff.get(reverse("people:people"), {"same_as": str(ana.pk), "q": "ortega"}).content.decode()
    wrong = staff.get(reverse("people:people"), {"same_as": "x", "q": "ortega"}).content.decode()

    compare = reverse("portal:same_person", args=[ana.pk, carmen.pk])
    assert f"?same_as={ana.pk}" in hers
    assert (compare in found, compare in wrong) == (True, False)


def test_one_is_not_compared_with_herself_and_a_form_that_comes_twice_merges_once(
    as_user: AsUser, ana: Person, carmen: Person, omar: User
) -> None:
    staff, where = as_user(omar), reverse("portal:same_person", args=[ana.pk, carmen.pk])
    hers = reverse("people:person", args=[carmen.pk])

    answers = [staff.post(where, form(keep=str(carmen.pk), evidence="Her passport."))["Location"] for _twice in "ab"]

    assert (answers, Merge.objects.count()) == ([hers, hers], 1)
    assert staff.get(reverse("portal:same_person", args=[carmen.pk, carmen.pk]))["Location"] == hers


def test_the_list_says_why_and_keeps_two_apart(
    as_user: AsUser, ana: Person, omar: User, alder_valley: Organization
) -> None:
    twin = make.person("Ana Torres", "ana.torres@avusd.example.test", at=alder_valley)
    matching.sweep(at=make.NOW)
    staff = as_user(omar)

    page = staff.get(reverse("people:duplicates")).content.decode()
    staff.post(reverse("people:two_people", args=[ana.pk, twin.pk]))

    assert "Both have the address ana.torres@avusd.example.test." in page
    assert "Nobody looks like somebody else" in staff.get(reverse("people:duplicates")).content.decode()


def test_staff_find_a_person_by_the_names_and_addresses_she_had_and_a_district_does_not(
    as_user: AsUser, ana: Person, carmen: Person, omar: User, dolores: User, alder_valley: Organization
) -> None:
    merging.merge(ana, into=carmen, evidence="Her passport.", by=omar, at=make.NOW)

    for words in ("torres ana", "ana.torres@"):
        found = as_user(omar).get(reverse("people:people"), {"q": words}).context["page"].rows
        told = as_user(dolores).get("/api/v1/people/", {"q": words}).json()["results"]
        assert (found, told) == ([carmen], [])
    hers = as_user(dolores).get("/api/v1/people/", {"q": "ortega"}).json()["results"]
    assert [row["display_name"] for row in hers] == ["Carmen Ortega"]


# --- The API ----------------------------------------------------------------------------------------------------------


def test_the_api_merges_and_undoes_with_the_same_refusals(
    as_user: AsUser, ana: Person, carmen: Person, omar: User
) -> None:
    staff = as_user(omar)
    asked = {"person": ana.pk, "into": carmen.pk, "evidence": "Her passport."}

    def send(where: str, content: dict[str, object]) -> tuple[int, dict[str, object]]:
        answer = staff.post(where, json.dumps(content), content_type="application/json")
        return answer.status_code, answer.json()

    assert send("/api/v1/merges/?dry_run=true", asked)[1]["dry_run"] is True
    assert not Merge.objects.exists()
    status, made = send("/api/v1/merges/", asked)
    assert (status, made["person"], made["undone_at"]) == (201, ana.pk, None)
    assert send("/api/v1/merges/", asked) == (400, {"detail": ["Ana Torres was merged into Carmen Ortega."]})
    status, undone = send(f"/api/v1/merges/{made['id']}/undo/", {"reason": "Sisters."})
    assert (status, undone["undone_at"] is None) == (200, False)
    assert send(f"/api/v1/merges/{made['id']}/undo/", {"reason": "Sisters."})[0] == 400
    assert [row["id"] for row in staff.get("/api/v1/merges/").json()["results"]] == [made["id"]]


# --- Her address ------------------------------------------------------------------------------------------------------


def by_link(person: Person, page: str) -> str:
    return reverse(f"portal:{page}", kwargs={"token": links.sign(person, purpose="participant")})


def test_a_scanner_that_opens_the_link_confirms_nothing_and_a_click_does(client: Client, carmen: Person) -> None:
    answer = client.post(by_link(carmen, "my_address"), form(address="Old@bristlecone.example.test"))
    claim = AddressClaim.objects.get()
    mail = Message.objects.get()
    link = reverse("portal:confirm_address", args=[claims.token_of(claim)])

    for _scan in range(3):
        assert client.get(link).status_code == 200
    claim.refresh_from_db()
    assert (answer.status_code, mail.to, mail.text.count("/address/"), claim.confirmed_at) == (
        302, "old@bristlecone.example.test", 1, None,
    )  # fmt: skip
    for _twice in range(2):
        page = client.post(link, form()).content.decode()
    claim.refresh_from_db()
    assert (claim.confirmed_at is None, "is confirmed" in page) == (False, True)


def test_the_answer_is_the_same_whoever_has_the_address(client: Client, carmen: Person, ana: Person) -> None:
    pages = [
        client.post(by_link(carmen, "my_address"), form(submission_key=address, address=address), follow=True).content
        for address in ("ana.torres@avusd.example.test", "nobody@avusd.example.test")
    ]

    assert [b"Ana Torres" in page or b"already" in page for page in pages] == [False, False]


def test_a_claim_is_refused_with_a_sentence(client: Client, carmen: Person) -> None:
    where = by_link(carmen, "my_address")
    for number in range(claims.A_DAY):
        client.post(where, form(submission_key=f"{number}", address=f"a{number}@example.test"))

    known = client.post(where, form(submission_key="known", address="carmen@delta.example.test"))
    sixth = client.post(where, form(submission_key="sixth", address="sixth@example.test"))

    assert (known.status_code, "for you already" in known.content.decode()) == (422, True)
    assert (sixth.status_code, "Go on tomorrow" in sixth.content.decode()) == (422, True)
    with pytest.raises(claims.CannotClaim, match="“x” is not an e-mail address"):
        claims.claim(carmen, "x", at=make.NOW)


def test_a_link_to_confirm_opens_nothing_else(client: Client, carmen: Person) -> None:
    claim = claims.claim(carmen, "old@example.test", at=make.NOW)
    wrong = [links.sign(carmen, purpose="address", about="0"), links.sign(carmen, purpose="participant"), "x"]

    statuses = [client.post(reverse("portal:confirm_address", args=[token]), form()).status_code for token in wrong]

    claim.refresh_from_db()
    assert (statuses, claim.confirmed_at) == ([403, 403, 403], None)


# --- Her name ---------------------------------------------------------------------------------------------------------


def test_a_name_is_asked_for_by_link_and_decided_by_staff_once(
    client: Client, as_user: AsUser, carmen: Person, omar: User
) -> None:
    where = by_link(carmen, "my_name")
    for number, family in enumerate(("Ortega Ruiz", "Ortega-Ruiz")):
        client.post(where, form(submission_key=f"{number}", given="Carmen", family=family, display=""))
    wish = NameRequest.objects.get()
    assert (wish.display_name, "you asked to be called Carmen Ortega-Ruiz" in client.get(where).content.decode()) == (
        "Carmen Ortega-Ruiz", True,
    )  # fmt: skip

    staff = as_user(omar)
    listed = staff.get(reverse("portal:names_asked_for")).content.decode()
    for verb in ("grant_name", "decline_name", "grant_name"):
        last = staff.post(reverse(f"portal:{verb}", args=[wish.pk]), follow=True).content.decode()

    renamed = Person.objects.get(pk=carmen.pk)
    assert ("Carmen Ortega-Ruiz" in listed, "decided on this name meanwhile" in last) == (True, True)
    assert (str(renamed), renamed.former_name) == ("Carmen Ortega-Ruiz", "Carmen Ortega")


def test_a_name_that_is_declined_stays(as_user: AsUser, carmen: Person, omar: User) -> None:
    wish = corrections.ask_for_name(carmen, given="X", family="Y", display="", hides_former=False, at=make.NOW)

    as_user(omar).post(reverse("portal:decline_name", args=[wish.pk]))

    wish.refresh_from_db()
    assert (str(Person.objects.get(pk=carmen.pk)), wish.is_granted, wish.decided_by) == ("Carmen Ortega", False, omar)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"given": " ", "display": "-"}, "Write a name."),
        ({"given": "Carmen", "family": "Ortega"}, "called Carmen Ortega"),
    ],
)
def test_a_name_is_refused_with_a_sentence(
    client: Client, carmen: Person, asked: dict[str, str], sentence: str
) -> None:
    answer = client.post(by_link(carmen, "my_name"), form(**asked))

    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)


def test_a_former_name_is_told_to_staff_alone(
    as_user: AsUser, ana: Person, omar: User, dolores: User, alder_valley: Organization
) -> None:
    corrections.rename(ana, given="Ana", family="Vance", display="", by=omar)

    pages = {
        who.email: as_user(who).get(where).content.decode()
        for who, where in (
            (omar, reverse("people:person", args=[ana.pk])),
            (dolores, reverse("people:district_people", args=[alder_valley.pk])),
            (dolores, f"/api/v1/people/{ana.pk}/"),
        )
    }

    assert [("Torres" in page.replace("ana.torres", ""), "Vance" in page) for page in pages.values()] == [
        (True, True), (False, True),
    ]  # fmt: skip


@pytest.mark.django_db
def test_a_login_without_a_person_is_told_so_and_a_stranger_signs_in(client: Client, as_user: AsUser) -> None:
    where = reverse("portal:my_name")
    asked = client.get(where)
    nobody = User.objects.create_user("nobody@example.test")

    refused = as_user(nobody).get(where)

    assert (asked.status_code, asked["Location"]) == (302, f"/accounts/login/?next={where}")
    assert (refused.status_code, "belongs to no participant" in refused.content.decode()) == (403, True)
