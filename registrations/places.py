"""Whose the free seats of an institute are: set aside for a district, due to those in line, or anyone's.

Whoever counts on the answer holds the institute's lock.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from events.models import Audience, Institute, SetAside
from office import digests
from people.models import Organization
from registrations import teams, wording
from registrations.models import Offer, Seat, WaitlistEntry

NOBODY_PASSES_FROM = timedelta(days=14)
"""So long before the first day, and from then on, a small gap is kept for the first in line."""

Family = frozenset[int]


@dataclass
class Places:
    """Free seats, and how many of them only one district may take, by the district's key."""

    free: int
    kept: dict[int, int] = field(default_factory=dict)

    def left_for(self, family: Family) -> int:
        """What a district may take: all that is free and not kept for another."""
        return max(0, self.free - sum(seats for key, seats in self.kept.items() if key not in family))

    def own(self, family: Family) -> int:
        """What is kept for the district itself: nobody in line has a claim to it."""
        return min(self.free, sum(seats for key, seats in self.kept.items() if key in family))

    def take(self, seats: int, family: Family) -> None:
        self.free -= seats
        for key in family & self.kept.keys():
            from_here = min(seats, self.kept[key])
            self.kept[key] -= from_here
            seats -= from_here


@dataclass(frozen=True)
class Doors:
    """What has to be asked before seats of an institute are given: read at once, as most have none of it."""

    has_audience: bool = False
    has_set_asides: bool = False
    has_line: bool = False


OPEN = Doors()


def doors_of(institute: Institute) -> Doors:
    rows = Institute.objects.filter(pk=institute.pk)
    audiences = Exists(Audience.objects.filter(institute=OuterRef("pk")))
    set_asides = Exists(SetAside.objects.filter(institute=OuterRef("pk")))
    line = Exists(WaitlistEntry.objects.waiting().filter(institute=OuterRef("pk")))
    return Doors(*rows.values_list(audiences, set_asides, line).get())


def family_of(sponsor: Organization | None) -> Family:
    """Whose set-aside seats a sponsor may take: her own and her parent's."""
    if sponsor is None:
        return frozenset()
    return frozenset(key for key in (sponsor.pk, sponsor.parent_id) if key)


# --- Set aside --------------------------------------------------------------------------------------------------------


def of(institute: Institute, *, at: datetime) -> Places:
    """The free seats, and what of them is still kept for districts that have not taken it."""
    return Places(institute.seats_left, {key: left for key, (left, _until) in kept_in(institute, at=at).items()})


def kept_in(institute: Institute, *, at: datetime) -> dict[int, tuple[int, date]]:
    """By the district's key: seats set aside for it that it has not taken, and until when, in the institute's zone."""
    today = localtime(at, institute.tz).date()
    rows = list(SetAside.objects.filter(institute=institute, until__gte=today))
    if not rows:
        return {}
    keys = [row.organization_id for row in rows]
    sponsor = "allotment__order__sponsor"
    held = Seat.objects.held().filter(institute=institute)
    held = held.filter(Q(**{f"{sponsor}__in": keys}) | Q(**{f"{sponsor}__parent__in": keys}))
    taken: dict[int, int] = dict.fromkeys(keys, 0)
    for own, parent, seats in held.values_list(sponsor, f"{sponsor}__parent").annotate(seats=Count("pk")):
        taken[own if own in taken else parent] += seats
    left = {row.organization_id: (row.seats - taken[row.organization_id], row.until) for row in rows}
    return {key: (seats, until) for key, (seats, until) in left.items() if seats > 0}


# --- In line ----------------------------------------------------------------------------------------------------------


def line_of(institute: Institute) -> list[WaitlistEntry]:
    """Those who wait for an institute and were not offered anything, the first first."""
    offered = Offer.objects.open().filter(entry=OuterRef("pk"))
    rows = WaitlistEntry.objects.waiting().filter(~Exists(offered), institute=institute).in_line()
    return list(rows.select_related("team", "joins", "allotment__order__sponsor"))


