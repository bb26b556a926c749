"""How presence becomes hours: arithmetic without a database.

All lengths are whole real minutes, also over a change of clocks. The rule of a day, in order:

1. Only blocks that count are offered, and of blocks in parallel only one path: the one she chose; if she chose none, the
   one that earns her most among those where she was seen and the shortest.
2. She was present in a block when somebody saw her at that time, in this block or in one parallel to it (a badge read at
   the wrong door costs nobody an hour). Time seen twice is one time.
3. Presence of `full_day_percent` or more of the day's offered minutes is the whole day; less is rounded down to steps.
4. Adjustments: minutes given count as presence (step 3 judges them too); minutes taken are taken from what was earned.
   Never less than nothing, never more than was offered.
5. The minutes of a whole day go to the types of its blocks; those of a part of a day are shared, in whole steps, in
   proportion to the presence in each type, so that the types always make the sum.

So more presence never earns less, and the order in which events arrive changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Block:
    """A session, as the arithmetic needs it; `day` is the day in the institute's zone."""

    id: int
    title: str
    day: date
    starts_at: datetime
    ends_at: datetime
    counts: bool
    hour_type: str
    strand_id: int | None = None
    strand: str = ""

    @cached_property
    def span(self) -> Span:
        """In UTC: two aware datetimes of one zone are subtracted by the wall clock, which a change of clocks moves."""
        return self.starts_at.astimezone(UTC), self.ends_at.astimezone(UTC)

    @property
    def minutes(self) -> int:
        return minutes_of([self.span])


@dataclass(frozen=True)
class Mark:
    """An attendance event, as the arithmetic needs it."""

    id: UUID
    session_id: int
    kind: str
    at: datetime
    minutes: int | None = None
    voids_id: UUID | None = None
    reason: str = ""


@dataclass(frozen=True)
class Rule:
    full_day_percent: int = 90
    step_minutes: int = 15


@dataclass(frozen=True)
class BlockExplained:
    """One block of a person's day."""

    session: Block
    minutes_offered: int
    minutes_present: int
    seen_in: tuple[str, ...] = ()

    @property
    def counts(self) -> bool:
        return self.session.counts

    @property
    def words(self) -> str:
        if not self.counts:
            return _("Does not count toward hours")
        if self.minutes_present == 0:
            return _("Not seen")
        where = _(" (seen in %(titles)s)") % {"titles": ", ".join(self.seen_in)} if self.seen_in else ""
        if self.minutes_present == self.minutes_offered:
            return _("Present for the whole block") + where
        return (
            _("Present for %(part)s of %(whole)s")
            % {
                "part": in_words(self.minutes_present),
                "whole": in_words(self.minutes_offered),
            }
            + where
        )


@dataclass(frozen=True)
class DayExplained:
    """What was offered to a person on a day, how much of it she attended, and what that earns. Minutes."""

    day: date
    offered: int
    attended: int
    adjusted: int
    earned: int
    by_type: Mapping[str, int]
    blocks: tuple[BlockExplained, ...]
    rule: Rule

    @property
    def why(self) -> str:
        """The rule, applied to this day, in a sentence or two."""
        words = [self._presence()]
        if self.adjusted > 0:
            words.append(_("%(minutes)s were added by a correction.") % {"minutes": in_words(self.adjusted)})
        if self.adjusted < 0:
            words.append(_("%(minutes)s were taken by a correction.") % {"minutes": in_words(-self.adjusted)})
        return " ".join(words)

    def _presence(self) -> str:
        if self.offered == 0:
            return _("Nothing on this day counts toward hours.")
        if self.attended == 0:
            return _("Not seen on this day.")
        told = {
            "part": in_words(self.attended),
            "whole": in_words(self.offered),
            "percent": self.rule.full_day_percent,
            "step": self.rule.step_minutes,
        }
        if self.attended == self.offered:
            return _("Present for all of %(whole)s.") % told
        if _is_full(self.attended, self.offered, self.rule):
            return _("Present for %(part)s of %(whole)s: %(percent)s %% or more counts as the whole day.") % told
        return (
            _(
                "Present for %(part)s of %(whole)s: less than %(percent)s %% is rounded down to steps of %(step)s minutes."
            )
            % told
        )


