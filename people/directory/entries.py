"""What one row of the state's directory says, in our words. Pure: no database."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from people.directory.counties import OUT_OF_STATE, Counties
from people.directory.layouts import Layout
from people.models import Organization, OrganizationKind, School, Standing
from people.names import fold

Cells = dict[str, str]

KINDS = {
    "county office of education coe": OrganizationKind.COUNTY_OFFICE,
    "elementary school district": OrganizationKind.DISTRICT,
    "unified school district": OrganizationKind.DISTRICT,
    "high school district": OrganizationKind.DISTRICT,
    "common administration district": OrganizationKind.DISTRICT,
    "administration only": OrganizationKind.DISTRICT,
    "community college district": OrganizationKind.UNIVERSITY,
    "state board of education": OrganizationKind.CHARTER,
    "statewide benefit charter": OrganizationKind.CHARTER,
    "regional occupation center program roc p": OrganizationKind.AGENCY,
    "joint powers authority jpa": OrganizationKind.AGENCY,
    "state special schools": OrganizationKind.AGENCY,
    "non school locations": OrganizationKind.AGENCY,
    "out of state non public": OrganizationKind.AGENCY,
}
STANDINGS = {str(standing.value): standing for standing in Standing}
UNKNOWN_OPENING = date(1980, 7, 1)
"""Stands in the state's files for a day nobody knows, on schools that closed long ago."""

_CODE = re.compile(r"[0-9]+")
_LENGTHS = {
    column: getattr(model._meta.get_field(column), "max_length")  # noqa: B009, SLF001 - Django's public door, untyped
    for model, columns in ((Organization, ["name", "street", "city", "state", "zip", "phone"]), (School, ["grades"]))
    for column in columns
}


class CannotUse(Exception):
    """A row is refused, with a sentence that says why."""


@dataclass(slots=True)
class Entry:
    """An LEA or a school, as one row of a file has it; `facts` are columns of our table, unknown ones left out."""

    line: int
    cds: str
    name: str
    is_lea: bool
    is_private: bool
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def county_code(self) -> str:
        return self.cds[:2]

    @property
    def lea_cds(self) -> str:
        """The code of the district it stands under."""
        return f"{self.cds[:7]}0000000"

    @property
    def is_out_of_state(self) -> bool:
        return self.county_code == OUT_OF_STATE


def read(line: int, cells: Cells, layout: Layout, counties: Counties) -> Entry:
    """The entry in a row. Raises CannotUse."""
    cds = code_of(cells, layout)
    is_lea = cds.endswith("0000000")
    _check_county(cds, cells, counties)
    name = cells.get("district" if is_lea else "school", "")
    if not name:
        raise CannotUse("The row has no name.")
    private = cells.get("public", "").casefold() in {"n", "no"}
    facts: dict[str, Any] = {"name": name} | _address(cells) | _standing(cells)
    facts |= _of_an_lea(cells) if is_lea else _of_a_school(cells, private)
    for column, text in facts.items():
        if column in _LENGTHS and len(text) > _LENGTHS[column]:
            raise CannotUse(f"The {column} “{text[:30]}…” is longer than {_LENGTHS[column]} characters.")
    return Entry(line, cds, name, is_lea, private, facts | {"search_key": fold(name)[:250]})


def code_of(cells: Cells, layout: Layout) -> str:
    """The 14-digit code, with a zero put back that a spreadsheet ate, and its `.0` taken away."""
    digits = 14 if layout.has("cds") else 7
    written = cells.get("cds" if layout.has("cds") else "cd", "")
    if not written:
        raise CannotUse("The row has no CDS code.")
    code = written.strip("='\"").removesuffix(".0").replace("-", "").replace(" ", "")
    if not _CODE.fullmatch(code) or not digits - 1 <= len(code) <= digits:
        raise CannotUse(f"“{written[:40]}” is not a CDS code of {digits} digits.")
    return code.zfill(digits).ljust(14, "0")


def _check_county(cds: str, cells: Cells, counties: Counties) -> None:
    code, written = cds[:2], cells.get("county", "")
    if code not in counties:
        raise CannotUse(f"There is no county {code}. Correct the CDS code, or add the county first.")
    # The name may differ from the code's: some files name the county in which a school lies, not the one it answers to.
    if written and not counties.knows(written):
        raise CannotUse(f"There is no county called “{written[:40]}”.")


def _address(cells: Cells) -> dict[str, str]:
    facts: dict[str, str] = {column: cells[column] for column in ("street", "city", "zip") if column in cells}
    if "phone" in cells:
        facts["phone"] = f"{cells['phone']} ext. {cells['extension']}" if "extension" in cells else cells["phone"]
    return facts


def _standing(cells: Cells) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    if "status" in cells:
        standing = STANDINGS.get(cells["status"].casefold())
        if standing is None:
            raise CannotUse(f"The status “{cells['status'][:40]}” is not Active, Pending, Closed or Merged.")
        facts["status"] = standing
    for column, name in (("opened_on", "opened"), ("closed_on", "closed")):
        if name in cells:
            facts[column] = day_of(cells[name])
    if facts.get("status") in {Standing.CLOSED, Standing.MERGED} and facts.get("opened_on") == UNKNOWN_OPENING:
        del facts["opened_on"]
    return facts


def day_of(text: str) -> date:
    """A date as the state writes it, or as a computer would. Raises CannotUse."""
    for form in ("%m/%d/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text[:10], form).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
    raise CannotUse(f"“{text[:40]}” is not a date such as 07/01/2026.")


def _of_an_lea(cells: Cells) -> dict[str, Any]:
    facts: dict[str, Any] = {"state": cells["state"]} if "state" in cells else {}
    if "type" in cells:
        kind = KINDS.get(fold(cells["type"]))
        if kind is None:
            raise CannotUse(f"“{cells['type'][:60]}” is not a kind of district or agency that is known here.")
        facts["kind"] = kind
    return facts


def _of_a_school(cells: Cells, private: bool) -> dict[str, Any]:
    facts: dict[str, Any] = {"is_private": private} if "public" in cells else {}
    if "charter" in cells:
        facts["is_charter"] = cells["charter"].casefold() in {"y", "yes"}
    if "grades" in cells:
        facts["grades"] = cells["grades"].replace("–", "-")
    return facts
