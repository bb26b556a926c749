"""A grant's report: each person once, hours by type, dollars by line, frozen when it is given."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.db import ProgrammingError, transaction
from django.test import Client
from django.urls import reverse

from billing.models import FundingAgreement
from events.models import HourType, Institute
from office import paper
from people import merging
from people.models import JobRole, Organization, Person, User
from portal import reports
from portal.models import ReportRun
from portal.reports import CannotReport, Figures, GrantReport
from registrations import enrollment, funding, hours
from registrations.models import HoursEarned, Registration
from registrations.newcomers import Attendee
from tests import make
from tests.certificates.world import seen

FIRST, LAST = date(2026, 7, 1), date(2027, 6, 30)
AFTER = datetime(2027, 2, 1, 18, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_second_factor(settings: Any) -> None:
    settings.DEMO = True


@pytest.fixture
def grant(provider: Any) -> FundingAgreement:
    make.payee()
    return make.agreement(name="NSF-LEAP", amount=Decimal(60000), award_no="DRL-2400117")


@pytest.fixture
def winter(grant: FundingAgreement) -> Institute:
    made = make.institute(code="LT27-01")
    make.agenda(made)
    return made


def attended(grant: FundingAgreement, at: Institute, district: Organization, *who: Attendee | str) -> None:
    """They sit in seats of the grant, and are there on all three days."""
    order = make.placed(district, at, *who, paid_by=make.line(district, grant))
    for registration in Registration.objects.filter(seat__allotment__order=order):
        seen(registration, 0, 1, 2)
    hours.work_out(at, at=AFTER)


def figures(grant: FundingAgreement, first: date = FIRST, last: date = LAST) -> Figures:
    return GrantReport(grant, first, last).figures()


def rows(made: Figures, section: str) -> list[tuple[str, int, float]]:
    [found] = [one for one in made["sections"] if one["key"] == section]
    return [(row["label"], row["people"], row["minutes"] / 60) for row in found["rows"]]


def twice_at_two_districts(
    grant: FundingAgreement, winter: Institute, alder_valley: Organization, bristlecone: Organization, by: User
) -> tuple[Person, Person]:
    """One woman under two names: in January for Alder Valley, in March for Bristlecone; then merged."""
    spring = make.institute(code="LT27-02", starts_on=date(2027, 3, 18), ends_on=date(2027, 3, 20))
    make.agenda(spring)
    school = make.school(alder_valley)
    attended(grant, winter, alder_valley, Attendee("Carmen", "Ortega", school_id=school.pk, role=JobRole.TEACHER))
    attended(grant, spring, bristlecone, Attendee("Maria", "Ruiz-Ortega", role=JobRole.ADMINISTRATOR))
    one, other = (Person.objects.get(family_name=name) for name in ("Ortega", "Ruiz-Ortega"))
    merging.merge(other, into=one, evidence="Her own words.", by=by, at=AFTER)
    return one, other


def test_a_person_counts_once_in_all_and_once_in_each_district_and_role(
    grant: FundingAgreement, winter: Institute, alder_valley: Organization, bristlecone: Organization, omar: User
) -> None:
    twice_at_two_districts(grant, winter, alder_valley, bristlecone, omar)
    attended(grant, winter, alder_valley, "Tomas Wexler")

    made = figures(grant)

    assert (made["people"], made["minutes"] / 60, made["dollars"]) == (2, 58.5, "1575.00")
    assert rows(made, "district") == [
        ("Alder Valley Unified", 2, 39.0),
        ("Bristlecone Joint Union Elementary", 1, 19.5),
    ]
    assert rows(made, "role") == [
        ("District or county administrator", 1, 19.5),
        ("Not told", 1, 19.5),
        ("Teacher", 1, 19.5),
    ]
    assert rows(made, "school") == [
        ("Alder Elementary · Alder Valley Unified", 1, 19.5),
        ("Not told", 2, 39.0),
    ]


def test_hours_stand_by_type_and_dollars_by_line(
    grant: FundingAgreement, winter: Institute, alder_valley: Organization
) -> None:
    winter.sessions.filter(title="Afternoon").update(hour_type=HourType.LEADERSHIP)
    attended(grant, winter, alder_valley, "Tomas Wexler")

    made = figures(grant)

    assert rows(made, "hour_type") == [("Intensive", 1, 11.25), ("Leadership", 1, 8.25)]
    [line] = made["lines"]
    assert (line["label"][:20], line["dollars"]) == ("Alder Valley Unified", "525.00")


def test_only_days_and_people_that_the_grant_pays_are_told(
    grant: FundingAgreement, alder_valley: Organization, bristlecone: Organization
) -> None:
    """Scenario 20: three of five days are the grant's; another district pays itself."""
    closes = datetime(2027, 6, 27, 17, 0, tzinfo=UTC)
    days = {"starts_on": date(2027, 6, 28), "ends_on": date(2027, 7, 2), "registration_closes_at": closes}
    summer = make.institute(code="SI27-06", price=Decimal(1250), **days)
    make.agenda(summer)
    shares = [
        funding.Share(make.line(alder_valley, grant), date(2027, 6, 28), date(2027, 6, 30)),
        funding.Share(make.line(alder_valley), date(2027, 7, 1), date(2027, 7, 2)),
    ]
    group = enrollment.Group([Attendee("Ana", "Torres")], shares)
    enrollment.place([group], sponsor=alder_valley, institute=summer, key="s", by=None, at=make.NOW)
    make.placed(bristlecone, summer, "Cy Wu")
    for registration in Registration.objects.all():
        seen(registration, *range(5))
    hours.work_out(summer, at=AFTER)

    made = figures(grant, last=date(2028, 6, 30))

    assert (made["people"], made["minutes"] / 60, made["dollars"]) == (1, 19.5, "750.00")
    assert HoursEarned.objects.filter(registration__person__family_name="Torres").count() == 5


