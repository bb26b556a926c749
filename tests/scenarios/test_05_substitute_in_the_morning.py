"""Scenario 5: at 06:52 on day 1 Ines Barragán has flu; Tomas Wexler comes."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from billing import invoicing, ledger
from billing.books import broken_equations
from billing.models import Charge, InvoiceLine
from office.models import Message
from people.models import GradeSpan
from registrations import billable, changes, choices, recount, substitutes
from registrations.models import Choice, Registration, Seat, Substitution
from registrations.newcomers import Attendee
from registrations.refusals import CannotChange
from tests import make

MORNING = datetime(2027, 1, 21, 14, 52, tzinfo=UTC)
"""06:52 in California, on the first day."""
NAMES = [f"Ada No{number}" for number in range(15)]
TOMAS = Attendee("Tomas", "Wexler", "tomas@avusd.example.test")


@pytest.fixture
def winter(provider):
    make.payee()
    institute = make.institute(code="LT27-01")
    make.agenda(institute)
    return institute


@pytest.fixture
def order(winter, alder_valley, dolores):
    """Sixteen seats of Alder Valley, as scenario 1 leaves them."""
    ines = Attendee("Ines", "Barragán", "ines@avusd.example.test", grade_span=GradeSpan.GRADES_3_5)
    return make.placed(alder_valley, winter, ines, *NAMES, by=dolores)


@pytest.fixture
def ines(order) -> Registration:
    return Registration.objects.get(person__family_name="Barragán")


def total() -> Decimal:
    return sum(Charge.objects.values_list("amount", flat=True), Decimal(0))


def test_the_seat_its_money_and_its_choices_stay(ines, winter, dolores):
    strand = make.strand(winter)
    session = make.session(winter, date(2027, 1, 22), "16:00", "17:00", strand=strand)
    Registration.objects.filter(pk=ines.pk).update(strand=strand)
    choices.take([ines], {ines.person_id: (session.pk,)}, winter)
    charges = set(Charge.objects.values_list("pk", flat=True))

    made = substitutes.substitute(ines, TOMAS, by=dolores, at=MORNING)

    tomas = made.to_registration
    assert (tomas.seat_id, tomas.strand, tomas.days) == (ines.seat_id, strand, winter.days)
    assert [choice.registration_id for choice in Choice.objects.all()] == [tomas.pk]
    assert set(Charge.objects.values_list("pk", flat=True)) == charges
    assert (total(), Seat.objects.held().count()) == (Decimal(8400), 16)
    assert [*broken_equations(), *recount.broken_equations()] == []


def test_she_is_not_expected_any_more_and_he_is(ines, winter, omar):
    substitutes.substitute(ines, TOMAS, by=omar, at=MORNING)

    people = [one.person.display_name for one in winter.registrations.live() if "Ada" not in one.person.given_name]
    ines.refresh_from_db()
    assert (people, ines.ended_at) == (["Tomas Wexler"], MORNING)


def test_the_ledger_shows_who_and_when(ines, dolores):
    substitutes.substitute(ines, TOMAS, reason="flu", by=dolores, at=MORNING)

    [entry] = changes.history_of([ines.seat])[ines.seat_id]
    assert (entry.at, entry.who) == (MORNING, "Dolores Quintero")
    assert entry.sentence == "Tomas Wexler for Ines Barragán from January 21 on: flu"


def test_a_draft_invoice_names_him(ines, winter, dolores, omar):
    [draft] = billable.draft_invoices(winter, by=omar, at=make.NOW)

    substitutes.substitute(ines, TOMAS, by=dolores, at=MORNING)

    words = set(draft.lines.values_list("words", flat=True))
    assert "Tomas Wexler" in words
    assert "Ines Barragán" not in words
    assert not billable.has_changed([draft])


def test_an_issued_invoice_stays_and_accounts_payable_gets_a_notice(ines, winter, alder_valley, dolores, omar):
    order = make.purchase_order(alder_valley, "8400", number="PO-7741")
    ledger.draw(order, Charge.objects.all(), by=omar, at=make.NOW)
    [draft] = billable.draft_invoices(winter, by=omar, at=make.NOW)
    invoice = invoicing.issue(draft, by=omar, at=make.NOW)

    substitutes.substitute(ines, TOMAS, by=dolores, at=MORNING)

    notice = Message.objects.get(to="ap@example.test")
    assert InvoiceLine.objects.filter(invoice=invoice, words="Ines Barragán").count() == 1
    assert notice.subject == f"Substitution notice for invoice {invoice.reference}"
    assert "Tomas Wexler takes the place of Ines Barragán" in notice.text
    assert "Purchase order: PO-7741" in notice.text
    assert "$" not in notice.text


def test_her_calendar_is_told_that_it_is_off(ines, dolores):
    substitutes.substitute(ines, TOMAS, by=dolores, at=MORNING)

    mail = Message.objects.get(to="ines@avusd.example.test")
    assert "Tomas Wexler comes in your place." in mail.text
    with mail.attachments.get().file.bytes.open() as entry:
        assert b"METHOD:CANCEL" in entry.read()


def test_other_grades_than_the_strand_are_asked_about_first(ines, winter, dolores):
    Registration.objects.filter(pk=ines.pk).update(strand=make.strand(winter, "Grades 3–5"))
    high = Attendee("Tomas", "Wexler", grade_span=GradeSpan.GRADES_9_12)
    question = "Tomas Wexler teaches 9–12; the seat is in the strand Grades 3–5. Put her there all the same?"

    with pytest.raises(substitutes.NeedsAnswer, match=question.replace("?", r"\?")):
        substitutes.substitute(ines, high, by=dolores, at=MORNING)
    substitutes.substitute(ines, high, is_sure=True, by=dolores, at=MORNING)

    assert Substitution.objects.get().to_registration.strand.name == "Grades 3–5"


def test_who_sits_there_already_cannot_substitute(ines, order, dolores):
    ada = Registration.objects.get(person__family_name="No3").person

    with pytest.raises(CannotChange, match=r"Already registered for LT27-01: Ada No3\."):
        substitutes.substitute(ines, Attendee(person_id=ada.pk), by=dolores, at=MORNING)
    assert Substitution.objects.count() == 0


def test_the_desk_does_it_in_one_tap_after_a_name_is_typed(ines, alder_valley, omar, as_user):
    make.person("Tomas Wexler", at=alder_valley)
    client = as_user(omar)
    page = reverse("registrations:substitute", args=[ines.pk])

    found = client.get(page, {"q": "wex"})
    [tomas] = found.context["people"]
    answer = client.post(page, {"person": tomas.pk, "from_day": "2027-01-21"})

    coming = Substitution.objects.get().to_registration
    assert answer.url == reverse("registrations:seat", args=[ines.seat_id])
    assert coming.person == tomas
