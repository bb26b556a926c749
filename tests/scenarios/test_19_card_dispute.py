"""Scenario 19: Owen Prather paid $525 by card, attended for three days, and asks his bank for the money back."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from billing import books, invoicing
from billing.models import Dispute, Invoice, InvoiceKind, Payment
from certificates import issuing
from certificates.models import Certificate, Download, Revocation
from events import terms
from office import paper
from office.models import Message
from portal import evidence
from portal.models import Evidence
from portal.tasks import gather_evidence
from registrations import billable
from registrations.models import Registration, Seat
from tests import make
from tests.billing.cards import *  # noqa: F403 - the fixtures of cards
from tests.billing.cards import arrive, balances, paid_by_card
from tests.certificates.world import AFTER, institute, seen

pytestmark = pytest.mark.django_db
FETCHED = datetime(2027, 1, 26, 17, 0, tzinfo=UTC)


@pytest.fixture
def owen(provider, alder_valley, omar):
    """Registered, invoiced, present on three days, certified; he fetched his certificate once."""
    make.payee()
    winter = institute(code="LT27-01", price=Decimal(525))
    order = make.placed(alder_valley, winter, "Owen Prather", by=omar)
    registration = seen(Registration.objects.get(), 0, 1, 2)
    [certificate] = issuing.issue_all(winter, by=omar, at=AFTER)
    Download.objects.create(certificate=certificate, at=FETCHED)
    Message.objects.create(to="owen@example.test", subject="LT27-01: you are registered", text="x", html="x",
                           about=f"order {order.pk}", at=make.NOW)  # fmt: skip
    return registration


@pytest.fixture
def bill(owen, omar):
    [draft] = billable.draft_invoices(owen.institute, by=omar, at=AFTER)
    return invoicing.issue(draft, by=omar, at=AFTER)


@pytest.fixture
def dispute(stripe, bill):
    """`charge.dispute.created`, 52500 cents and a fee; Stripe sends it twice."""
    stripe.dispute(str(paid_by_card(stripe, bill).gateway_id), 52500)
    arrive(stripe, times=2)
    return Dispute.objects.get()


def test_the_receivable_is_open_again_and_the_seat_and_the_certificate_are_not_touched(dispute, bill, owen):
    assert (dispute.amount, dispute.fee) == (Decimal("525.00"), Decimal("15.00"))
    assert balances(bill) == {"owed": "525.00", "credit": ["0.00"]}
    assert (Seat.objects.get().released_at, Registration.objects.get().ended_at) == (None, None)
    assert (Certificate.objects.count(), Revocation.objects.count()) == (1, 0)
    assert not Invoice.objects.filter(kind=InvoiceKind.CREDIT_MEMO).exists()
    assert list(books.broken_equations()) == []


def test_the_evidence_builds_itself_from_what_we_know(dispute, bill, owen):
    gather_evidence(0)
    gather_evidence(0)

    packet = Evidence.objects.get()
    order = owen.seat.allotment.order
    certificate = Certificate.objects.get()
    wanted = [
        "$525.00 by Alder Valley Unified",
        f"{bill.reference}: ",
        "Owen Prather was registered for LT27-01",
        "Accepted on November 2, 2026, 9:00 AM PST, when the order was placed:",
        terms.sentences(order.terms)[0],
        "Owen Prather, January 21, 2027: Morning (Present, 8:00 AM), Afternoon",
        "Owen Prather, January 22, 2027: Morning",
        "Owen Prather, January 23, 2027: Morning",
        "November 2, 2026, 9:00 AM PST: LT27-01: you are registered",
        f"{certificate.code} was issued on January 25, 2027",
        f"{certificate.code} was fetched on January 26, 2027, 9:00 AM PST",
    ]
    assert [words for words in wanted if words not in packet.words] == []
    assert "owen@example.test" not in packet.words


@pytest.mark.paper
def test_the_packet_is_a_pdf(dispute):
    packet = evidence.build(dispute, at=AFTER)

    with packet.file.bytes.open("rb") as opened:
        pages = " ".join(page.extract_text() for page in PdfReader(opened).pages)
    assert f"Evidence for dispute {dispute.gateway_id}" in pages
    assert "Owen Prather, January 23, 2027" in pages


def test_without_paper_its_words_are_kept(dispute, monkeypatch):
    def no_paper(*_words, **_more):
        raise paper.CannotRender("No Pango here")

    monkeypatch.setattr(paper, "render", no_paper)

    packet = evidence.build(dispute, at=AFTER)

    with packet.file.bytes.open("rb") as opened:
        assert (packet.file.type, opened.read().decode()) == ("text/plain", packet.words)
    evidence.send(packet, by=None, at=AFTER)
    packet.refresh_from_db()
    assert packet.sent_at == AFTER


def test_staff_see_it_by_its_last_day_and_send_it_once(stripe, dispute, omar, as_user):
    staff = as_user(omar)
    listed = staff.get(reverse("portal:disputes")).content.decode()
    before = staff.get(reverse("portal:dispute", args=[dispute.pk])).content.decode()

    answers = [staff.post(reverse("portal:send_evidence", args=[dispute.pk]), follow=True) for _time in range(2)]

    assert f"{timezone.localtime(dispute.evidence_due_at):%b %-d, %Y}" in listed
    assert "put together within a minute" in before
    assert "The bank has the evidence" in answers[0].content.decode()
    assert "The bank has it already" in answers[1].content.decode()
    theirs = stripe.things["disputes"][dispute.gateway_id]
    assert theirs["evidence_details"]["submission_count"] == 1
    assert "Owen Prather, January 23, 2027" in theirs["evidence"]["uncategorized_text"]
    assert theirs["evidence"]["service_documentation"] in stripe.things["files"]
    assert Evidence.objects.get().sent_by == omar
    packet = staff.get(reverse("portal:evidence", args=[dispute.pk]))
    assert len(b"".join(packet.streaming_content)) == Evidence.objects.get().file.size
    packet.close()


def test_there_is_no_packet_before_it_is_put_together(dispute, omar, as_user):
    assert as_user(omar).get(reverse("portal:evidence", args=[dispute.pk])).status_code == 404


def test_two_days_before_the_last_day_it_goes_by_itself(stripe, dispute):
    evidence.sweep(at=timezone.now())
    assert Evidence.objects.get().sent_at is None

    evidence.sweep(at=dispute.evidence_due_at - timedelta(days=2) + timedelta(seconds=1))

    assert stripe.things["disputes"][dispute.gateway_id]["evidence_details"]["submission_count"] == 1


def test_what_stripe_refuses_is_tried_by_the_next_sweep(stripe, dispute):
    late = dispute.evidence_due_at - timedelta(days=1)
    evidence.sweep(at=late - timedelta(days=5))
    stripe.fail(400)

    evidence.sweep(at=late)
    assert Evidence.objects.get().sent_at is None
    evidence.sweep(at=late)

    assert Evidence.objects.get().sent_at == late


def test_lost_it_leaves_a_note_for_collections_that_says_nothing_of_owen(stripe, dispute, bill, omar, as_user):
    stripe.close(dispute.gateway_id, "lost")
    arrive(stripe, times=2)

    dispute.refresh_from_db()
    note = evidence.note_of(dispute)
    assert note.startswith("Alder Valley Unified owes $525.00")
    assert "Prather" not in note
    assert balances(bill) == {"owed": "525.00", "credit": ["0.00"]}
    shown = as_user(omar).get(reverse("portal:dispute", args=[dispute.pk])).content.decode()
    assert "Note for collections" in shown
    assert (Seat.objects.get().released_at, Revocation.objects.count()) == (None, 0)
    packet = evidence.build(dispute, at=AFTER)
    with pytest.raises(evidence.CannotSendEvidence, match="closed"):
        evidence.send(packet, by=omar, at=AFTER)


def test_won_the_invoice_is_paid_again(stripe, dispute, bill):
    stripe.close(dispute.gateway_id, "won")
    arrive(stripe, times=2)

    dispute.refresh_from_db()
    assert balances(bill) == {"owed": "0.00", "credit": ["0.00"]}
    assert Payment.objects.count() == 1
    assert evidence.note_of(dispute) == ""