@dataclass(frozen=True)
class Explanation:
    """The hours of one registration, and why. Minutes."""

    days: tuple[DayExplained, ...]

    @property
    def earned(self) -> int:
        return sum(day.earned for day in self.days)

    @property
    def offered(self) -> int:
        return sum(day.offered for day in self.days)

    @property
    def by_type(self) -> dict[str, int]:
        sums: dict[str, int] = {}
        for day in self.days:
            for hour_type, minutes in day.by_type.items():
                sums[hour_type] = sums.get(hour_type, 0) + minutes
        return sums


def explain(blocks: Sequence[Block], marks: Iterable[Mark], *, chosen: Iterable[int] = (), rule: Rule) -> Explanation:
    """The hours of a person to whom `blocks` (of her days, parallel ones included) were offered."""
    live = live_marks(marks)
    by_day: dict[date, list[Block]] = {}
    for block in sorted(blocks, key=lambda block: (block.span, block.id)):
        by_day.setdefault(block.day, []).append(block)
    picked = frozenset(chosen)
    return Explanation(tuple(_day(day, of_day, live, picked, rule) for day, of_day in sorted(by_day.items())))


def live_marks(marks: Iterable[Mark]) -> list[Mark]:
    """Each mark once, without those taken back and what took them back, in the order of their moments."""
    once = {mark.id: mark for mark in marks}
    void = {mark.voids_id for mark in once.values()}
    return sorted(
        (mark for mark in once.values() if mark.id not in void and mark.kind != "void"),
        key=lambda mark: (mark.at, mark.kind, str(mark.id)),
    )


def spans(block: Block, marks: Sequence[Mark]) -> list[Span]:
    """When somebody with these live marks was in the block.

    `present` is all of it. An `in` without an `out` lasts to the end, an `out` without an `in` began at the start; a
    second `in` or `out` in a row says nothing new. Times outside the block are cut off.
    """
    start, end = block.span
    moments = [mark for mark in marks if mark.session_id == block.id and mark.kind in {"present", "in", "out"}]
    if any(mark.kind == "present" for mark in moments):
        return [(start, end)]
    found: list[Span] = []
    came: datetime | None = start if moments and moments[0].kind == "out" else None
    for mark in moments:
        moment = min(max(mark.at.astimezone(UTC), start), end)
        if mark.kind == "in" and came is None:
            came = moment
        elif mark.kind == "out" and came is not None:
            found.append((came, moment))
            came = None
    if came is not None:
        found.append((came, end))
    return found


def minutes_of(parts: Iterable[Span]) -> int:
    """Whole minutes in spans, time that lies in several counted once."""
    seconds = 0
    reached: datetime | None = None
    for start, end in sorted(parts):
        begins = start if reached is None else max(start, reached)
        seconds += max(0, int((end - begins).total_seconds()))
        reached = end if reached is None else max(reached, end)
    return seconds // 60


def in_words(minutes: int) -> str:
    """Such as "3 h 40 min"."""
    hours, rest = divmod(minutes, 60)
    parts = [_("%(hours)d h") % {"hours": hours}] if hours else []
    if rest or not hours:
        parts.append(_("%(minutes)d min") % {"minutes": rest})
    return " ".join(parts)


class _Path(NamedTuple):
    """Blocks that one person can attend all of, among those of one time, and her presence in them."""

    blocks: tuple[BlockExplained, ...]
    offered: int
    attended: int


def _day(day: date, blocks: list[Block], marks: list[Mark], chosen: frozenset[int], rule: Rule) -> DayExplained:
    seen = {block.id: spans(block, marks) for block in blocks}
    counting = [block for block in blocks if block.counts]
    given = {block.id: _adjusted(block, marks) for block in blocks}
    adjusted = sum(given.values())
    best = _best_of([_paths(at_once, seen, chosen) for at_once in _in_parallel(counting)], adjusted, rule)
    explained = [part for path in best for part in path.blocks]
    offered, attended = sum(path.offered for path in best), sum(path.attended for path in best)
    earned = earned_of(attended, offered, adjusted, rule)
    others = [BlockExplained(block, 0, minutes_of(seen[block.id])) for block in blocks if not block.counts]
    return DayExplained(
        day=day,
        offered=offered,
        attended=attended,
        adjusted=adjusted,
        earned=earned,
        by_type=_shared(earned, explained, given, rule),
        blocks=tuple(sorted(explained + others, key=lambda part: part.session.span)),
        rule=rule,
    )


def _adjusted(block: Block, marks: list[Mark]) -> int:
    return sum(mark.minutes or 0 for mark in marks if mark.kind == "adjust" and mark.session_id == block.id)


