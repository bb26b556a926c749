"""Pages: whose they are, what they show, what they refuse."""

import csv
import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from certificates import announcing, archives, issuing, verifying
from certificates.models import Certificate, Download
from events.models import Institute
from office import paper
from office.models import Message
from people import corrections, links, throttle
from people.models import Organization, Person, User
from tests import make
from tests.certificates import world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_counted() -> None:
    cache.clear()


def body(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def token(person: Person) -> str:
    return links.sign(person, purpose=announcing.PURPOSE)


# --- Staff ----------------------------------------------------------------------------------------------------------


def test_staff_see_who_earned_one_and_issue_all_in_one_action(
    ana: Person, alder_valley: Organization, omar: User, as_user: Any
) -> None:
    over = world.over()
    world.attended(ana, over, alder_valley)
    make.registration(make.person("Ben Ode"), over, alder_valley)
    client = as_user(omar)
    page = client.get(reverse("certificates:institute", args=[over.pk]))

    assert "Issue 1 certificate" in body(page)
    assert "No hours earned." in body(page)
    key = {"submission_key": page.context["form"]["submission_key"].value()}
    for _time in range(2):
        answer = client.post(reverse("certificates:issue", args=[over.pk]), key, follow=True)
        assert "1 certificate is issued. Mail is on its way" in body(answer)
    assert [one.name for one in Certificate.objects.all()] == ["Ana Torres"]
    again = client.post(reverse("certificates:issue", args=[over.pk]), follow=True)
    assert "nothing was issued" in body(again)


def test_staff_are_told_when_it_is_too_early(omar: User, as_user: Any) -> None:
    institute = world.to_come()

    answer = as_user(omar).post(reverse("certificates:issue", args=[institute.pk]), follow=True)

    assert "certificates are issued after that" in body(answer)


def test_progress_says_how_many_papers_are_made(certificate: Certificate, omar: User, as_user: Any) -> None:
    answer = as_user(omar).get(reverse("certificates:progress", args=[certificate.institute_id]))

    assert "0 of 1" in body(answer)
    assert 'hx-trigger="every 2s"' in body(answer)


def test_the_list_for_three_asks_the_database_as_often_as_for_one(
    institute: Institute, alder_valley: Organization, omar: User, as_user: Any
) -> None:
    client, counts = as_user(omar), []
    for people in (1, 2):
        for number in range(people):
            world.attended(make.person(f"Teacher {people} {number}"), institute, alder_valley)
        issuing.issue_all(institute, by=omar, at=world.AFTER)
        client.get(reverse("certificates:institute", args=[institute.pk]))
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("certificates:institute", args=[institute.pk]))
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_staff_issue_a_new_version_and_revoke_it_with_reasons(
    certificate: Certificate, omar: User, as_user: Any
) -> None:
    client = as_user(omar)
    page = reverse("certificates:reissue", args=[certificate.code])
    assert "Nothing that is printed has changed" in body(client.post(page, {"reason": "name"}))
    assert client.post(page, {"reason": ""}).status_code == 422
    Person.objects.filter(pk=certificate.person_id).update(display_name="Ana T.")

    listed = reverse("certificates:institute", args=[certificate.institute_id])
    assert "Says something else than is true today" in body(client.get(listed))
    client.post(page, {"reason": "name"})
    assert "Says something else than is true today" not in body(client.get(listed))
    second = Certificate.objects.get(version=2)
    assert client.get(reverse("certificates:revoke", args=[second.code])).status_code == 200
    assert client.post(reverse("certificates:revoke", args=[second.code]), {"reason": ""}).status_code == 422
    client.post(reverse("certificates:revoke", args=[second.code]), {"reason": "attendance correction"})
    assert "was revoked before" in body(
        client.post(reverse("certificates:revoke", args=[second.code]), {"reason": "x"})
    )

    assert verifying.state_of(second) == "revoked"


# --- Who may open what ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("who", "status"), [("omar", 200), ("dolores", 200), ("bea", 200), ("hal", 404)])
@pytest.mark.parametrize("page", ["certificates:show", "certificates:pdf"])
@pytest.mark.paper
def test_a_certificate_opens_for_staff_and_the_district_that_sent_her(
    certificate: Certificate, request: Any, as_user: Any, who: str, status: int, page: str
) -> None:
    client = as_user(request.getfixturevalue(who))

    answer = client.get(reverse(page, args=[certificate.code]))

    assert answer.status_code == status
    assert (b"Ana Torres" in (content := answer.getvalue()) or content.startswith(b"%PDF-")) == (status == 200)


