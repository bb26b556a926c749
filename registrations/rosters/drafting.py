"""Drafts of rosters: made of tables, changed row by row, and found again."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from events.models import Institute
from people.access import Who
from people.models import Organization, Person, User
from registrations.models import Registration, RosterDraft, WaitsFor
from registrations.rosters import cells, columns, earlier, judging, laying
from registrations.rosters.judging import Verdict
from registrations.rosters.laying import Laid
from registrations.rosters.reading import MOST_ROWS, Table
from registrations.rosters.rows import TEXTS, Row, rows_from

MOST_UNNAMED = 200


class CannotDraft(Exception):
    """Why the roster stays as it is."""


def rows_of(draft: RosterDraft) -> list[Row]:
    return [Row(**row) for row in draft.rows]


def judged(draft: RosterDraft, at: datetime, *, who: Who) -> list[Verdict]:
    """The verdict on each row of a draft."""
    return judging.judge(rows_of(draft), draft.sponsor, draft.institute, at, who=who)


def start(sponsor: Organization, institute: Institute, *, by: User, at: datetime) -> RosterDraft:
    """The open roster of a sponsor for an institute: the one that waits, else an empty one."""
    defaults = {"made_by": by, "made_at": at, "changed_at": at}
    waiting = RosterDraft.objects.unsubmitted()
    draft: RosterDraft = waiting.get_or_create(sponsor=sponsor, institute=institute, defaults=defaults)[0]
    return draft


# --- Sheets -----------------------------------------------------------------------------------------------------------


def lay(
    draft: RosterDraft,
    table: Table,
    *,
    replacing: bool,
    source: str = "",
    seen: int | None = None,
    at: datetime,
) -> Laid:
    """Lay a table over a draft: columns are guessed and remembered, so that they can be changed.

    `seen` is the highest key of a row that she saw: what came after it stays. Says what changed. Raises CannotDraft,
    and columns.CannotKeep for a list of pupils.
    """
    guess = columns.guess(table)
    told = {"headers": guess.headers, "fields": guess.fields, "dropped": guess.dropped, "replacing": replacing}
    with transaction.atomic():
        fresh = _locked(draft)
        fresh.columns = told | {"table": guess.rows, "before": fresh.rows, "seen": seen}
        fresh.source_name = source[:200]
        laid = _lay(fresh)
        _kept(fresh, at)
    draft.refresh_from_db()
    return laid


@transaction.atomic
def remap(draft: RosterDraft, fields_at: Mapping[str, int], *, at: datetime) -> RosterDraft:
    """Read the last table again, with other columns. Rows that were typed or picked since stay."""
    draft = _locked(draft)
    before = {row["key"] for row in draft.columns.get("before", [])}
    by_hand = [row for row in draft.rows if row["is_by_hand"] and row["key"] not in before]
    draft.rows = [*draft.columns.get("before", []), *by_hand]
    draft.columns = draft.columns | {"fields": dict(fields_at)}
    _lay(draft)
    return _kept(draft, at)


def _lay(draft: RosterDraft) -> Laid:
    """Lay the draft's table over its rows, with the columns that are known."""
    told = draft.columns
    fields: dict[str, int] = told.get("fields", {})
    if not {"given_name", "family_name", "name"} & set(fields):
        return Laid(rows_of(draft))
    new = rows_from(told.get("table", []), fields, first_line=2 if told.get("headers") else 1)
    replacing, seen = told.get("replacing", True), told.get("seen")
    laid = laying.lay(rows_of(draft), new, replacing=replacing, seen=seen, brings=_brought(fields))
    _must_fit(laid.rows)
    draft.rows = [asdict(row) for row in laid.rows]
    return laid


def _brought(fields: Mapping[str, int]) -> set[str]:
    """What a sheet says something of: a column of whole names says both."""
    return {*fields, "given_name", "family_name"} & set(TEXTS)


def _must_fit(rows: Sequence[Row]) -> None:
    if len(rows) > MOST_ROWS:
        raise CannotDraft(f"A roster has {MOST_ROWS:,} rows at most. Send this one in parts, school by school.")


# --- Rows by hand -----------------------------------------------------------------------------------------------------


@transaction.atomic
def add_people(draft: RosterDraft, people: Iterable[Person], *, at: datetime) -> RosterDraft:
    """People of the district who are known already; who is on the roster stays as she is."""
    draft = _locked(draft)
    held = {row["person_id"] for row in draft.rows}
    wanted = [
        Row(0, 0, given_name=person.given_name, family_name=person.family_name, person_id=person.pk)
        for person in people
        if person.pk not in held
    ]
    return _added(draft, wanted, at)


@transaction.atomic
def carry(draft: RosterDraft, registrations: Iterable[Registration], *, at: datetime) -> RosterDraft:
    """People of an earlier roster, where and as what they worked then."""
    draft = _locked(draft)
    held = {row["person_id"] for row in draft.rows}
    wanted = []
    for registration in registrations:
        person = earlier.person_of(registration)
        school = registration.school.name if registration.school and registration.school.is_open else ""
        texts = {"given_name": person.given_name, "family_name": person.family_name, "school": school}
        texts |= {"role": registration.role, "grade": registration.grade_span}
        if person.pk not in held:
            wanted.append(replace(Row(0, 0).with_texts(texts), person_id=person.pk))
    return _added(draft, wanted, at)


@transaction.atomic
def add_typed(draft: RosterDraft, texts: Mapping[str, str], *, at: datetime) -> RosterDraft:
    """One row, typed."""
    return _added(_locked(draft), [Row(0, 0).with_texts(texts)], at)


