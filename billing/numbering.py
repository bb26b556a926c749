"""The numbers of papers: without gaps within a payee, a kind and a fiscal year."""

from datetime import date
from typing import Any

from billing.models import NumberSeries, Payee, fiscal_year_of
from billing.models.documents import SeriesKind

MARKS = {SeriesKind.INVOICE: "INV", SeriesKind.CREDIT_MEMO: "CM", SeriesKind.QUOTE: "Q"}


def lock_series(payee: Payee, kind: SeriesKind, *, on: date) -> NumberSeries:
    """The row of a series, locked until the transaction ends: who holds it gives the next number."""
    key: dict[str, Any] = {"payee": payee, "kind": kind, "fiscal_year": fiscal_year_of(on)}
    NumberSeries.objects.get_or_create(**key)
    series: NumberSeries = NumberSeries.objects.select_for_update().get(**key)
    return series


def next_of(series: NumberSeries) -> int:
    """Count one more paper of a locked series."""
    series.last += 1
    series.save(update_fields=["last"])
    return series.last


def reference(payee: Payee, kind: SeriesKind, fiscal_year: int, number: int) -> str:
    """ "INV-2027-0031", with the payee's own letters before it where it has some."""
    return "-".join(mark for mark in (payee.prefix, MARKS[kind], str(fiscal_year), f"{number:04}") if mark)
