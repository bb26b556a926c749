"""Reissuing: an issued invoice is taken back whole by a credit memo, and what it charged is charged and drafted anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from billing import crediting, invoicing, ledger, tasks
from billing.models import Charge, ChargeKind, Draw, FundingLine, Invoice, InvoiceKind, PurchaseOrder
from people.models import User
from registrations import billable, seating
from registrations.models import Allotment, AllotmentFunding, PayerMove, Seat, SeatCharge

COPIED = (
    "payer", "organization", "agreement", "source", "lcap_year", "lcap_goal", "lcap_action", "is_contributing",
    "attested_by", "attested_at", "evidence",
)  # fmt: skip
"""What a funding line says beside its account string."""


class CannotReissue(Exception):
    """The invoice stays as it is; the sentence says why."""


@dataclass(frozen=True)
class Reissued:
    """The credit memo that took the invoice back, issued; and the drafts of what takes its place."""

    memo: Invoice
    drafts: list[Invoice]


@transaction.atomic
def reissue(
    invoice: Invoice,
    *,
    line: FundingLine | None = None,
    purchase_order: PurchaseOrder | None = None,
    reason: str,
    by: User | None,
    at: datetime,
) -> Reissued:
    """Take back all that stands of an issued invoice, and charge it anew: by another line or purchase order if given.

    What was paid of it becomes the payer's credit, which its next invoice is offered. Raises CannotReissue. Locks the
    institutes, the seats, the invoice, then the money.
    """
    if not reason.strip():
        raise CannotReissue(_("Write why it is issued anew: the reason is printed on the credit memo."))
    seats = _lock_seats(invoice)
    Invoice.objects.select_for_update().get(pk=invoice.pk)
    rows = _standing(invoice)
    _refuse(invoice, rows)
    charges = [row.charge for row in rows]
    drawn = {draw.charge_id: draw.purchase_order for draw in _draws(charges)}
    try:
        words = _("Charged anew: %(reason)s") % {"reason": reason.strip()}
        reversals = ledger.reverse_all(charges, words=words[:300], by=by, at=at)
        wanted = [_wanted(charge, line, purchase_order, drawn.get(charge.pk)) for charge in charges]
        made = ledger.charge_all(wanted, by=by, at=at)
    except ledger.CannotCharge as refusal:
        raise CannotReissue(str(refusal)) from refusal
    SeatCharge.objects.bulk_create(
        SeatCharge(seat_id=row.seat_id, charge=charge)
        for fresh in (reversals, made)
        for row, charge in zip(rows, fresh, strict=True)
    )
    if line or purchase_order:
        held = [seat for seat in seats if seat.released_at is None and seat.pk in {row.seat_id for row in rows}]
        _remember_who_pays(held, charges, line, purchase_order, reason=reason, by=by, at=at)
    return _papers(invoice, made, by=by, at=at)


def with_account(line: FundingLine, account_string: str, *, by: User | None, at: datetime) -> FundingLine:
    """The same paper with another account string: a line of its own, as one that was charged never changes."""
    said = {name: getattr(line, name) for name in COPIED}
    same = {name: value for name, value in said.items() if value is not None}
    missing = {f"{name}__isnull": True for name, value in said.items() if value is None}
    found = FundingLine.objects.filter(**same, **missing, account_string=account_string).order_by("pk").first()
    return found or FundingLine.objects.create(**said, account_string=account_string, made_by=by, made_at=at)


def line_of(invoice: Invoice) -> FundingLine:
    """The line under which an invoice charges."""
    first = invoice.lines.select_related("charge__line__payer").order_by("pk")[0]
    line: FundingLine = first.charge.line
    return line


# --- What it takes ----------------------------------------------------------------------------------------------------


def _lock_seats(invoice: Invoice) -> list[Seat]:
    """The seats that the invoice charges, also those given back, under their institutes' locks."""
    paid = SeatCharge.objects.filter(charge__invoice_line__invoice=invoice)
    seats = Seat.objects.filter(seat_charges__in=paid)
    for key in sorted(set(seats.values_list("institute", flat=True))):
        seating.lock_institute(key)
    return list(Seat.objects.select_for_update().filter(pk__in=seats.values("pk")).order_by("pk"))


def _standing(invoice: Invoice) -> list[SeatCharge]:
    """What stands of its lines, of the lines of its credit memos, and of what was kept and is on no paper yet."""
    kept = Q(charge__instead_of__invoice_line__invoice=invoice) | Q(
        charge__instead_of__invoice_line__invoice__corrects=invoice
    )
    printed = Q(charge__invoice_line__invoice=invoice) | Q(charge__invoice_line__invoice__corrects=invoice)
    rows = SeatCharge.objects.filter(printed | kept, charge__reverses=None, charge__reversed_by=None)
    return list(rows.select_related("charge__line__payer", "charge__payee").order_by("charge"))


