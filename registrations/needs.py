"""Dietary and access needs: kept by few, seen by few, and gone soon after the institute."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from events.models import Institute
from people.models import User
from people.names import fold
from registrations.models import Need, NeedKind, Registration, WaitingNeed, WaitlistEntry, WaitlistPerson
from registrations.models.needs import NeedQuerySet

KEPT_AFTER = timedelta(days=14)
"""How long after the last day: late bills of caterers and interpreters are settled by then."""
LONGEST = 300


class CannotKeepNeed(Exception):
    """Too long, or the institute is too long over for anyone to act on it."""


@transaction.atomic
def keep(registration: Registration, kind: NeedKind | str, text: str, *, by: User | None, at: datetime) -> Need | None:
    """What a person needs at one institute, in her words; empty words take it away. Raises CannotKeepNeed.

    `by` is none when she says so herself through her link.
    """
    words = " ".join(text.split())
    institute = registration.institute
    purge_on = purge_day(institute)
    if not words:
        registration.needs.filter(kind=kind).delete()
        return None
    if len(words) > LONGEST:
        raise CannotKeepNeed(f"That is {len(words)} letters; {LONGEST} fit. Say the rest to us by phone.")
    if at.astimezone(institute.tz).date() >= purge_on:
        raise CannotKeepNeed(f"{institute.code} is over; what was needed there is not kept any more.")
    need, _made = Need.objects.update_or_create(
        registration=registration,
        kind=NeedKind(kind),
        defaults={"text": words, "purge_on": purge_on, "by": by, "at": at},
    )
    return need


def purge_day(institute: Institute) -> date:
    """The day from which nothing of it is left."""
    return institute.ends_on + KEPT_AFTER


@transaction.atomic
def purge_due(*, on: date) -> int:
    """Forget the needs whose day has come; how many."""
    gone, _by_model = due(on=on).delete()
    ended = WaitingNeed.objects.filter(waits__entry__institute__ends_on__lte=on - KEPT_AFTER)
    waited, _by_model = ended.filter(purge_on__lte=on).delete()
    return gone + waited


def due(*, on: date) -> NeedQuerySet:
    """Needs that are to be forgotten by a day. An institute that was put off keeps its own until it was held."""
    return Need.objects.filter(purge_on__lte=on, registration__institute__ends_on__lte=on - KEPT_AFTER)


# --- In line ----------------------------------------------------------------------------------------------------------


def wait(waits: Iterable[tuple[WaitlistPerson, Iterable[tuple[str, str]]]], institute: Institute) -> None:
    """What people in line will need, by kind and words, kept until their seats come."""
    purge_on = purge_day(institute)
    WaitingNeed.objects.bulk_create(
        WaitingNeed(waits=person, kind=kind, text=text, purge_on=purge_on)
        for person, said in waits
        for kind, text in said
    )


def arrive(seated: Iterable[tuple[WaitlistPerson, Registration]], *, by: User | None, at: datetime) -> None:
    """What they needed while they waited is needed in their seats."""
    for waited, registration in seated:
        for need in waited.needs.all():
            keep(registration, need.kind, need.text, by=by, at=at)


def leave(entry: WaitlistEntry) -> None:
    """The wait is over: nothing of what was needed stays in the line."""
    WaitingNeed.objects.filter(waits__entry=entry).delete()


# --- Entering ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """One thing that one person needs, as it is to be kept; no text: needed no more."""

    registration: Registration
    kind: str
    text: str


@transaction.atomic
def keep_all(told: Iterable[Told], *, by: User | None, at: datetime) -> int:
    """Keep what was told of several people: all of it or nothing; how much. Raises CannotKeepNeed."""
    rows = list(told)
    for row in rows:
        keep(row.registration, row.kind, row.text, by=by, at=at)
    return len(rows)


def of(registrations: Iterable[Registration]) -> dict[tuple[int, str], str]:
    """What each needs, by the registration's key and the kind. In one query."""
    keys = [registration.pk for registration in registrations]
    return {(need.registration_id, need.kind): need.text for need in Need.objects.filter(registration__in=keys)}


# --- For the caterer, and for whoever greets people -------------------------------------------------------------------


@dataclass(frozen=True)
class Counted:
    """How many need the same, and who they are."""

    kind: str
    text: str
    people: tuple[str, ...]

    @property
    def label(self) -> str:
        return str(NeedKind(self.kind).label)


def counted(institute: Institute) -> list[Counted]:
    """What is needed at an institute by those who come, food first, the most frequent first.

    "Vegetarian" and "vegetarian." are the same; the words are those of whoever said it first.
    """
    rows = Need.objects.filter(registration__institute=institute, registration__ended_at__isnull=True)
    alike: dict[tuple[str, str], list[Need]] = {}
    for need in rows.select_related("registration__person").order_by("at", "pk"):
        alike.setdefault((need.kind, fold(need.text).strip(" .!")), []).append(need)
    found = [
        Counted(kind, same[0].text, tuple(sorted(need.registration.person.name_last_first for need in same)))
        for (kind, _words), same in alike.items()
    ]
    order = [NeedKind.DIETARY, NeedKind.ACCESS]
    return sorted(found, key=lambda row: (order.index(NeedKind(row.kind)), -len(row.people), row.text))
