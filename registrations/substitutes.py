"""Substitutes: another person takes a seat, whole or from a day on; the seat keeps its money, its team and its choices."""

import re
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from events import terms as ladders
from events.models import Institute, Strand
from office import digests
from people.access import Principal
from people.models import Employment, GradeSpan, Organization, Person, User
from registrations import billable, choices, confirmations, costs, doors, hours, later, newcomers, seating, teams
from registrations.models import AttendanceEvent, Registration, Seat, Substitution
from registrations.newcomers import Attendee
from registrations.refusals import CannotChange, CannotRegister

SPANS: dict[str, tuple[int, int]] = {
    GradeSpan.TK_2: (0, 2),
    GradeSpan.GRADES_3_5: (3, 5),
    GradeSpan.GRADES_6_8: (6, 8),
    GradeSpan.GRADES_9_12: (9, 12),
}
_GRADES = re.compile(r"\b(tk|k|\d{1,2})\s*[-–]\s*(\d{1,2})\b", re.IGNORECASE)


class NeedsAnswer(CannotChange):
    """Nothing forbids it, but whoever asks should say that she means it."""


# --- Before -----------------------------------------------------------------------------------------------------------


def first_free_day(registration: Registration, *, at: datetime) -> date:
    """From which day on another may sit there: today or her first day, and no day on which she was seen."""
    first = max(registration.first_day, costs.today_at(registration.institute, at))
    return next((day for day in days_of(registration) if day >= first and not _was_seen(registration, day)), first)


def days_of(registration: Registration) -> list[date]:
    """The days of a registration, one by one."""
    first, last = registration.first_day.toordinal(), registration.last_day.toordinal()
    return [date.fromordinal(number) for number in range(first, last + 1)]


def suits(strand: Strand | None, grade_span: str) -> bool:
    """Whether someone who teaches these grades is at home in a strand; where either says nothing, she is."""
    taught = SPANS.get(grade_span)
    found = _GRADES.search(strand.name) if strand else None
    if found and taught:
        low = 0 if found[1].lower() in {"tk", "k"} else int(found[1])
        return low <= taught[1] and taught[0] <= int(found[2])
    if strand and taught and "high school" in strand.name.lower():
        return taught == SPANS[GradeSpan.GRADES_9_12]
    return True


# --- The verb ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def substitute(
    registration: Registration,
    attendee: Attendee,
    *,
    from_day: date | None = None,
    reason: str = "",
    is_sure: bool = False,
    by: User | None,
    at: datetime,
) -> Substitution:
    """Let another person sit in someone's seat, from a day on (scenarios 5 and 6); without a day from the first free one.

    Whom she replaces keeps the days before, and is never counted as absent on the others. Nothing is charged, and an
    issued invoice stays as it is. Raises CannotChange; NeedsAnswer where she teaches other grades than her strand is
    for, unless `is_sure`.
    """
    seat = Seat.objects.select_related("allotment__order__terms", "allotment__order__sponsor").get(
        pk=registration.seat_id
    )
    person = enlisted(attendee, seat.allotment.order.sponsor, at=at)
    institute = seating.lock_institute(seat.institute_id)
    [seat] = seating.lock_seats([seat.pk])
    leaving = Registration.objects.select_related("strand", "person", "institute").get(pk=registration.pk)
    day = max(from_day or first_free_day(leaving, at=at), leaving.first_day)
    details = details_of(person, attendee, seat.allotment.order.sponsor, on=costs.today_at(institute, at))
    _refuse(leaving, institute, day, by=by, at=at)
    days = DateRange(day, leaving.days.upper)
    refuse_person(person, institute, days)
    strand = institute.strands.filter(pk=attendee.strand_id or 0).first() or leaving.strand
    _ask(leaving, person, details, seat, strand=strand, is_sure=is_sure)
    _leave(leaving, day, institute, at=at)
    coming = _sit(leaving, person, details, days, at=at)
    choices.bring(coming, strand_id=attendee.strand_id, session_ids=attendee.session_ids, institute=institute)
    made = Substitution.objects.create(
        seat=seat,
        from_registration=leaving,
        to_registration=coming,
        first_day=day,
        reason=reason[:200],
        by=by,
        at=at,
    )
    _tell(made, leaving, by=by, at=at)
    return made


def enlisted(attendee: Attendee, sponsor: Organization | None, *, at: datetime) -> Person:
    """The person of an attendee, known or made now, and locked. Raises CannotChange."""
    if sponsor is None:
        raise CannotChange(_("This seat is paid by a person herself. Ask us to change who sits in it."))
    try:
        return seating.lock_people(newcomers.enlist([attendee], sponsor=sponsor, at=at))[0]
    except CannotRegister as refusal:
        raise CannotChange(str(refusal)) from refusal


def details_of(person: Person, attendee: Attendee, sponsor: Organization | None, *, on: date) -> dict[str, Any]:
    """School, role and grades as they were said, else those of her job at the sponsor."""
    said = {"school_id": attendee.school_id, "role": attendee.role, "grade_span": attendee.grade_span}
    job = Employment.objects.on(on).filter(person=person, organization=sponsor).order_by("-pk").first()
    return {name: value or (getattr(job, name) if job else value) for name, value in said.items()}


def refuse_person(person: Person, institute: Institute, days: DateRange) -> None:
    """Refuse who sits at the institute on one of the days, under whichever of her names, or whom it is not for."""
    live = Registration.objects.live().filter(institute=institute, days__overlap=days)
    if live.filter(Q(person=person) | Q(person__merged_into=person)).exists():
        told = {"code": institute.code, "name": person.display_name}
        raise CannotChange(_("Already registered for %(code)s: %(name)s.") % told)
    for sentence in doors.refusals(institute, [person]).values():
        raise CannotChange(sentence)


