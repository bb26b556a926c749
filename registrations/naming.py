"""Naming: who comes on a seat that was reserved without a name; and the name taken off, for a substitute who is found later."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from events.models import Institute
from people.access import Who
from people.models import Person, User
from registrations import billable, changes, choices, confirmations, costs, later, seating, substitutes
from registrations.models import Registration, Seat, Substitution
from registrations.newcomers import Attendee
from registrations.refusals import CannotChange
from registrations.rosters import judging
from registrations.rosters.rows import SOMEONE_ELSE, Row


class WhichPerson(CannotChange):
    """Someone we know may be meant; whoever asks says which of the `candidates`, or none of them."""

    def __init__(self, sentence: str, candidates: Sequence[Person]) -> None:
        super().__init__(sentence)
        self.candidates = list(candidates)


def somebody(
    given_name: str, family_name: str, email: str, *, seat: Seat, is_someone_else: bool = False, who: Who, at: datetime
) -> Attendee:
    """Whoever is meant by a name and an address, as a roster judges it. Raises WhichPerson and CannotChange."""
    row = Row(
        key=1,
        line=1,
        given_name=given_name,
        family_name=family_name,
        email=email,
        decision=SOMEONE_ELSE if is_someone_else else "",
    )
    sponsor = seat.allotment.order.sponsor
    if sponsor is None:
        raise CannotChange(_("This seat is paid by a person herself. Ask us to change who sits in it."))
    [verdict] = judging.judge([row], sponsor, seat.institute, at, who=who)
    if verdict.kind in judging.ASKING:
        raise WhichPerson(verdict.sentence, verdict.candidates)
    if verdict.kind not in judging.SEATED:
        raise CannotChange(verdict.sentence)
    return verdict.attendee()


@transaction.atomic
def name(seat: Seat, attendee: Attendee, *, by: User | None, at: datetime) -> Registration:
    """Say who comes on a seat that has no name; costs nothing. Raises CannotChange.

    On a seat whose name was taken off she is the substitute of whom it was, with her strand and sessions where she
    brings none of her own.
    """
    seat = Seat.objects.select_related("allotment__order__sponsor").get(pk=seat.pk)
    sponsor = seat.allotment.order.sponsor
    person = substitutes.enlisted(attendee, sponsor, at=at)
    institute = seating.lock_institute(seat.institute_id)
    [seat] = seating.lock_seats([seat.pk])
    _refuse(seat, institute, at)
    substitutes.refuse_person(person, institute, institute.days)
    before = seat.registrations.filter(substitutions_away__isnull=True).order_by("-ended_at").first()
    with changes.made_by(by, at):
        made = Registration.objects.create(
            seat=seat,
            institute=institute,
            person=person,
            days=institute.days,
            made_at=at,
            **substitutes.details_of(person, attendee, sponsor, on=costs.today_at(institute, at)),
        )
        Seat.objects.filter(pk=seat.pk).update(name_by=None)
    if before:
        choices.hand_over(before, made)
    choices.bring(made, strand_id=attendee.strand_id, session_ids=attendee.session_ids, institute=institute)
    if before:
        _record(before, made, by=by, at=at)
    else:
        later.confirm(seat.allotment.order)
        billable.follow([seat])
    return made


def _record(before: Registration, made: Registration, *, by: User | None, at: datetime) -> None:
    substitution = Substitution.objects.create(
        seat=made.seat, from_registration=before, to_registration=made, first_day=made.first_day, by=by, at=at
    )
    substitutes.confirm(substitution, by=by, at=at)


def _refuse(seat: Seat, institute: Institute, at: datetime) -> None:
    if institute.is_canceled:
        raise CannotChange(_("%(code)s was canceled.") % {"code": institute.code})
    if costs.today_at(institute, at) > institute.ends_on:
        raise CannotChange(_("%(code)s is over: who came is on record.") % {"code": institute.code})
    if seat.offer_id and seat.offer and seat.offer.answered_at is None:
        raise CannotChange(_("This seat is offered to someone in line. Answer the offer first."))
    here = seat.registrations.live().select_related("person").first()
    if here:
        raise CannotChange(_("%(person)s has this seat already.") % {"person": here.person.display_name})


@transaction.atomic
def leave_open(registrations: Sequence[Registration], *, until: date, by: User | None, at: datetime) -> list[Seat]:
    """Take names off seats that stay, for substitutes who are named by a day (scenario 10). Costs nothing now.

    A seat that has no name by then goes back, at what the terms say of that day. Raises CannotChange.
    """
    if not registrations:
        raise CannotChange(_("Nobody sits there any more. Look at the order again."))
    keys = {registration.seat_id for registration in registrations}
    for institute in sorted({registration.institute_id for registration in registrations}):
        _refuse_day(seating.lock_institute(institute), until, at)
    seats = seating.lock_seats(keys)
    leaving = list(Registration.objects.live().filter(seat__in=seats).order_by("pk"))
    if {one.pk for one in leaving} != {registration.pk for registration in registrations}:
        raise CannotChange(_("Someone was changed meanwhile. Look at the order again."))
    with changes.made_by(by, at):
        Registration.objects.filter(pk__in=[one.pk for one in leaving]).update(ended_at=at)
        Seat.objects.filter(pk__in=keys).update(name_by=until)
    day = date_format(until, "l, F j")
    why = _("Your district keeps the seat for a colleague, whom it names by %(day)s.") % {"day": day}
    confirmations.tell_end(leaving, why=why, at=at)
    billable.follow(seats)
    return seats


def _refuse_day(institute: Institute, until: date, at: datetime) -> None:
    today = costs.today_at(institute, at)
    if institute.is_canceled:
        raise CannotChange(_("%(code)s was canceled.") % {"code": institute.code})
    if today >= institute.starts_on:
        raise CannotChange(_("%(code)s has begun: name the substitute now.") % {"code": institute.code})
    if not today < until <= institute.starts_on:
        told = {"code": institute.code, "day": date_format(institute.starts_on, "F j")}
        raise CannotChange(_("Choose a day after today, and not later than %(day)s, when %(code)s begins.") % told)