def _refuse(invoice: Invoice, rows: Sequence[SeatCharge]) -> None:
    if not invoice.is_issued or invoice.kind != InvoiceKind.INVOICE:
        raise CannotReissue(_("%(invoice)s is not an issued invoice.") % {"invoice": invoice})
    if invoice.lines.filter(charge__seat_charge=None).exists():
        raise CannotReissue(
            _("%(invoice)s charges more than seats: credit it where that was charged.") % {"invoice": invoice}
        )
    if not rows:
        raise CannotReissue(_("Nothing of %(invoice)s stands any more.") % {"invoice": invoice})


def _draws(charges: Sequence[Charge]) -> Sequence[Draw]:
    rows = Draw.objects.filter(charge__in=charges, amount__gt=0).select_related("purchase_order")
    return list(rows.order_by("pk"))


def _wanted(
    charge: Charge, line: FundingLine | None, purchase_order: PurchaseOrder | None, drawn: PurchaseOrder | None
) -> ledger.Wanted:
    """The purchase order that was drawn pays again, where it is one of who pays now."""
    pays = line or charge.line
    again = drawn if drawn and drawn.payer_id == pays.payer_id else None
    return ledger.Wanted(
        line=pays,
        payee=charge.payee,
        kind=ChargeKind(charge.kind),
        words=charge.words,
        amount=charge.amount,
        first_day=charge.first_day,
        last_day=charge.last_day,
        purchase_order=purchase_order or again,
    )


# --- What it leaves ---------------------------------------------------------------------------------------------------


def _papers(invoice: Invoice, made: Sequence[Charge], *, by: User | None, at: datetime) -> Reissued:
    found = crediting.waiting(Invoice.objects.filter(pk=invoice.pk).select_related("payer", "payee"))
    [memo] = crediting.draft_all(found, words=billable.credit_words(found), by=by, at=at)
    issued = invoicing.issue(memo, by=by, at=at)
    tasks.send.defer(invoices=[issued.pk], by=by.pk if by else None, key="first")
    lines = billable.lines_for(Charge.objects.filter(pk__in=[charge.pk for charge in made]))
    drafts = invoicing.draft_all(lines, about=invoice.about, subject_key=invoice.subject_key, by=by, at=at)
    return Reissued(issued, drafts)


def _remember_who_pays(
    seats: Sequence[Seat],
    charges: Sequence[Charge],
    line: FundingLine | None,
    purchase_order: PurchaseOrder | None,
    *,
    reason: str,
    by: User | None,
    at: datetime,
) -> None:
    """Put the seats under an allotment that says who pays now, and keep the move with its reason."""
    moved = {(charge.line_id, charge.first_day) for charge in charges}
    pays = line or charges[0].line
    moves = []
    ordered = sorted(seats, key=lambda seat: (seat.allotment_id, seat.pk))
    for key, rows in groupby(ordered, key=lambda seat: seat.allotment_id):
        group = list(rows)
        before = Allotment.objects.get(pk=key)
        after = Allotment.objects.create(
            order_id=before.order_id,
            institute_id=before.institute_id,
            seats_wanted=len(group),
            price=before.price,
        )
        AllotmentFunding.objects.bulk_create(
            _part(part, after, is_moved=(part.line_id, part.first_day) in moved, line=line, order=purchase_order)
            for part in before.fundings.select_related("line").order_by("pk")
        )
        Seat.objects.filter(pk__in=[seat.pk for seat in group]).update(allotment=after)
        told = {"line": pays, "reason": reason.strip()[:200], "by": by, "at": at}
        moves += [PayerMove(seat=seat, from_allotment=before, to_allotment=after, **told) for seat in group]
    PayerMove.objects.bulk_create(moves)


def _part(
    part: AllotmentFunding,
    after: Allotment,
    *,
    is_moved: bool,
    line: FundingLine | None,
    order: PurchaseOrder | None,
) -> AllotmentFunding:
    pays = line if is_moved and line else part.line
    covered = order if is_moved and order else part.purchase_order
    return AllotmentFunding(
        allotment=after,
        line=pays,
        purchase_order=covered if covered and covered.payer_id == pays.payer_id else None,
        first_day=part.first_day,
        last_day=part.last_day,
        amount=part.amount,
    )