@pytest.mark.parametrize("page", ["certificates:institute", "certificates:progress", "certificates:issue"])
@pytest.mark.parametrize("who", ["dolores", "bea", "hal"])
def test_issuing_is_the_staff_s(institute: Institute, request: Any, as_user: Any, who: str, page: str) -> None:
    client = as_user(request.getfixturevalue(who))
    send = client.post if page.endswith("issue") else client.get

    assert send(reverse(page, args=[institute.pk])).status_code == 403


@pytest.mark.parametrize(("who", "status"), [("dolores", 403), ("hal", 404)])
@pytest.mark.parametrize("page", ["certificates:reissue", "certificates:revoke"])
def test_correcting_is_the_staff_s(
    certificate: Certificate, request: Any, as_user: Any, who: str, status: int, page: str
) -> None:
    client = as_user(request.getfixturevalue(who))

    assert client.post(reverse(page, args=[certificate.code]), {"reason": "mine"}).status_code == status
    assert Certificate.objects.count() == 1


def test_a_stranger_is_sent_to_sign_in(certificate: Certificate, client: Client) -> None:
    answer = client.get(reverse("certificates:show", args=[certificate.code]))

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


# --- The participant ------------------------------------------------------------------------------------------------


@pytest.mark.paper
def test_ana_has_her_certificate_by_link_as_often_as_anyone_opens_it(certificate: Certificate, client: Client) -> None:
    link = token(certificate.person)

    for _time in range(3):
        assert "19.5 of 19.5 contact hours" in body(client.get(reverse("certificates:mine", args=[link])))
    assert "Ana Torres" in body(client.get(reverse("certificates:certificate", args=[link, certificate.code])))
    answer = client.get(reverse("certificates:pdf_by_link", args=[link, certificate.code]))
    assert answer.getvalue().startswith(b"%PDF-1.7")
    assert (answer["X-Robots-Tag"], answer["Referrer-Policy"]) == ("noindex, nofollow", "same-origin")
    assert [row.by for row in Download.objects.all()] == [None]


def test_a_link_shows_only_her_own(certificate: Certificate, client: Client) -> None:
    other = token(make.person("Somebody Else"))

    assert certificate.code not in body(client.get(reverse("certificates:mine", args=[other])))
    for page in ("certificates:certificate", "certificates:pdf_by_link"):
        assert client.get(reverse(page, args=[other, certificate.code])).status_code == 404


