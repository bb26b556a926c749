"""Quotes: what seats would cost a payer, on paper, before there is a purchase order. A quote promises no seat."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from billing import numbering
from billing.invoicing import bill_to
from billing.models import Payee, Payer, Quote
from billing.models.documents import SeriesKind
from office import paper
from people.models import Organization, Provider, User


class CannotQuote(Exception):
    """There is nothing to quote; the sentence says why."""


@dataclass(frozen=True)
class Item:
    """So many of one thing at a price."""

    words: str
    quantity: int
    price: Decimal

    @property
    def amount(self) -> Decimal:
        return self.price * self.quantity


@dataclass(frozen=True)
class Wording:
    """What a quote copies from the paper behind it."""

    account_string: str = ""
    lcap_reference: str = ""
    terms: str = ""


@transaction.atomic
def quote(
    *,
    payer: Payer,
    payee: Payee,
    lines: Sequence[Item],
    about: str,
    order_key: str,
    valid_until: date,
    wording: Wording | None = None,
    organization: Organization | None = None,
    by: User | None,
    at: datetime,
) -> Quote:
    """Write a quote, with the next number of its fiscal year; never changed afterwards.

    `organization` is the district whose people the seats are for. What was quoted before in the same words, and is
    still valid, is answered with that quote: a second press gives no second number. Raises CannotQuote.
    """
    if not any(line.amount for line in lines):
        raise CannotQuote("There is nothing to pay, so there is nothing to quote.")
    today = timezone.localdate(at)
    series = numbering.lock_series(payee, SeriesKind.QUOTE, on=today)
    said = _said(payer, payee, lines, about, wording or Wording()) | {"organization": organization}
    standing: Quote | None = (
        Quote.objects.filter(order_key=order_key, valid_until__gte=today, **said).order_by("-pk").first()
    )
    if standing:
        return standing
    number = numbering.next_of(series)
    made: Quote = Quote.objects.create(
        **said,
        number_year=series.fiscal_year,
        number=number,
        reference=numbering.reference(payee, SeriesKind.QUOTE, series.fiscal_year, number),
        order_key=order_key,
        valid_until=valid_until,
        issued_at=at,
        by=by,
    )
    return made


def _said(payer: Payer, payee: Payee, lines: Sequence[Item], about: str, wording: Wording) -> dict[str, Any]:
    """What the paper says, as it stands today."""
    return {
        "payer": payer,
        "payee": payee,
        "about": about[:300],
        "lines": [_written(line) for line in lines],
        "total": sum((line.amount for line in lines), Decimal(0)),
        "bill_to": bill_to(payer),
        "remit_to": payee.remit_to,
        "account_string": wording.account_string,
        "lcap_reference": wording.lcap_reference,
        "terms_words": wording.terms,
    }


def _written(line: Item) -> dict[str, Any]:
    amounts = {"price": f"{line.price:.2f}", "amount": f"{line.amount:.2f}"}
    return {"words": line.words, "quantity": line.quantity} | amounts


# --- On paper ---------------------------------------------------------------------------------------------------------


def pdf_of(made: Quote) -> bytes:
    """The PDF of a quote: tagged, PDF/UA-1. Raises CannotRender where this machine makes no paper."""
    return paper.render("paper/quote.html", context_of(made), title=f"Quote {made.reference}")


def context_of(made: Quote) -> dict[str, Any]:
    """Everything the paper shows; all of it was copied when it was written, but for the provider's own name."""
    provider = Provider.objects.get()
    return {
        "reference": made.reference,
        "about": made.about,
        "issued_at": made.issued_at,
        "valid_until": made.valid_until,
        "bill_to": made.bill_to.splitlines(),
        "remit_to": made.remit_to.splitlines(),
        "funding": [f"Account: {made.account_string}"] * bool(made.account_string)
        + [made.lcap_reference] * bool(made.lcap_reference),
        "terms": made.terms_words.splitlines(),
        "lines": items_of(made),
        "total": made.total,
        "provider": {"name": provider.name, "email": provider.email, "phone": provider.phone},
    }


def items_of(made: Quote) -> list[dict[str, Any]]:
    """The lines of a quote, their dollars as numbers again."""
    return [
        line | {"number": number, "price": Decimal(line["price"]), "amount": Decimal(line["amount"])}
        for number, line in enumerate(made.lines, 1)
    ]
