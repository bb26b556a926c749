"""Choices: the strand a person takes through an institute, and the sessions she chose among those in parallel.

Each has places of its own. Whoever takes or gives back one holds the lock of the institute's row.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, F, Q
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events import printed
from events.models import Institute, Session, Strand
from people.models import User
from registrations import seating
from registrations.models import Choice, Registration
from registrations.refusals import CannotChange


@transaction.atomic
def choose(registration: Registration, what: Strand | Session, *, by: User | None, at: datetime) -> Registration:
    """A person takes a strand, or a session in the place of any that overlaps it; what she had is free for others.

    `by` is none when she chose on her own page. Raises CannotChange.
    """
    institute = seating.lock_institute(registration.institute_id)
    fresh = _locked(registration)
    _must_be_changeable(fresh, what, institute, by=by, at=at)
    if isinstance(what, Strand):
        _take_strand(fresh, what, institute)
    else:
        _take_session(fresh, what, institute)
    return fresh


@transaction.atomic
def keep(
    registration: Registration,
    *,
    strand_id: int | None,
    session_ids: Sequence[int],
    by: User | None,
    at: datetime,
) -> Registration:
    """Exactly these are a person's strand and sessions; what she had besides is free for others. Raises CannotChange."""
    institute = seating.lock_institute(registration.institute_id)
    fresh = _locked(registration)
    strand = institute.strands.filter(pk=strand_id).first() if strand_id else None
    if strand is None and fresh.strand_id:
        fresh.strand = None
        fresh.save(update_fields=["strand"])
    elif strand and strand.pk != fresh.strand_id:
        choose(fresh, strand, by=by, at=at)
    seating.free_sessions(fresh.choices.exclude(session__in=session_ids))
    for session in institute.sessions.filter(pk__in=session_ids).exclude(choices__registration=fresh).in_order():
        choose(fresh, session, by=by, at=at)
    return fresh


def _locked(registration: Registration) -> Registration:
    fresh: Registration = Registration.objects.select_for_update(of=("self",)).get(pk=registration.pk)
    return fresh


def _take_strand(registration: Registration, strand: Strand, institute: Institute) -> None:
    if registration.strand_id == strand.pk:
        return
    _must_have_room({strand.pk: 1}, {}, institute)
    registration.strand = strand
    registration.save(update_fields=["strand"])


def _take_session(registration: Registration, session: Session, institute: Institute) -> None:
    if registration.choices.filter(session=session).exists():
        return
    overlapping = registration.choices.filter(
        session__starts_at__lt=session.ends_at, session__ends_at__gt=session.starts_at
    )
    seating.free_sessions(overlapping)
    take([registration], {registration.person_id: (session.pk,)}, institute)


def _must_be_changeable(
    registration: Registration, what: Strand | Session, institute: Institute, *, by: User | None, at: datetime
) -> None:
    """She herself chooses until it begins, others for her until it is over."""
    if registration.ended_at:
        raise CannotChange(_("This place was given up. Look at the order again."))
    if what.institute_id != institute.pk:
        raise CannotChange(_("Choose among what %(code)s offers.") % {"code": institute.code})
    if isinstance(what, Session):
        is_late = (what.ends_at if by else what.starts_at) <= at
    else:
        is_late = (institute.ends_on if by else institute.starts_on) < localtime(at, institute.tz).date()
    if is_late:
        raise CannotChange(_("It is too late to choose %(choice)s.") % {"choice": what})


# --- Taking -------------------------------------------------------------------------------------------------------------


def why_full(strands: Mapping[int, int], sessions: Mapping[int, int], institute: Institute) -> list[str]:
    """Sentences for strands and sessions, by their keys, in which so many more do not fit. Under the institute's lock."""
    left = left_in(institute, strands=bool(strands), sessions=bool(sessions))
    wanted = {("strand", key): number for key, number in strands.items()}
    wanted |= {("session", key): number for key, number in sessions.items()}
    reasons = []
    for key, number in wanted.items():
        if key not in left:
            reasons.append(_("Choose among what %(code)s offers.") % {"code": institute.code})
            continue
        name, places = left[key]
        if places is not None and number > places:
            reasons.append(full(name, places, number))
    return reasons


def full(name: str, left: int, wanted: int) -> str:
    """ "Grades 3–5 has 1 place left; 3 chose it."""
    if not left:
        return _("%(choice)s is full. Choose another.") % {"choice": name}
    sentence = ngettext(
        "%(choice)s has %(left)s place left; %(wanted)s chose it.",
        "%(choice)s has %(left)s places left; %(wanted)s chose it.",
        left,
    )
    return sentence % {"choice": name, "left": left, "wanted": wanted}


Left = dict[tuple[str, int], tuple[str, int | None]]


def left_in(institute: Institute, *, strands: bool = True, sessions: bool = True) -> Left:
    """By ("strand", key) and ("session", key): the name, and the places left, none where there is no limit."""
    left: Left = {}
    if strands:
        taken = _strands_taken(institute)
        for strand in institute.strands.all():
            limit = strand.capacity
            left["strand", strand.pk] = (
                strand.name,
                None if limit is None else max(0, limit - taken.get(strand.pk, 0)),
            )
    if sessions:
        for session in institute.sessions.all():
            limit = session.capacity
            left["session", session.pk] = (session.title, None if limit is None else limit - session.seats_taken)
    return left


