"""Rows of the directory kept: what is new is added, what changed is changed, nothing is taken away.

A file changes a row only when it is as new as the file that last spoke of it; an older one fills in what is still
unknown and adds what is missing, so that the order in which files arrive undoes nothing. What an older file calls open
and a newer one, though it names its neighbors, has no more, is added as closed. A blank in a file says nothing, and
never takes away what is known. Successors, regions and a school's district, once set, are left alone.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Concat, Substr

from people.directory.counties import Counties
from people.directory.entries import Entry
from people.models import Organization, OrganizationKind, School, Standing

Keeper = Organization | School

_PLACE = [
    "name",
    "search_key",
    "county",
    "status",
    "opened_on",
    "closed_on",
    "street",
    "city",
    "zip",
    "phone",
    "directory_on",
]
COLUMNS: dict[type[Keeper], list[str]] = {
    Organization: [*_PLACE, "kind", "state"],
    School: [*_PLACE, "organization", "is_charter", "is_private", "grades"],
}
_OPEN = {Standing.ACTIVE, Standing.PENDING}
_NEIGHBORS = 2  # one alone may come from a file of a few rows
_MAY_BE_FILLED_IN = ("phone", "opened_on", "grades", "city", "zip", "state", "is_charter")


@dataclass
class Kept:
    """How many rows became what."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    closed_since: list[Entry] = field(default_factory=list)


def keep(model: type[Keeper], entries: Sequence[Entry], *, counties: Counties, as_of: date) -> Kept:
    """Write one batch, inside the caller's transaction: a fixed number of queries."""
    counties.make(entry.county_code for entry in entries)
    known = _known(model, entries)
    leas = _leas(entries) if model is School else {}
    kept = Kept(closed_since=_gone_since(model, [e for e in entries if _is_news(known.get(e.cds), as_of)], as_of))
    gone = {entry.cds for entry in kept.closed_since}
    to_write: list[Any] = []
    confirmed: list[Any] = []
    for entry in entries:
        facts = entry.facts | {"county_id": counties.key(entry.county_code)}
        facts |= {"status": Standing.CLOSED} if entry.cds in gone else {}
        row = known.get(entry.cds)
        is_new = row is None
        if row is None:
            row = model(cds=entry.cds, **_of_a_new_row(model, facts), directory_on=as_of)
        is_amended = not is_new and amend(row, facts, as_of=as_of)
        is_placed = _stands_under(row, entry, leas)
        kept.new += is_new
        kept.changed += not is_new and (is_amended or is_placed)
        kept.unchanged += not (is_new or is_amended or is_placed)
        (to_write if is_new or is_amended or is_placed else confirmed).append(row)
    _write(model, to_write, confirmed, as_of=as_of)
    return kept


def _gone_since(model: type[Keeper], entries: Iterable[Entry], as_of: date) -> list[Entry]:
    """Those called open that newer files do not name, though they name two others of the district (LEAs: county)."""
    digits = 2 if model is Organization else 7
    still_open = [entry for entry in entries if entry.facts.get("status", Standing.ACTIVE) in _OPEN]
    if not still_open:
        return []
    newer = model.objects.filter(directory_on__gt=as_of).annotate(home=Substr("cds", 1, digits))
    homes = newer.filter(home__in={entry.cds[:digits] for entry in still_open}).values_list("home", flat=True)
    neighbors = Counter(homes)
    return [entry for entry in still_open if neighbors[entry.cds[:digits]] >= _NEIGHBORS]


def close_unnamed(model: type[Keeper], *, as_of: date, codes: Iterable[str], private: bool) -> int:
    """Close what a complete file of these counties does not name. Returns how many were closed."""
    gone = unnamed(model, as_of=as_of).filter(county__code__in=codes)
    if model is School and not private:
        gone = gone.filter(is_private=False)
    closed: int = gone.update(status=Standing.CLOSED, directory_on=as_of)
    return closed


