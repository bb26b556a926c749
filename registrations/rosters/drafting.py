"""Drafts of rosters: made of tables, changed row by row, found again, and sent."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from django.db import transaction

from billing.models import PurchaseOrder
from events.models import Institute
from people.access import Who
from people.models import Organization, Person, User
from registrations import enrollment, funding, wording
from registrations.models import Order, RosterDraft
from registrations.newcomers import Attendee
from registrations.rosters import cells, columns, judging
from registrations.rosters.judging import Row, Verdict
from registrations.rosters.reading import MOST_ROWS, Table


class CannotDraft(Exception):
    """Why the roster stays as it is."""


# --- Rows -------------------------------------------------------------------------------------------------------------


def rows_of(draft: RosterDraft) -> list[Row]:
    return [Row(**row) for row in draft.rows]


def rows_from(rows: Table, fields_at: Mapping[str, int], *, first_line: int = 1) -> list[Row]:
    """Rows out of a table whose columns are known. Names in capitals are written as people write them, and say so."""
    return [_row(cells_, fields_at, first_line + index) for index, cells_ in enumerate(rows)]


def _row(row: Sequence[str], fields_at: Mapping[str, int], line: int) -> Row:
    def at(name: str) -> str:
        index = fields_at.get(name, -1)
        return row[index] if 0 <= index < len(row) else ""

    given, family = cells.name_of(at("given_name"), at("family_name"), at("name"))
    shouted = cells.is_shouted(given, family) and not cells.is_formula(given + family)
    return Row(
        key=0,
        line=line,
        given_name=cells.proper_case(given) if shouted else given,
        family_name=cells.proper_case(family) if shouted else family,
        email=cells.address(at("email")),
        school=cells.clean(at("school")),
        role=cells.clean(at("role")),
        grade=cells.clean(at("grade")),
        as_written=f"{given} {family}".strip() if shouted else "",
    )


def merged(old: Sequence[Row], new: Iterable[Row], *, replacing: bool) -> list[Row]:
    """New rows laid over old ones: what was decided of a row stays when she is found again by address or by name.

    `replacing`: the new sheet is the whole roster, corrected; else it is added. Each address and name is used once.
    """
    waiting = _Waiting(old)
    changed: dict[int, Row] = {}
    result: list[Row] = []
    for row in new:
        known = waiting.take(row)
        if known is None:
            result.append(row)
        elif replacing:
            result.append(_laid_over(known, row))
        else:
            changed[known.key] = _laid_over(known, row)
    if not replacing:
        result = [changed.get(row.key, row) for row in old] + result
    return _numbered(result, highest=max((row.key for row in old), default=0))


def _numbered(rows: Sequence[Row], *, highest: int) -> list[Row]:
    keys = itertools.count(highest + 1)
    return [row if row.key else replace(row, key=next(keys)) for row in rows]


class _Waiting:
    """Old rows that no new row has taken yet, found by what two rows of one person share, the surest first."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.taken: set[int] = set()
        self.rows: dict[tuple[object, ...], list[Row]] = {}
        for row in rows:
            for mark in self._marks(row):
                self.rows.setdefault(mark, []).append(row)

    @staticmethod
    def _marks(row: Row) -> list[tuple[object, ...]]:
        """Address and name; name; address on the same line."""
        by_address: list[tuple[object, ...]] = [("both", row.email, row.name_key)] if row.email else []
        by_line: list[tuple[object, ...]] = [("line", row.email, row.line)] if row.email else []
        return [*by_address, ("name", row.name_key), *by_line]

    def take(self, row: Row) -> Row | None:
        """The old row of the same person; a name alone is enough where one has no address, or on the same line."""
        for mark in self._marks(row):
            for old in self.rows.get(mark, []):
                by_name = mark[0] == "name"
                is_hers = not by_name or not (old.email and row.email) or old.line == row.line
                if old.key not in self.taken and is_hers:
                    self.taken.add(old.key)
                    return old
        return None


def _laid_over(old: Row, new: Row) -> Row:
    """The new texts with the old decisions; a decision falls with the name or address it was about."""
    about = (old.name_key, old.email) == (new.name_key, new.email)
    laid = replace(new, key=old.key, pays=old.pays)
    return replace(laid, decision=old.decision, person_id=old.person_id) if about else laid


