"""The columns of the state's files, by whatever names they have had, in any order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from people.directory.tables import CannotRead, Table
from people.names import fold, tidy

# What we read, and the headings it stands under; where a file has several, the first that is filled in counts.
COLUMNS = {
    "cds": ("CDSCode",),
    "cd": ("CDCode",),
    "record": ("RecordType",),
    "county": ("County",),
    "district": ("District", "DistrictName"),
    "school": ("School", "SchoolName"),
    "status": ("StatusType", "Status"),
    "type": ("DOCType", "EntityType"),
    "public": ("PublicYesNo",),
    "street": ("Street",),
    "city": ("City", "StreetCity"),
    "state": ("State",),
    "zip": ("Zip", "StreetZip"),
    "phone": ("Phone",),
    "extension": ("Ext",),
    "opened": ("OpenDate",),
    "closed": ("ClosedDate",),
    "charter": ("Charter",),
    "grades": ("GSserved", "GSoffered", "GradeSpan"),
    "updated": ("LastUpDate",),
}
NULLS = frozenset({"", "no data", "information redacted", "information not available"})
_LINES_BEFORE_THE_HEADER = 10


@dataclass(frozen=True)
class Layout:
    """Which column of a sheet holds what, and where its rows begin."""

    sheet: str
    header_line: int
    columns: dict[str, tuple[int, ...]]

    def has(self, name: str) -> bool:
        """Whether the file speaks of this at all."""
        return name in self.columns

    def cells(self, table: Table) -> Iterator[tuple[int, dict[str, str]]]:
        """The rows that are not blank, with their line numbers: what we read, tidied, nulls left out."""
        for number, cells in table.lines(self.sheet):
            if number > self.header_line and any(cells):
                row = {name: text for name, places in self.columns.items() if (text := _first(cells, places))}
                if row:
                    yield number, row


def _first(cells: Sequence[str], places: tuple[int, ...]) -> str:
    for place in places:
        text = cells[place].strip() if place < len(cells) else ""
        if text.casefold() not in NULLS:
            return text if text.isascii() and "  " not in text else tidy(text)
    return ""


def recognized(table: Table) -> Layout:
    """The layout of the first sheet that has one. Raises CannotRead."""
    for sheet in table.sheets():
        for number, cells in table.lines(sheet):
            columns = _columns(cells)
            if columns.keys() & {"cds", "cd"} and columns.keys() & {"district", "school"}:
                return Layout(sheet, number, columns)
            if number >= _LINES_BEFORE_THE_HEADER:
                break
    raise CannotRead(
        "None of the first ten lines names the columns of the state's directory. "
        "It needs a CDS code (CDSCode, CDS Code or CD Code) and a District or School."
    )


def _columns(cells: Sequence[str]) -> dict[str, tuple[int, ...]]:
    headings = [fold(cell).replace(" ", "") for cell in cells]
    found = {
        name: tuple(headings.index(heading.lower()) for heading in names if heading.lower() in headings)
        for name, names in COLUMNS.items()
    }
    return {name: places for name, places in found.items() if places}
