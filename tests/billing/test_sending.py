"""Invoices that go out: on paper that is kept, by mail that is sent once."""

from decimal import Decimal

import pytest

from billing import invoicing, printing, sending, tasks
from billing.models import Dispatch, Invoice, Payer
from office import paper
from office.models import Message, StoredFile
from tests import make
from tests.billing.test_invoicing import draft, issued
from tests.billing.test_ledger import charge

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]


@pytest.fixture
def owed(provider, alder_valley):
    contract = make.agreement(alder_valley, name="Science 2026", award_no="C-77", wording="Net of travel.")
    line = make.line(alder_valley, contract, account_string="01-4035-0-1110-2140-5200")
    order = make.purchase_order(alder_valley, number="4711")
    return issued(*charge(line, times=2, purchase_order=order))


def page_of(invoice: Invoice) -> str:
    return paper.markup("paper/invoice.html", {"title": "Invoice", **printing.context_of(invoice)})


def test_the_paper_says_everything_a_business_office_asks_for(owed):
    page = page_of(owed)

    for words in (
        "Invoice INV-2027-0001",
        "Alder Valley Unified",
        "1 Alder Way",
        "PO Box 9",
        "4711",
        "November 2, 2026",
        "December 2, 2026 (Net 30 days)",
        "Fee for service: Science 2026",
        "Award or contract number: C-77",
        "Account: 01-4035-0-1110-2140-5200",
        "January 21–23, 2027",
        "$525.00",
        "$1,050.00",
        "Net of travel.",
        "2026-27",
    ):
        assert words in page


def test_each_participant_has_a_row_with_the_price(owed):
    """Ed Code 42634: an itemized invoice."""
    assert [(line["number"], line["amount"]) for line in printing.context_of(owed)["lines"]] == [
        (1, Decimal(525)),
        (2, Decimal(525)),
    ]


def test_a_credit_memo_names_the_invoice_it_corrects(owed):
    page = page_of(make.credit_memo(owed, "25.00"))

    assert "Credit memo CM-2027-" in page
    assert "<dd>INV-2027-0001</dd>" in page
    assert "−$25.00" in page


@pytest.mark.paper
def test_an_invoice_goes_out_with_its_paper(owed):
    sent = sending.send(owed, by=None, at=make.NOW)

    message = Message.objects.get()
    assert (message.to, message.subject) == ("ap@example.test", "Invoice INV-2027-0001: LT27-01")
    assert "Total: $1,050.00, due December 2, 2026." in message.text
    assert "Purchase order: 4711" in message.text
    assert [each.file for each in message.attachments.all()] == [sent.file]
    with sent.file.bytes.open() as pdf:
        assert (sent.file.name, pdf.read()[:5]) == ("INV-2027-0001.pdf", b"%PDF-")


@pytest.mark.paper
def test_an_invoice_goes_out_once_however_often_the_task_runs(owed):
    for _time in range(2):
        tasks.send(invoices=[owed.pk], by=None, key="first")

    assert (Message.objects.count(), Dispatch.objects.count(), StoredFile.objects.count()) == (1, 1, 1)


@pytest.mark.paper
def test_sent_again_it_is_the_same_paper(owed):
    sending.send(owed, by=None, at=make.NOW)
    Payer.objects.update(ap_email="other@example.test")
    owed.payer.refresh_from_db()

    again = sending.send(owed, by=None, at=make.NOW, key="second")

    assert again.message
    assert again.message.to == "other@example.test"
    assert StoredFile.objects.count() == 1


@pytest.mark.paper
def test_without_an_address_the_paper_is_kept_and_nothing_is_sent(owed):
    Payer.objects.update(ap_email="")
    owed.payer.refresh_from_db()

    for _time in range(2):
        sent = sending.send(owed, by=None, at=make.NOW)

    assert sent.message is None
    assert (Message.objects.count(), Dispatch.objects.count()) == (0, 1)


def test_a_draft_is_not_sent(alder_valley):
    (unissued,) = draft(*charge(make.line(alder_valley)))

    with pytest.raises(sending.CannotSend, match=f"Draft {unissued.pk} is not issued yet"):
        sending.send(unissued, by=None, at=make.NOW)


def test_what_is_still_a_draft_is_left_out_when_many_are_sent(alder_valley):
    (unissued,) = draft(*charge(make.line(alder_valley)))

    tasks.send(invoices=[unissued.pk], by=None, key="first")

    assert not Dispatch.objects.exists()
    assert invoicing.total_of(unissued) == Decimal(525)
