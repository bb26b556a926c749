"""Credit memos: what was taken back of an issued invoice, and what is kept of it, on a paper of their own.

The invoice stays as it was issued; its balance falls by its credit memos (scenario 10). A memo is issued like any draft,
by `invoicing.issue`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from billing import invoicing
from billing.models import Charge, Invoice, InvoiceKind, InvoiceLine
from billing.models.charges import ChargeQuerySet
from billing.models.documents import InvoiceQuerySet
from people.models import User


class CannotCredit(Exception):
    """Nothing is credited; the sentence says why."""


@dataclass(frozen=True)
class Waiting:
    """What waits to be credited of one issued invoice: reversals, and what is kept instead."""

    invoice: Invoice
    charges: list[Charge] = field(default_factory=list)

    @property
    def amount(self) -> Decimal:
        """Below zero: what the invoice falls by."""
        return sum((charge.amount for charge in self.charges), Decimal(0))


def waiting(invoices: InvoiceQuerySet) -> list[Waiting]:
    """The issued ones among invoices of which something was taken back that no credit memo prints yet.

    In the order of their keys, in two queries. What stands on a draft of a credit memo still waits.
    """
    found = {invoice.pk: Waiting(invoice) for invoice in invoices.issued().filter(kind=InvoiceKind.INVOICE)}
    for charge in _unprinted(Q(reverses__isnull=False) | Q(instead_of__isnull=False), found):
        found[_printed_on(charge)].charges.append(charge)
    return [each for _key, each in sorted(found.items()) if each.charges]


@transaction.atomic
def draft_all(
    wanted: Iterable[Waiting], *, words: Mapping[int, str] | None = None, by: User | None, at: datetime
) -> list[Invoice]:
    """Draft a credit memo for each invoice; older drafts of it are replaced.

    `words` go by the charge's key, in the order of the lines; what is not among them comes last, in its own words.
    Locks the invoices, then the charges. Raises CannotCredit where a memo would ask for money instead of giving some.
    """
    keys = sorted(each.invoice.pk for each in wanted)
    rows = Invoice.objects.filter(pk__in=keys).order_by("pk")
    list(rows.select_for_update().values_list("pk"))
    invoicing.discard_all(list(Invoice.objects.drafts().filter(corrects__in=keys)))
    fresh = waiting(rows.select_related("payer", "payee"))
    for each in fresh:
        if each.amount >= 0:
            raise CannotCredit(f"{each.invoice} would not be credited but charged: look at what is kept of it.")
    list(_charges(fresh).select_for_update().values_list("pk"))
    said = words or {}
    places = {key: place for place, key in enumerate(said)}
    memos = Invoice.objects.bulk_create(_memo(each.invoice, by=by, at=at) for each in fresh)
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            invoice=memo,
            charge=charge,
            words=said.get(charge.pk, charge.words)[:300],
            amount=charge.amount,
        )
        for memo, each in zip(memos, fresh, strict=True)
        for charge in sorted(each.charges, key=lambda one: places.get(one.pk, len(places)))
    )
    return memos


def _unprinted(which: Q, printed_on: Iterable[int]) -> Iterable[Charge]:
    """Unprinted charges (or those on a draft) that take back, or stand instead of, what was printed on invoices."""
    keys = list(printed_on)
    about = Q()
    for road in ("reverses", "instead_of"):
        line = f"{road}__invoice_line__invoice"
        about |= Q(**{f"{line}__in": keys}) | Q(**{f"{line}__corrects__in": keys, f"{line}__issued_at__isnull": False})
    free_or_drafted = Q(invoice_line__isnull=True) | Q(
        invoice_line__invoice__issued_at__isnull=True, invoice_line__invoice__kind=InvoiceKind.CREDIT_MEMO
    )
    rows = Charge.objects.filter(which, about, free_or_drafted).filter(Q(reverses__isnull=False) | Q(reversed_by=None))
    return rows.select_related(
        "reverses__invoice_line__invoice", "instead_of__invoice_line__invoice", "line__agreement", "invoice_line"
    ).order_by("pk")


def _printed_on(charge: Charge) -> int:
    """The invoice that printed what a charge takes back or stands instead of; of a memo's line, the invoice it corrects."""
    about = charge.reverses or charge.instead_of
    assert about  # noqa: S101 - _unprinted finds no others
    document = about.invoice_line.invoice
    return document.corrects_id or document.pk


def _charges(found: Sequence[Waiting]) -> ChargeQuerySet:
    rows: ChargeQuerySet = Charge.objects.filter(
        pk__in=[charge.pk for each in found for charge in each.charges]
    ).order_by("pk")
    return rows


def _memo(invoice: Invoice, *, by: User | None, at: datetime) -> Invoice:
    return Invoice(
        kind=InvoiceKind.CREDIT_MEMO,
        corrects=invoice,
        payer=invoice.payer,
        payee=invoice.payee,
        agreement_id=invoice.agreement_id,
        purchase_order_id=invoice.purchase_order_id,
        service_year=invoice.service_year,
        about=invoice.about,
        subject_key=invoice.subject_key,
        funding_words=invoice.funding_words,
        drafted_by=by,
        drafted_at=at,
    )
