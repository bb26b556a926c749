"""Statements of account: what was owed, what came, what is owed now."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from billing import refunds, statements, write_offs
from billing.models import Dispute, DisputeEnd, DisputeOutcome, Invoice, PaymentMethod
from billing.payments import Share
from billing.statements import CannotState
from office import paper
from office.models import Message
from people.models import Organization, User
from tests import make
from tests.billing.test_invoicing import issued
from tests.billing.test_ledger import charge
from tests.billing.test_payments import pay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]
YEAR = {"first": date(2026, 7, 1), "last": date(2027, 6, 30)}
NOVEMBER, DECEMBER = (datetime(2026, month, 2, 17, tzinfo=UTC) for month in (11, 12))


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.DEMO = True


def stated(of: Organization, **days: date) -> statements.Statement:
    return statements.state(make.payer(of), make.payee(), **YEAR | days)


def invoice(of: Organization, amount: str = "525.00", at: datetime = NOVEMBER) -> Invoice:
    return issued(*charge(make.line(of), amount), at=at)


def test_a_warrant_that_is_25_dollars_short_leaves_25_dollars_open(alder_valley: Organization) -> None:
    """Scenario 17."""
    owed = [invoice(alder_valley, amount) for amount in ("525.00", "4200.00", "5250.00")]
    shares = [Share(owed[0], Decimal(525)), Share(owed[1], Decimal(4200))]
    short = Share(owed[2], Decimal(5225), "bank fee disputed")
    pay(alder_valley, "9950.00", *shares, short, method=PaymentMethod.WARRANT, reference="90817", at=DECEMBER)

    made = stated(alder_valley)

    assert (made.opening, made.closing, made.unallocated) == (Decimal(0), Decimal(25), Decimal(0))
    assert [(str(one), one.balance) for one in made.open] == [("INV-2027-0003", Decimal(25))]
    assert [(entry.words, entry.amount, entry.balance) for entry in made.entries[3:]] == [
        ("County warrant 90817 to INV-2027-0001", Decimal(-525), Decimal(9450)),
        ("County warrant 90817 to INV-2027-0002", Decimal(-4200), Decimal(5250)),
        ("County warrant 90817 to INV-2027-0003 (bank fee disputed)", Decimal(-5225), Decimal(25)),
    ]


def test_what_came_before_the_first_day_is_the_opening_balance(alder_valley: Organization, omar: User) -> None:
    owed = invoice(alder_valley)
    pay(alder_valley, "100.00", Share(owed, Decimal(100)), at=DECEMBER)
    write_offs.write_off(write_offs.Wish(owed, Decimal(25)), reason="Bank fee", by=omar, at=DECEMBER)
    write_offs.take_back(write_offs.Wish(owed, Decimal(5)), reason="It came", by=omar, at=DECEMBER)

    made = stated(alder_valley, first=date(2026, 12, 1))

    assert made.opening == Decimal(525)
    assert [(entry.words, entry.amount) for entry in made.entries] == [
        ("Check 1234 to INV-2027-0001", Decimal(-100)),
        ("Written off of INV-2027-0001", Decimal(-25)),
        ("Owed again of INV-2027-0001, written off before", Decimal(5)),
    ]
    assert made.closing == Decimal(405)
    assert stated(alder_valley, last=date(2026, 11, 30)).closing == Decimal(525)


def test_credit_memos_and_payments_taken_back_are_told(alder_valley: Organization) -> None:
    owed = invoice(alder_valley)
    memo = make.credit_memo(owed, "100.00")
    paid = pay(alder_valley, "425.00", Share(owed, Decimal(425)), at=DECEMBER)
    refunds.take_back(paid, reason="Check returned", by=None, at=DECEMBER)

    made = stated(alder_valley)

    assert [(entry.words, entry.amount) for entry in made.entries[1:]] == [
        (f"Credit memo {memo} to INV-2027-0001", Decimal(-100)),
        ("Check 1234 to INV-2027-0001", Decimal(-425)),
        ("Taken back: Check 1234 of INV-2027-0001 (Check returned)", Decimal(425)),
    ]
    assert (made.closing, made.unallocated, made.net) == (Decimal(425), Decimal(425), Decimal(0))


def test_credit_on_no_invoice_stands_apart(alder_valley: Organization) -> None:
    """What was refunded, or is fought over at a bank, is no credit; what was won, or did not arrive, is one again."""
    paid = pay(alder_valley, "600.00", Share(invoice(alder_valley), Decimal(525)), at=DECEMBER)
    back = refunds.refund(paid, Decimal(30), method=PaymentMethod.CHECK, reason="Asked", by=None, at=DECEMBER)
    fought = Dispute.objects.create(payment=paid, gateway_id="dp_1", amount=Decimal(20), opened_at=DECEMBER)

    assert stated(alder_valley).unallocated == Decimal(25)

    refunds.fail(back, reason="No such account", at=DECEMBER)
    DisputeOutcome.objects.create(dispute=fought, kind=DisputeEnd.WON, at=DECEMBER)
    made = stated(alder_valley)

    assert (made.unallocated, made.closing, made.net) == (Decimal(75), Decimal(0), Decimal(-75))


def test_days_the_wrong_way_round_are_refused(alder_valley: Organization) -> None:
    with pytest.raises(CannotState, match="The first day comes after the last"):
        stated(alder_valley, first=date(2027, 7, 1))


@pytest.mark.paper
def test_the_statement_on_paper_says_what_the_page_says(alder_valley: Organization) -> None:
    owed = invoice(alder_valley)
    pay(alder_valley, "600.00", Share(owed, Decimal(500)), at=DECEMBER)
    made = stated(alder_valley)

    page = paper.markup("paper/statement.html", {"title": "Statement", **statements.context_of(made)})

    assert statements.pdf_of(made).startswith(b"%PDF")
    assert [one["amount"] for one in statements.context_of(made)["spans"]] == [0, 0, 0, 0, Decimal(25)]
    for words in ("INV-2027-0001", "Check 1234 to INV-2027-0001", "Opening balance", "In your favor", "PO Box 9"):
        assert words in page


def the_page(client: Client, of: Organization, **asked: Any) -> Any:
    return client.get(reverse("billing:statement", args=[make.payer(of).pk]), asked)


def test_a_coordinator_reads_her_own_statement(
    as_user: Callable[[User], Client], alder_valley: Organization, dolores: User
) -> None:
    invoice(alder_valley, at=timezone.now())

    answer = the_page(as_user(dolores), alder_valley)

    assert answer.context["statement"].closing == Decimal(525)
    assert "Hold reminders" not in answer.content.decode()


def test_a_page_without_a_row_or_with_wrong_days_says_so(
    as_user: Callable[[User], Client], alder_valley: Organization, dolores: User
) -> None:
    client = as_user(dolores)

    assert "No statement yet" in the_page(client, alder_valley).content.decode()

    invoice(alder_valley)
    wrong = {"first": "2027-02-01", "last": "2027-01-01"}
    assert "The first day comes after the last" in the_page(client, alder_valley, **wrong).content.decode()
    paper_of = reverse("billing:statement_paper", args=[make.payer(alder_valley).pk])
    assert client.get(paper_of, wrong)["Location"] == reverse("billing:statement", args=[make.payer(alder_valley).pk])


@pytest.mark.paper
def test_one_click_mails_it_once(as_user: Callable[[User], Client], alder_valley: Organization, omar: User) -> None:
    invoice(alder_valley, at=timezone.now())
    payer = make.payer(alder_valley)
    client, send = as_user(omar), reverse("billing:send_statement", args=[payer.pk])

    for _press in range(2):
        client.post(send, {"submission_key": "key-1"})
    jobs = list(ProcrastinateJob.objects.filter(task_name="billing.send_statement"))
    for job in jobs:
        asked = job.args
        days = [date.fromisoformat(one) for one in asked["days"]]
        statements.send(payer, make.payee(), first=days[0], last=days[1], by=omar, at=make.NOW, key=asked["key"])

    [message] = Message.objects.filter(about=f"statement {payer.pk}")
    assert message.to == "ap@example.test"
    assert "$525.00 is open at the end of it" in message.text
    assert message.attachments.get().file.type == "application/pdf"


def test_without_an_address_nothing_is_sent_and_staff_are_told(
    as_user: Callable[[User], Client], alder_valley: Organization, omar: User
) -> None:
    payer = make.payer(alder_valley, ap_email="")
    invoice(alder_valley, at=timezone.now())

    answer = as_user(omar).post(reverse("billing:send_statement", args=[payer.pk]), follow=True)

    assert "has no accounts payable e-mail" in answer.content.decode()
    with pytest.raises(CannotState, match="has no accounts payable e-mail"):
        statements.send(payer, make.payee(), **YEAR, by=omar, at=make.NOW, key="x")
