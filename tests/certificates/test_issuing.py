"""Who earns a certificate, what it says, and that it is never edited."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from certificates import issuing
from certificates.models import Certificate
from events.models import Engagement, Institute, Modality
from people.models import Organization, Person, User
from registrations.models import AttendanceEvent, EventKind, Registration
from tests import make
from tests.certificates import world
from tests.races import at_once


def issue(institute: Institute, by: User | None = None) -> list[Certificate]:
    return issuing.issue_all(institute, by=by, at=world.AFTER)


# --- Who earned one -------------------------------------------------------------------------------------------------


def test_whoever_was_there_earns_one_and_the_others_are_told_why_not(
    institute: Institute, ana: Person, alder_valley: Organization
) -> None:
    world.attended(ana, institute, alder_valley)
    make.registration(make.person("Ben Ode"), institute, alder_valley)

    told = [(one.person.display_name, one.is_due, one.reason) for one in issuing.earned(institute)]

    assert told == [("Ben Ode", False, "No hours earned."), ("Ana Torres", True, "")]


def test_the_rule_says_how_much_of_the_hours_a_certificate_takes(
    ana: Person, alder_valley: Organization, omar: User
) -> None:
    institute = world.institute(hours_rule=make.hours_rule(certificate_percent=80))
    world.attended(ana, institute, alder_valley, (0, 1))
    world.attended(make.person("Zoe Whole"), institute, alder_valley)

    assert [one.reason for one in issuing.earned(institute)] == ["13.0 of 19.5 hours; a certificate takes 80 %.", ""]
    assert [made.name for made in issue(institute)] == ["Zoe Whole"]
    assert Certificate.objects.get().snapshot["rule"].endswith("A certificate takes 80 % of the hours offered.")


def test_a_person_who_was_there_on_two_days_of_three_has_10_of_19_and_a_half_hours(
    institute: Institute, ana: Person, alder_valley: Organization
) -> None:
    """Scenario 23: Thursday whole, Friday from 08:00 to 11:40, Saturday not at all."""
    registration = world.attended(ana, institute, alder_valley, (0,))
    friday = institute.sessions.in_order().filter(counts=True)[2]
    for kind, moment in [("in", friday.starts_at), ("out", friday.ends_at - timedelta(minutes=5))]:
        AttendanceEvent.objects.create(
            id=uuid4(), registration=registration, session=friday, kind=EventKind(kind), at=moment, recorded_at=moment
        )

    says = issue(institute)[0].snapshot

    assert says["minutes"] == {"earned": 600, "offered": 1170}
    assert says["heading"] == "Certificate of partial attendance"
    assert [(day["day"], day["earned"], day["offered"]) for day in says["days"]] == [
        ("2027-01-21", 390, 390),
        ("2027-01-22", 210, 390),
        ("2027-01-23", 0, 390),
    ]


def test_two_who_shared_a_seat_have_exactly_their_own_hours(institute: Institute, alder_valley: Organization) -> None:
    """Scenario 6: Ines on the first day, Tomas on the other two; each of what the whole institute offered."""
    ines = make.registration(
        make.person("Ines Barragán"), institute, alder_valley, days=DateRange(date(2027, 1, 21), date(2027, 1, 22))
    )
    tomas = Registration.objects.create(
        seat=ines.seat,
        institute=institute,
        person=make.person("Tomas Wexler"),
        days=DateRange(date(2027, 1, 22), date(2027, 1, 24)),
        made_at=make.NOW,
    )
    world.seen(ines, 0)
    world.seen(tomas, 1, 2)

    made = issue(institute)

    assert [(one.name, one.minutes, one.minutes_offered) for one in made] == [
        ("Ines Barragán", 390, 1170),
        ("Tomas Wexler", 780, 1170),
    ]


def test_a_person_and_those_merged_into_her_have_one_certificate_for_all_their_places(
    institute: Institute, ana: Person, alder_valley: Organization
) -> None:
    alias = make.person("Anita Torres", merged_into=ana)
    first = make.registration(alias, institute, alder_valley, days=DateRange(date(2027, 1, 21), date(2027, 1, 22)))
    rest = make.registration(ana, institute, alder_valley, days=DateRange(date(2027, 1, 22), date(2027, 1, 24)))
    world.seen(first, 0)
    world.seen(rest, 1, 2)

    made = issue(institute)

    assert [(one.person, one.name, one.minutes) for one in made] == [(ana, "Ana Torres", 1170)]
    assert issue(institute) == []


def test_who_gave_up_her_place_has_no_certificate(
    institute: Institute, ana: Person, alder_valley: Organization
) -> None:
    world.attended(ana, institute, alder_valley)
    Registration.objects.update(ended_at=world.AFTER)

    assert issuing.earned(institute) == []


# --- What it says ---------------------------------------------------------------------------------------------------


def test_a_certificate_says_all_that_is_printed_as_plain_data(
    institute: Institute, ana: Person, alder_valley: Organization, omar: User
) -> None:
    school = make.school(alder_valley)
    registration = world.attended(ana, institute, alder_valley)
    Registration.objects.update(school=school, compensation="release", compensation_reported_by="Dolores Quintero")
    session = institute.sessions.in_order()[0]
    institute.sessions.filter(pk=session.pk).update(
        standards="NGSS 3-LS1-1", strand=make.strand(institute), hour_type="leadership"
    )
    Engagement.objects.create(institute=institute, person=make.person("Rosa Delgado"), role="presenter")
    Institute.objects.filter(pk=institute.pk).update(host=make.organization("Juniper COE"))

    made = issue(institute, by=omar)[0]

    assert (made.person, made.sponsor, made.issued_by, made.version) == (registration.person, alder_valley, omar, 1)
    says = made.snapshot
    assert {name: says[name] for name in says if name not in {"days", "form", "rule", "acceptance", "program"}} == {
        "heading": "Certificate of attendance",
        "name": "Ana Torres",
        "title": "Leadership Training",
        "code": institute.code,
        "first_day": "2027-01-21",
        "last_day": "2027-01-23",
        "place": "Alder Conference Center, 1 Alder Way, Alder, CA 99001",
        "provider": {"name": "Sierra Science Collaborative", "email": "", "website": ""},
        "co_sponsors": ["Juniper COE"],
        "signatory": {"name": "Rosa Delgado", "title": "Statewide Director"},
        "minutes": {"earned": 1170, "offered": 1170},
        "types": [
            {"type": "intensive", "words": "Intensive", "minutes": 945},
            {"type": "leadership", "words": "Leadership", "minutes": 225},
        ],
        "strands": ["Grades 3–5"],
        "standards": ["NGSS 3-LS1-1"],
        "presenters": [{"name": "Rosa Delgado", "role": "Presenter"}],
        "district": "Alder Valley Unified",
        "school": "Alder Elementary",
        "compensation": ["Paid release time, as reported by Dolores Quintero"],
    }
    assert says["acceptance"].startswith("This certificate is not a credential.")


@pytest.mark.parametrize(
    ("modality", "place"),
    [
        (Modality.ONLINE, "Synchronous online"),
        (Modality.HYBRID, "Alder Conference Center, 1 Alder Way, Alder, CA 99001, and synchronous online"),
    ],
)
def test_online_is_said_to_be_online(
    institute: Institute, ana: Person, alder_valley: Organization, modality: str, place: str
) -> None:
    world.attended(ana, institute, alder_valley)
    Institute.objects.update(modality=modality)

    assert issue(institute)[0].snapshot["place"] == place


def test_a_presenter_of_a_session_she_missed_is_not_on_her_certificate(
    institute: Institute, ana: Person, alder_valley: Organization
) -> None:
    world.attended(ana, institute, alder_valley, (0,))
    thursday, friday = institute.sessions.in_order()[0], institute.sessions.in_order()[3]
    for name, session in [("Pia Here", thursday), ("Jo Missed", friday)]:
        Engagement.objects.create(institute=institute, session=session, person=make.person(name), role="presenter")

    assert [one["name"] for one in issue(institute)[0].snapshot["presenters"]] == ["Pia Here"]


def test_the_name_is_spelled_as_she_asked(institute: Institute, ana: Person, alder_valley: Organization) -> None:
    world.attended(ana, institute, alder_valley)
    Registration.objects.update(cert_name="Ana  María Torres-Nuñez")

    assert issue(institute)[0].name == "Ana María Torres-Nuñez"


def test_a_day_on_which_nothing_counts_is_not_on_her_certificate(
    institute: Institute, ana: Person, alder_valley: Organization
) -> None:
    institute.sessions.filter(starts_at__date=institute.ends_on).update(counts=False)
    world.attended(ana, institute, alder_valley, (0, 1))

    days = issue(institute)[0].snapshot["days"]

    assert [(day["earned"], day["offered"]) for day in days] == [(390, 390), (390, 390)]


# --- When -----------------------------------------------------------------------------------------------------------


def test_nobody_has_a_certificate_before_the_last_session_is_over(institute: Institute, omar: User) -> None:
    with pytest.raises(issuing.CannotIssue, match=r"ends on January 23, 3:30 PM; certificates are issued after that"):
        issuing.issue_all(institute, by=omar, at=make.NOW)


def test_a_canceled_institute_gives_none(institute: Institute, omar: User) -> None:
    Institute.objects.update(canceled_at=make.NOW)

    with pytest.raises(issuing.CannotIssue, match="was canceled"):
        issue(institute)


def test_an_institute_without_an_agenda_gives_none(omar: User) -> None:
    with pytest.raises(issuing.CannotIssue, match="has no agenda"):
        issue(make.institute())


def test_certificates_are_issued_by_themselves_some_hours_after_the_last_session(
    institute: Institute, ana: Person, alder_valley: Organization
) -> None:
    world.attended(ana, institute, alder_valley)
    end = max(institute.sessions.values_list("ends_at", flat=True))
    Institute.objects.update(certificates_after_hours=24)

    assert issuing.issue_due(at=end + timedelta(hours=23, minutes=59)) == []
    assert [one.issued_by for one in issuing.issue_due(at=end + timedelta(hours=24))] == [None]
    assert issuing.due(at=end + timedelta(hours=25)) == []


def test_where_the_institute_says_by_hand_none_is_issued_by_itself(
    institute: Institute, ana: Person, alder_valley: Organization
) -> None:
    world.attended(ana, institute, alder_valley)

    assert issuing.issue_due(at=world.AFTER) == []


# --- Once -----------------------------------------------------------------------------------------------------------


def test_issuing_again_gives_only_to_those_without(
    institute: Institute, ana: Person, alder_valley: Organization
) -> None:
    world.attended(ana, institute, alder_valley)
    first = issue(institute)
    world.attended(make.person("Late Correction"), institute, alder_valley)

    assert [one.name for one in first] == ["Ana Torres"]
    assert [one.name for one in issue(institute)] == ["Late Correction"]
    assert issue(institute) == []


def test_mail_and_paper_follow_in_one_job(institute: Institute, ana: Person, alder_valley: Organization) -> None:
    world.attended(ana, institute, alder_valley)
    made = issue(institute)
    issue(institute)

    jobs = ProcrastinateJob.objects.filter(task_name="certificates.follow_up")
    assert [job.args for job in jobs] == [{"certificates": [made[0].pk]}]


@pytest.mark.django_db(transaction=True)
def test_eight_who_press_at_once_give_each_person_one(
    institute: Institute, alder_valley: Organization, omar: User
) -> None:
    for number in range(5):
        world.attended(make.person(f"Teacher {number}"), institute, alder_valley)

    answers = at_once(*[lambda: issue(institute, by=omar)] * 8)

    assert sorted(len(made) for made in answers) == [0] * 7 + [5]
    assert Certificate.objects.count() == 5


def test_issuing_to_three_asks_the_database_as_often_as_to_one(
    institute: Institute, alder_valley: Organization
) -> None:
    counts = []
    for people in (2, 1, 3):  # after the first time there are some who have theirs
        for number in range(people):
            world.attended(make.person(f"Teacher {people} {number}"), institute, alder_valley)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert len(issue(institute)) == people
        counts.append(len(asked))

    assert counts[1] == counts[2]
