"""Statements of account: what one payer owed one payee, what came between two days, and what it owes now.

Each entry is a row of the books, on the day on which it was written there: a document when it was issued, a payment when
a part of it went to an invoice, a write-off when it was allowed. What of payments is on no invoice stands apart.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from billing import ageing, invoicing
from billing.models import (
    Allocation,
    Dispute,
    DisputeEnd,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    Payee,
    Payer,
    Payment,
    Refund,
    WriteOff,
    fiscal_year_of,
)
from billing.wording import day, dollars
from office import files, paper, post
from office.models import Message
from people.models import Provider, User

ZERO = Decimal(0)


class CannotState(Exception):
    """There is no statement; the sentence says why."""


@dataclass(frozen=True)
class Entry:
    """Something that changed what is owed: dollars above zero are charged, below zero taken off."""

    at: datetime
    words: str
    amount: Decimal
    invoice: int
    balance: Decimal = ZERO

    @property
    def on(self) -> date:
        return timezone.localdate(self.at)


@dataclass(frozen=True)
class Statement:
    """Of one payer and one payee, from one day to another, both of them included."""

    payer: Payer
    payee: Payee
    first: date
    last: date
    opening: Decimal
    entries: list[Entry]
    unallocated: Decimal
    open: list[Invoice] = field(default_factory=list)
    spans: tuple[Decimal, ...] = ()

    @property
    def closing(self) -> Decimal:
        """What is owed on invoices at the end of the last day."""
        return self.entries[-1].balance if self.entries else self.opening

    @property
    def net(self) -> Decimal:
        """What would be left to pay if the payments that wait for an invoice were put to those that are open."""
        return self.closing - self.unallocated


def this_year(on: date) -> tuple[date, date]:
    """From the first day of the fiscal year to today: what a statement covers unless told otherwise."""
    return date(fiscal_year_of(on) - 1, 7, 1), on


def payees_of(payer: Payer) -> list[Payee]:
    """Whom a payer has had to do with, the one it was invoiced by last standing first."""
    met: dict[int, None] = dict.fromkeys(
        Invoice.objects.issued().filter(payer=payer).order_by("-issued_at").values_list("payee", flat=True)
    )
    met |= dict.fromkeys(Payment.objects.filter(payer=payer).order_by("-pk").values_list("payee", flat=True))
    found = Payee.objects.select_related("organization").in_bulk(met)
    return [found[key] for key in met]


def state(payer: Payer, payee: Payee, *, first: date, last: date) -> Statement:
    """The statement of a payer. Raises CannotState where its days are the wrong way round."""
    if first > last:
        raise CannotState(_("The first day comes after the last: choose the days the other way round."))
    until = _midnight(last + timedelta(days=1))
    rows = sorted(_entries(payer, payee, until=until), key=lambda entry: entry.at)
    since = _midnight(first)
    balance = opening = sum((entry.amount for entry in rows if entry.at < since), ZERO)
    entries = []
    for entry in rows:
        if entry.at >= since:
            balance += entry.amount
            entries.append(Entry(entry.at, entry.words, entry.amount, entry.invoice, balance))
    owed = _open(rows)
    return Statement(
        payer=payer,
        payee=payee,
        first=first,
        last=last,
        opening=opening,
        entries=entries,
        unallocated=_unallocated(payer, payee, until=until),
        open=owed,
        spans=_spans(owed, on=last),
    )


def pdf_of(statement: Statement) -> bytes:
    """The statement on paper. Raises CannotRender where this machine makes none."""
    return paper.render("paper/statement.html", context_of(statement), title=title_of(statement))


def title_of(statement: Statement) -> str:
    return f"Statement of account of {statement.payer}, {day(statement.last)}"


def context_of(statement: Statement) -> dict[str, Any]:
    """Everything the paper shows."""
    provider = Provider.objects.get()
    return {
        "bill_to": invoicing.bill_to(statement.payer).splitlines(),
        "remit_to": statement.payee.remit_to.splitlines() or [str(statement.payee)],
        "payer": str(statement.payer),
        "first": statement.first,
        "last": statement.last,
        "opening": statement.opening,
        "entries": [
            {"on": entry.on, "words": entry.words, "amount": entry.amount, "balance": entry.balance}
            for entry in statement.entries
        ],
        "closing": statement.closing,
        "unallocated": statement.unallocated,
        "net": statement.net,
        "open": [
            {
                "reference": invoice.reference,
                "about": invoice.about,
                "purchase_order": invoice.purchase_order_number,
                "due_on": invoice.due_on,
                "balance": invoice.balance,
            }
            for invoice in statement.open
        ],
        "spans": [
            {"label": str(label), "amount": amount}
            for label, amount in zip(ageing.COLUMNS, statement.spans, strict=True)
        ],
        "provider": {"name": provider.name, "email": provider.email, "phone": provider.phone},
    }


def send(payer: Payer, payee: Payee, *, first: date, last: date, by: User | None, at: datetime, key: str) -> Message:
    """Mail a statement to the payer's accounts payable; the same key sends once. Raises CannotState, CannotRender.

    The paper is made before the transaction, as it takes its time.
    """
    if not payer.ap_email:
        raise CannotState(_("%s has no accounts payable e-mail: set it first.") % payer)
    statement = state(payer, payee, first=first, last=last)
    pdf = pdf_of(statement)
    with transaction.atomic():
        file = files.keep(pdf, name=file_name(statement), type=files.PDF, by=by, at=at)
        letter = post.Letter(
            to=payer.ap_email,
            subject=title_of(statement),
            template="mail/statement",
            context={
                "payer": str(payer),
                "days": f"{day(first)} – {day(last)}",
                "closing": dollars(statement.closing),
                "unallocated": dollars(statement.unallocated) if statement.unallocated else "",
                "remit_to": payee.remit_to.splitlines(),
            },
            about=f"statement {payer.pk}",
            attachments=(file,),
            key=f"statement-{payer.pk}-{key}",
        )
        return post.send(letter, at=at)


def file_name(statement: Statement) -> str:
    return f"Statement {statement.payer} {statement.last:%Y-%m-%d}.pdf"


# --- Rows of the books ------------------------------------------------------------------------------------------------


def _midnight(on: date) -> datetime:
    return timezone.make_aware(datetime.combine(on, time.min))


def _entries(payer: Payer, payee: Payee, *, until: datetime) -> Iterator[Entry]:
    """All that ever changed what the payer owes on invoices of the payee, before a moment."""
    documents = Invoice.objects.issued().filter(payer=payer, payee=payee, issued_at__lt=until)
    totals = InvoiceLine.objects.filter(invoice__in=documents).values_list("invoice").annotate(dollars=Sum("amount"))
    amounts = dict(totals.order_by())
    for document in documents.select_related("corrects").order_by("issued_at", "pk"):
        yield Entry(
            document.issued_at, _words_of(document), amounts.get(document.pk, ZERO), document.corrects_id or document.pk
        )
    moved = {"invoice__payer": payer, "invoice__payee": payee, "at__lt": until}
    for part in Allocation.objects.filter(**moved).select_related("payment", "invoice").order_by("at", "pk"):
        yield Entry(part.at, _words_of_payment(part), -part.amount, part.invoice_id)
    for given_up in WriteOff.objects.filter(**moved).select_related("invoice").order_by("at", "pk"):
        said = _("Written off of %s") if given_up.amount > 0 else _("Owed again of %s, written off before")
        yield Entry(given_up.at, said % given_up.invoice, -given_up.amount, given_up.invoice_id)


def _words_of(document: Invoice) -> str:
    if document.corrects:
        return _("Credit memo %(memo)s to %(invoice)s") % {"memo": document, "invoice": document.corrects}
    return _("Invoice %(invoice)s: %(about)s") % {"invoice": document, "about": document.about}


def _words_of_payment(part: Allocation) -> str:
    named = {
        "method": part.payment.get_method_display(),
        "reference": part.payment.reference,
        "invoice": part.invoice,
    }
    said = (
        _("%(method)s %(reference)s to %(invoice)s")
        if part.amount > 0
        else _("Taken back: %(method)s %(reference)s of %(invoice)s")
    )
    return f"{said % named} ({part.reason})" if part.reason else said % named


def _open(rows: list[Entry]) -> list[Invoice]:
    """The invoices that owed something after those rows, each with its `balance`, the oldest due day first."""
    owed: dict[int, Decimal] = {}
    for entry in rows:
        owed[entry.invoice] = owed.get(entry.invoice, ZERO) + entry.amount
    keys = [key for key, balance in owed.items() if balance]
    found = list(Invoice.objects.filter(pk__in=keys, kind=InvoiceKind.INVOICE).order_by("due_on", "pk"))
    for invoice in found:
        invoice.balance = owed[invoice.pk]
    return found


def _spans(owed: list[Invoice], *, on: date) -> tuple[Decimal, ...]:
    spans = [ZERO] * len(ageing.COLUMNS)
    for invoice in owed:
        assert invoice.due_on  # noqa: S101 - it is issued
        spans[ageing.span_of(invoice.due_on, on=on)] += invoice.balance
    return tuple(spans)


def _unallocated(payer: Payer, payee: Payee, *, until: datetime) -> Decimal:
    """What payments recorded before a moment had left by then: on no invoice, not sent back and not disputed."""
    came = Payment.objects.filter(payer=payer, payee=payee, at__lt=until)
    moved = {"payment__payer": payer, "payment__payee": payee}
    back = Refund.objects.filter(**moved, at__lt=until).exclude(failure__at__lt=until)
    fought = Dispute.objects.filter(**moved, opened_at__lt=until)
    won = Q(outcome__kind=DisputeEnd.WON, outcome__at__lt=until)
    return _sum(came) - _sum(Allocation.objects.filter(**moved, at__lt=until)) - _sum(back) - _sum(fought.exclude(won))


def _sum(rows: QuerySet[Any]) -> Decimal:
    return rows.aggregate(dollars=Sum("amount"))["dollars"] or ZERO
