"""Whether rows are still what they were when somebody opened a form of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model

from people import once


@dataclass
class ChangedMeanwhile(Exception):
    """Somebody saved since the form was opened. `saved` is what is there now, `revision` its revision."""

    revision: str
    saved: Any = field(repr=False)

    def __str__(self) -> str:
        return f"Somebody changed {self.saved} since it was opened."


def of(row: Model) -> str:
    """The revision of a row: another one as soon as one of its facts is another. Counters are no facts."""
    return of_all([row])


def of_all(rows: Iterable[Model]) -> str:
    """The revision of rows, in their order."""
    facts = [
        [str(column.value_from_object(row)) for column in row._meta.concrete_fields if column.editable]  # noqa: SLF001 - Django's public door to a row's columns
        for row in rows
    ]
    return once.digest_of(facts)


def refuse_another(seen: str, revision: str, *, saved: object) -> None:
    """Raise ChangedMeanwhile unless the revision is the one that was seen; who saw none is not asked."""
    if seen and seen != revision:
        raise ChangedMeanwhile(revision, saved)
