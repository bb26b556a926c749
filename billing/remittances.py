"""Remittances and bank files: what each payment in them may be for, and recording it once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from billing import mentions, payments, remittance_rows
from billing.models import Invoice, InvoiceKind, Payee, Payer, Payment, PaymentMethod, Remittance
from billing.payments import CannotPay, Share
from billing.remittance_rows import CannotRead, Item
from billing.wording import day, dollars
from office import files
from people.models import Organization, User
from people.once import digest_of

__all__ = [
    "AlreadyImported",
    "CannotImport",
    "CannotRead",
    "Suggestion",
    "accept",
    "accept_sure",
    "leave_out",
    "remap",
    "start",
    "suggestions",
]


class CannotImport(Exception):
    """Nothing was recorded; the sentence says why."""


class AlreadyImported(CannotImport):
    """The same file came before: ask, and take it `again` if that is meant."""


@dataclass(frozen=True)
class Suggestion:
    """What one payment of a file may be: whose, for which invoices; sure, or why not; or what became of it."""

    item: Item
    payer: Payer | None = None
    shares: Sequence[Share] = ()
    problems: Sequence[str] = ()
    payment: int | None = None
    said: str = ""
    is_by_number: bool = field(default=False)

    @property
    def is_decided(self) -> bool:
        return bool(self.payment or self.said)

    @property
    def is_sure(self) -> bool:
        """Its numbers name invoices of one payer, and these owe exactly what came."""
        allocated = sum((share.amount for share in self.shares), Decimal(0))
        return self.is_by_number and not self.is_decided and not self.problems and allocated == self.item.amount

    @property
    def seen(self) -> str:
        """What whoever accepts it has seen: another digest means that it changed meanwhile."""
        shares = [(share.invoice.pk, str(share.amount)) for share in self.shares]
        return digest_of([self.item.line, str(self.item.amount), self.payer.pk if self.payer else 0, shares])


@transaction.atomic
def start(
    content: bytes, *, name: str, payee: Payee, method: PaymentMethod, again: bool = False, by: User, at: datetime
) -> Remittance:
    """Keep a file and guess its columns; nothing is recorded yet. Raises CannotRead and AlreadyImported."""
    headers, columns, rows = remittance_rows.guess(remittance_rows.table_of(content))
    stored = files.keep(content, name=name, type=files.CSV, by=by, at=at)
    Payee.objects.select_for_update().get(pk=payee.pk)  # the same file from two windows is asked about, too
    earlier = Remittance.objects.filter(payee=payee, file__sha256=stored.sha256).order_by("-pk").first()
    if earlier and not again:
        raise AlreadyImported(f"This file came on {day(timezone.localdate(earlier.at))} before: take it once more?")
    made: Remittance = Remittance.objects.create(
        payee=payee,
        file=stored,
        headers=headers,
        columns={**columns, "method": method},
        rows=[{"line": line, "cells": cells} for line, cells in enumerate(rows, 1)],
        by=by,
        at=at,
    )
    return made


@transaction.atomic
def remap(remittance: Remittance, columns: dict[str, int]) -> Remittance:
    """Say which column is what. Raises CannotImport once a row was decided, as rows are grouped by their columns."""
    found = _locked(remittance)
    if any(row.get("payment") or row.get("said") for row in found.rows):
        raise CannotImport("Rows of this file were decided already: its columns stay as they are.")
    found.columns = {**columns, "method": found.columns["method"]}
    found.revision += 1
    found.save(update_fields=["columns", "revision"])
    return found


def suggestions(remittance: Remittance) -> list[Suggestion]:
    """What each payment of the file may be, in the order of the file."""
    items = _items(remittance)
    rows = {row["line"]: row for row in remittance.rows}
    by_word = _invoices_by_word(items, remittance.payee)
    known: dict[int, mentions.Known] = {}
    told = []
    for item in items:
        row = rows[item.line]
        if row.get("payment") or row.get("said"):
            told.append(Suggestion(item, payment=row.get("payment"), said=row.get("said", "")))
        else:
            told.append(_suggested(item, remittance, by_word, known))
    return told


@transaction.atomic
def accept(
    remittance: Remittance,
    line: int,
    *,
    payer: Payer,
    shares: Sequence[Share],
    again: bool = False,
    by: User,
    at: datetime,
) -> Payment:
    """Record the payment of a line, once. Raises CannotImport and CannotPay. Locks the file, then as payments do."""
    found = _locked(remittance)
    item = _undecided(found, line)
    if item.amount is None or item.on is None or not item.reference:
        raise CannotImport(f"Line {line} has no amount, no day or no number: say which columns hold them.")
    made = payments.record(
        payer=payer,
        payee=found.payee,
        method=PaymentMethod(found.columns["method"]),
        reference=item.reference[:80],
        amount=item.amount,
        received_on=item.on,
        shares=shares,
        again=again,
        by=by,
        at=at,
    )
    _decide(found, item, payment=made.pk)
    return made


def accept_sure(remittance: Remittance, *, by: User, at: datetime) -> tuple[list[Payment], list[str]]:
    """Record all payments that are sure, each in a transaction of its own; what was refused is told."""
    made, refusals = [], []
    for each in suggestions(remittance):
        if each.is_sure and each.payer:
            try:
                made.append(accept(remittance, each.item.line, payer=each.payer, shares=each.shares, by=by, at=at))
            except (CannotImport, CannotPay) as refusal:
                refusals.append(f"Line {each.item.line}: {refusal}")
    return made, refusals


@transaction.atomic
def leave_out(remittance: Remittance, line: int, *, reason: str) -> Remittance:
    """Say that a line is not ours to record, and why. Raises CannotImport."""
    if not reason.strip():
        raise CannotImport("Write why it is left out.")
    found = _locked(remittance)
    _decide(found, _undecided(found, line), said=reason.strip()[:200])
    return found


# --- Rows -------------------------------------------------------------------------------------------------------------


def _locked(remittance: Remittance) -> Remittance:
    rows = Remittance.objects.select_for_update(of=("self",)).select_related("payee")
    found: Remittance = rows.get(pk=remittance.pk)
    return found


def _items(remittance: Remittance) -> list[Item]:
    columns = {name: index for name, index in remittance.columns.items() if name in remittance_rows.FIELDS}
    return remittance_rows.items_of([row["cells"] for row in remittance.rows], columns)


def _undecided(remittance: Remittance, line: int) -> Item:
    item = next((each for each in _items(remittance) if each.line == line), None)
    if item is None:
        raise CannotImport(f"Line {line} starts no payment in this file.")
    row = remittance.rows[line - 1]
    if row.get("payment"):
        raise CannotImport(f"Line {line} was recorded already.")
    if row.get("said"):
        raise CannotImport(f"Line {line} was left out: {row['said']}")
    return item


def _decide(remittance: Remittance, item: Item, **what: Any) -> None:
    for line in item.lines:
        remittance.rows[line - 1] |= what
    remittance.revision += 1
    remittance.save(update_fields=["rows", "revision"])


# --- Suggestions ------------------------------------------------------------------------------------------------------


def _suggested(
    item: Item, remittance: Remittance, by_word: dict[str, set[int]], known: dict[int, mentions.Known]
) -> Suggestion:
    problems = _what_is_missing(item)
    payers = {key for word in _words_of(item) for key in by_word.get(word, ())}
    payer = Payer.objects.select_related("organization", "person").get(pk=payers.pop()) if len(payers) == 1 else None
    is_by_number = payer is not None
    if payers:
        problems.append("Its numbers are of several districts.")
    elif not payer:
        payer = _by_name(item) or _by_amount(item, remittance.payee)
        problems.append("No number of it is known here." if payer else "Nobody is found for it: choose who paid.")
    if payer is None:
        return Suggestion(item, problems=problems)
    if payer.pk not in known:
        known[payer.pk] = mentions.Known.of(payer, remittance.payee)
    listed = mentions.read(item.text, known[payer.pk])
    shares = mentions.shares(listed, item.amount) or _of_its_amount(item, payer, remittance.payee)
    if is_by_number:
        problems += [mention.problem for mention in listed if mention.problem]
    problems += _twice(item, payer, remittance)
    return Suggestion(item, payer, shares, problems + _difference(item, shares), is_by_number=is_by_number)


def _what_is_missing(item: Item) -> list[str]:
    missing = []
    if item.amount is None:
        missing.append("There is no amount.")
    elif item.amount <= 0:
        missing.append("Money that goes out is not recorded here.")
    if item.on is None:
        missing.append("There is no day.")
    if not item.reference:
        missing.append("There is no number of a check, warrant or transfer.")
    return missing


def _difference(item: Item, shares: Sequence[Share]) -> list[str]:
    if item.amount is None or not shares:
        return []
    short = [share for share in shares if share.amount < share.invoice.balance]
    over = item.amount - sum((share.amount for share in shares), Decimal(0))
    told = [f"{share.invoice} stays open by {dollars(share.invoice.balance - share.amount)}." for share in short]
    return told + ([f"{dollars(over)} would be left as credit."] if over > 0 else [])


def _twice(item: Item, payer: Payer, remittance: Remittance) -> list[str]:
    method = remittance.columns["method"]
    same = Payment.objects.filter(payer=payer, method=method, reference=item.reference).exists()
    return [f"A payment {item.reference} of {payer} is recorded already."] if item.reference and same else []


def _invoices_by_word(items: Iterable[Item], payee: Payee) -> dict[str, set[int]]:
    """Whose invoices each word of the file is the number, or the purchase order, of."""
    words = {word for item in items for word in _words_of(item)}
    found: dict[str, set[int]] = {}
    rows = Invoice.objects.issued().filter(payee=payee, kind=InvoiceKind.INVOICE)
    for column in ("reference", "purchase_order_number"):
        named = rows.filter(**{f"{column}__in": words}).order_by().values_list(column, "payer").distinct()
        for word, payer in named:
            found.setdefault(word, set()).add(payer)
    return found


def _words_of(item: Item) -> set[str]:
    """Each word of it as it is written and in capitals, and each line whole, as a number may have blanks."""
    lines = item.text.splitlines()
    words = [word.strip(",;:#.()") for line in lines for word in line.split()] + lines
    return {form for word in words for form in (word, word.upper()) if word}


def _by_name(item: Item) -> Payer | None:
    """The one payer whose organization has all the words of the name in the file."""
    if not item.payer:
        return None
    named = Organization.objects.named_like(item.payer)
    found = list(Payer.objects.filter(organization__in=named).select_related("organization", "person")[:2])
    return found[0] if len(found) == 1 else None


def _by_amount(item: Item, payee: Payee) -> Payer | None:
    """Who alone owes exactly what came."""
    if item.amount is None:
        return None
    owing = Invoice.objects.open().filter(payee=payee, balance=item.amount).values_list("payer", flat=True)
    payers = set(owing)
    return Payer.objects.select_related("organization", "person").get(pk=payers.pop()) if len(payers) == 1 else None


def _of_its_amount(item: Item, payer: Payer, payee: Payee) -> list[Share]:
    """The one open invoice of a payer that owes exactly what came."""
    if item.amount is None:
        return []
    open_ones = list(Invoice.objects.open().filter(payer=payer, payee=payee, balance=item.amount)[:2])
    return [Share(open_ones[0], item.amount)] if len(open_ones) == 1 else []