def _strands_taken(institute: Institute) -> dict[int, int]:
    """Seats by strand: those in which someone sits, and those that were left open for a substitute who takes it over."""
    sitting = Q(ended_at__isnull=True)
    left_open = Q(seat__released_at__isnull=True, seat__name_by__isnull=False, substitutions_away__isnull=True)
    rows = Registration.objects.filter(sitting | left_open, institute=institute, strand__isnull=False)
    return dict(rows.values_list("strand").annotate(number=Count("seat", distinct=True)))


def taken_from(left: Left, kind: str, key: int | None) -> int | None:
    """The key, where a place is left for one more, which is counted as taken; else nothing."""
    if key is None or (kind, key) not in left:
        return None
    name, number = left[kind, key]
    if number is None:
        return key
    left[kind, key] = (name, max(0, number - 1))
    return key if number > 0 else None


def _must_have_room(strands: Mapping[int, int], sessions: Mapping[int, int], institute: Institute) -> None:
    if reasons := why_full(strands, sessions, institute):
        raise CannotChange(" ".join(reasons))


def take(
    registrations: Sequence[Registration], sessions: Mapping[int, Sequence[int]], institute: Institute
) -> list[Choice]:
    """The sessions that people chose, by the person's key, each with its places counted. Raises CannotChange."""
    counts = Counter(key for registration in registrations for key in sessions.get(registration.person_id, ()))
    if not counts:
        return []
    _must_have_room({}, counts, institute)
    for key in sorted(counts):
        Session.objects.filter(pk=key).update(seats_taken=F("seats_taken") + counts[key])
    return Choice.objects.bulk_create(
        Choice(registration=registration, session_id=key)
        for registration in registrations
        for key in dict.fromkeys(sessions.get(registration.person_id, ()))
    )


def bring(
    registration: Registration, *, strand_id: int | None, session_ids: Sequence[int], institute: Institute
) -> None:
    """Who comes to a seat takes her own strand and sessions, in the place of what came with it. Raises CannotChange.

    Under the institute's lock.
    """
    strands = {strand_id: 1} if strand_id and strand_id != registration.strand_id else {}
    _must_have_room(strands, {}, institute)
    if strands:
        registration.strand_id = strand_id
        registration.save(update_fields=["strand"])
    found = {session.pk: session for session in institute.sessions.filter(pk__in=session_ids)}
    if len(found) < len(set(session_ids)):
        raise CannotChange(_("Choose among what %(code)s offers.") % {"code": institute.code})
    for session in found.values():
        _take_session(registration, session, institute)


# --- What there is to choose --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Slot:
    """Sessions that run at one time, of which a person takes one: (key, what it says)."""

    when: str
    options: list[tuple[int, str]]
    session_id: int | None


@dataclass(frozen=True)
class Menu:
    """What one person may choose, and what she chose."""

    strands: list[tuple[int, str]]
    strand_id: int | None
    slots: list[Slot]


def menu_of(registration: Registration) -> Menu:
    """The strands of her institute and its sessions in parallel, each with the places left."""
    institute = registration.institute
    left = left_in(institute)
    held = set(registration.choices.values_list("session", flat=True))
    strands = [
        (strand.pk, _told(left["strand", strand.pk], is_hers=strand.pk == registration.strand_id))
        for strand in institute.strands.order_by("position", "pk")
    ]
    slots = []
    for sessions in in_parallel(list(institute.sessions.select_related("strand").in_order())):
        options = [(session.pk, _told(left["session", session.pk], is_hers=session.pk in held)) for session in sessions]
        starts = localtime(min(session.starts_at for session in sessions), institute.tz)
        when = f"{printed.day(starts.date())}, {printed.clock(starts)}"
        hers = next((session.pk for session in sessions if session.pk in held), None)
        slots.append(Slot(when, options, hers))
    return Menu(strands, registration.strand_id, slots)


def _told(place: tuple[str, int | None], *, is_hers: bool) -> str:
    name, left = place
    if left is None or is_hers:
        return name
    return f"{name} · {_('full')}" if not left else f"{name} · {_('%(left)s left') % {'left': left}}"


def in_parallel(sessions: Sequence[Session]) -> list[list[Session]]:
    """Sessions that run at one time, where at least one of them has only so many places. Pure; in order of time."""
    groups: list[list[Session]] = []
    for session in sorted(sessions, key=lambda each: (each.starts_at, each.pk)):
        if groups and session.starts_at < max(other.ends_at for other in groups[-1]):
            groups[-1].append(session)
        else:
            groups.append([session])
    return [group for group in groups if len(group) > 1 and any(session.capacity for session in group)]


# --- Giving back --------------------------------------------------------------------------------------------------------


def release(registrations: Iterable[Registration]) -> None:
    """Those who left their seats give back the sessions they chose. Under the institute's lock."""
    seating.free_sessions(Choice.objects.filter(registration__in=[registration.pk for registration in registrations]))


def hand_over(old: Registration, new: Registration) -> None:
    """A substitute takes the strand and, on her days, the sessions of the one whose seat she sits in."""
    if old.strand_id and not new.strand_id:
        new.strand_id = old.strand_id
        new.save(update_fields=["strand"])
    zone = old.institute.tz
    moving = [
        choice.pk
        for choice in old.choices.select_related("session")
        if new.covers(localtime(choice.session.starts_at, zone).date())
    ]
    Choice.objects.filter(pk__in=moving).update(registration=new)
