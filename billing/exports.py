"""The books as a file that an accounting system imports: each row once ever, and never one that was exported changed.

Every row is a booking: what is debited, what is credited, and dollars above zero. A row that takes something back debits
what the other credited. What came late, dated into days that were exported before, goes into the next export.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, Min, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.models import (
    Allocation,
    BookExport,
    BookExportRow,
    BookKind,
    Dispute,
    DisputeEnd,
    DisputeOutcome,
    Invoice,
    InvoiceLine,
    Payee,
    Payer,
    Payment,
    Refund,
    RefundFailure,
    WriteOff,
)
from billing.wording import as_text, day
from office import files
from people.models import User

RECEIVABLE, REVENUE, CASH = "Accounts receivable", "Revenue", "Cash"
UNALLOCATED, WRITTEN_OFF = "Unallocated payments", "Written off"
BOOKED = {
    BookKind.INVOICE: (RECEIVABLE, REVENUE),
    BookKind.PAYMENT: (CASH, UNALLOCATED),
    BookKind.ALLOCATION: (UNALLOCATED, RECEIVABLE),
    BookKind.WRITE_OFF: (WRITTEN_OFF, RECEIVABLE),
    BookKind.REFUND: (UNALLOCATED, CASH),
    BookKind.FAILURE: (CASH, UNALLOCATED),
    BookKind.DISPUTE: (UNALLOCATED, CASH),
    BookKind.OUTCOME: (CASH, UNALLOCATED),
}
"""What a row of each kind debits and credits; a negative one the other way round."""


class CannotExport(Exception):
    """Nothing was exported; the sentence says why."""


@dataclass(frozen=True)
class Booking:
    """A row of the file, in the order of its columns."""

    row: str
    day: date
    kind: str
    debit: str
    credit: str
    amount: Decimal
    document: str
    corrects: str
    payer: str
    payer_code: str
    purchase_order: str
    agreement: str
    account_string: str
    fiscal_year: int | None
    first_day: date | None
    last_day: date | None
    method: str
    reference: str
    words: str


@dataclass(frozen=True)
class Row:
    """A row of the books that no export held: its kind and key, when it was written, and the booking of it."""

    kind: BookKind
    key: int
    at: datetime
    booking: Booking


@transaction.atomic
def export(payee: Payee, *, first: date, last: date, by: User, at: datetime) -> BookExport:
    """The file of a payee's books from one day to another. Asked for again, it is the file that was made then.

    It holds what is dated in those days, and what came late of days that were exported before. Raises CannotExport.
    """
    if first > last:
        raise CannotExport(_("The first day comes after the last: choose the days the other way round."))
    if last > timezone.localdate(at):
        raise CannotExport(_("%s is still to come: the books of a day are exported when it is there.") % day(last))
    Payee.objects.select_for_update().get(pk=payee.pk)  # one export at a time: no row goes into two
    before: BookExport | None = BookExport.objects.filter(payee=payee, first_day=first, last_day=last).first()
    if before:
        return before
    rows = unexported(payee, first=first, last=last)
    if not rows:
        raise CannotExport(_("Nothing that was not exported before is dated in these days."))
    kept = files.keep(
        _table(row.booking for row in rows),
        name=f"Books {payee} {first:%Y-%m-%d} to {last:%Y-%m-%d}.csv",
        type=files.CSV,
        by=by,
        at=at,
    )
    made: BookExport = BookExport.objects.create(
        payee=payee, first_day=first, last_day=last, file=kept, rows=len(rows), by=by, at=at
    )
    BookExportRow.objects.bulk_create(
        [BookExportRow(export=made, kind=row.kind, row_id=row.key) for row in rows], batch_size=2000
    )
    return made


def unexported(payee: Payee, *, first: date, last: date) -> list[Row]:
    """What an export of these days would hold, in the order in which it was written."""
    earliest = BookExport.objects.filter(payee=payee).aggregate(day=Min("first_day"))["day"] or first
    since, until = _midnight(min(first, earliest)), _midnight(last + timedelta(days=1))
    return sorted(_rows(payee, since, until), key=lambda row: (row.at, list(BookKind).index(row.kind), row.key))


def next_period(payee: Payee, *, on: date) -> tuple[date, date]:
    """The days that an export would be asked for next: from the day after the last one to yesterday."""
    newest = BookExport.objects.filter(payee=payee).order_by("-last_day").first()
    yesterday = on - timedelta(days=1)
    first = newest.last_day + timedelta(days=1) if newest else yesterday.replace(day=1)
    return min(first, yesterday), yesterday


# --- Rows of the books ------------------------------------------------------------------------------------------------


def _rows(payee: Payee, since: datetime, until: datetime) -> Iterator[Row]:
    """All rows of the books written between two moments that no export holds."""

    def found(kind: BookKind, rows: QuerySet, when: str, road: str) -> QuerySet:
        held = BookExportRow.objects.filter(kind=kind, row_id=OuterRef("pk"))
        dated = rows.filter(**{f"{when}__gte": since, f"{when}__lt": until, road: payee}).exclude(Exists(held))
        chosen: QuerySet = dated.annotate(when=F(when))
        return chosen

    yield from map(_of_line, found(BookKind.INVOICE, _lines(), "invoice__issued_at", "invoice__payee"))
    payments = Payment.objects.select_related(*PAYER)
    yield from map(_of_payment, found(BookKind.PAYMENT, payments, "at", "payee"))
    through = [f"payment__{road}" for road in PAYER]
    allocations = Allocation.objects.select_related("invoice", *through)
    yield from map(_of_allocation, found(BookKind.ALLOCATION, allocations, "at", "payment__payee"))
    given_up = WriteOff.objects.select_related(*[f"invoice__{road}" for road in PAYER])
    yield from map(_of_write_off, found(BookKind.WRITE_OFF, given_up, "at", "invoice__payee"))
    refunds = Refund.objects.select_related(*through)
    yield from map(_of_refund, found(BookKind.REFUND, refunds, "at", "payment__payee"))
    failures = RefundFailure.objects.select_related(*[f"refund__{road}" for road in through])
    yield from map(_of_failure, found(BookKind.FAILURE, failures, "at", "refund__payment__payee"))
    disputes = Dispute.objects.select_related(*through)
    yield from map(_of_dispute, found(BookKind.DISPUTE, disputes, "opened_at", "payment__payee"))
    won = DisputeOutcome.objects.filter(kind=DisputeEnd.WON).select_related(*[f"dispute__{road}" for road in through])
    yield from map(_of_outcome, found(BookKind.OUTCOME, won, "at", "dispute__payment__payee"))


PAYER = ("payer__organization", "payer__person")


def _lines() -> QuerySet[InvoiceLine]:
    related = [f"invoice__{road}" for road in (*PAYER, "corrects", "agreement")]
    lines: QuerySet[InvoiceLine] = InvoiceLine.objects.select_related("charge__line", *related)
    return lines


def _of_line(line: InvoiceLine) -> Row:
    charge = line.charge
    more: dict[str, Any] = {
        "corrects": str(line.invoice.corrects or ""),
        "agreement": str(line.invoice.agreement or ""),
        "account_string": charge.line.account_string,
        "first_day": charge.first_day,
        "last_day": charge.last_day,
        "words": line.words,
    }
    return _row(BookKind.INVOICE, line, line.amount, line.invoice.payer, invoice=line.invoice, **more)


def _of_payment(payment: Payment) -> Row:
    return _row(BookKind.PAYMENT, payment, payment.amount, payment.payer, payment=payment)


def _of_allocation(part: Allocation) -> Row:
    payer = part.payment.payer
    more: dict[str, Any] = {"invoice": part.invoice, "payment": part.payment, "words": part.reason}
    return _row(BookKind.ALLOCATION, part, part.amount, payer, **more)


def _of_write_off(given_up: WriteOff) -> Row:
    invoice = given_up.invoice
    return _row(BookKind.WRITE_OFF, given_up, given_up.amount, invoice.payer, invoice=invoice, words=given_up.reason)


def _of_refund(refund: Refund) -> Row:
    more: dict[str, Any] = {
        "method": refund.get_method_display(),
        "reference": refund.reference or refund.payment.reference,
    }
    return _row(BookKind.REFUND, refund, refund.amount, refund.payment.payer, words=refund.reason, **more)


def _of_failure(failure: RefundFailure) -> Row:
    refund = failure.refund
    more: dict[str, Any] = {
        "method": refund.get_method_display(),
        "reference": refund.reference or refund.payment.reference,
    }
    return _row(BookKind.FAILURE, failure, refund.amount, refund.payment.payer, words=failure.reason, **more)


def _of_dispute(dispute: Dispute) -> Row:
    payment = dispute.payment
    return _row(BookKind.DISPUTE, dispute, dispute.amount, payment.payer, payment=payment, words=dispute.reason)


def _of_outcome(outcome: DisputeOutcome) -> Row:
    payment = outcome.dispute.payment
    return _row(BookKind.OUTCOME, outcome, outcome.dispute.amount, payment.payer, payment=payment, words="Won")


def _row(
    kind: BookKind,
    row: object,
    amount: Decimal,
    payer: Payer,
    *,
    invoice: Invoice | None = None,
    payment: Payment | None = None,
    **more: Any,
) -> Row:
    """The booking of a row of the books: what its document and its payment say, and what is said besides."""
    debit, credit = BOOKED[kind] if amount >= 0 else BOOKED[kind][::-1]
    key, at = row.pk, row.when  # type: ignore[attr-defined]  # a model's key, and what _rows annotates
    told: dict[str, object] = dict.fromkeys((field.name for field in fields(Booking)), "")
    told |= {"fiscal_year": None, "first_day": None, "last_day": None}
    told |= {"row": f"{kind}-{key}", "day": timezone.localdate(at), "kind": str(kind.label)}
    told |= {"debit": debit, "credit": credit, "amount": abs(amount), "payer": str(payer)}
    told["payer_code"] = (payer.organization.cds if payer.organization else "") or ""
    if invoice:
        told |= {"document": invoice.reference, "fiscal_year": invoice.service_year}
        told["purchase_order"] = invoice.purchase_order_number
    if payment:
        told |= {"method": payment.get_method_display(), "reference": payment.reference}
    return Row(kind, key, at, Booking(**(told | more)))  # type: ignore[arg-type]  # by name, as fields() lists them


# --- The file ---------------------------------------------------------------------------------------------------------


def _table(bookings: Iterable[Booking]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([field.name for field in fields(Booking)])
    for booking in bookings:
        writer.writerow([as_text(cell) if isinstance(cell, str) else cell for cell in astuple(booking)])
    return text.getvalue().encode("utf-8-sig")


def _midnight(on: date) -> datetime:
    return timezone.make_aware(datetime.combine(on, time.min))