def test_who_was_registered_and_never_came_was_not_served(
    grant: FundingAgreement, winter: Institute, alder_valley: Organization
) -> None:
    make.placed(alder_valley, winter, "Ana Torres", paid_by=make.line(alder_valley, grant))

    made = figures(grant)

    assert (made["people"], made["minutes"], made["dollars"]) == (0, 0, "525.00")


def test_what_is_reported_stays_and_says_what_changed_since(
    grant: FundingAgreement, winter: Institute, alder_valley: Organization, omar: User, monkeypatch: Any
) -> None:
    monkeypatch.setattr(paper, "is_available", lambda: False)
    attended(grant, winter, alder_valley, "Ana Torres", "Tomas Wexler")
    run = reports.freeze(GrantReport(grant, FIRST, LAST), by=omar, at=AFTER)
    assert reports.changes(run.figures, figures(grant)) == []

    HoursEarned.objects.filter(registration__person__family_name="Wexler").delete()

    run.refresh_from_db()
    told = [
        (one.section, one.label, one.what, one.before, one.now) for one in reports.changes(run.figures, figures(grant))
    ]
    assert told[:4] == [
        ("In all", "", "people", "2", "1"),
        ("In all", "", "hours", "39", "19.5"),
        ("By district", "Alder Valley Unified", "people", "2", "1"),
        ("By district", "Alder Valley Unified", "hours", "39", "19.5"),
    ]
    with pytest.raises(ProgrammingError, match="Cannot update or delete rows"), transaction.atomic():
        ReportRun.objects.update(figures={})


def test_days_to_come_are_not_reported(grant: FundingAgreement, omar: User) -> None:
    with pytest.raises(CannotReport, match="still to come"):
        reports.freeze(GrantReport(grant, date(2027, 3, 1), LAST), by=omar, at=AFTER)


def test_two_statements_whatever_the_number_of_people(
    grant: FundingAgreement, winter: Institute, alder_valley: Organization, django_assert_num_queries: Any
) -> None:
    attended(grant, winter, alder_valley, "Ana Torres", "Tomas Wexler", "Noor Haddad")

    with django_assert_num_queries(2):
        made = figures(grant)

    assert made["people"] == 3


# --- Pages ------------------------------------------------------------------------------------------------------------


def test_the_page_the_tables_and_the_paper_say_the_same(
    grant: FundingAgreement,
    winter: Institute,
    alder_valley: Organization,
    omar: User,
    as_user: Callable[[User], Client],
) -> None:
    attended(grant, winter, alder_valley, "Ana Torres")
    client, days = as_user(omar), {"first": "2026-07-01", "last": "2027-06-30"}

    page = client.get(reverse("portal:grant_report", args=[grant.pk]), days).content.decode()
    csv = body(client.get(reverse("portal:grant_report_file", args=[grant.pk, "csv"]), days))
    xlsx = client.get(reverse("portal:grant_report_file", args=[grant.pk, "xlsx"]), days)

    assert "Alder Valley Unified" in page
    assert "By district,Alder Valley Unified,1,19.5," in csv.decode("utf-8-sig").splitlines()
    sheet = openpyxl.load_workbook(BytesIO(body(xlsx))).active
    assert sheet is not None
    assert ("In all", "", "1", "19.5", "525.00") in list(sheet.iter_rows(values_only=True))
    report = GrantReport(grant, FIRST, LAST)
    context = reports.context_of(report, report.figures(), on=AFTER.date())
    assert "Alder Valley Unified" in paper.markup("paper/grant_report.html", context)


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


@pytest.mark.paper
def test_it_is_kept_once_with_its_paper_and_opened_again(
    grant: FundingAgreement, winter: Institute, omar: User, as_user: Callable[[User], Client]
) -> None:
    client, days = as_user(omar), {"first": "2026-07-01", "last": "2026-08-01", "submission_key": "report-1"}
    address = reverse("portal:freeze_report", args=[grant.pk])

    answers = [client.post(address, days) for _turn in range(2)]

    run = ReportRun.objects.get()
    assert {answer["Location"] for answer in answers} == {reverse("portal:report_run", args=[run.pk])}
    assert "every figure is as it was reported" in client.get(answers[0]["Location"]).content.decode()
    assert body(client.get(reverse("portal:report_run_paper", args=[run.pk])))[:5] == b"%PDF-"


def test_days_that_are_no_days_are_asked_for_again(
    grant: FundingAgreement, omar: User, as_user: Callable[[User], Client]
) -> None:
    client = as_user(omar)
    asked = {"first": "2027-06-30", "last": "2026-07-01"}

    answer = client.get(reverse("portal:grant_report", args=[grant.pk]), asked)
    table = client.get(reverse("portal:grant_report_file", args=[grant.pk, "csv"]), asked)
    kept = client.post(reverse("portal:freeze_report", args=[grant.pk]), asked)

    assert (answer.status_code, table.status_code, kept.status_code) == (422, 404, 302)
    assert "The last day is before the first." in answer.content.decode()
    assert not ReportRun.objects.exists()