# --- Verbs ------------------------------------------------------------------------------------------------------------


def start(sponsor: Organization, institute: Institute, *, by: User, at: datetime) -> RosterDraft:
    """The open roster of a sponsor for an institute: the one that waits, else an empty one."""
    defaults = {"made_by": by, "made_at": at, "changed_at": at}
    waiting = RosterDraft.objects.unsubmitted()
    draft: RosterDraft = waiting.get_or_create(sponsor=sponsor, institute=institute, defaults=defaults)[0]
    return draft


def lay(draft: RosterDraft, table: Table, *, replacing: bool, source: str = "", at: datetime) -> RosterDraft:
    """Lay a table over a draft: columns are guessed and remembered, so that they can be changed.

    Raises columns.CannotKeep for a list of pupils.
    """
    guess = columns.guess(table)
    seen = {"headers": guess.headers, "fields": guess.fields, "dropped": guess.dropped, "replacing": replacing}
    with transaction.atomic():
        draft = _locked(draft)
        draft.columns = seen | {"table": guess.rows, "before": draft.rows}
        _lay(draft, guess.rows, guess.fields, replacing=replacing)
        draft.source_name = source[:200]
        return _kept(draft, at)


@transaction.atomic
def remap(draft: RosterDraft, fields_at: Mapping[str, int], *, at: datetime) -> RosterDraft:
    """Read the last table again, with other columns."""
    draft = _locked(draft)
    draft.rows = draft.columns.get("before", [])
    _lay(draft, draft.columns.get("table", []), fields_at, replacing=draft.columns.get("replacing", True))
    draft.columns = draft.columns | {"fields": dict(fields_at)}
    return _kept(draft, at)


def _lay(draft: RosterDraft, table: Table, fields_at: Mapping[str, int], *, replacing: bool) -> None:
    if not {"given_name", "family_name", "name"} & set(fields_at):
        return
    first_line = 2 if draft.columns.get("headers") else 1
    rows = merged(rows_of(draft), rows_from(table, fields_at, first_line=first_line), replacing=replacing)
    if len(rows) > MOST_ROWS:
        raise CannotDraft(f"A roster has {MOST_ROWS:,} rows at most. Send this one in parts, school by school.")
    draft.rows = [asdict(row) for row in rows]


@transaction.atomic
def add_people(draft: RosterDraft, people: Iterable[Person], *, at: datetime) -> RosterDraft:
    """People of the district who are known already."""
    draft = _locked(draft)
    held = {row["person_id"] for row in draft.rows}
    wanted = [
        Row(key=0, line=0, given_name=person.given_name, family_name=person.family_name, person_id=person.pk)
        for person in people
        if person.pk not in held
    ]
    line = max((row["line"] for row in draft.rows), default=0)
    numbered = [replace(row, line=line + index) for index, row in enumerate(wanted, start=1)]
    draft.rows = [asdict(row) for row in merged(rows_of(draft), numbered, replacing=False)]
    return _kept(draft, at)


@transaction.atomic
def change_rows(draft: RosterDraft, keys: Iterable[int], *, at: datetime, **changes: Any) -> RosterDraft:
    """Change one row or many: its texts, what was decided of it, who pays for it."""
    draft = _locked(draft)
    wanted = set(keys)
    draft.rows = [row | changes if row["key"] in wanted else row for row in draft.rows]
    return _kept(draft, at)


@transaction.atomic
def choose_purchase_order(draft: RosterDraft, option_key: str, purchase_order_id: int | None, *, at: datetime) -> None:
    """Which purchase order covers the seats that one line pays."""
    draft = _locked(draft)
    draft.funding = draft.funding | {option_key: purchase_order_id}
    _kept(draft, at)


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


# --- Sending ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def submit(draft: RosterDraft, *, by: User, at: datetime) -> Order:
    """Place the order of a roster. Sent twice, the second gets the order of the first. Raises CannotRegister."""
    draft = RosterDraft.objects.select_for_update(of=("self",)).select_related("sponsor", "institute").get(pk=draft.pk)
    if draft.order:
        return draft.order
    order = place(
        rows_of(draft),
        sponsor=draft.sponsor,
        institute=draft.institute,
        purchase_orders=draft.funding,
        key=f"roster-{draft.pk}",
        by=by,
        at=at,
    )
    draft.order = order
    draft.columns = {}  # the sheet has served; what it held is in the rows
    draft.save(update_fields=["order", "columns"])
    return order


