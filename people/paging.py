"""From page to page by key, for lists too long to count: page 10,000 costs what page 1 costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

_BETWEEN = "~"


@dataclass(frozen=True)
class Page:
    """Rows in the order of `sort_key` and key, and where to go back or on from (empty at either end)."""

    rows: Sequence[Any]
    before: str
    after: str


def page(rows: Any, *, size: int, before: str = "", after: str = "") -> Page:
    """The rows next to a key that an earlier page gave; an unknown key gives the first page."""
    start = _read(before) or _read(after)
    backward = bool(start and before)
    if start:
        rows = rows.filter(_beyond(*start, backward=backward))
    order = ("-sort_key", "-pk") if backward else ("sort_key", "pk")
    found = list(rows.order_by(*order)[: size + 1])
    has_more, found = len(found) > size, found[:size]
    if backward:
        found.reverse()
    has_before, has_after = (has_more, True) if backward else (bool(start), has_more)
    return Page(
        found,
        before=_key(found[0]) if found and has_before else "",
        after=_key(found[-1]) if found and has_after else "",
    )


def _key(row: Any) -> str:
    return f"{row.sort_key}{_BETWEEN}{row.pk}"


def _read(key: str) -> tuple[str, int] | None:
    sort_key, _, number = key.rpartition(_BETWEEN)
    return (sort_key, int(number)) if number.isascii() and number.isdigit() and len(number) < 19 else None


def _beyond(sort_key: str, number: int, *, backward: bool) -> Q:
    """Said twice, as the first half lets PostgreSQL begin in the middle of the index."""
    if backward:
        return Q(sort_key__lte=sort_key) & (Q(sort_key__lt=sort_key) | Q(pk__lt=number))
    return Q(sort_key__gte=sort_key) & (Q(sort_key__gt=sort_key) | Q(pk__gt=number))
