"""The rows of a roster: as a sheet or a person gave them, and what was decided of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from people import names
from registrations.rosters import cells
from registrations.rosters.reading import Table

SOMEONE_ELSE = "new"
LEAVE_OUT = "leave_out"
TEXTS = (
    "given_name", "family_name", "email", "school", "role", "grade", "team", "strand", "sessions", "dietary", "access",
)  # fmt: skip
"""The fields of a row that a sheet may bring, in the order of `Row.texts`."""


@dataclass(frozen=True)
class Row:
    """A row as it was given, or as it was changed since; `line` is its number in the sheet.

    `pays` is what pays (`line-4`), `waits` what it waits for in line (`place`, `funds`, or nothing). `given` are the
    texts of the sheet where they were changed by hand since: the next sheet that says the same changes nothing.
    """

    key: int
    line: int
    given_name: str = ""
    family_name: str = ""
    email: str = ""
    school: str = ""
    role: str = ""
    grade: str = ""
    team: str = ""
    strand: str = ""
    sessions: str = ""
    dietary: str = ""
    access: str = ""
    decision: str = ""
    person_id: int | None = None
    pays: str = ""
    waits: str = ""
    as_written: str = ""
    is_unnamed: bool = False
    is_by_hand: bool = False
    given: Sequence[str] = ()

    @property
    def name(self) -> str:
        return names.full(self.given_name, self.family_name)

    @property
    def name_key(self) -> str:
        return names.sort_key(self.given_name, self.family_name)

    def texts(self) -> tuple[str, ...]:
        return tuple(getattr(self, name) for name in TEXTS)

    def with_texts(self, texts: Mapping[str, str]) -> "Row":
        made: Row = replace(self, **texts)  # type: ignore[arg-type]  # its texts are text
        return made

    @property
    def as_given(self) -> "Row":
        """The row with the texts of its sheet."""
        return self.with_texts(dict(zip(TEXTS, self.given, strict=False)))

    def changed_by_hand(self, changes: Mapping[str, Any]) -> "Row":
        """The row with other texts or decisions; what the sheet said is remembered."""
        given = self.given or self.texts()
        by_hand = bool(set(changes) & set(TEXTS)) and not self.is_by_hand
        return replace(self, **changes, given=given if by_hand else self.given)


def rows_from(rows: Table, fields_at: Mapping[str, int], *, first_line: int = 1) -> list[Row]:
    """Rows out of a table whose columns are known.

    Names in capitals are written as people write them, and say so; "TBD" is a seat without a name; "Total: 40" nobody.
    """
    return [
        _row(cells_, fields_at, first_line + index)
        for index, cells_ in enumerate(rows)
        if not cells.is_total(" ".join(cells_))
    ]


def _row(row: Sequence[str], fields_at: Mapping[str, int], line: int) -> Row:
    def at(name: str) -> str:
        index = fields_at.get(name, -1)
        return row[index] if 0 <= index < len(row) else ""

    given, family = cells.name_of(at("given_name"), at("family_name"), at("name"))
    is_unnamed = cells.is_no_name(given, family)
    shouted = cells.is_shouted(given, family) and not is_unnamed and not cells.is_formula(given + family)
    made = Row(
        key=0,
        line=line,
        given_name="" if is_unnamed else cells.proper_case(given) if shouted else given,
        family_name="" if is_unnamed else cells.proper_case(family) if shouted else family,
        email=cells.address(at("email")),
        as_written=f"{given} {family}".strip() if shouted else "",
        is_unnamed=is_unnamed,
    )
    return made.with_texts({name: cells.clean(at(name)) for name in TEXTS[3:]})