def place(
    rows: Sequence[Row],
    *,
    sponsor: Organization,
    institute: Institute,
    purchase_orders: Mapping[str, int | None],
    key: str,
    by: User,
    at: datetime,
) -> Order:
    """Judge the rows once more, and place the order of those that take seats. Raises CannotRegister.

    `purchase_orders` go by what pays: `{"line-4": 12}`.
    """
    verdicts = judging.judge(rows, sponsor, institute, at, who=by)
    unanswered = [verdict for verdict in verdicts if verdict.blocks]
    if unanswered:
        need = "needs" if len(unanswered) == 1 else "need"
        first = f"Line {unanswered[0].row.line}: {unanswered[0].sentence}"
        raise enrollment.CannotRegister(f"{wording.count(len(unanswered), 'row')} {need} an answer first. {first}")
    # A look before the lock: who comes too late for the last seats is told so at once, and holds up nobody.
    refusal = enrollment.why_not_so_many(sum(verdict.takes_a_seat for verdict in verdicts), institute)
    if refusal:
        raise enrollment.CannotRegister(refusal)
    money = _Money(sponsor, institute, purchase_orders, by=by, at=at)
    return enrollment.place(_groups(verdicts, money), sponsor=sponsor, institute=institute, key=key, by=by, at=at)


class _Money:
    """What may pay here, and the shares of a seat that each choice comes to."""

    def __init__(
        self,
        sponsor: Organization,
        institute: Institute,
        purchase_orders: Mapping[str, int | None],
        *,
        by: User,
        at: datetime,
    ) -> None:
        self.sponsor, self.institute, self.by, self.at = sponsor, institute, by, at
        self.options = {option.key: option for option in funding.eligible(sponsor, institute, who=by)}
        visible = PurchaseOrder.objects.visible_to(by).filter(payer__organization=sponsor)
        found = visible.in_bulk([pk for pk in purchase_orders.values() if pk])
        self.purchase_orders = {key: found.get(pk or 0) for key, pk in purchase_orders.items()}

    def shares(self, pays: str) -> list[funding.Share]:
        """Of `line-4`, or of `agreement-2+line-4`: the second pays the days that the first does not cover."""
        first, *others = [self._option(key) for key in pays.split("+")[:2]]
        shares = [self._share(first, first.first_day, first.last_day)]
        if others and not first.is_whole:
            shares.append(self._share(others[0], *funding.rest_of(self.institute, first.first_day, first.last_day)))
        return shares

    def _option(self, key: str) -> funding.Option:
        if key not in self.options:
            raise enrollment.CannotRegister("What was to pay for some of these people cannot pay here. Choose again.")
        return self.options[key]

    def _share(self, option: funding.Option, first: date, last: date) -> funding.Share:
        if first < option.first_day or last > option.last_day:
            raise enrollment.CannotRegister(f"{option} does not cover all the days it is to pay. Choose again.")
        line = funding.line_of(option, sponsor=self.sponsor, by=self.by, at=self.at)
        return funding.Share(line, first, last, self.purchase_orders.get(option.key))


def _groups(verdicts: Sequence[Verdict], money: _Money) -> list[enrollment.Group]:
    """The people who take seats, by who pays for them."""
    by_money: dict[str, list[Attendee]] = {}
    for verdict in verdicts:
        if verdict.takes_a_seat:
            by_money.setdefault(verdict.row.pays, []).append(verdict.attendee())
    if not by_money:
        raise enrollment.CannotRegister("No row of this roster takes a seat.")
    if unpaid := len(by_money.get("", [])):
        raise enrollment.CannotRegister(f"Choose who pays for {wording.count(unpaid, 'person', 'people')}.")
    return [enrollment.Group(people, money.shares(pays)) for pays, people in sorted(by_money.items())]


def judged(draft: RosterDraft, at: datetime, *, who: Who) -> list[Verdict]:
    """The verdict on each row of a draft."""
    return judging.judge(rows_of(draft), draft.sponsor, draft.institute, at, who=who)