def family_in_line(entry: WaitlistEntry) -> Family:
    return family_of(entry.allotment.order.sponsor)


def may_pass(institute: Institute, *, at: datetime) -> bool:
    """Whether seats too few for the first in line go to a later one today."""
    days_left = institute.starts_on - localtime(at, institute.tz).date()
    return institute.fills_small_gaps and days_left > NOBODY_PASSES_FROM


def in_turn(line: Iterable[WaitlistEntry], places: Places, *, passing: bool) -> Iterator[WaitlistEntry]:
    """Those for whom the places suffice, in order; whoever gets theirs must be taken from the places at once.

    Unless `passing`, nobody comes before one for whom they do not suffice, but to seats that are kept for her district.
    """
    is_held_up = False
    for entry in line:
        family = family_in_line(entry)
        if entry.seats <= (places.own(family) if is_held_up else places.left_for(family)):
            yield entry
        else:
            is_held_up = not passing


@dataclass(frozen=True)
class Turn:
    """What a newcomer may take of an institute, and who stays behind her if she does."""

    seats: int
    passed: Sequence[WaitlistEntry]


def turn_of(sponsor: Organization | None, institute: Institute, places: Places, *, at: datetime) -> Turn:
    """What is left for a sponsor who comes now, after all who wait for a place and could be offered one."""
    line = claiming(institute)
    passing = may_pass(institute, at=at)
    family = family_of(sponsor)
    given = []
    for entry in in_turn(line, places, passing=passing):
        places.take(entry.seats, family_in_line(entry))
        given.append(entry)
    passed = [entry for entry in line if entry not in given]
    return Turn(places.left_for(family) if passing or not passed else places.own(family), passed)


def claiming(institute: Institute) -> list[WaitlistEntry]:
    """Those in line who have a claim to free seats: for a place, and neither their money nor their team forbids it."""
    line = [entry for entry in line_of(institute) if entry.waits_for == "place" and not entry.refusal]
    return teams.ready(line, institute)


# --- What a newcomer is told ------------------------------------------------------------------------------------------


def why_not_so_many(wanted: int, institute: Institute) -> str:
    """By the count of seats alone."""
    left = institute.seats_left
    if wanted <= left:
        return ""
    return f"{institute.code} has {wording.count(left, 'seat') if left else 'no seats'} left; you asked for {wanted}."


def why_set_aside(wanted: int, institute: Institute, sponsor: Organization | None, *, at: datetime) -> str:
    kept = kept_in(institute, at=at)
    places = Places(institute.seats_left, {key: left for key, (left, _until) in kept.items()})
    left = places.left_for(family_of(sponsor))
    if wanted <= left:
        return ""
    until = max(until for _left, until in kept.values())
    others = places.free - left
    return (
        f"{institute.code} has {wording.count(places.free, 'seat')} left, {others} of them set aside for other districts "
        f"until {date_format(until, 'F j')}; you asked for {wanted}."
    )


def why_in_line(wanted: int, turn: Turn, institute: Institute) -> str:
    if wanted <= turn.seats:
        return ""
    left = wording.count(turn.seats, "seat") if turn.seats else "no seat"
    return (
        f"Others wait for {institute.code}, and its free seats are offered to them first: {left} left for you; you asked "
        f"for {wanted}. Join the waitlist."
    )


def tell_passed(passed: Iterable[WaitlistEntry], institute: Institute, *, at: datetime) -> None:
    """The coordinators of those who wait for more seats than are free hear, once a day, that a later one passed them."""
    today = localtime(at, institute.tz).date()
    for entry in passed:
        if entry.allotment.order.sponsor:
            digests.note_coordinators(
                entry.allotment.order.sponsor,
                heading=str(institute),
                text=_("A later one was seated where %(seats)s do not fit. %(who)s stays in its place in line.")
                % {"seats": wording.count(entry.seats, "seat"), "who": entry.team or _("Your entry")},
                url=reverse("registrations:waits"),
                key=f"passed-{entry.pk}-{today}",
                at=at,
            )
