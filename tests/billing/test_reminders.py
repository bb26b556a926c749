"""Reminders of overdue invoices: politely, once on each rung, and not where staff or a bank have them."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing import reminders
from billing.models import Dispute, Invoice, InvoiceReminder, Payer, ReminderHold
from billing.payments import Share
from billing.reminders import CannotHold
from office.models import Message
from people.models import Organization, User
from tests import make
from tests.billing.test_invoicing import issued
from tests.billing.test_ledger import charge
from tests.billing.test_payments import pay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider"), pytest.mark.paper]


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.DEMO = True


@pytest.fixture
def invoice(alder_valley: Organization) -> Invoice:
    return issued(*charge(make.line(alder_valley)))


def due_day(invoice: Invoice) -> date:
    assert invoice.due_on
    return invoice.due_on


def after(invoice: Invoice, days: int) -> datetime:
    """The morning of so many days after it was due."""
    return datetime.combine(due_day(invoice), datetime.min.time(), UTC) + timedelta(days=days, hours=17)


def mails() -> list[Message]:
    return list(Message.objects.filter(about__startswith="reminder").order_by("pk"))


def test_each_rung_reminds_once_and_with_its_own_words(invoice: Invoice) -> None:
    sent = {day: reminders.send_due(at=after(invoice, day)) for day in (6, 7, 8, 29, 30, 31, 60, 61, 400)}

    assert [day for day, count in sent.items() if count] == [7, 30, 60]
    first, second, last = mails()
    assert "Perhaps this was overlooked" in first.text
    assert "If something keeps them from being paid" in second.text
    assert "on which day we may expect payment" in last.text
    assert list(InvoiceReminder.objects.order_by("pk").values_list("days", flat=True)) == [7, 30, 60]


def test_the_mail_says_what_is_open_and_what_to_do(invoice: Invoice) -> None:
    reminders.send_due(at=after(invoice, 7))

    [mail] = mails()
    assert (mail.to, mail.subject) == ("ap@example.test", "A friendly reminder: invoice INV-2027-0001 is open")
    for words in ("INV-2027-0001: $525.00, due December 2, 2026", "In all: $525.00", "PO Box 9", "answer this mail"):
        assert words in mail.text
    assert [one.file.name for one in mail.attachments.all()] == ["Statement Alder Valley Unified 2026-12-09.pdf"]


def test_a_payer_gets_one_mail_for_all_that_is_due(invoice: Invoice, alder_valley: Organization) -> None:
    issued(*charge(make.line(alder_valley), "100.00"))

    assert reminders.send_due(at=after(invoice, 7)) == 1

    [mail] = mails()
    assert mail.subject == "A friendly reminder: 2 invoices are open"
    assert "In all: $625.00" in mail.text


def test_what_is_paid_is_not_reminded_of(invoice: Invoice, alder_valley: Organization) -> None:
    pay(alder_valley, "525.00", Share(invoice, Decimal(525)))

    assert reminders.send_due(at=after(invoice, 7)) == 0


def test_a_held_payer_is_not_reminded_until_the_day_is_over(invoice: Invoice, omar: User) -> None:
    held_until = due_day(invoice) + timedelta(days=40)
    reminders.hold(invoice.payer, until=held_until, reason="Warrant promised", invoice=None, by=omar, at=make.NOW)

    assert reminders.send_due(at=after(invoice, 7)) == 0
    _ready, [kept] = reminders.due(on=held_until)
    assert kept.why == "held until January 11, 2027: Warrant promised"

    assert reminders.send_due(at=after(invoice, 41)) == 1
    assert InvoiceReminder.objects.get().days == 30


def test_a_hold_of_one_invoice_holds_no_other(invoice: Invoice, alder_valley: Organization, omar: User) -> None:
    other = issued(*charge(make.line(alder_valley), "100.00"))
    until = due_day(invoice) + timedelta(days=40)
    held = reminders.hold(invoice.payer, until=until, reason="Asked", invoice=invoice, by=omar, at=make.NOW)

    reminders.send_due(at=after(invoice, 7))
    assert [row.invoice for row in InvoiceReminder.objects.all()] == [other]

    reminders.end(held, on=due_day(invoice) + timedelta(days=8))
    assert reminders.send_due(at=after(invoice, 8)) == 1


def test_a_disputed_invoice_is_left_alone(invoice: Invoice, alder_valley: Organization) -> None:
    from billing import refunds  # noqa: PLC0415 - for this test alone

    paid = pay(alder_valley, "525.00", Share(invoice, Decimal(525)))
    refunds.take_back(paid, reason="Disputed", by=None, at=make.NOW)
    Dispute.objects.create(payment=paid, gateway_id="dp_1", amount=Decimal(525), opened_at=make.NOW)

    assert reminders.send_due(at=after(invoice, 7)) == 0
    assert [kept.why for kept in reminders.due(on=after(invoice, 7).date())[1]] == [
        "its payment is disputed at the bank"
    ]


def test_a_payer_without_an_address_is_shown_and_not_forgotten(invoice: Invoice) -> None:
    Payer.objects.update(ap_email="")

    assert reminders.send_due(at=after(invoice, 7)) == 0
    [ready], _kept = reminders.due(on=after(invoice, 7).date())
    assert ready.why_not == "no accounts payable e-mail"

    Payer.objects.update(ap_email="ap@example.test")
    assert reminders.send_due(at=after(invoice, 8)) == 1


def test_a_ladder_without_rungs_reminds_nobody(invoice: Invoice, settings) -> None:
    settings.REMINDER_DAYS = ()

    assert reminders.send_due(at=after(invoice, 400)) == 0


def test_a_hold_needs_a_reason_a_day_to_come_and_an_invoice_of_hers(
    invoice: Invoice, bristlecone: Organization, omar: User
) -> None:
    to_come, over = make.NOW.date() + timedelta(days=9), make.NOW.date() - timedelta(days=1)
    payer, another = invoice.payer, make.payer(bristlecone)

    with pytest.raises(CannotHold, match="Write why"):
        reminders.hold(payer, until=to_come, reason=" ", invoice=None, by=omar, at=make.NOW)
    with pytest.raises(CannotHold, match="November 1, 2026 is over"):
        reminders.hold(payer, until=over, reason="Why", invoice=None, by=omar, at=make.NOW)
    with pytest.raises(CannotHold, match="INV-2027-0001 is not of Bristlecone"):
        reminders.hold(another, until=to_come, reason="Why", invoice=invoice, by=omar, at=make.NOW)


def test_staff_hold_and_end_on_the_page(as_user: Callable[[User], Client], invoice: Invoice, omar: User) -> None:
    client = as_user(omar)
    hold = reverse("billing:hold_reminders", args=[invoice.payer_id])
    until = timezone.localdate() + timedelta(days=30)

    wrong = client.post(hold, {"until": "2020-01-01", "reason": "Promised"})
    assert (wrong.status_code, "is over: write a day to come" in wrong.content.decode()) == (422, True)
    client.post(f"{hold}?invoice={invoice.pk}", {"until": until.isoformat(), "reason": "Promised"})
    held = ReminderHold.objects.get()
    assert (held.invoice, held.reason, held.by) == (invoice, "Promised", omar)
    assert "Promised" in client.get(reverse("billing:reminders")).content.decode()

    client.post(reverse("billing:end_hold", args=[held.pk]))
    assert "No reminder is held." in client.get(reverse("billing:reminders")).content.decode()
