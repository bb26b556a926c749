"""Scenario 10, the half of the money: Delta Vista withdraws 12 of 20 after the invoice, and is credited $3,150."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.core import mail
from django.urls import reverse

from billing import books, invoicing, printing, sending
from billing.models import Invoice, InvoiceKind
from events.models import Institute
from office import paper
from office.models import Message
from people.access import Role
from people.models import Organization, User
from registrations import billable, recount, withdrawals
from registrations.models import Seat
from tests import make

JANUARY_4 = datetime(2027, 1, 4, 17, 0, tzinfo=UTC)
JANUARY_12 = datetime(2027, 1, 12, 17, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.DEMO = True


@pytest.fixture
def winter(provider) -> Institute:
    make.payee()
    return make.institute(code="LT27-01")


@pytest.fixture
def delta(db) -> Organization:
    return make.organization("Delta Vista Unified", "99001040000000")


@pytest.fixture
def vera(delta) -> User:
    return make.user("vera@delta.example.test", Role.COORDINATOR, at=delta, name="Vera Delgado")


@pytest.fixture
def invoice(winter, delta, vera, omar) -> Invoice:
    make.placed(delta, winter, *[f"Ada No{number:02}" for number in range(20)], by=vera)
    [draft] = billable.draft_invoices(winter, by=omar, at=JANUARY_4)
    return invoicing.issue(draft, by=omar, at=JANUARY_4)


@pytest.fixture
def _twelve_withdrawn(invoice, winter, vera):
    seats = list(Seat.objects.filter(institute=winter).order_by("pk")[:12])
    withdrawals.withdraw(seats, seen=Decimal(3150), by=vera, at=JANUARY_12)


def memo_of(winter: Institute, omar: User) -> Invoice:
    [draft] = billable.draft_invoices(winter, by=omar, at=JANUARY_12)
    return invoicing.issue(draft, by=omar, at=JANUARY_12)


@pytest.mark.usefixtures("_twelve_withdrawn")
def test_the_books_are_10500_less_3150(winter, omar, invoice):
    memo = memo_of(winter, omar)

    found = Invoice.objects.with_balance().get(pk=invoice.pk)
    assert (memo.reference, invoicing.total_of(memo)) == ("CM-2027-0001", Decimal(-3150))
    assert (found.total, found.credited, found.balance) == (Decimal(10500), Decimal(-3150), Decimal(7350))
    assert [*books.broken_equations(), *recount.broken_equations()] == []


@pytest.mark.usefixtures("_twelve_withdrawn")
def test_the_memo_names_who_withdrew_when_and_what_is_kept(winter, omar):
    memo = memo_of(winter, omar)

    lines = list(memo.lines.order_by("pk").values_list("words", "amount"))
    assert len(lines) == 24
    assert lines[:2] == [
        ("Ada No00: Withdrawn from LT27-01, January 12", Decimal(-525)),
        ("Ada No00: 50% kept", Decimal("262.50")),
    ]


@pytest.mark.usefixtures("_twelve_withdrawn")
def test_the_paper_is_a_credit_memo_and_asks_for_no_money(winter, omar):
    context = printing.context_of(memo_of(winter, omar))

    html = paper.markup("paper/invoice.html", {"title": "Credit memo", **context})
    assert context["corrects"] == {
        "reference": "INV-2027-0001",
        "total": Decimal(10500),
        "before": Decimal(0),
        "after": Decimal(7350),
    }
    assert "Credit memo CM-2027-0001" in html
    assert "Please send payment to" not in html


@pytest.mark.paper
@pytest.mark.usefixtures("_twelve_withdrawn")
def test_the_memo_is_mailed_like_an_invoice(winter, omar):
    memo = memo_of(winter, omar)

    sending.send(memo, by=omar, at=JANUARY_12)

    message = Message.objects.get(about=f"invoice {memo.pk}")
    assert message.subject.startswith("Credit memo CM-2027-0001: LT27-01")
    assert "It takes $3,150.00 off INV-2027-0001, which leaves $7,350.00 of it." in message.text
    assert not mail.outbox


@pytest.mark.usefixtures("_twelve_withdrawn")
def test_invoices_and_memos_are_drafted_and_issued_on_one_page(winter, omar, as_user, bristlecone, invoice):
    make.placed(bristlecone, winter, "Noa Reed")
    client, page = as_user(omar), reverse("registrations:institute_invoices", args=[winter.pk])

    shown = client.get(page).context
    [credit] = shown["credits"]
    client.post(reverse("registrations:draft_invoices", args=[winter.pk]))
    drafted = client.get(page).context
    drafts = [draft.pk for draft in drafted["drafts"]]
    client.post(reverse("registrations:issue_invoices", args=[winter.pk]), {"draft": drafts})

    assert (credit.invoice, credit.amount, len(credit.lines)) == (invoice, Decimal(-3150), 24)
    assert shown["waiting_total"] == Decimal(525)  # what is kept of the twelve stands on the memo
    assert (drafted["credits"], drafted["has_changed"]) == ([], False)
    assert sorted(Invoice.objects.issued().values_list("kind", flat=True)) == [
        InvoiceKind.CREDIT_MEMO,
        InvoiceKind.INVOICE,
        InvoiceKind.INVOICE,
    ]


@pytest.mark.usefixtures("_twelve_withdrawn")
def test_the_invoices_page_shows_its_memos_and_its_balance(winter, omar, as_user, vera, invoice):
    memo_of(winter, omar)

    page = as_user(vera).get(reverse("billing:invoice", args=[invoice.pk]))

    assert [(memo.reference, memo.total) for memo in page.context["credit_memos"]] == [("CM-2027-0001", Decimal(-3150))]
    assert page.context["invoice"].balance == Decimal(7350)
