"""Choices: the strand a person takes through an institute, and the sessions she chose among those in parallel.

Each has places of its own. Whoever takes or gives back one holds the lock of the institute's row.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Count, F
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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
    fresh: Registration = Registration.objects.select_for_update(of=("self",)).get(pk=registration.pk)
    _must_be_changeable(fresh, what, institute, by=by, at=at)
    if isinstance(what, Strand):
        if fresh.strand_id != what.pk:
            _must_have_room({what.pk: 1}, {}, institute)
            fresh.strand = what
            fresh.save(update_fields=["strand"])
        return fresh
    if not fresh.choices.filter(session=what).exists():
        overlapping = fresh.choices.filter(session__starts_at__lt=what.ends_at, session__ends_at__gt=what.starts_at)
        seating.free_sessions(overlapping)
        take([fresh], {fresh.person_id: (what.pk,)}, institute)
    return fresh


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
        taken = dict(
            Registration.objects.live()
            .filter(institute=institute, strand__isnull=False)
            .values_list("strand")
            .annotate(number=Count("person", distinct=True))
        )
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
