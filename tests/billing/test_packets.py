"""The vendor packet: kept by finance staff, read by every district that comes to pay."""

import io
import zipfile

import pypdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from billing import packets
from billing.models import Payee, PayeePaper
from office import archives, files, paper
from office.paper import CannotRender
from tests import make

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\nW-9\n%%EOF\n"


@pytest.fixture
def payee(provider) -> Payee:
    return make.payee()


def kept(content: bytes = PDF, name: str = "w9 scan.pdf"):
    return files.keep(content, name=name, type=files.PDF, by=None, at=make.NOW)


def names_in(parts) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(b"".join(parts))).namelist()


def upload(client, payee, **asked):
    asked = {"kind": "w9", "upload": SimpleUploadedFile("w9.pdf", PDF)} | asked
    return client.post(reverse("billing:keep_paper", args=[payee.pk]), asked)


def test_the_packet_is_one_zip_with_every_paper_once(payee, monkeypatch, omar):
    monkeypatch.setattr(paper, "render", lambda *_args, **_more: PDF)
    packets.keep_w9(payee, kept())
    packets.keep_paper(payee, "Insurance 2027/28", kept(b"%PDF-1.7\nold"), by=omar, at=make.NOW)
    packets.keep_paper(payee, " Insurance  2027/28", kept(b"%PDF-1.7\nnew"), by=omar, at=make.NOW)

    packed = b"".join(packets.stream(packets.packets(payee.pk)[0], at=make.NOW))

    archive = zipfile.ZipFile(io.BytesIO(packed))
    assert archive.namelist() == ["W-9.pdf", "Where to send payment.pdf", "Insurance 2027-28.pdf"]
    assert archive.read("Insurance 2027-28.pdf") == b"%PDF-1.7\nnew"
    assert archive.testzip() is None


def test_a_machine_without_paper_packs_the_address_as_text(payee, monkeypatch):
    def no_paper(*_args, **_more):
        raise CannotRender("Paper needs Pango.")

    monkeypatch.setattr(paper, "render", no_paper)

    assert names_in(packets.stream(packets.packets(payee.pk)[0], at=make.NOW)) == ["Where to send payment.txt"]


def test_two_papers_of_one_name_both_arrive():
    packed = archives.stream([("Insurance.pdf", b"1"), ("insurance.pdf", b"2"), ("README", b"3"), ("readme", b"4")])

    assert names_in(packed) == ["Insurance.pdf", "insurance (2).pdf", "README", "readme (2)"]


@pytest.mark.paper
def test_the_sheet_says_where_money_goes_and_is_tagged(payee):
    sheet = pypdf.PdfReader(io.BytesIO(packets.remit_to_sheet(payee, at=make.NOW)))

    assert sheet.trailer["/Root"]["/StructTreeRoot"]["/K"]
    assert "PO Box 9" in sheet.pages[0].extract_text()


def test_a_coordinator_and_the_business_office_read_the_packet(payee, dolores, bea, as_user):
    packets.keep_w9(payee, kept())

    for who in (dolores, bea):
        client = as_user(who)
        page = client.get(reverse("billing:packets")).content.decode()
        given = client.get(reverse("billing:w9", args=[payee.pk]))
        assert "Sierra Science Collaborative" in page
        assert "Change the papers" not in page
        assert b"".join(given.streaming_content) == PDF


def test_finance_puts_papers_into_the_packet_and_takes_them_out(payee, omar, as_user):
    client = as_user(omar)
    upload(client, payee)
    upload(client, payee, kind="other", title="Insurance", upload=SimpleUploadedFile("i.pdf", PDF))

    payee.refresh_from_db()
    [found] = PayeePaper.objects.all()
    assert (payee.w9.name, found.title, found.by) == ("w9.pdf", "Insurance", omar)
    client.post(reverse("billing:leave_out_paper", args=[found.pk]))
    assert not PayeePaper.objects.exists()


@pytest.mark.parametrize(
    ("asked", "field", "sentence"),
    [
        ({"upload": SimpleUploadedFile("w9.exe", b"MZ\x00\x01")}, "upload", "is of a kind we cannot read"),
        ({"kind": "other"}, "title", "Write what the paper is"),
        ({"kind": "other", "title": "w-9"}, "title", "Choose W-9 above"),
    ],
)
def test_a_paper_that_cannot_be_given_is_refused_beside_its_field(payee, omar, as_user, asked, field, sentence):
    answer = upload(as_user(omar), payee, **asked)

    assert answer.status_code == 422
    assert sentence in str(answer.context["form"].errors[field])


def test_a_coordinator_changes_no_papers(payee, dolores, as_user):
    found = packets.keep_paper(payee, "Insurance", kept(), by=dolores, at=make.NOW)

    answer = as_user(dolores).post(reverse("billing:leave_out_paper", args=[found.pk]))

    assert (answer.status_code, PayeePaper.objects.count()) == (403, 1)


@pytest.mark.parametrize("papers", [1, 3])
def test_the_page_of_packets_takes_as_many_questions_for_three_papers(
    payee, papers, dolores, as_user, django_assert_num_queries
):
    for number in range(papers):
        packets.keep_paper(payee, f"Paper {number}", kept(), by=dolores, at=make.NOW)

    with django_assert_num_queries(2):
        assert len(packets.packets()[0].others) == papers
