"""PDFs: names print right, each is kept once with its hash, and a killed worker leaves neither gap nor duplicate."""

import hashlib
import io
from datetime import date, timedelta
from typing import Any

import pypdf
import pytest
from django.db import connection

from certificates import issuing, printing, renderings, tasks
from certificates.models import Certificate, Rendering
from events.models import Institute
from office import paper, presses
from office.models import Message, StoredFile
from people.models import Organization, Person, User
from tests import make
from tests.certificates import world
from tests.races import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.paper]

SIXTY = "Wolfeschlegelsteinhausenberger-Bergerdorff Featherstonehaugh"


@pytest.fixture
def everyone(institute: Institute, alder_valley: Organization) -> list[Certificate]:
    for number in range(6):
        world.attended(make.person(f"Teacher {number}"), institute, alder_valley)
    return issuing.issue_all(institute, by=None, at=world.AFTER)


def text_of(pdf: bytes) -> str:
    return " ".join(pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split())


@pytest.mark.parametrize("name", ["Nguyễn Thị Ánh", "María José Muñoz-O'Neill", "李小龍", "محمد", "김민준", SIXTY])
def test_a_name_prints_as_it_is_spelled(certificate: Certificate, name: str) -> None:
    certificate.snapshot["name"] = name

    pdf = printing.pdf_of(certificate)

    assert name in text_of(pdf)
    assert len(pypdf.PdfReader(io.BytesIO(pdf)).pages) == 1


def test_a_name_that_no_font_has_is_refused_by_name(certificate: Certificate) -> None:
    certificate.snapshot["name"] = "Ana \U0001f9ff\uf8ff"

    with pytest.raises(paper.CannotRender, match=r"U\+F8FF"):
        printing.pdf_of(certificate)


@pytest.mark.parametrize(
    ("name", "size"),
    [("Ana Torres", "l"), ("María José Muñoz-O'Neill Ruiz", "m"), ("李小龍" * 6, "s"), (SIXTY, "xs")],
)
def test_a_long_name_is_printed_smaller(certificate: Certificate, name: str, size: str) -> None:
    certificate.snapshot["name"] = name

    assert printing.context_of(certificate)["name_size"] == size


def test_the_paper_is_tagged_titled_and_says_its_language_and_address(certificate: Certificate) -> None:
    reader = pypdf.PdfReader(io.BytesIO(printing.pdf_of(certificate)))
    root: Any = reader.trailer["/Root"]

    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-us"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata
    assert reader.metadata.title == "Certificate of attendance: Ana Torres"
    assert f"/verify/{certificate.code}/" in text_of(printing.pdf_of(certificate))


@pytest.mark.parametrize("count", [7, 8, 28, 150])
def test_no_day_is_lost_however_many_there_are(certificate: Certificate, count: int) -> None:
    first = date(2027, 1, 4)
    certificate.snapshot["name"] = SIXTY
    certificate.snapshot["title"] = (
        "Science and literacy for all, in the early grades and in those that follow after them"
    )
    certificate.snapshot["days"] = [
        {"day": (first + timedelta(days=number)).isoformat(), "earned": 60 + number, "offered": 600}
        for number in range(count)
    ]
    pages = pypdf.PdfReader(io.BytesIO(printing.pdf_of(certificate))).pages
    words = " ".join(" ".join(page.extract_text().split()) for page in pages)

    for number in range(count):
        day = first + timedelta(days=number)
        assert f"{day:%a, %b} {day.day}" in words


def test_the_same_snapshot_makes_the_same_bytes(certificate: Certificate) -> None:
    assert printing.pdf_of(certificate) == printing.pdf_of(certificate)


def test_a_pdf_is_kept_with_its_hash_and_not_made_again(certificate: Certificate) -> None:
    first = renderings.pdf_of(certificate, at=world.AFTER)

    assert renderings.pdf_of(certificate, at=world.AFTER) == first
    kept = Rendering.objects.get()
    with first.bytes.open("rb") as content:
        assert kept.sha256 == hashlib.sha256(content.read()).hexdigest()
    assert first.name == f"Ana Torres {certificate.snapshot['code']}.pdf"


def test_a_later_version_says_so_in_the_name_of_its_file(certificate: Certificate, omar: User) -> None:
    Person.objects.update(display_name="Ana / T.")
    second = issuing.reissue(certificate, reason="name", by=omar, at=world.AFTER)

    assert renderings.pdf_of(second, at=world.AFTER).name == f"Ana T. {certificate.snapshot['code']} v2.pdf"
    assert f"takes the place of {certificate.code}" in text_of(printing.pdf_of(second))


def test_work_that_was_killed_goes_on_without_a_gap_or_a_duplicate(
    everyone: list[Certificate], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renderings, "CHUNK", 2)
    keys = [one.pk for one in everyone]
    kept: list[dict[int, bytes]] = []
    keep = renderings._keep

    def killed(pdfs: dict[int, bytes], *, at: Any) -> int:
        if len(kept) == 2:
            raise SystemExit
        kept.append(pdfs)
        return keep(pdfs, at=at)

    monkeypatch.setattr(renderings, "_keep", killed)
    with pytest.raises(SystemExit):
        renderings.render_all(keys, at=world.AFTER)
    monkeypatch.setattr(renderings, "_keep", keep)

    assert renderings.render_all(keys, at=world.AFTER) == 2
    assert sorted(Rendering.objects.values_list("certificate", flat=True)) == keys
    assert StoredFile.objects.count() == 6


@pytest.mark.django_db(transaction=True)
def test_eight_who_print_one_certificate_at_once_keep_one(certificate: Certificate) -> None:
    answers = at_once(*[lambda: renderings.pdf_of(certificate, at=world.AFTER)] * 8)

    assert len({file.pk for file in answers}) == 1
    assert Rendering.objects.count() == 1


def test_processes_of_their_own_print_the_same(certificate: Certificate) -> None:
    job = (printing.TEMPLATE, printing.context_of(certificate), printing.title_of(certificate))
    refused = (printing.TEMPLATE, {"name": "nothing else"}, "x")
    connection.close_if_unusable_or_obsolete()

    with presses.presses(2, worth=1) as pool:
        made = list(presses.press([job, refused], pool))

    assert made[0] == printing.pdf_of(certificate)
    assert "which was not given" in str(made[1])


def test_what_cannot_be_printed_stops_nobody_else(
    institute: Institute, alder_valley: Organization, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("Ana Torres", "Private \uf8ff"):
        world.attended(make.person(name), institute, alder_valley)
    made = issuing.issue_all(institute, by=None, at=world.AFTER)

    assert renderings.render_all([one.pk for one in made], at=world.AFTER) == 1
    assert "has no PDF: No font here has" in caplog.text


def test_the_worker_tells_people_and_prints(certificate: Certificate) -> None:
    for _time in range(2):
        tasks.follow_up(certificates=[certificate.pk])

    assert (Message.objects.count(), Rendering.objects.count()) == (1, 1)


def test_the_worker_s_other_doors_call_the_verbs(institute: Institute, ana: Person, alder_valley: Organization) -> None:
    world.attended(ana, institute, alder_valley)
    Institute.objects.update(certificates_after_hours=1)
    issuing.issue_all(institute, by=None, at=world.AFTER)

    tasks.issue_due(timestamp=0)
    tasks.send_links(address="ANA.torres@avusd.example.test")

    assert Message.objects.get().subject == "Your certificates"
