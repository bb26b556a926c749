"""Identity traps: shared inboxes, names of every kind, people without a district, pupils, scanners that open links."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from billing.models import Charge
from certificates import snapshots
from certificates.models import Certificate
from events.models import Institute
from office.models import Message
from people import claims, links, matching
from people.models import AddressClaim, EmailAddress, Employment, JobRole, Organization, OrganizationKind, Person, User
from registrations import enrollment, tasks
from registrations.chaperones import CHAPERONE
from registrations.models import Registration
from registrations.newcomers import Attendee
from registrations.rosters import drafting, reading, sending
from registrations.rosters.judging import Kind, Verdict
from tests import make
from tests.scenarios import careers

AsUser = Callable[[User], Client]
INBOX = "office@alder.example.test"


@pytest.fixture
def institute(omar: User) -> Institute:
    make.payee()
    return make.institute(code="LT27-01")


def verdicts(sheet: str, sponsor: Organization, institute: Institute, who: User) -> Sequence[Verdict]:
    draft = drafting.start(sponsor, institute, by=who, at=make.NOW)
    drafting.lay(draft, reading.read_text(sheet), replacing=True, at=make.NOW)
    draft.refresh_from_db()
    return drafting.judged(draft, make.NOW, who=who)


# --- One inbox, many people -------------------------------------------------------------------------------------------


def test_four_teachers_of_one_inbox_are_four_people_each_with_her_own_mail(
    institute: Institute, dolores: User, alder_valley: Organization
) -> None:
    names = [("Ana", "Torres"), ("Kit", "Lowe"), ("Noor", "Haddad"), ("Mei", "Wong")]
    four = [Attendee(given, family, INBOX) for given, family in names]

    order = make.placed(alder_valley, institute, *four, by=dolores)
    tasks.confirm(order.pk)

    assert Person.objects.filter(addresses__address=INBOX).count() == 4
    letters = Message.objects.filter(to=INBOX)
    assert len({letter.person_id for letter in letters}) == len({letter.text for letter in letters}) == 4
    assert matching.sweep(at=make.NOW) == 0


def test_a_second_name_at_an_inbox_is_asked_about(
    institute: Institute, dolores: User, alder_valley: Organization
) -> None:
    sheet = f"First,Last,Email\nAna,Torres,{INBOX}\nKit,Lowe,{INBOX}"

    found = verdicts(sheet, alder_valley, institute, dolores)

    assert [verdict.kind for verdict in found] == [Kind.NEW, Kind.ASK_INBOX]


# --- Never more than she typed ----------------------------------------------------------------------------------------


def test_an_address_of_someone_elsewhere_makes_a_new_person_and_a_suggestion_that_staff_alone_see(
    as_user: AsUser,
    institute: Institute,
    dolores: User,
    omar: User,
    bristlecone: Organization,
    alder_valley: Organization,
) -> None:
    elsewhere = make.person("Anastasia Torres", "ana@bristlecone.example.test", at=bristlecone)
    sheet = "First,Last,Email\nAna,Torres,ana@bristlecone.example.test"

    [verdict] = verdicts(sheet, alder_valley, institute, dolores)
    draft = alder_valley.roster_drafts.get()
    page = as_user(dolores).get(reverse("registrations:roster", args=[draft.pk])).content.decode()
    make.placed(alder_valley, institute, verdict.attendee(), by=dolores)
    matching.sweep(at=make.NOW)

    assert (verdict.kind, verdict.person, verdict.candidates, verdict.sentence) == (Kind.NEW, None, [], "")
    assert [word in page for word in ("Anastasia", "Bristlecone")] == [False, False]
    newcomer = Registration.objects.get().person
    assert newcomer != elsewhere
    [row] = matching.suggestions()
    assert {row.one, row.other} == {elsewhere, newcomer}
    seen = as_user(dolores).get("/api/v1/people/?q=torres").content.decode()
    assert ("Anastasia" in seen, as_user(dolores).get(reverse("people:duplicates")).status_code) == (False, 403)


def test_a_person_who_left_is_not_told_of_when_her_address_comes_again(
    institute: Institute, dolores: User, alder_valley: Organization, ana: Person
) -> None:
    Employment.objects.filter(person=ana).update(ends_on=date(2024, 6, 30))

    [verdict] = verdicts("First,Last,Email\nA.,T.,ana.torres@avusd.example.test", alder_valley, institute, dolores)

    assert (verdict.kind, verdict.candidates) == (Kind.NEW, [])


# --- Names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "family", "found_by", "last_first"),
    [
        ("Sukarno", "", "sukarno", "Sukarno"),
        ("Shauna", "O’Neill", "oneill", "O’Neill, Shauna"),
        ("Lucía", "Núñez", "nunez", "Núñez, Lucía"),
        ("Thị Minh", "Nguyễn", "nguyen thi", "Nguyễn, Thị Minh"),
        ("小龍", "李", "李", "李, 小龍"),
        (
            "María de los Ángeles", "Fernández de Córdoba y Álvarez de Toledo", "cordoba toledo",
            "Fernández de Córdoba y Álvarez de Toledo, María de los Ángeles",
        ),
    ],
)  # fmt: skip
def test_names_of_every_kind_sit_are_found_and_are_printed_as_they_are_spelled(
    given: str, family: str, found_by: str, last_first: str, institute: Institute, dolores: User,
    alder_valley: Organization,
) -> None:  # fmt: skip
    make.placed(alder_valley, institute, Attendee(given, family, "who@avusd.example.test"), by=dolores)

    [person] = Person.objects.visible_to(dolores).named_like(found_by).exclude(pk=dolores.person_id)
    assert (person.name_last_first, person.display_name) == (
        last_first, "李小龍" if given == "小龍" else f"{given} {family}".strip(),
    )  # fmt: skip


# --- People without a district ----------------------------------------------------------------------------------------


def test_a_retired_consultant_has_no_employer_and_her_certificate_names_none(omar: User, institute: Institute) -> None:
    consultant = make.person("Gwen Abbott", "gwen@example.test")
    order = make.order(None, payer_person=consultant)  # type: ignore[arg-type]  # she pays for herself
    seats = make.allotment(institute, make.organization("Anywhere"))
    seats.order = order
    seats.save()

    [registration] = enrollment.register([consultant], allotment=seats, by=omar, at=make.NOW)

    assert not Employment.objects.filter(person=consultant).exists()
    row = Registration.objects.select_related("school", "seat__allotment__order__sponsor").get(pk=registration.pk)
    assert snapshots._district(row) == ""


def test_a_university_student_who_observes_is_sent_by_her_university(institute: Institute, omar: User) -> None:
    university = make.organization("Juniper State University", kind=OrganizationKind.UNIVERSITY)

    make.placed(university, institute, Attendee("Uma", "Patel", "uma@jsu.example.test", role=JobRole.OTHER), by=omar)

    job = Employment.objects.get(person__family_name="Patel")
    assert (job.organization, job.role) == (university, JobRole.OTHER)


def test_a_private_school_teacher_keeps_her_school_and_the_district_that_pays_sees_no_other_job(
    institute: Institute, dolores: User, alder_valley: Organization
) -> None:
    private = make.organization("St. Brigid School", kind=OrganizationKind.PRIVATE_SCHOOL)
    teacher = make.person("Tess Byrne", "tess@stbrigid.example.test", at=private)

    make.placed(alder_valley, institute, Attendee(person_id=teacher.pk), by=dolores)

    assert [job.organization for job in Employment.objects.filter(person=teacher)] == [private]
    assert not Employment.objects.visible_to(dolores).filter(organization=private).exists()


OUTSIDE = "First,Last,Email,School,Role\n{}"


def registered_outsider(
    row: str, institute: Institute, sponsor: Organization, who: User
) -> tuple[Verdict, Registration | None]:
    line = make.line(sponsor)
    [verdict] = verdicts(OUTSIDE.format(row), sponsor, institute, who)
    draft = sponsor.roster_drafts.get(order__isnull=True)
    drafting.pay(draft, [1], f"line-{line.pk}", at=make.NOW)
    sending.submit(draft, by=who, at=make.NOW)
    return verdict, Registration.objects.filter(person__family_name=row.split(",")[1]).first()


@pytest.mark.parametrize(
    "row",
    [
        "Tess,Byrne,tess@stbrigid.example.test,St. Brigid School,Teacher",
        "Uma,Patel,uma@jsu.example.test,Juniper State University,Student teacher",
        "Gwen,Abbott,gwen@example.test,,Retired teacher",
        "Kai,Moss,kai@example.test,Consultant,",
        "Lin,Day,lin@example.test,Some Private School,Teacher",
    ],
)
def test_a_row_of_someone_who_works_elsewhere_makes_no_job_at_the_district_that_pays(
    row: str, institute: Institute, dolores: User, alder_valley: Organization
) -> None:
    make.organization("St. Brigid School", kind=OrganizationKind.PRIVATE_SCHOOL)
    make.organization("Juniper State University", kind=OrganizationKind.UNIVERSITY)

    verdict, registration = registered_outsider(row, institute, alder_valley, dolores)

    assert verdict.notes == ["Does not work at Alder Valley Unified: registered without a job there."]
    assert registration
    assert not Employment.objects.filter(person=registration.person).exists()


def test_an_outsider_who_comes_again_on_the_corrected_sheet_is_known(
    institute: Institute, dolores: User, alder_valley: Organization
) -> None:
    row = "Gwen,Abbott,gwen@example.test,,Retired teacher"
    registered_outsider(row, institute, alder_valley, dolores)

    [again] = verdicts(OUTSIDE.format(row), alder_valley, institute, dolores)

    assert (again.kind, Person.objects.filter(family_name="Abbott").count()) == (Kind.REGISTERED, 1)


def test_a_consultant_at_a_school_of_the_district_works_there(
    institute: Institute, dolores: User, alder_valley: Organization
) -> None:
    school = make.school(alder_valley, "University Elementary")

    _verdict, registration = registered_outsider(
        "Kai,Moss,kai@example.test,University Elementary,Consultant", institute, alder_valley, dolores
    )

    assert registration
    assert Employment.objects.get(person=registration.person).school == school


def test_a_coordinator_registers_herself_at_no_cost_as_chaperone(
    institute: Institute, dolores: User, alder_valley: Organization
) -> None:
    Institute.objects.update(chaperones=1)
    line = make.line(alder_valley)
    draft = drafting.start(alder_valley, institute, by=dolores, at=make.NOW)
    assert dolores.person
    drafting.add_people(draft, [dolores.person, make.person("Ana Ruiz", at=alder_valley)], at=make.NOW)
    [hers] = [row.key for row in drafting.rows_of(draft.__class__.objects.get()) if row.person_id == dolores.person_id]

    drafting.pay(draft, [1, 2], f"line-{line.pk}", at=make.NOW)
    drafting.pay(draft, [hers], CHAPERONE, at=make.NOW)
    sending.submit(draft, by=dolores, at=make.NOW)

    assert (Registration.objects.count(), Charge.objects.get().amount) == (2, Decimal(525))
    assert Registration.objects.get(seat__allotment__is_chaperone=True).person == dolores.person


@pytest.mark.parametrize("role", ["Student", "pupil", "Parent"])
def test_minors_never(role: str, institute: Institute, dolores: User, alder_valley: Organization) -> None:
    sheet = f"First,Last,Email,Role\nTim,Young,tim@avusd.example.test,{role}"

    [verdict] = verdicts(sheet, alder_valley, institute, dolores)

    assert (verdict.kind, "Only staff can be registered" in verdict.sentence) == (Kind.REFUSED, True)


# --- Links ------------------------------------------------------------------------------------------------------------


def test_a_scanner_that_opens_every_link_changes_nothing(
    client: Client, omar: User, ana: Person, alder_valley: Organization
) -> None:
    certificate = careers.earned(ana, alder_valley, date(2020, 1, 16), days=1, daily=7)
    claim = claims.claim(ana, "old@example.test", at=make.NOW)
    hers = links.sign(ana, purpose="participant")
    opened = [
        reverse("portal:participant", kwargs={"token": hers}),
        reverse("portal:my_name", kwargs={"token": hers}),
        reverse("portal:my_address", kwargs={"token": hers}),
        reverse("portal:confirm_address", args=[claims.token_of(claim)]),
        reverse("certificates:mine", args=[links.sign(ana, purpose="certificates")]),
    ]

    statuses = {client.get(where).status_code for where in opened for _again in range(2)}

    assert (statuses, AddressClaim.objects.get().confirmed_at) == ({200}, None)
    assert [row.address for row in EmailAddress.objects.filter(person=ana)] == ["ana.torres@avusd.example.test"]
    assert list(Certificate.objects.all()) == [certificate]
