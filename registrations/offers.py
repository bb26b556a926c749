"""What becomes of an offer: accepted and named, declined, or lapsed, so that the next in line is asked."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from events.models import Institute
from people.models import Person, User
from registrations import choices, enrollment, later, needs, seating, turns, waitlist
from registrations.admission import Details
from registrations.models import Offer, OfferAnswer, Registration, Seat, WaitEnd, WaitlistPerson
from registrations.refusals import CannotChange, CannotRegister


@transaction.atomic
def accept(offer: Offer, *, by: User | None, at: datetime) -> list[Registration]:
    """Those who waited sit in the seats that were offered; each gets her confirmation.

    A strand or session that is full by now is left open for her to choose anew. Raises CannotChange, CannotRegister.
    """
    waiting = list(
        WaitlistPerson.objects.filter(entry=offer.entry_id)
        .select_related("person")
        .prefetch_related("needs")
        .order_by("pk")
    )
    people = seating.lock_people(row.person for row in waiting)
    institute = seating.lock_institute(offer.entry.institute_id)
    fresh = _open(offer, institute, at)
    seats = seating.lock_seats(fresh.seats.held().values_list("pk", flat=True))
    _must_be_unseated(people, institute)
    registrations = _seated(seats, people, waiting, institute, at)
    needs.arrive(zip(waiting, registrations, strict=False), by=by, at=at)
    unnamed = [seat.pk for seat in seats[len(people) :]]
    Seat.objects.filter(pk__in=unnamed).update(name_by=institute.names_due_on)
    fresh.answered_at, fresh.answer, fresh.answered_by = at, OfferAnswer.ACCEPTED, by
    fresh.save(update_fields=["answered_at", "answer", "answered_by"])
    waitlist.end(fresh.entry, WaitEnd.SEATED, at=at)
    later.confirm(fresh.entry.allotment.order)
    return registrations


def _open(offer: Offer, institute: Institute, at: datetime) -> Offer:
    """The offer as it is under the institute's lock. Raises CannotChange where it is answered or over."""
    rows = Offer.objects.select_related("entry__team", "entry__allotment__order__sponsor")
    fresh: Offer = rows.get(pk=offer.pk)
    if fresh.answered_at:
        raise CannotChange(_("This offer was answered already: %(how)s.") % {"how": fresh.get_answer_display()})
    if fresh.ends_at <= at:
        end = turns.said(fresh.ends_at, institute)
        raise CannotChange(_("This offer ended on %(end)s. You can join the line again.") % {"end": end})
    return fresh


def _must_be_unseated(people: Sequence[Person], institute: Institute) -> None:
    keys = [person.pk for person in people]
    seated = Registration.objects.live().filter(institute=institute, person__in=keys).select_related("person")
    if names := ", ".join(registration.person.display_name for registration in seated):
        sentence = _("Already registered for %(code)s: %(names)s. Decline the offer, or ask us to change who waits.")
        raise CannotRegister(sentence % {"code": institute.code, "names": names})


def _seated(
    seats: Sequence[Seat],
    people: Sequence[Person],
    waiting: Sequence[WaitlistPerson],
    institute: Institute,
    at: datetime,
) -> list[Registration]:
    left = choices.left_in(institute) if any(row.strand_id or row.session_ids for row in waiting) else {}
    made = []
    sessions = {}
    for seat, person, row in zip(seats, people, waiting, strict=False):
        strand = choices.taken_from(left, "strand", row.strand_id)
        chosen = [key for key in row.session_ids if choices.taken_from(left, "session", key)]
        sessions[person.pk] = chosen
        details = Details(row.school_id, row.role, row.grade_span, strand, tuple(chosen))
        made.append(enrollment.registration_of(seat, person, institute, details, at))
    registrations = Registration.objects.bulk_create(made)
    choices.take(registrations, sessions, institute)
    return registrations


@transaction.atomic
def decline(offer: Offer, *, by: User | None, at: datetime) -> Offer:
    """The seats go to the next in line; the entry leaves it. Raises CannotChange."""
    institute = seating.lock_institute(offer.entry.institute_id)
    fresh = _open(offer, institute, at)
    _close(fresh, institute, OfferAnswer.DECLINED, WaitEnd.LEFT, by=by, at=at)
    return fresh


def sweep(*, at: datetime) -> None:
    """Each minute: what ended unanswered is taken back, what is free is offered, and lines of past institutes end."""
    lapse_due(at=at)
    for institute in waitlist.movable(at=at).order_by("starts_on", "pk"):
        waitlist.advance(institute, at=at)
    waitlist.end_past(at=at)


def lapse_due(*, at: datetime) -> int:
    """Take back what was offered and not answered in time, each in a transaction of its own; how many."""
    due = list(Offer.objects.overdue(at=at).order_by("ends_at", "pk").select_related("entry"))
    return sum(_lapse(offer, at=at) for offer in due)


@transaction.atomic
def _lapse(offer: Offer, *, at: datetime) -> bool:
    institute = seating.lock_institute(offer.entry.institute_id)
    fresh = Offer.objects.select_related("entry__team", "entry__allotment__order__sponsor").get(pk=offer.pk)
    if fresh.answered_at:  # accepted while we waited for the lock, or lapsed by another worker
        return False
    _close(fresh, institute, OfferAnswer.LAPSED, WaitEnd.LAPSED, by=None, at=at)
    turns.tell_lapsed(fresh, institute, at=at)
    return True


def _close(
    offer: Offer, institute: Institute, answer: OfferAnswer, how: WaitEnd, *, by: User | None, at: datetime
) -> None:
    waitlist.take_back(offer, institute, answer=answer, by=by, at=at)
    waitlist.end(offer.entry, how, at=at)
    waitlist.advance(institute, at=at)
