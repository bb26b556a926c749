"""Giving up what will not come: of one invoice by whoever bills, of many only with a second person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from billing.models import Invoice, InvoiceKind, WriteOff, WriteOffBatch, WriteOffWish
from billing.wording import dollars
from people.models import User

CENT = Decimal("0.01")


class CannotWriteOff(Exception):
    """Nothing was given up; the sentence says why."""


@dataclass(frozen=True)
class Wish:
    """Dollars of one invoice to give up."""

    invoice: Invoice
    amount: Decimal


@transaction.atomic
def write_off(wish: Wish, *, reason: str, by: User, at: datetime) -> WriteOff:
    """Give up dollars of one invoice, with a reason. Raises CannotWriteOff."""
    _must_say_why(reason)
    _must_be_owed([wish])
    made: WriteOff = WriteOff.objects.create(
        invoice=wish.invoice, amount=wish.amount, reason=reason.strip()[:200], by=by, at=at
    )
    return made


@transaction.atomic
def take_back(wish: Wish, *, reason: str, by: User, at: datetime) -> WriteOff:
    """Have dollars that were given up owed again, as they come after all. Raises CannotWriteOff."""
    _must_say_why(reason)
    _must_be_dollars(wish.amount)
    Invoice.objects.select_for_update().get(pk=wish.invoice.pk)
    given_up = Invoice.objects.with_balance().get(pk=wish.invoice.pk).written_off
    if wish.amount > given_up:
        raise CannotWriteOff(f"{wish.invoice} has {dollars(given_up)} written off; no more can be owed again.")
    made: WriteOff = WriteOff.objects.create(
        invoice=wish.invoice, amount=-wish.amount, reason=reason.strip()[:200], by=by, at=at
    )
    return made


@transaction.atomic
def ask(wishes: Sequence[Wish], *, reason: str, by: User, at: datetime) -> WriteOffBatch:
    """Ask that dollars of many invoices of one payee be given up; nothing is until somebody else allows it."""
    _must_say_why(reason)
    if not wishes:
        raise CannotWriteOff("Choose the invoices to give up.")
    if len({wish.invoice.payee_id for wish in wishes}) > 1:
        raise CannotWriteOff("These invoices are not all of one payee: ask for each payee apart.")
    _must_be_owed(wishes)
    batch: WriteOffBatch = WriteOffBatch.objects.create(
        payee_id=wishes[0].invoice.payee_id, reason=reason.strip()[:200], by=by, at=at
    )
    WriteOffWish.objects.bulk_create(
        WriteOffWish(batch=batch, invoice=wish.invoice, amount=wish.amount) for wish in wishes
    )
    return batch


@transaction.atomic
def decide(batch: WriteOffBatch, *, is_approved: bool, by: User, at: datetime) -> WriteOffBatch:
    """Allow or refuse a batch: all of it or nothing, by someone other than who asked. Raises CannotWriteOff.

    A payment that came meanwhile stops it: what is given up is never more than what is owed.
    """
    asked: WriteOffBatch = WriteOffBatch.objects.select_for_update().get(pk=batch.pk)
    if asked.decided_at:
        raise CannotWriteOff("This was decided already.")
    if asked.by_id == by.pk:
        raise CannotWriteOff("Whoever asked cannot allow it: a second person looks at it.")
    wishes = [Wish(wish.invoice, wish.amount) for wish in asked.wishes.select_related("invoice").order_by("invoice")]
    if is_approved:
        _must_be_owed(wishes)
        WriteOff.objects.bulk_create(
            WriteOff(
                invoice=wish.invoice,
                amount=wish.amount,
                reason=asked.reason,
                batch=asked,
                by=asked.by,
                approved_by=by,
                at=at,
            )
            for wish in wishes
        )
    asked.decided_by, asked.decided_at, asked.is_approved = by, at, is_approved
    asked.save(update_fields=["decided_by", "decided_at", "is_approved"])
    return asked


def _must_say_why(reason: str) -> None:
    if not reason.strip():
        raise CannotWriteOff("Write the reason: an auditor will ask for it.")


def _must_be_dollars(amount: Decimal) -> None:
    if amount <= 0 or amount != amount.quantize(CENT):
        raise CannotWriteOff("Write dollars and whole cents, above zero.")


def _must_be_owed(wishes: Sequence[Wish]) -> None:
    """Locks the invoices in the order of their keys."""
    keys = [wish.invoice.pk for wish in wishes]
    if len(set(keys)) < len(keys):
        raise CannotWriteOff("An invoice is named twice: write one amount for it.")
    list(Invoice.objects.select_for_update().filter(pk__in=keys).order_by("pk").values_list("pk"))
    owed = {invoice.pk: invoice for invoice in Invoice.objects.filter(pk__in=keys).with_balance()}
    for wish in wishes:
        invoice = owed[wish.invoice.pk]
        if not invoice.is_issued or invoice.kind != InvoiceKind.INVOICE:
            raise CannotWriteOff(f"{invoice} is not an issued invoice.")
        _must_be_dollars(wish.amount)
        if wish.amount > invoice.balance:
            raise CannotWriteOff(
                f"{invoice} owes {dollars(invoice.balance)}; {dollars(wish.amount)} would be too much."
            )
