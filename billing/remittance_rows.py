"""Reading a remittance or bank file: a table out of its bytes, what each column is, one payment out of its rows."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

Table = list[list[str]]

DELIMITERS = ",\t;|"
MOST_ROWS = 5_000
MOST_COLUMNS = 60
FIELDS = ("amount", "reference", "on", "payer", "numbers")
DAYS = ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%Y%m%d", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y", "%d-%b-%y")

# The words of a header, squeezed to letters; the first that a column has makes it that field.
HEADERS: dict[str, tuple[str, ...]] = {
    "amount": (
        "amount", "paymentamount", "amountpaid", "netamount", "paidamount", "checkamount", "warrantamount", "net",
        "credit", "creditamount", "deposit", "paid", "total",
    ),
    "reference": (
        "warrantnumber", "warrantno", "warrant", "checknumber", "checkno", "check", "jenumber", "journalentry", "je",
        "reference", "referencenumber", "refno", "ref", "trace", "tracenumber", "paymentnumber", "paymentno",
        "transactionid", "confirmation",
    ),
    "on": (
        "date", "paymentdate", "warrantdate", "checkdate", "postingdate", "posted", "posteddate", "issuedate",
        "transactiondate", "effectivedate", "depositdate",
    ),
    "payer": (
        "payer", "payername", "from", "paidby", "remitter", "originator", "companyname", "district", "agency",
        "customer", "customername", "name",
    ),
    "numbers": (
        "invoicenumber", "invoiceno", "invoice", "invoices", "ponumber", "pono", "po", "purchaseorder", "memo",
        "purchaseordernumber", "description", "details", "remarks", "comment", "comments", "addenda", "narrative",
    ),
}  # fmt: skip


class CannotRead(Exception):
    """There is no table in it; the sentence says what to do."""


@dataclass(frozen=True)
class Item:
    """One payment as a file tells it: the rows of one number belong together. `lines` are counted from 1."""

    lines: tuple[int, ...]
    text: str
    amount: Decimal | None
    reference: str
    on: date | None
    payer: str

    @property
    def line(self) -> int:
        """The first, by which it is named."""
        return self.lines[0]


def table_of(content: bytes) -> Table:
    """The rows of a CSV file without empty ones. Raises CannotRead."""
    if content.startswith((b"PK", b"\xd0\xcf\x11\xe0", b"%PDF")):
        raise CannotRead("This is no text file. Save the spreadsheet as CSV, and upload that.")
    text = _decoded(content).lstrip("\ufeff")
    lines = [line for line in text.splitlines()[:50] if line.strip()]
    delimiter = max(DELIMITERS, key=lambda each: (sum(each in line for line in lines), text.count(each)))
    try:
        rows = [
            [cell.strip() for cell in row[:MOST_COLUMNS]] for row in csv.reader(io.StringIO(text), delimiter=delimiter)
        ]
    except csv.Error:
        raise CannotRead("A quotation mark in this file is never closed. Save it as CSV again.") from None
    table = [row for row in rows if any(row)]
    if not table:
        raise CannotRead("This file is empty. Save it again, and upload it then.")
    if len(table) > MOST_ROWS:
        raise CannotRead(f"A remittance has {MOST_ROWS:,} rows at most. Send this one in parts.")
    return table


def guess(table: Table) -> tuple[list[str], dict[str, int], Table]:
    """Its headers (none where it has none), which column is which field, and the rows below."""
    for index, row in enumerate(table[:10]):
        columns = by_header(row)
        if "amount" in columns and len(columns) > 1:
            return row, columns, table[index + 1 :]
    return [], by_content(table), table


def by_header(row: Sequence[str]) -> dict[str, int]:
    squeezed = [re.sub(r"[^a-z]", "", cell.lower()) for cell in row]
    found: dict[str, int] = {}
    for name, words in HEADERS.items():
        free = [word for word in words if word in squeezed and squeezed.index(word) not in found.values()]
        if free:
            found[name] = squeezed.index(free[0])
    return found


def by_content(table: Table) -> dict[str, int]:
    """Columns of a file without headers, by what all their cells are."""
    found: dict[str, int] = {}
    for index in range(max(map(len, table))):
        cells = [row[index] for row in table[:100] if index < len(row) and row[index]]
        if not cells:
            continue
        if "on" not in found and all(day_of(cell) for cell in cells):
            found["on"] = index
        elif "amount" not in found and all("." in cell and dollars_of(cell) is not None for cell in cells):
            found["amount"] = index
        elif "reference" not in found and all(re.fullmatch(r"[A-Za-z-]{0,4}\d{3,}[\d-]*", cell) for cell in cells):
            found["reference"] = index
    return found


def items_of(rows: Sequence[Sequence[str]], columns: Mapping[str, int]) -> list[Item]:
    """The payments in the order of their first rows; rows that bear one number and one day are one payment."""
    groups: dict[object, list[int]] = {}
    for index, row in enumerate(rows):
        reference = _cell(row, columns, "reference")
        key = (reference, _cell(row, columns, "on"), _cell(row, columns, "payer")) if reference else index
        groups.setdefault(key, []).append(index)
    return [_item([rows[index] for index in lines], lines, columns) for lines in groups.values()]


def dollars_of(text: str) -> Decimal | None:
    """ "$1,250.00", "(25.00)" and "25.00-" as dollars; nothing for what is no amount."""
    plain = re.sub(r"[$,\s]", "", text)
    is_negative = plain.startswith("(") or plain.endswith("-")
    try:
        amount = Decimal(plain.strip("()").rstrip("-"))
    except InvalidOperation:
        return None
    return (-amount if is_negative else amount) if amount.is_finite() else None


def day_of(text: str) -> date | None:
    for form in DAYS:
        try:
            return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def _item(rows: Sequence[Sequence[str]], lines: Sequence[int], columns: Mapping[str, int]) -> Item:
    amounts = [dollars_of(_cell(row, columns, "amount")) for row in rows]
    known = [amount for amount in amounts if amount is not None]
    texts = [_text(row, columns) for row in rows]
    if len(rows) > 1:  # each of its rows says how much is for what
        texts = [f"{text} ${amount:.2f}" if amount else text for text, amount in zip(texts, amounts, strict=True)]
    return Item(
        lines=tuple(line + 1 for line in lines),
        text="\n".join(texts),
        amount=sum(known, Decimal(0)) if len(known) == len(rows) else None,
        reference=_cell(rows[0], columns, "reference"),
        on=day_of(_cell(rows[0], columns, "on")),
        payer=_cell(rows[0], columns, "payer"),
    )


def _text(row: Sequence[str], columns: Mapping[str, int]) -> str:
    """What it is for: the column that says so, else all that are nothing else, on one line."""
    rest = (cell for index, cell in enumerate(row) if index not in columns.values() and cell)
    return _cell(row, columns, "numbers") or " ".join(rest)


def _cell(row: Sequence[str], columns: Mapping[str, int], name: str) -> str:
    index = columns.get(name, -1)
    return row[index] if 0 <= index < len(row) else ""


def _decoded(content: bytes) -> str:
    for encoding in ["utf-16"] if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "cp1252"]:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")
