"""A sheet laid over a roster: what was decided of a row stays, and only what the sheet changed is changed."""

import itertools
from collections import deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from registrations.rosters.rows import TEXTS, Row


@dataclass(frozen=True)
class Laid:
    """The rows of a roster after a sheet, and how many of them it changed, added, left as they were, and took away."""

    rows: list[Row]
    changed: int = 0
    added: int = 0
    same: int = 0
    gone: int = 0


def lay(
    old: Sequence[Row],
    new: Iterable[Row],
    *,
    replacing: bool,
    seen: int | None = None,
    brings: Collection[str] = TEXTS,
) -> Laid:
    """New rows laid over old ones, each found again by address or by name and used once.

    `replacing`: the sheet is the whole roster, corrected. Rows that no sheet brought (typed, picked) stay even so, and
    those that came while she corrected: with a key above `seen`. Else the sheet is added. What it has no column for
    (`brings` names those it has) stays as it was.
    """
    waiting = _Waiting(old)
    laid = [(waiting.take(row), row) for row in new]
    found = {known.key: _over(known, row, brings) for known, row in laid if known}
    fresh = [row for known, row in laid if known is None]
    if replacing:
        rows = [found[known.key] if known else row for known, row in laid]
        rows += [row for row in old if row.key not in found and _stays(row, seen)]
    else:
        rows = [found.get(row.key, row) for row in old] + fresh
    before = {row.key: row for row in old}
    changed = sum(before[key].texts() != row.texts() for key, row in found.items())
    numbered = _numbered(rows, highest=max(before, default=0))
    gone = len(old) + len(fresh) - len(numbered)
    return Laid(numbered, changed, added=len(fresh), same=len(numbered) - len(fresh) - changed, gone=gone)


def _stays(row: Row, seen: int | None) -> bool:
    return row.is_by_hand or (seen is not None and row.key > seen)


def _numbered(rows: Sequence[Row], *, highest: int) -> list[Row]:
    keys = itertools.count(highest + 1)
    return [row if row.key else replace(row, key=next(keys)) for row in rows]


class _Waiting:
    """Old rows that no new row has taken yet, found by what two rows of one person share, the surest first."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.taken: set[int] = set()
        self.rows: dict[tuple[object, ...], deque[Row]] = {}
        for row in rows:
            for mark in dict.fromkeys([*_marks(row), *(_marks(row.as_given) if row.given else [])]):
                self.rows.setdefault(mark, deque()).append(row)

    def take(self, row: Row) -> Row | None:
        """The old row of the same person; a name alone is enough where one has no address, or on the same line."""
        for mark in _marks(row):
            for old in self._left(mark):
                if mark[0] != "name" or not (old.email and row.email) or old.line == row.line:
                    self.taken.add(old.key)
                    return old
        return None

    def _left(self, mark: tuple[object, ...]) -> Sequence[Row]:
        """Who bears the mark and waits; those at the front who were taken are forgotten, as a name may come 5,000 times."""
        found = self.rows.get(mark, deque())
        while found and found[0].key in self.taken:
            found.popleft()
        return [row for row in itertools.islice(found, 100) if row.key not in self.taken]


def _marks(row: Row) -> list[tuple[object, ...]]:
    """Address and name; name; address on the same line. Seats without names are all alike."""
    if row.is_unnamed:
        return [("unnamed", row.line), ("unnamed",)]
    by_address: list[tuple[object, ...]] = [("both", row.email, row.name_key)] if row.email else []
    by_line: list[tuple[object, ...]] = [("line", row.email, row.line)] if row.email else []
    return [*by_address, ("name", row.name_key), *by_line]


def _over(old: Row, new: Row, brings: Collection[str]) -> Row:
    """The new texts with the old decisions; what was changed by hand stays where the sheet says what it said before.

    A decision falls with the name or address that it was about.
    """
    before = dict(zip(TEXTS, old.given or old.texts(), strict=True))

    def text(name: str) -> str:
        old_text, new_text = getattr(old, name), getattr(new, name)
        is_as_before = not new_text if old.is_by_hand else new_text == before[name]
        return str(old_text if name not in brings or is_as_before else new_text)

    laid = replace(old.with_texts({name: text(name) for name in TEXTS}), line=new.line, is_by_hand=False)
    if old.given:
        laid = replace(laid, given=new.texts())
    if laid.name != old.name:
        laid = replace(laid, as_written=new.as_written)
    if (laid.name_key, laid.email) == (old.name_key, old.email):
        return laid
    return replace(laid, decision="", person_id=None)
