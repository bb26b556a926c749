"""Reminders of invoices that are overdue: politely, on a ladder of days, once on each rung, unless staff hold them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from billing import statements
from billing.models import Dispatch, Dispute, Invoice, InvoiceReminder, Payee, Payer, ReminderHold
from billing.wording import day, dollars
from office import files, post
from office.models import Message, StoredFile
from people.models import User

COPIES = 10
"""Invoices of which the mail carries a copy: a mail has room for so many."""


class CannotHold(Exception):
    """Nothing is held; the sentence says why."""


@dataclass(frozen=True)
class Item:
    """An invoice with its balance, and the rung it has reached: so many days after it was due."""

    invoice: Invoice
    days: int


@dataclass(frozen=True)
class Reminder:
    """One mail to be: what one payer owes one payee and was not yet reminded of on this rung."""

    payer: Payer
    payee: Payee
    items: list[Item] = field(default_factory=list)

    @property
    def days(self) -> int:
        """The highest rung among them: it sets the words."""
        return max(item.days for item in self.items)

    @property
    def why_not(self) -> str:
        """Why it cannot go out; empty where it can."""
        return "" if self.payer.ap_email else _("no accounts payable e-mail")


@dataclass(frozen=True)
class Kept:
    """An invoice whose reminder waits, and why."""

    invoice: Invoice
    why: str


def due(*, on: date) -> tuple[list[Reminder], list[Kept]]:
    """The mails that are due on a day, and what is kept from them: held by staff, or disputed at a bank."""
    reminders: dict[tuple[int, int], Reminder] = {}
    kept = []
    found = list(_reached(on))
    held, disputed = _held([item.invoice for item in found], on=on), _disputed(item.invoice.pk for item in found)
    for item in found:
        invoice = item.invoice
        if hold := held.get(invoice.pk):
            kept.append(Kept(invoice, _("held until %(day)s: %(why)s") % {"day": day(hold.until), "why": hold.reason}))
        elif invoice.pk in disputed:
            kept.append(Kept(invoice, _("its payment is disputed at the bank")))
        else:
            key = (invoice.payer_id, invoice.payee_id)
            reminders.setdefault(key, Reminder(invoice.payer, invoice.payee)).items.append(item)
    return list(reminders.values()), kept


def send_due(*, at: datetime) -> int:
    """Send what is due; how many mails. A payer gets one mail a day for each payee, an invoice one on each rung."""
    on = timezone.localdate(at)
    ready = [reminder for reminder in due(on=on)[0] if not reminder.why_not]
    for reminder in ready:
        _send(reminder, on=on, at=at)
    return len(ready)


def hold(payer: Payer, *, until: date, reason: str, invoice: Invoice | None, by: User, at: datetime) -> ReminderHold:
    """Keep reminders from a payer, or about one of its invoices, until a day, that day included. Raises CannotHold."""
    if not reason.strip():
        raise CannotHold(_("Write why: whoever looks at it next will ask."))
    if until < timezone.localdate(at):
        raise CannotHold(_("%s is over: write a day to come.") % day(until))
    if invoice and invoice.payer_id != payer.pk:
        raise CannotHold(_("%(invoice)s is not of %(payer)s.") % {"invoice": invoice, "payer": payer})
    made: ReminderHold = ReminderHold.objects.create(
        payer=payer, invoice=invoice, until=until, reason=reason.strip()[:200], by=by, at=at
    )
    return made


def end(held: ReminderHold, *, on: date) -> None:
    """Let reminders go out again from a day on: the row stays, and says until when it held."""
    ReminderHold.objects.filter(pk=held.pk, until__gte=on).update(until=on - timedelta(days=1))


# --- What is due ------------------------------------------------------------------------------------------------------


def _reached(on: date) -> Iterable[Item]:
    """Open invoices that reached a rung of the ladder on which nobody was reminded of them, the oldest first."""
    ladder = sorted(settings.REMINDER_DAYS)
    if not ladder:
        return
    late = Invoice.objects.overdue(on=on - timedelta(days=ladder[0] - 1)).select_related(
        "payer__organization", "payer__person", "payee__organization"
    )
    reminded = set(InvoiceReminder.objects.filter(invoice__in=late.values("pk")).values_list("invoice", "days"))
    for invoice in late.order_by("due_on", "pk"):
        assert invoice.due_on  # noqa: S101 - it is issued
        rung = max(days for days in ladder if days <= (on - invoice.due_on).days)
        if (invoice.pk, rung) not in reminded:
            yield Item(invoice, rung)


def _held(invoices: list[Invoice], *, on: date) -> dict[int, ReminderHold]:
    """The hold that keeps each invoice's reminder, by the invoice's key."""
    lasting = ReminderHold.objects.filter(until__gte=on)
    of_hers = lasting.filter(Q(invoice__isnull=True) | Q(invoice__in=invoices)).order_by("until")
    found = {}
    for one in of_hers.filter(payer__in={invoice.payer_id for invoice in invoices}):
        for invoice in invoices:
            if one.payer_id == invoice.payer_id and one.invoice_id in {None, invoice.pk}:
                found[invoice.pk] = one
    return found


def _disputed(invoices: Iterable[int]) -> set[int]:
    """Those that a payment was on which its bank took back: somebody speaks to that payer already."""
    fought = Dispute.objects.holding().filter(payment__allocations__invoice__in=list(invoices))
    return set(fought.values_list("payment__allocations__invoice", flat=True))


# --- The mail ---------------------------------------------------------------------------------------------------------


def _send(reminder: Reminder, *, on: date, at: datetime) -> Message:
    first, _last = statements.this_year(on)
    statement = statements.state(reminder.payer, reminder.payee, first=first, last=on)
    pdf = statements.pdf_of(statement)
    with transaction.atomic():
        paper = files.keep(pdf, name=statements.file_name(statement), type=files.PDF, by=None, at=at)
        message = post.send(_letter(reminder, [paper, *_copies(reminder)], on=on), at=at)
        InvoiceReminder.objects.bulk_create(
            [InvoiceReminder(invoice=item.invoice, days=item.days, message=message, at=at) for item in reminder.items],
            ignore_conflicts=True,
        )
    return message


def _letter(reminder: Reminder, papers: list[StoredFile], *, on: date) -> post.Letter:
    items = [
        {
            "reference": item.invoice.reference,
            "about": item.invoice.about,
            "purchase_order": item.invoice.purchase_order_number,
            "due_on": day(item.invoice.due_on or on),
            "balance": dollars(item.invoice.balance),
        }
        for item in reminder.items
    ]
    what = (
        _("invoice %s is open") % items[0]["reference"] if len(items) == 1 else _("%d invoices are open") % len(items)
    )
    return post.Letter(
        to=reminder.payer.ap_email,
        subject=_("A friendly reminder: %s") % what,
        template="mail/reminder_invoice",
        context={
            "payer": str(reminder.payer),
            "items": items,
            "total": dollars(sum((item.invoice.balance for item in reminder.items), Decimal(0))),
            "tone": _tone(reminder.days),
            "remit_to": reminder.payee.remit_to.splitlines(),
        },
        about=f"reminder {reminder.payer.pk}",
        attachments=tuple(papers),
        key=f"invoice-reminder-{reminder.payer.pk}-{reminder.payee.pk}-{on:%Y-%m-%d}",
    )


def _tone(days: int) -> str:
    """Which words a rung has: the first asks whether it was overlooked, the last for a day of payment."""
    ladder = sorted(settings.REMINDER_DAYS)
    if days == ladder[0]:
        return "first"
    return "last" if days == ladder[-1] else "second"


def _copies(reminder: Reminder) -> list[StoredFile]:
    """The invoices as they were sent."""
    sent = Dispatch.objects.filter(invoice__in=[item.invoice for item in reminder.items[:COPIES]])
    papers = {dispatch.invoice_id: dispatch.file for dispatch in sent.select_related("file").order_by("-pk")}
    return list(papers.values())
