"""The API: the same verbs, rows and refusals as the pages."""

from typing import Any

import pytest
from django.test import Client

from certificates import issuing
from certificates.api import IssueSerializer
from certificates.models import Certificate, Download
from events.models import Institute
from office import paper
from people.models import Organization, Person, User
from tests.certificates import world

URL = "/api/v1/certificates/"


@pytest.mark.parametrize(("who", "count"), [("omar", 1), ("dolores", 1), ("bea", 1), ("hal", 0)])
def test_each_reads_what_is_hers(certificate: Certificate, request: Any, as_user: Any, who: str, count: int) -> None:
    client = as_user(request.getfixturevalue(who))

    assert len(client.get(URL).json()["results"]) == count
    assert client.get(f"{URL}{certificate.pk}/").status_code == (200 if count else 404)


def test_a_certificate_says_its_hours_and_what_became_of_it(certificate: Certificate, omar: User, as_user: Any) -> None:
    issuing.revoke(certificate, reason="attendance correction", by=omar, at=world.AFTER)

    says = as_user(omar).get(f"{URL}{certificate.pk}/").json()

    assert {name: says[name] for name in ("code", "version", "name", "minutes", "minutes_offered", "state", "sha256")} == {
        "code": certificate.code, "version": 1, "name": "Ana Torres", "minutes": 1170, "minutes_offered": 1170,
        "state": "revoked", "sha256": [],
    }  # fmt: skip


def test_a_stranger_gets_nothing(certificate: Certificate, client: Client) -> None:
    assert client.get(URL).status_code in {401, 403}


@pytest.fixture
def over(omar: User, ana: Person, alder_valley: Organization) -> Institute:
    """With Ana, who earned hers, and long over."""
    made = world.over()
    world.attended(ana, made, alder_valley)
    return made


def test_a_dry_run_says_what_would_be_issued_and_issues_nothing(over: Institute, omar: User, as_user: Any) -> None:
    client = as_user(omar)

    tried = client.post(f"{URL}?dry_run=true", {"institute": over.pk}, "application/json")
    assert (tried.json()["issued"], tried.json()["dry_run"], Certificate.objects.count()) == (1, True, 0)

    keys = {"HTTP_IDEMPOTENCY_KEY": "one"}
    answers = [client.post(URL, {"institute": over.pk}, "application/json", **keys) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["certificates"][0]["name"] == "Ana Torres"


def test_too_early_is_refused_with_the_sentence_of_the_page(omar: User, as_user: Any) -> None:
    institute = world.to_come()

    answer = as_user(omar).post(URL, {"institute": institute.pk}, "application/json")

    assert answer.status_code == 400
    assert "certificates are issued after that" in answer.json()["detail"][0]


def test_a_coordinator_issues_none(over: Institute, dolores: User, as_user: Any) -> None:
    assert as_user(dolores).post(URL, {"institute": over.pk}, "application/json").status_code == 403
    assert Certificate.objects.count() == 0


@pytest.mark.paper
def test_the_pdf_comes_by_the_api_too(certificate: Certificate, dolores: User, as_user: Any) -> None:
    answer = as_user(dolores).get(f"{URL}{certificate.pk}/pdf/")

    assert b"".join(answer.streaming_content).startswith(b"%PDF-")
    assert Download.objects.get().by == dolores


def test_where_no_paper_is_made_the_api_says_why(
    certificate: Certificate, omar: User, as_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper, "_WHY_NOT", "no pango")

    answer = as_user(omar).get(f"{URL}{certificate.pk}/pdf/")

    assert answer.status_code == 503
    assert "Paper needs Pango" in answer.json()["detail"]


def test_without_somebody_who_asks_no_institute_is_a_choice(over: Institute) -> None:
    assert list(IssueSerializer(data={"institute": over.pk}).fields["institute"].queryset) == []  # type: ignore[attr-defined]
