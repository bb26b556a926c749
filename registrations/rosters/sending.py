"""A roster becomes an order: seats, money and mail; a place in line for those who wait; news of those who have seats."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction

from billing.models import PurchaseOrder
from events.models import Institute
from people.models import Organization, User
from registrations import approvals, enrollment, funding, seating, waitlist, wording
from registrations.chaperones import CHAPERONE
from registrations.models import Order, RosterDraft, WaitsFor
from registrations.newcomers import Attendee
from registrations.rosters import additions, judging
from registrations.rosters.drafting import rows_of
from registrations.rosters.judging import Kind, Verdict
from registrations.rosters.rows import Row
from registrations.teams import TeamWanted


class Outdated(enrollment.CannotRegister):
    """The roster is not what she looked at."""


@transaction.atomic
def submit(
    draft: RosterDraft, *, seen: int | None = None, past_the_line: str = "", by: User, at: datetime
) -> Order | None:
    """Send a roster: its order, or nothing where it takes no seat and only tells news of those who have theirs.

    Sent twice, the second gets the order of the first. `seen` is the revision she agreed to; `past_the_line`
    why the provider's staff seat these before those in line. Raises CannotRegister.
    """
    draft = RosterDraft.objects.select_for_update(of=("self",)).select_related("sponsor", "institute").get(pk=draft.pk)
    if draft.order or not draft.rows:
        return draft.order
    if seen is not None and seen != draft.revision:
        raise Outdated("Someone changed this roster while you read it. Look at it once more, then send it.")
    if refusal := approvals.standing(draft).sentence:
        raise enrollment.CannotRegister(refusal)
    order = place(
        rows_of(draft),
        sponsor=draft.sponsor,
        institute=draft.institute,
        purchase_orders=draft.funding,
        key=f"roster-{draft.pk}",
        past_the_line=past_the_line,
        by=by,
        at=at,
    )
    draft.order = order
    draft.columns = {}  # the sheet has served; what it held is in the rows
    draft.rows = [row | {"dietary": "", "access": ""} for row in draft.rows] if order else []  # needs have their table
    draft.revision += 1
    draft.changed_at = at
    draft.save(update_fields=["order", "columns", "rows", "revision", "changed_at"])
    return order


@transaction.atomic
def place(
    rows: Sequence[Row],
    *,
    sponsor: Organization,
    institute: Institute,
    purchase_orders: Mapping[str, int | None],
    key: str,
    past_the_line: str = "",
    by: User,
    at: datetime,
) -> Order | None:
    """Judge the rows once more; tell the news of those who are registered; place the order of the others, if any.

    `purchase_orders` go by what pays: `{"line-4": 12}`. Raises CannotRegister.
    """
    verdicts = judging.judge(rows, sponsor, institute, at, who=by)
    _must_be_answered(verdicts)
    # A look before the lock: who comes too late for the last seats is told so at once, and holds up nobody.
    refusal = enrollment.why_not_so_many(sum(verdict.takes_a_seat for verdict in verdicts), institute)
    if refusal:
        raise enrollment.CannotRegister(refusal)
    money = _Money(sponsor, institute, purchase_orders, by=by, at=at)
    groups = _groups(verdicts, money)
    if not groups and not any(verdict.kind == Kind.ADDED for verdict in verdicts):
        raise enrollment.CannotRegister("No row of this roster takes a seat.")
    # All who are known, before the institute: who waits is locked with who sits.
    seating.lock_people(verdict.person for verdict in verdicts if verdict.person)
    about = {"sponsor": sponsor, "institute": institute, "key": key, "by": by, "at": at}
    order = _order(groups, about, past_the_line=past_the_line)
    additions.add(verdicts)
    return order


def _must_be_answered(verdicts: Sequence[Verdict]) -> None:
    unanswered = [verdict for verdict in verdicts if verdict.blocks]
    if unanswered:
        need = "needs" if len(unanswered) == 1 else "need"
        first = f"Line {unanswered[0].row.line}: {unanswered[0].sentence}"
        raise enrollment.CannotRegister(f"{wording.count(len(unanswered), 'row')} {need} an answer first. {first}")


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


@dataclass
class _Part:
    """Rows that are paid alike, come as one team, and sit or wait alike."""

    attendees: list[Attendee] = field(default_factory=list)
    unnamed: int = 0

    def take(self, verdict: Verdict) -> None:
        if verdict.row.is_unnamed:
            self.unnamed += 1
        else:
            self.attendees.append(verdict.attendee())


Groups = dict[str, list[enrollment.Group]]


def _groups(verdicts: Sequence[Verdict], money: _Money) -> Groups:
    """Those who take seats (under no word), and those who wait, by what for; each by who pays and by team."""
    parts: dict[tuple[str, str, str], _Part] = {}
    for verdict in verdicts:
        if verdict.takes_a_seat or verdict.waits:
            row = verdict.row
            parts.setdefault((row.waits, row.pays, _team(row, money)), _Part()).take(verdict)
    if unpaid := sum(len(part.attendees) + part.unnamed for (_w, pays, _t), part in parts.items() if not pays):
        raise enrollment.CannotRegister(f"Choose who pays for {wording.count(unpaid, 'person', 'people')}.")
    if refusal := next((verdict.why_no_chaperone for verdict in verdicts if verdict.why_no_chaperone), ""):
        raise enrollment.CannotRegister(refusal)
    paying = sorted({pays for _waits, pays, _team in parts} - {CHAPERONE})
    shares = {pays: money.shares(pays) for pays in paying} | {CHAPERONE: []}
    groups: Groups = {}
    for (waits, pays, team), part in sorted(parts.items()):
        wanted = TeamWanted(team) if team else None
        groups.setdefault(waits, []).append(
            enrollment.Group(part.attendees, shares[pays], part.unnamed, wanted, is_chaperone=pays == CHAPERONE)
        )
    return groups


def _team(row: Row, money: _Money) -> str:
    """The team that a row names; where teams are the rule, who names none is of the district's one team."""
    return row.team or (str(money.sponsor)[:80] if money.institute.team_rule_id else "")


def _order(groups: Groups, about: dict[str, Any], *, past_the_line: str) -> Order | None:
    """Seats first, then places in line, in one order."""
    order = None
    if "" in groups:
        order = enrollment.place(groups[""], **about, past_the_line=past_the_line)
    for waits in sorted(groups.keys() - {""}):
        order = waitlist.join(groups[waits], order=order, waits_for=WaitsFor(waits), **about)
    return order