def earned_of(attended: int, offered: int, adjusted: int, rule: Rule) -> int:
    """Minutes earned on a day."""
    present = min(offered, attended + max(0, adjusted))
    earned = offered if _is_full(present, offered, rule) else _rounded(present, rule)
    return earned if adjusted >= 0 else max(0, _rounded(earned + adjusted, rule))


def _is_full(attended: int, offered: int, rule: Rule) -> bool:
    return offered > 0 and attended * 100 >= offered * rule.full_day_percent


def _rounded(minutes: int, rule: Rule) -> int:
    return minutes // rule.step_minutes * rule.step_minutes


def _in_parallel(blocks: list[Block]) -> list[list[Block]]:
    """Blocks in groups: those of one group overlap, one with the next."""
    groups: list[list[Block]] = []
    reached: datetime | None = None
    for block in blocks:
        start, end = block.span
        if reached is None or start >= reached:
            groups.append([])
            reached = end
        groups[-1].append(block)
        reached = max(reached, end)
    return groups


def _paths(at_once: list[Block], seen: Mapping[int, list[Span]], chosen: frozenset[int]) -> list[_Path]:
    """The paths through blocks in parallel that may be hers."""
    present = [(block, span) for block in at_once for span in seen[block.id]]
    strands: dict[int | None, list[Block]] = {}
    for block in at_once:
        strands.setdefault(block.strand_id, []).append(block)
    paths = [(blocks, _path(blocks, present)) for blocks in strands.values()]
    hers = [path for blocks, path in paths if any(block.id in chosen for block in blocks)]
    if hers:
        return hers
    seen_there = [path for blocks, path in paths if any(seen[block.id] for block in blocks)]
    return [*seen_there, min((path for _blocks, path in paths), key=lambda path: path.offered)]


def _path(blocks: list[Block], present: list[tuple[Block, Span]]) -> _Path:
    explained = []
    for block in blocks:
        start, end = block.span
        within = [(seen, (max(a, start), min(b, end))) for seen, (a, b) in present if a < end and b > start]
        elsewhere = () if any(seen == block for seen, _span in within) else tuple(seen.title for seen, _span in within)
        explained.append(BlockExplained(block, block.minutes, minutes_of(span for _seen, span in within), elsewhere))
    return _Path(
        tuple(explained),
        sum(part.minutes_offered for part in explained),
        sum(part.minutes_present for part in explained),
    )


def _best_of(choices: list[list[_Path]], adjusted: int, rule: Rule) -> tuple[_Path, ...]:
    """One path of each time, so that the day earns most; of equals the first, which is where she was seen.

    For each sum of offered minutes only the way with the most presence can be the best, so few ways are kept.
    """
    ways: dict[int, tuple[int, tuple[_Path, ...]]] = {0: (0, ())}
    for paths in choices:
        longer: dict[int, tuple[int, tuple[_Path, ...]]] = {}
        for offered, (attended, way) in ways.items():
            for path in paths:
                sums = offered + path.offered, attended + path.attended
                if sums[0] not in longer or sums[1] > longer[sums[0]][0]:
                    longer[sums[0]] = (sums[1], (*way, path))
        ways = longer
    return max(ways.items(), key=lambda way: earned_of(way[1][0], way[0], adjusted, rule))[1][1]


def _shared(earned: int, blocks: list[BlockExplained], given: Mapping[int, int], rule: Rule) -> dict[str, int]:
    """The minutes earned on a day, by type of hours."""
    offered: dict[str, int] = {}
    present: dict[str, int] = {}
    for part in blocks:
        kind = part.session.hour_type
        offered[kind] = offered.get(kind, 0) + part.minutes_offered
        present[kind] = present.get(kind, 0) + part.minutes_present + max(0, given[part.session.id])
    if earned == sum(offered.values()):
        return {kind: minutes for kind, minutes in offered.items() if minutes}
    steps = _apportioned(earned // rule.step_minutes, present if any(present.values()) else offered)
    return {kind: count * rule.step_minutes for kind, count in steps.items() if count}


def _apportioned(units: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Whole units shared by weight; what is left over goes to the largest remainders."""
    whole = sum(weights.values())
    shares = {kind: units * weight // whole for kind, weight in weights.items()}
    by_remainder = sorted(weights, key=lambda kind: (-(units * weights[kind] % whole), kind))
    for kind in by_remainder[: units - sum(shares.values())]:
        shares[kind] += 1
    return shares
