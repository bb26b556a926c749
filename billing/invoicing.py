"""Invoices: drafted from charges, issued with a number, discarded while they are drafts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone

from billing import numbering, refunds, tasks
from billing.models import (
    Charge,
    Draw,
    FundingLine,
    Invoice,
    InvoiceLine,
    Payer,
    PurchaseOrder,
)
from billing.models.documents import SeriesKind
from billing.wording import day
from people.models import User


class CannotIssue(Exception):
    """The draft stays a draft; the sentence says why."""


class CannotDiscard(Exception):
    """What is issued stays."""


@dataclass(frozen=True)
class LineWanted:
    """A charge to print, and the words for it."""

    charge: Charge
    words: str


@dataclass(frozen=True)
class Outcome:
    """What became of many drafts: those issued, and why the others were not."""

    issued: list[Invoice] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Paper:
    """What makes one document: charges that differ in any of these do not stand on one invoice.

    `funding_words` are part of it, so that an account string and an LCAP reference hold for every line under them.
    """

    payer: int
    payee: int
    service_year: int
    agreement: int | None
    purchase_order: int | None
    funding_words: str


@transaction.atomic
def draft_all(
    lines: Sequence[LineWanted], *, about: str, subject_key: str, by: User | None, at: datetime
) -> list[Invoice]:
    """Draft invoices, one for each payer, payee, fiscal year of service, agreement, purchase order and account.

    Left out: charges printed before, those of a grant that is never invoiced, those taken back and what took them
    back (a credit memo is another document), and a document that would come to nothing. In the order of `lines`.
    """
    printable = _lock_printable(line.charge.pk for line in lines)
    orders = _purchase_orders_of(printable)
    groups: dict[Paper, list[LineWanted]] = {}
    for line in lines:
        charge = printable.get(line.charge.pk)
        if charge:
            groups.setdefault(_paper(charge, orders.get(charge.pk)), []).append(line)
    worth = {paper: group for paper, group in groups.items() if any(line.charge.amount for line in group)}
    drafts = Invoice.objects.bulk_create(
        _draft(paper, about=about, subject_key=subject_key, by=by, at=at) for paper in worth
    )
    InvoiceLine.objects.bulk_create(
        InvoiceLine(invoice=draft, charge=line.charge, words=line.words[:300], amount=line.charge.amount)
        for draft, group in zip(drafts, worth.values(), strict=True)
        for line in group
    )
    return drafts


@transaction.atomic
def discard(draft: Invoice) -> None:
    """Throw a draft away; its charges may be printed elsewhere. Raises CannotDiscard."""
    discard_all([draft])


@transaction.atomic
def discard_all(drafts: Iterable[Invoice]) -> None:
    """Throw drafts away, all or none. Raises CannotDiscard where one was issued meanwhile."""
    rows = Invoice.objects.select_for_update().filter(pk__in=[draft.pk for draft in drafts]).order_by("pk")
    for invoice in rows:
        if invoice.is_issued:
            raise CannotDiscard(f"{invoice} is issued; it can only be corrected by a credit memo.")
    InvoiceLine.objects.filter(invoice__in=rows).delete()
    rows.delete()


@transaction.atomic
def issue(invoice: Invoice, *, by: User | None, at: datetime) -> Invoice:
    """Issue a draft: copy what it prints, date it, and give it the next number of its fiscal year.

    Where a credit memo leaves less of its invoice than was paid, the rest becomes the payer's credit. Raises CannotIssue.
    The number's row is locked last and for one document only, so no gap can come.
    """
    list(Invoice.objects.select_for_update().filter(pk=invoice.corrects_id).values_list("pk"))
    draft = _locked(invoice.pk)
    reasons = reasons_not_to_issue(draft, on=timezone.localdate(at))
    if reasons:
        raise CannotIssue(" ".join(reasons))
    _copy_words(draft, on=timezone.localdate(at))
    _number(draft, on=timezone.localdate(at))
    draft.issued_by, draft.issued_at = by, at
    draft.save()
    if draft.corrects:
        refunds.free(draft.corrects, reason=f"Credit memo {draft}", by=by, at=at)
    return draft


def issue_all(drafts: Iterable[Invoice], *, by: User | None, at: datetime) -> Outcome:
    """Issue many, each in a transaction of its own, and have those issued sent in the background."""
    outcome = Outcome()
    for draft in drafts:
        try:
            outcome.issued.append(issue(draft, by=by, at=at))
        except CannotIssue as refusal:
            outcome.refusals.append(f"{draft}: {refusal}")
    if outcome.issued:
        tasks.send.defer(invoices=[invoice.pk for invoice in outcome.issued], by=by.pk if by else None, key="first")
    return outcome


def reasons_not_to_issue(draft: Invoice, *, on: date) -> list[str]:
    """What is in the way, as sentences; nothing where the draft, read `with_lines`, can be issued on the day."""
    if draft.is_issued:
        return [f"{draft} was issued already."]
    lines = list(draft.lines.all())
    reasons = [] if lines else ["It has no lines."]
    taken_back = [line for line in lines if hasattr(line.charge, "reversed_by")]
    reasons += [f"“{line.words}” was taken back: draft it again." for line in taken_back[:3]]
    order = draft.purchase_order
    if order and order.issued_on and order.issued_on > on:
        reasons.append(f"Purchase order {order} is dated {day(order.issued_on)}; the invoice may not be dated earlier.")
    return reasons


# --- Drafts ----------------------------------------------------------------------------------------------------------


def _lock_printable(keys: Iterable[int]) -> dict[int, Charge]:
    """The charges that may go on an invoice, under lock, so that two who draft at once print none twice."""
    rows = Charge.objects.filter(pk__in=list(keys)).order_by("pk")
    list(rows.select_for_update().values_list("pk"))
    found = rows.unprinted().invoiced().filter(reverses__isnull=True, reversed_by__isnull=True)
    found = found.exclude(instead_of__invoice_line__invoice__issued_at__isnull=False)  # it stands on a credit memo
    return {charge.pk: charge for charge in found.select_related("line__agreement")}


def _purchase_orders_of(charges: Iterable[int]) -> dict[int, int]:
    covering = Draw.objects.filter(charge__in=charges).values("charge", "purchase_order").annotate(net=Sum("amount"))
    return {row["charge"]: row["purchase_order"] for row in covering.filter(~Q(net=0))}


def _paper(charge: Charge, purchase_order: int | None) -> Paper:
    line = charge.line
    return Paper(
        line.payer_id, charge.payee_id, charge.fiscal_year, line.agreement_id, purchase_order, funding_words(line)
    )


def _draft(paper: Paper, *, about: str, subject_key: str, by: User | None, at: datetime) -> Invoice:
    return Invoice(
        payer_id=paper.payer,
        payee_id=paper.payee,
        agreement_id=paper.agreement,
        purchase_order_id=paper.purchase_order,
        service_year=paper.service_year,
        funding_words=paper.funding_words,
        about=about[:200],
        subject_key=subject_key,
        drafted_by=by,
        drafted_at=at,
    )


def funding_words(line: FundingLine) -> str:
    """What a funding line prints, a row for each: agreement, source, account string word for word, LCAP reference."""
    agreement = line.agreement
    rows = [
        f"{agreement.get_kind_display()}: {agreement.name}" if agreement else f"Source: {line.get_source_display()}",
        f"Award or contract number: {agreement.award_no}" if agreement and agreement.award_no else "",
        f"Account: {line.account_string}" if line.account_string else "",
        line.lcap_reference,
    ]
    return "\n".join(row for row in rows if row)


# --- Issuing ---------------------------------------------------------------------------------------------------------


def _locked(key: int) -> Invoice:
    """Raises CannotIssue where somebody drafted it again meanwhile."""
    rows = Invoice.objects.select_for_update(of=("self",)).with_lines()
    related = rows.select_related("payer__organization", "payer__person", "payee", "purchase_order", "corrects")
    draft: Invoice | None = related.filter(pk=key).first()
    if draft is None:
        raise CannotIssue("This draft was thrown away meanwhile: look at those that are there.")
    return draft


def _copy_words(draft: Invoice, *, on: date) -> None:
    """What is printed is copied, so that a later rename rewrites nothing."""
    draft.bill_to = bill_to(draft.payer)
    draft.remit_to = draft.payee.remit_to
    draft.purchase_order_number = _number_of(draft.purchase_order)
    if draft.corrects:
        draft.terms_words, draft.due_on = f"Credited to {draft.corrects}", on
        return
    draft.terms_words = f"Net {draft.payer.terms_days} days" if draft.payer.terms_days else "Due on receipt"
    draft.due_on = on + timedelta(days=draft.payer.terms_days)


def bill_to(payer: Payer) -> str:
    """Name and address of a payer, as they stand today."""
    return f"{payer}\n{payer.address}".strip()


def _number_of(purchase_order: PurchaseOrder | None) -> str:
    return purchase_order.number if purchase_order else ""


def _number(draft: Invoice, *, on: date) -> None:
    kind = SeriesKind(draft.kind)
    series = numbering.lock_series(draft.payee, kind, on=on)
    draft.number_year, draft.number = series.fiscal_year, numbering.next_of(series)
    draft.reference = numbering.reference(draft.payee, kind, series.fiscal_year, draft.number)


def total_of(invoice: Invoice) -> Decimal:
    """The sum of its lines."""
    return invoice.lines.aggregate(dollars=Sum("amount"))["dollars"] or Decimal(0)