@transaction.atomic
def add_unnamed(draft: RosterDraft, number: int, *, at: datetime) -> RosterDraft:
    """Seats whose names come later."""
    if not 1 <= number <= MOST_UNNAMED:
        raise CannotDraft(f"Ask for 1 to {MOST_UNNAMED} seats without names at a time.")
    return _added(_locked(draft), [Row(0, 0, is_unnamed=True)] * number, at)


def _added(draft: RosterDraft, wanted: Sequence[Row], at: datetime) -> RosterDraft:
    """Rows below those that are here; someone of the same name and address is not added again."""
    rows = rows_of(draft)
    line = max((row.line for row in rows), default=0)
    new = [replace(row, line=line + number, is_by_hand=True) for number, row in enumerate(wanted, start=1)]
    named = laying.lay(rows, [row for row in new if not row.is_unnamed], replacing=False).rows
    key = max((row.key for row in named), default=0)
    unnamed = [row for row in new if row.is_unnamed]
    _must_fit([*named, *unnamed])
    numbered = [replace(row, key=key + number) for number, row in enumerate(unnamed, start=1)]
    draft.rows = [asdict(row) for row in [*named, *numbered]]
    return _kept(draft, at)


@transaction.atomic
def change_rows(draft: RosterDraft, keys: Iterable[int], *, at: datetime, **changes: Any) -> RosterDraft:
    """Change one row or many: its texts, what was decided of it, who pays for it."""
    return _changed(draft, set(keys), lambda _row: changes, at)


@transaction.atomic
def correct_row(
    draft: RosterDraft, key: int, texts: Mapping[str, str], *, seen: Mapping[str, str], at: datetime
) -> RosterDraft:
    """Change the texts of one row that are other than they were `seen`, and leave the rest as it is now.

    Two people may correct one row at once. Raises CannotDraft where both wrote in one cell.
    """
    asked = {name: text for name, text in texts.items() if text != seen.get(name, "")}

    def corrected(row: Row) -> dict[str, Any]:
        for name, text in asked.items():
            now = getattr(row, name)
            if now not in {text, seen.get(name, "")}:
                raise CannotDraft(f"Someone else wrote “{now}” there meanwhile. Look at the row, and save it again.")
        is_about = any(getattr(row, name) != asked[name] for name in asked if name in _WHO)
        fallen = {"decision": "", "person_id": None, "as_written": ""} if is_about else {}
        named = {"is_unnamed": False} if asked.keys() & {"given_name", "family_name"} else {}
        return {**asked, **fallen, **named}

    return _changed(draft, {key}, corrected, at)


_WHO = ("given_name", "family_name", "email")


@transaction.atomic
def answer_all(draft: RosterDraft, verdicts: Iterable[Verdict], *, at: datetime) -> RosterDraft:
    """Each row that asks about one person whom we know is about her."""
    hers = {
        verdict.row.key: verdict.candidates[0].pk
        for verdict in verdicts
        if verdict.kind == judging.Kind.ASK_PERSON and len(verdict.candidates) == 1
    }
    return _changed(draft, set(hers), lambda row: {"person_id": hers[row.key], "decision": ""}, at)


@transaction.atomic
def pay(draft: RosterDraft, keys: Iterable[int], pays: str, *, at: datetime) -> RosterDraft:
    """Choose who pays for rows; who waited for funds has them now."""

    def paid(row: Row) -> dict[str, Any]:
        return {"pays": pays, "waits": "" if row.waits == WaitsFor.FUNDS else row.waits}

    return _changed(draft, set(keys), paid, at)


@transaction.atomic
def share_out(
    draft: RosterDraft, funded: Iterable[int], others: Iterable[int], *, pays: str, at: datetime
) -> RosterDraft:
    """Of those whom an agreement does not suffice for: who is funded by it, and the others by other money.

    Where nothing pays for the others, they wait for funds (scenario 14).
    """
    hers, theirs = set(funded), set(others)

    def shared(row: Row) -> dict[str, Any]:
        if row.key in hers:
            return {"waits": ""}
        return {"pays": pays, "waits": ""} if pays else {"waits": WaitsFor.FUNDS.value}

    return _changed(draft, hers | theirs, shared, at)


@transaction.atomic
def choose_purchase_order(draft: RosterDraft, option_key: str, purchase_order_id: int | None, *, at: datetime) -> None:
    """Which purchase order covers the seats that one line pays."""
    draft = _locked(draft)
    draft.funding = draft.funding | {option_key: purchase_order_id}
    _kept(draft, at)


def _changed(
    draft: RosterDraft, keys: set[int], changes: Callable[[Row], Mapping[str, Any]], at: datetime
) -> RosterDraft:
    draft = _locked(draft)
    rows = [row.changed_by_hand(changes(row)) if row.key in keys else row for row in rows_of(draft)]
    draft.rows = [asdict(row) for row in rows]
    return _kept(draft, at)


def _locked(draft: RosterDraft) -> RosterDraft:
    """The draft as it is now: two coordinators may work on one roster."""
    fresh: RosterDraft = RosterDraft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    if fresh.order_id:
        raise CannotDraft("This roster was sent already. Start another one for more people.")
    return fresh


def _kept(draft: RosterDraft, at: datetime) -> RosterDraft:
    draft.revision += 1
    draft.changed_at = at
    draft.save(update_fields=["rows", "columns", "funding", "source_name", "revision", "changed_at"])
    return draft


def typed(texts: Mapping[str, str]) -> dict[str, str]:
    """What was typed, as a row has it: names without titles, the address alone."""
    given, family = cells.name_of(texts.get("given_name", ""), texts.get("family_name", ""))
    made = {name: cells.clean(text) for name, text in texts.items()}
    return made | {"given_name": given, "family_name": family, "email": cells.address(texts.get("email", ""))}
