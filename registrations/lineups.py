"""Everyone's place in line, and why: one sentence for each who waits."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.contrib.humanize.templatetags.humanize import ordinal
from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.models import Institute
from people.models import Person
from registrations import places, teams, turns, waitlist
from registrations.models import Offer, WaitlistEntry, WaitlistPerson, WaitsFor


@dataclass
class Standing:
    """Where an entry stands: its number among those not offered anything, and the sentence why it waits."""

    entry: WaitlistEntry
    number: int
    sentence: str
    offer: Offer | None = None
    is_next: bool = False
    people: Sequence[Person] = field(default_factory=list)

    @property
    def who(self) -> str:
        """The team, a person, or a seat that gets its name later."""
        if self.entry.team:
            return str(self.entry.team)
        return ", ".join(str(person) for person in self.people) or _("A seat without a name yet")

    @property
    def names(self) -> str:
        """Who comes with a team."""
        return ", ".join(person.display_name for person in self.people) if self.entry.team else ""


def of_institute(institute: Institute, *, at: datetime) -> list[Standing]:
    """All who wait for an institute: the offered first, then the line. In a fixed number of queries."""
    rows = WaitlistEntry.objects.waiting().filter(institute=institute).in_line()
    return _of(institute, _with_people(rows), at=at)


def of_entries(entries: Iterable[WaitlistEntry], *, at: datetime) -> list[tuple[Institute, list[Standing]]]:
    """By institute, soonest first, those of the entries that wait. The whole line is read to say where they stand."""
    wanted: dict[int, set[int]] = defaultdict(set)
    institutes: dict[int, Institute] = {}
    for entry in entries:
        wanted[entry.institute_id].add(entry.pk)
        institutes[entry.institute_id] = entry.institute
    found = []
    for institute in sorted(institutes.values(), key=lambda each: (each.starts_on, each.pk)):
        standings = of_institute(institute, at=at)
        found.append((institute, [one for one in standings if one.entry.pk in wanted[institute.pk]]))
    return found


def of_person(person: Person, *, at: datetime) -> list[tuple[Institute, Standing]]:
    """What a participant reads of her own waiting, whoever put her in line."""
    keys = WaitlistPerson.objects.visible_to(person).filter(entry__ended_at__isnull=True).values("entry")
    rows = WaitlistEntry.objects.filter(pk__in=keys).select_related("institute__team_rule")
    return [(institute, one) for institute, standings in of_entries(rows, at=at) for one in standings]


def _with_people(rows: Iterable[WaitlistEntry]) -> list[WaitlistEntry]:
    people = WaitlistPerson.objects.select_related("person").order_by("person__sort_key", "pk")
    with_all = rows.select_related("team", "joins", "allotment__order__sponsor")  # type: ignore[attr-defined]
    return list(
        with_all.prefetch_related(Prefetch("people", people), Prefetch("offers", Offer.objects.open(), "open_offers"))
    )


def _of(institute: Institute, entries: Sequence[WaitlistEntry], *, at: datetime) -> list[Standing]:
    offered = [entry for entry in entries if entry.open_offers]  # type: ignore[attr-defined]
    line = [entry for entry in entries if entry not in offered]
    standings = []
    for entry in offered:
        [offer] = entry.open_offers  # type: ignore[attr-defined]
        sentence = _("Offered: waits for an answer until %(end)s.") % {"end": turns.said(offer.ends_at, institute)}
        standings.append(Standing(entry, 0, sentence, offer))
    standings += _Line(institute, line, at=at).standings()
    for one in standings:
        one.people = [row.person for row in one.entry.people.all()]
    return standings


class _Line:
    """Walks down a line once, and says of each why she stands where she does."""

    def __init__(self, institute: Institute, line: Sequence[WaitlistEntry], *, at: datetime) -> None:
        self.institute, self.line, self.at = institute, line, at
        self.places = places.of(institute, at=at)
        self.passing = places.may_pass(institute, at=at)
        self.short = waitlist.missing([entry for entry in line if entry.waits_for == WaitsFor.FUNDS])
        self.ready = {entry.pk for entry in teams.ready(line, institute)}
        self.before: WaitlistEntry | None = None

    def standings(self) -> list[Standing]:
        return [self._standing(entry, number) for number, entry in enumerate(self.line, start=1)]

    def _standing(self, entry: WaitlistEntry, number: int) -> Standing:
        nth = _("%(nth)s in line") % {"nth": ordinal(number)}
        why, is_next = self._why(entry)
        return Standing(entry, number, f"{nth}; {why}", is_next=is_next)

    def _why(self, entry: WaitlistEntry) -> tuple[str, bool]:
        if entry.refusal:
            return _("its turn came, but it cannot be paid for: %(why)s") % {"why": entry.refusal}, False
        short = self.short.get(entry.pk, Decimal(0))
        if short:
            return _("waits for money: what is to pay is $%(short)s short.") % {"short": f"{short:,.2f}"}, False
        if entry.pk not in self.ready:
            return _("comes when %(team)s has room for it.") % {"team": entry.joins}, False
        family = places.family_in_line(entry)
        if self.before and not self.passing:
            fits = entry.seats <= self.places.own(family)
        else:
            fits = entry.seats <= self.places.left_for(family)
        if fits:
            self.places.take(entry.seats, family)
            return self._its_turn(), True
        return self._held_up(entry, family), False

    def _its_turn(self) -> str:
        when = turns.next_time(self.at, self.institute)
        if when == self.at:
            return _("its turn: the offer goes out within a minute.")
        return _("its turn: the offer goes out on %(when)s.") % {"when": turns.said(when, self.institute)}

    def _held_up(self, entry: WaitlistEntry, family: places.Family) -> str:
        """By those before, while nobody passes or nothing is free; else by what it needs itself."""
        free = self.places.left_for(family)
        before, self.before = self.before, self.before or entry
        is_free = (
            ngettext("%(free)s is free", "%(free)s are free", free) % {"free": free} if free else _("none is free")
        )
        if before is None:
            return _("needs %(seats)s and %(free)s.") % {"seats": _seats(entry.seats), "free": is_free}
        facts = {"seats": _seats(before.seats), "free": is_free}
        if before.team:
            sentence = _("the team before needs %(seats)s and %(free)s.") % facts
        else:
            sentence = _("the one before needs %(seats)s and %(free)s.") % facts
        if entry.seats <= free:
            return f"{sentence} {_('Nobody is passed here.')}"
        return sentence


def _seats(number: int) -> str:
    return ngettext("%(number)s seat", "%(number)s seats", number) % {"number": number}