@pytest.mark.parametrize("page", ["certificates:mine", "certificates:certificate", "certificates:pdf_by_link"])
def test_a_link_that_is_too_old_or_cut_offers_a_new_one(
    certificate: Certificate, client: Client, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = [] if page.endswith("mine") else [certificate.code]
    cut = client.get(reverse(page, args=[token(certificate.person)[:-3], *more]))
    monkeypatch.setattr(announcing, "VALID_FOR", timedelta(seconds=-1))
    old = client.get(reverse(page, args=[token(certificate.person), *more]))

    assert "This link is not complete" in body(cut)
    assert "This link has expired. Ask for a new one below." in body(old)
    assert (cut.status_code, old.status_code) == (403, 403)
    assert reverse("certificates:new_link") in body(old)


@pytest.mark.parametrize("address", ["ana.torres@avusd.example.test", "nobody@example.test"])
def test_asking_for_a_link_answers_the_same_whoever_has_the_address(
    certificate: Certificate, client: Client, address: str
) -> None:
    answer = client.post(reverse("certificates:new_link"), {"email": address})

    assert f"If somebody with a certificate uses {address}, a new link is on its way" in body(answer)
    job = ProcrastinateJob.objects.get(task_name="certificates.send_links")
    announcing.send_links(job.args["address"], at=world.AFTER)
    announcing.send_links(job.args["address"], at=world.AFTER)
    assert Message.objects.filter(subject="Your certificates").count() == (1 if address.startswith("ana") else 0)


def test_nobody_may_ask_for_links_without_end(certificate: Certificate, client: Client) -> None:
    answers = [client.post(reverse("certificates:new_link"), {"email": "ana@example.test"}) for _time in range(11)]

    assert [answer.status_code for answer in answers] == [200] * 10 + [429]


def test_an_address_that_is_none_gets_a_sentence(client: Client) -> None:
    assert client.get(reverse("certificates:new_link")).status_code == 200
    assert client.post(reverse("certificates:new_link"), {"email": "ana"}).status_code == 422


def test_each_person_is_told_once_that_hers_is_ready(certificate: Certificate) -> None:
    for _time in range(2):
        announcing.announce([certificate.pk], at=world.AFTER)

    mail = Message.objects.get()
    assert (mail.to, mail.subject) == ("ana.torres@avusd.example.test", "Your certificate: Leadership Training")
    assert "19.5 of 19.5 contact hours" in mail.text
    assert reverse("certificates:mine", args=["x"]).rpartition("x")[0] in mail.text


def test_who_has_no_address_is_told_nothing(institute: Institute, alder_valley: Organization) -> None:
    world.attended(make.person("No Mail"), institute, alder_valley)
    made = issuing.issue_all(institute, by=None, at=world.AFTER)

    announcing.announce([one.pk for one in made], at=world.AFTER)

    assert Message.objects.count() == 0


# --- The check ------------------------------------------------------------------------------------------------------


def test_anyone_with_the_code_is_told_what_holds(certificate: Certificate, client: Client) -> None:
    typed = certificate.code.lower().replace("-", " ")

    answer = client.get(reverse("certificates:verify"), {"code": typed}, follow=True)

    assert answer.redirect_chain == [(reverse("certificates:verify_code", args=[certificate.code]), 302)]
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    for words in ["This certificate is valid.", "Ana Torres", "Leadership Training", "January 21–23, 2027",
                  "19.5 of 19.5", "Sierra Science Collaborative", "No PDF was made yet"]:  # fmt: skip
        assert words in body(answer)


def test_a_code_that_does_not_exist_says_so(client: Client) -> None:
    answer = client.get(reverse("certificates:verify_code", args=["AAAA-AAAA-AAAA"]))

    assert answer.status_code == 404
    assert "There is no certificate with the code AAAA-AAAA-AAAA" in body(answer)
    assert client.get(reverse("certificates:verify"), {"code": ""}).status_code == 422


def test_a_former_name_is_not_shown_to_whoever_has_the_old_code(
    certificate: Certificate, omar: User, client: Client
) -> None:
    """Scenario 8."""
    Person.objects.filter(pk=certificate.person_id).update(display_name="Ana Maria Quispe")
    issuing.reissue(certificate, reason="name", by=omar, at=world.AFTER)

    answer = body(client.get(reverse("certificates:verify_code", args=[certificate.code])))

    assert "Superseded on January 25, 2027 by a newer version: ask the holder for it." in answer
    assert "Torres" not in answer
    assert "Quispe" not in answer


def test_a_former_name_stays_hidden_when_the_newer_version_is_revoked(
    certificate: Certificate, omar: User, client: Client
) -> None:
    Person.objects.filter(pk=certificate.person_id).update(display_name="Ana Maria Quispe")
    second = issuing.reissue(certificate, reason="name", by=omar, at=world.AFTER)
    issuing.revoke(second, reason="attendance correction", by=omar, at=world.AFTER)

    assert "Torres" not in body(client.get(reverse("certificates:verify_code", args=[certificate.code])))
    answer = body(client.get(reverse("certificates:verify_code", args=[second.code])))
    assert "Revoked on January 25, 2027: this certificate no longer holds." in answer


@pytest.mark.parametrize(("hides", "is_shown"), [(True, False), (False, True)])
def test_a_former_name_that_she_hid_is_not_shown_by_a_revoked_certificate(
    certificate: Certificate, omar: User, client: Client, hides: bool, is_shown: bool
) -> None:
    issuing.revoke(certificate, reason="attendance correction", by=omar, at=world.AFTER)
    asked = corrections.ask_for_name(
        certificate.person, given="Ana", family="Quispe", display="Ana Quispe", hides_former=hides, at=world.AFTER
    )
    corrections.grant(asked, by=omar, at=world.AFTER)

    answer = body(client.get(reverse("certificates:verify_code", args=[certificate.code])))

    assert ("Torres" in answer, "Not shown: ask the holder" in answer) == (is_shown, not is_shown)
    assert "Quispe" not in answer


def test_a_superseded_version_with_the_same_name_shows_it(certificate: Certificate, omar: User) -> None:
    make.registration(certificate.person, make.institute(), certificate.sponsor)  # type: ignore[arg-type]
    certificate.institute.registrations.update(compensation="own_time")
    issuing.reissue(certificate, reason="compensation", by=omar, at=world.AFTER)

    assert verifying.standing_of(Certificate.objects.get(pk=certificate.pk)).shows_name


def test_wrong_codes_without_end_are_not_answered(certificate: Certificate, client: Client) -> None:
    wrong = reverse("certificates:verify_code", args=["AAAA-AAAA-AAAA"])

    assert [client.get(wrong).status_code for _time in range(31)] == [404] * 30 + [429]
    assert client.get(reverse("certificates:verify_code", args=[certificate.code])).status_code == 429


def test_a_count_that_ran_out_begins_anew() -> None:
    throttle.count("verify", "192.0.2.1", seconds=-1)
    throttle.count("verify", "192.0.2.1")

    assert throttle.too_many("verify", "192.0.2.1", most=1)
    assert not throttle.too_many("verify", "192.0.2.2", most=1)


def test_behind_a_proxy_who_asks_is_whom_the_proxy_names(settings: Any) -> None:
    meta = {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "6.6.6.6, 203.0.113.9"}

    assert throttle.address_of(meta) == "127.0.0.1"
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert throttle.address_of(meta) == "203.0.113.9"


# --- The district ---------------------------------------------------------------------------------------------------


@pytest.mark.paper
def test_a_coordinator_downloads_all_of_hers_as_one_zip_with_a_list(
    institute: Institute, alder_valley: Organization, bristlecone: Organization, dolores: User, as_user: Any
) -> None:
    for name, district in [("Ana Torres", alder_valley), ("Ana Torres", alder_valley), ("=Cmd /..", alder_valley),
                           ("Hal's Own", bristlecone)]:  # fmt: skip
        world.attended(make.person(name), institute, district)
    issuing.issue_all(institute, by=None, at=world.AFTER)

    answer = as_user(dolores).get(reverse("certificates:district_zip", args=[alder_valley.pk, institute.pk]))

    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    code = institute.code
    assert sorted(archive.namelist()) == [
        f"Ana Torres {code} (2).pdf", f"Ana Torres {code}.pdf", f"Cmd .. {code}.pdf", "certificates.csv",
    ]  # fmt: skip
    assert all(archive.read(name).startswith(b"%PDF-") for name in archive.namelist() if name.endswith(".pdf"))
    rows = list(csv.DictReader(io.StringIO(archive.read("certificates.csv").decode("utf-8-sig"))))
    assert sorted((row["Name"], row["Hours"]) for row in rows) == [
        ("'=Cmd /..", "19.5"), ("Ana Torres", "19.5"), ("Ana Torres", "19.5"),
    ]  # fmt: skip
    assert Download.objects.filter(by=dolores).count() == 3


def test_what_cannot_be_printed_is_named_in_the_list(
    certificate: Certificate, dolores: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper, "_WHY_NOT", "no pango")

    content = b"".join(archives.stream(Certificate.objects.all(), by=dolores, at=world.AFTER))

    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.namelist() == ["certificates.csv"]
    assert "Paper needs Pango" in archive.read("certificates.csv").decode()


def test_a_page_says_why_there_is_no_paper(
    certificate: Certificate, omar: User, as_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper, "_WHY_NOT", "no pango")

    answer = as_user(omar).get(reverse("certificates:pdf", args=[certificate.code]))
    by_link = as_user(omar).get(reverse("certificates:pdf_by_link", args=[token(certificate.person), certificate.code]))

    assert (answer.status_code, by_link.status_code) == (503, 503)
    assert "Paper needs Pango" in body(answer)
    assert Download.objects.count() == 0


@pytest.mark.parametrize(("who", "status"), [("dolores", 200), ("bea", 200), ("omar", 200), ("hal", 404)])
def test_a_district_s_certificates_are_its_own(
    certificate: Certificate, alder_valley: Organization, request: Any, as_user: Any, who: str, status: int
) -> None:
    client = as_user(request.getfixturevalue(who))
    place = {"institute": certificate.institute_id}

    page = client.get(reverse("certificates:district", args=[alder_valley.pk]), place)
    archive = client.get(reverse("certificates:district_zip", args=[alder_valley.pk, certificate.institute_id]))

    assert (page.status_code, archive.status_code) == (status, status)
    assert (certificate.code in body(page)) == (status == 200)


def test_a_district_without_certificates_is_told_so(alder_valley: Organization, dolores: User, as_user: Any) -> None:
    answer = as_user(dolores).get(reverse("certificates:district", args=[alder_valley.pk]), {"institute": "x"})

    assert "No certificates yet" in body(answer)