def unnamed(model: type[Keeper], *, as_of: date) -> Any:
    """What is open here, came from an older file, and is not in the one that was just read."""
    return model.objects.open().filter(cds__isnull=False, directory_on__lt=as_of)


def _known(model: type[Keeper], entries: Sequence[Entry]) -> dict[str | None, Any]:
    rows = model.objects.select_for_update().filter(cds__in=[entry.cds for entry in entries]).order_by("pk")
    return {row.cds: row for row in rows}


def _leas(entries: Sequence[Entry]) -> dict[str | None, int]:
    wanted = {entry.lea_cds for entry in entries}
    return dict(Organization.objects.filter(cds__in=wanted).values_list("cds", "pk"))


def _stands_under(row: Keeper, entry: Entry, leas: dict[str | None, int]) -> bool:
    """Put a school under its district, unless it has one: charters may have been moved to whoever runs them."""
    if not isinstance(row, School) or row.organization_id or entry.is_private:
        return False
    row.organization_id = leas.get(entry.lea_cds)
    return row.organization_id is not None


def _of_a_new_row(model: type[Keeper], facts: dict[str, Any]) -> dict[str, Any]:
    return {"kind": OrganizationKind.DISTRICT} | facts if model is Organization else facts


def amend(row: Keeper, facts: dict[str, Any], *, as_of: date) -> bool:
    """Set what a file of that day may say of a row that is known. Returns whether anything changed."""
    is_newer = _is_news(row, as_of)
    facts = _news(row, facts) if is_newer else _what_was_unknown(row, facts)
    changed = False
    for column, value in facts.items():
        if getattr(row, column) != value:
            setattr(row, column, value)
            changed = True
    if is_newer:
        row.directory_on = as_of
    return changed


def _is_news(row: Keeper | None, as_of: date) -> bool:
    """Whether a file of that day is as new as what we know."""
    return row is None or row.directory_on is None or row.directory_on <= as_of


def _news(row: Keeper, facts: dict[str, Any]) -> dict[str, Any]:
    if facts.get("status") in _OPEN:
        facts = facts | {"closed_on": None}
    if "street" not in facts and not _is_same_place(row, facts):
        facts = facts | {"street": ""}  # the street we know is one of the town it left
    return facts


def _what_was_unknown(row: Keeper, facts: dict[str, Any]) -> dict[str, Any]:
    fillable = [*_MAY_BE_FILLED_IN]
    if not row.is_open:
        fillable.append("closed_on")
    if _is_same_place(row, facts):
        fillable.append("street")
    return {column: facts[column] for column in fillable if column in facts and not getattr(row, column)}


def _is_same_place(row: Keeper, facts: dict[str, Any]) -> bool:
    """Whether town and five-digit ZIP are those we know, as far as both are known."""
    for column, length in (("city", 100), ("zip", 5)):
        said, known = facts.get(column, "")[:length], getattr(row, column)[:length]
        if said and known and said != known:
            return False
    return True


def _write(model: type[Keeper], rows: list[Any], confirmed: list[Any], *, as_of: date) -> None:
    rows.sort(key=lambda row: row.cds or "")
    model.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["cds"], update_fields=COLUMNS[model], batch_size=2000
    )
    stale = [row.pk for row in confirmed]
    model.objects.filter(pk__in=stale, directory_on__lt=as_of).update(directory_on=as_of)
    model.objects.filter(pk__in=stale, directory_on=None).update(directory_on=as_of)


def find_districts() -> None:
    """Put schools without a district under the one their code names, wherever it has come since."""
    named = Organization.objects.filter(cds=Concat(Substr(OuterRef("cds"), 1, 7), Value("0000000")))
    homeless = School.objects.filter(organization=None, is_private=False, cds__isnull=False)
    homeless.annotate(found=Subquery(named.values("pk"))).filter(found__isnull=False).update(
        organization_id=Subquery(named.values("pk"))
    )
