"""What a remittance says it pays: the numbers it lists, of invoices or of purchase orders, found among what is open."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from billing.models import Invoice, InvoiceKind, Payee, Payer, PurchaseOrder
from billing.payments import CannotPay, Share
from billing.wording import dollars

MOST_LINES = 200
MOST_WORDS = 5
"""Of a number that is written with blanks: "PO 26 0123"."""
_AMOUNT = re.compile(r"\$?\s*(\d{1,3}(?:,\d{3})+|\d+)\.(\d{2})(?!\d)")
_BEFORE_A_NUMBER = re.compile(r"^(?:PURCHASEORDER|INVOICE|INV|PONUMBER|PONO|PO|NO)(?=[A-Z]*\d)")


@dataclass(frozen=True)
class Mention:
    """One line of a remittance: the open invoices it means, the dollars it writes beside them, what is odd about it."""

    text: str
    invoices: Sequence[Invoice] = ()
    amount: Decimal | None = None
    problem: str = ""


@dataclass
class Known:
    """The issued invoices of a payer by every number under which a remittance may list them."""

    payer: Payer
    by_number: dict[str, list[Invoice]] = field(default_factory=dict)

    @classmethod
    def of(cls, payer: Payer, payee: Payee | None = None) -> "Known":
        known = cls(payer)
        rows = Invoice.objects.issued().filter(kind=InvoiceKind.INVOICE, payer=payer).with_balance()
        rows = rows.filter(payee=payee) if payee else rows
        for invoice in rows.select_related("payee__organization").order_by("due_on", "pk"):
            for number in {invoice.reference, invoice.purchase_order_number} - {""}:
                for key in dict.fromkeys(_keys(number)):
                    known.by_number.setdefault(key, []).append(invoice)
        return known

    def find(self, text: str) -> list[Invoice]:
        """All invoices that a line names, by the longest numbers first, each once."""
        words = _words(text)
        found: dict[int, Invoice] = {}
        start = 0
        while start < len(words):
            for end in range(min(len(words), start + MOST_WORDS), start, -1):
                named = self._named("".join(words[start:end]))
                if named:
                    found |= {invoice.pk: invoice for invoice in named}
                    start = end - 1
                    break
            start += 1
        return list(found.values())

    def _named(self, written: str) -> list[Invoice]:
        return next((self.by_number[key] for key in _keys(written) if key in self.by_number), [])


def read(text: str, known: Known) -> list[Mention]:
    """The lines of a remittance of a payer, in their order; a line that names nothing open says why."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return [_mention(line, known) for line in lines[:MOST_LINES]]


def shares(mentions: Iterable[Mention], amount: Decimal | None) -> list[Share]:
    """What each invoice gets: the dollars beside its number, else all that it owes, as far as the payment reaches."""
    given: dict[int, Share] = {}
    rest = amount
    for mention in mentions:
        beside = mention.amount
        for invoice in mention.invoices:
            part = min(each for each in (invoice.balance, beside, rest) if each is not None)
            if part <= 0 or invoice.pk in given:
                continue
            given[invoice.pk] = Share(invoice, part)
            rest = None if rest is None else rest - part
            beside = None if beside is None else beside - part
    return list(given.values())


def shares_of(lines: Sequence[str], payer: Payer, payee: Payee, amount: Decimal, *, reason: str = "") -> list[Share]:
    """The shares that lines name, all of them or none; a share that leaves something open has the reason.

    Raises CannotPay with the line that names nothing open.
    """
    if not lines:
        return []
    listed = read("\n".join(lines), Known.of(payer, payee))
    for mention in listed:
        if not mention.invoices:
            raise CannotPay(f"“{mention.text}”: {mention.problem}")
    return [
        Share(share.invoice, share.amount, reason if share.amount < share.invoice.balance else "")
        for share in shares(listed, amount)
    ]


def _mention(line: str, known: Known) -> Mention:
    named = known.find(_AMOUNT.sub(" ", line))
    still_open = [invoice for invoice in named if invoice.balance > 0]
    amount = _amount_in(line)
    if not still_open:
        return Mention(line, (), amount, _why_none(line, named, known.payer))
    owed = sum((invoice.balance for invoice in still_open), Decimal(0))
    if amount is not None and amount > owed:
        return Mention(line, still_open, amount, f"The line says {dollars(amount)}; {dollars(owed)} is owed.")
    return Mention(line, still_open, amount)


def _amount_in(line: str) -> Decimal | None:
    """The last amount of a line: the columns before it are of other things."""
    found = _AMOUNT.findall(line)
    return Decimal(f"{found[-1][0].replace(',', '')}.{found[-1][1]}") if found else None


def _why_none(line: str, named: Sequence[Invoice], payer: Payer) -> str:
    if named:
        return f"{named[-1]} owes nothing any more."
    for word in _AMOUNT.sub(" ", line).split():
        order = PurchaseOrder.objects.filter(number__iexact=word).select_related("payer__organization").first()
        if order:
            is_own = order.payer_id == payer.pk
            return f"No issued invoice names purchase order {order}." if is_own else f"{order} is of {order.payer}."
        theirs = Invoice.objects.issued().filter(reference__iexact=word).select_related("payer__organization").first()
        if theirs:
            return f"{theirs} is an invoice of {theirs.payer}."
    return "No invoice or purchase order has this number."


def _words(text: str) -> list[str]:
    return [word for word in (_squeezed(part) for part in re.split(r"[\s,;|]+", text)) if word]


def _keys(number: str) -> Iterator[str]:
    """A number as it is written, then without the letters that only say what it is the number of."""
    squeezed = _squeezed(number)
    yield squeezed
    bare = _BEFORE_A_NUMBER.sub("", squeezed)
    if bare != squeezed:
        yield bare


def _squeezed(text: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", text.upper())
