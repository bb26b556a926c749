"""Whether people may be seated at an institute: asked before the click, and once more under the institute's lock."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.timezone import localtime

from events.models import Institute
from people.access import Principal
from people.models import Organization, Person, User
from registrations import chaperones, choices, doors, places
from registrations.models import Registration, WaitlistEntry
from registrations.refusals import CannotRegister


@dataclass(frozen=True)
class Details:
    """Where and as what a person works, what she chose and needs, as the roster says it; kept with her registration."""

    school_id: int | None = None
    role: str = ""
    grade_span: str = ""
    strand_id: int | None = None
    session_ids: tuple[int, ...] = ()
    needs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Coming:
    """Who is to be seated, for whom. `details` go by the person's key.

    `newcomers`: people, by key, who were made just now and so sit nowhere yet. `past_the_line`: why the provider's staff
    seat them before those who wait. `chaperones`: how many of them cost nothing.
    """

    people: Sequence[Person]
    sponsor: Organization | None = None
    details: Mapping[int, Details] = field(default_factory=dict)
    unnamed: int = 0
    newcomers: Collection[int] = ()
    past_the_line: str = ""
    chaperones: int = 0

    @property
    def seats(self) -> int:
        return len(self.people) + self.unnamed


def admit(coming: Coming, institute: Institute, *, by: User | None, at: datetime) -> Sequence[WaitlistEntry]:
    """Those in line whom they pass, as these need more seats than are free. Raises CannotRegister."""
    reasons, passed = _judged(coming, institute, by=by, at=at)
    if reasons:
        raise CannotRegister(" ".join(reasons))
    return passed


def reasons_not_to_register(
    people: Sequence[Person],
    institute: Institute,
    at: datetime,
    *,
    sponsor: Organization | None = None,
    unnamed: int = 0,
    by: User | None = None,
) -> list[str]:
    """Sentences, none where nothing stands in the way. The provider's staff may register outside the window."""
    return _judged(Coming(people, sponsor, unnamed=unnamed), institute, by=by, at=at)[0]


def _judged(
    coming: Coming, institute: Institute, *, by: User | None, at: datetime
) -> tuple[list[str], Sequence[WaitlistEntry]]:
    is_staff = by is not None and Principal.of(by).is_provider
    closed = "" if is_staff and not institute.is_canceled else doors.why_closed(institute, at, sponsor=coming.sponsor)
    too_many = places.why_not_so_many(coming.seats, institute)
    known = places.OPEN if too_many else places.doors_of(institute)  # who comes too late holds up nobody
    if known.has_set_asides:
        too_many = places.why_set_aside(coming.seats, institute, coming.sponsor, at=at)
    passed: Sequence[WaitlistEntry] = ()
    if known.has_line and not too_many:
        turn = places.turn_of(coming.sponsor, institute, places.of(institute, at=at), at=at)
        passed = turn.passed
        if not (is_staff and coming.past_the_line):
            too_many = places.why_in_line(coming.seats, turn, institute)
    reasons = [
        closed,
        too_many,
        why_not_unnamed(coming.unnamed, institute, at),
        chaperones.why_not(coming.chaperones, coming.sponsor, institute),
        *(doors.refusals(institute, coming.people).values() if known.has_audience else ()),
        _why_not_these(coming.people, institute, coming.newcomers),
        *_why_not_there(coming, institute),
    ]
    return [reason for reason in reasons if reason], passed


def why_not_unnamed(wanted: int, institute: Institute, at: datetime) -> str:
    """Seats without names are held until the day on which the institute wants the names, in its own zone."""
    due = institute.names_due_on
    if not wanted or (due and localtime(at, institute.tz).date() < due):
        return ""
    if due is None:
        return f"{institute.code} holds no seats without names. Write who will come."
    return f"Names for {institute.code} were due on {date_format(due, 'F j')}. Write who will come."


def _why_not_these(people: Sequence[Person], institute: Institute, newcomers: Collection[int]) -> str:
    names = {person.pk: person.display_name for person in people}
    known = names.keys() - newcomers
    live = Registration.objects.live().filter(institute=institute)
    seated = live.filter(Q(person__in=known) | Q(person__merged_into__in=known))
    keys = {merged or own for merged, own in seated.values_list("person__merged_into", "person")}
    if keys:
        return f"Already registered for {institute.code}: {', '.join(names[key] for key in names if key in keys)}."
    twice = [names[key] for key, times in Counter(person.pk for person in people).items() if times > 1]
    return f"On the roster twice: {', '.join(twice)}." if twice else ""


def _why_not_there(coming: Coming, institute: Institute) -> list[str]:
    """Of the strands that they chose. Sessions are judged when their places are taken."""
    strands = Counter(detail.strand_id for detail in coming.details.values() if detail.strand_id)
    return choices.why_full(strands, {}, institute) if strands else []