def _refuse(leaving: Registration, institute: Institute, day: date, *, by: User | None, at: datetime) -> None:
    who = leaving.person.display_name
    if institute.is_canceled:
        raise CannotChange(_("%(code)s was canceled.") % {"code": institute.code})
    if costs.today_at(institute, at) > institute.ends_on:
        raise CannotChange(_("%(code)s is over: who came is on record.") % {"code": institute.code})
    if leaving.ended_at or leaving.last_day < day:
        raise CannotChange(_("%(person)s does not sit in this seat any more. Look at it again.") % {"person": who})
    terms = leaving.seat.allotment.order.terms
    if not terms.free_substitution and not (by and Principal.of(by).is_provider):
        raise CannotChange(ladders.sentence_of_substitution(terms))
    seen = next((each for each in days_of(leaving) if each >= day and _was_seen(leaving, each)), None)
    if seen:
        told = {"person": who, "day": date_format(seen, "l, F j")}
        raise CannotChange(
            _("%(person)s was marked present on %(day)s. Substitute from a later day, or take the mark back.") % told
        )


def _was_seen(registration: Registration, day: date) -> bool:
    """Whether something stands in the ledger of attendance for her on that day."""
    starts = datetime.combine(day, time(0), tzinfo=registration.institute.tz)
    ends = datetime.combine(date.fromordinal(day.toordinal() + 1), time(0), tzinfo=registration.institute.tz)
    events = AttendanceEvent.objects.standing().filter(registration=registration)
    return events.filter(session__starts_at__gte=starts, session__starts_at__lt=ends).exists()


def _ask(
    leaving: Registration,
    person: Person,
    details: dict[str, Any],
    seat: Seat,
    *,
    strand: Strand | None,
    is_sure: bool,
) -> None:
    """What somebody should look at before; `is_sure` is her answer to all of it."""
    if is_sure:
        return
    if strand and not suits(strand, details["grade_span"]):
        told = {
            "person": person.display_name,
            "grades": GradeSpan(details["grade_span"]).label,
            "strand": strand.name,
        }
        raise NeedsAnswer(
            _("%(person)s teaches %(grades)s; the seat is in the strand %(strand)s. Put her there all the same?") % told
        )
    for sentence in _broken_rules(leaving, person, details["role"], seat):
        raise NeedsAnswer(_("%(sentence)s Do it all the same?") % {"sentence": sentence})


def _broken_rules(leaving: Registration, person: Person, role: str, seat: Seat) -> list[str]:
    """What the team would lack with her in the place of whom she replaces."""
    rule = leaving.institute.team_rule
    if rule is None or seat.team is None:
        return []
    others = [(one.person.display_name, one.role) for one in teams.members_of(seat.team) if one.seat_id != seat.pk]
    members = [*others, (person.display_name, role)]
    return teams.why_not(rule, members, unnamed=teams.unnamed_in(seat.team))


# --- What it changes --------------------------------------------------------------------------------------------------


def _leave(leaving: Registration, day: date, institute: Institute, *, at: datetime) -> None:
    """End a registration from a day on: she keeps the days before it, and their hours."""
    if day <= leaving.first_day:
        leaving.ended_at = at
        leaving.save(update_fields=["ended_at"])
        return
    leaving.days = DateRange(leaving.first_day, day)
    leaving.save(update_fields=["days"])
    hours.work_out_for([leaving], institute=institute, blocks=hours.blocks_of(institute), at=at)


def _sit(
    leaving: Registration, person: Person, details: dict[str, Any], days: DateRange, *, at: datetime
) -> Registration:
    coming = Registration.objects.create(
        seat_id=leaving.seat_id,
        institute_id=leaving.institute_id,
        person=person,
        days=days,
        made_at=at,
        **details,
    )
    choices.hand_over(leaving, coming)
    return coming


# --- Telling ----------------------------------------------------------------------------------------------------------


def _tell(made: Substitution, leaving: Registration, *, by: User | None, at: datetime) -> None:
    """Mail to both; what a draft invoice says follows; accounts payable hears of it where one was issued."""
    coming = made.to_registration.person.display_name
    when = date_format(made.first_day, "l, F j")
    if leaving.ended_at:
        why = _("%(person)s comes in your place.") % {"person": coming}
        confirmations.tell_end([leaving], why=why, at=at)
    else:
        what = _("From %(day)s on %(person)s comes in your place.") % {"day": when, "person": coming}
        confirmations.tell_change([leaving], what=what, at=at)
    confirm(made, by=by, at=at)


def confirm(made: Substitution, *, by: User | None, at: datetime) -> None:
    """Tell whoever took over a seat, whoever pays for it, and the district where others did it for her."""
    order = made.seat.allotment.order
    later.confirm(order)
    billable.follow([made.seat])
    billable.send_substitution_notices(made, at=at)
    if by and order.sponsor and Principal.of(by).is_provider:
        digests.note_coordinators(
            order.sponsor,
            heading=str(made.to_registration.institute),
            text=_("%(new)s has the seat of %(old)s from %(day)s on; %(who)s entered it.")
            % {
                "new": made.to_registration.person.display_name,
                "old": made.from_registration.person.display_name,
                "day": date_format(made.first_day, "F j"),
                "who": by,
            },
            url=reverse("registrations:seat", args=[made.seat_id]),
            key=f"substitution-{made.pk}",
            at=at,
        )
