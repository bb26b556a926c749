"""Withdrawals: seats given back, with what the terms of their orders give back for them."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.models import Institute
from office import digests
from people.access import Principal
from people.models import User
from registrations import billable, confirmations, costs, seating, teams, waitlist, wording
from registrations.costs import Costs
from registrations.models import AttendanceEvent, Registration, Seat, Takeover, Team, Withdrawal, WithdrawalCause
from registrations.refusals import CannotChange

WHY = {
    WithdrawalCause.NOT_NAMED: gettext_lazy("Nobody was named for it in time."),
    WithdrawalCause.CANCELED: gettext_lazy("The institute was canceled."),
    WithdrawalCause.CLOSURE: gettext_lazy("Your district cannot come."),
}


def price(seats: Iterable[Seat], *, at: datetime, is_forced: bool = False) -> Costs:
    """What giving these seats back costs today, under the terms of their orders."""
    return costs.of_giving_back(seats, at=at, in_full=is_forced)


@transaction.atomic
def withdraw(
    seats: Sequence[Seat],
    *,
    cause: WithdrawalCause = WithdrawalCause.CHANGE_OF_PLANS,
    words: str = "",
    is_forced: bool = False,
    seen: Decimal | None = None,
    priced_at: datetime | None = None,
    by: User | None,
    at: datetime,
) -> list[Withdrawal]:
    """Give seats back: what the terms give back is taken off, what they keep is charged as a fee (scenario 10).

    `is_forced`: in full whatever the ladder says, by the provider's staff, with `words` as the reason (scenario 11).
    `seen` are the dollars kept that whoever asks was shown. `priced_at` is another moment that counts for the price.
    Who was seen on a day keeps it, and its hours. Raises CannotChange; nothing is changed then.
    """
    _refuse_words(is_forced, words)
    institutes = [seating.lock_institute(key) for key in sorted({seat.institute_id for seat in seats})]
    held = seating.lock_seats(seat.pk for seat in seats)
    is_staff = by is None or Principal.of(by).is_provider
    _refuse(held, is_staff=is_staff, at=at)
    asked = price(held, at=priced_at or at, is_forced=is_forced)
    costs.refuse_another(asked, seen)
    leaving = list(Registration.objects.live().filter(seat__in=held).order_by("pk"))
    made = written(asked, leaving, cause, words, is_forced=is_forced, by=by, at=at)
    free(institutes, held, asked, words=_line_words(cause), by=by, at=at)
    confirmations.tell_end(leaving, why=str(WHY.get(cause, "")), at=at)
    _tell_district(held, asked, by=by, at=at)
    return made


def free(
    institutes: Sequence[Institute], seats: Sequence[Seat], asked: Costs, *, words: str, by: User | None, at: datetime
) -> None:
    """Release locked seats with their money; teams that have none left end, and the line moves up."""
    seen = _days_seen(seats)
    kept = asked.kept_by_seat()
    for institute in institutes:
        here = [seat for seat in seats if seat.institute_id == institute.pk]
        seating.give_back(here, institute, kept=kept, words=f"{words} {institute.code}", by=by, at=at)
    _keep_days_seen(seen)
    open_questions = Takeover.objects.filter(seat__in=seats, answered_at__isnull=True)
    open_questions.update(is_accepted=False, answered_by=by, answered_at=at)
    ended = [seat.team_id for seat in seats if seat.team_id]
    emptied = Team.objects.standing().filter(pk__in=ended).exclude(seats__released_at__isnull=True)
    emptied.update(ended_at=at)
    billable.follow(seats)
    for institute in institutes:
        waitlist.advance(institute, at=at)


# --- Refusals ---------------------------------------------------------------------------------------------------------


def _refuse_words(is_forced: bool, words: str) -> None:
    if is_forced and not words.strip():
        raise CannotChange(_("Say what happened: the reason is kept with the version of the terms."))


def _refuse(seats: Sequence[Seat], *, is_staff: bool, at: datetime) -> None:
    for seat in seats:
        institute = seat.institute
        if costs.today_at(institute, at) > institute.ends_on and not is_staff:
            raise CannotChange(_("%(code)s is over: its seats stay.") % {"code": institute.code})
        if seat.offer and seat.offer.answered_at is None:
            raise CannotChange(_("One of these seats is offered to someone in line. Answer the offer first."))
    if not is_staff:
        for sentence in broken_teams(seats):
            raise CannotChange(sentence)


def broken_teams(seats: Sequence[Seat]) -> list[str]:
    """Teams that would stay with fewer than their institute's rule allows: a team is withdrawn as one (scenario 3)."""
    sentences = []
    leaving = {seat.pk for seat in seats}
    touched = Team.objects.standing().filter(seats__in=seats, override_reason="").distinct()
    for team in touched.select_related("institute__team_rule"):
        rest = [seat for seat in team.seats.held() if seat.pk not in leaving]
        if not rest or team.institute.team_rule is None:
            continue
        named = [(one.person.display_name, one.role) for one in teams.members_of(team) if one.seat_id not in leaving]
        reasons = teams.why_not(team.institute.team_rule, named, unnamed=len(rest) - len(named))
        if reasons:
            told = {"team": team.name, "reasons": " ".join(reasons)}
            sentences.append(_("%(team)s would not be whole: %(reasons)s Withdraw all of it, or substitute.") % told)
    return sentences


# --- What it changes --------------------------------------------------------------------------------------------------


def written(
    asked: Costs,
    leaving: Sequence[Registration],
    cause: WithdrawalCause,
    words: str,
    *,
    is_forced: bool,
    by: User | None,
    at: datetime,
) -> list[Withdrawal]:
    by_seat = {registration.seat_id: registration for registration in reversed(leaving)}
    return Withdrawal.objects.bulk_create(
        Withdrawal(
            seat=cost.seat,
            registration=by_seat.get(cost.seat.pk),
            terms=cost.terms,
            days_before=cost.days_before,
            percent=cost.percent,
            back=cost.back,
            kept=cost.kept,
            cause=cause,
            words=words.strip()[:200],
            is_forced=is_forced,
            by=by,
            at=at,
        )
        for cost in asked.of_each
    )


def _line_words(cause: WithdrawalCause) -> str:
    return _("Canceled:") if cause == WithdrawalCause.CANCELED else _("Withdrawn from")


def _days_seen(seats: Sequence[Seat]) -> dict[int, DateRange]:
    """Of people who were seen in these seats, by registration: the days up to the last on which they were."""
    events = AttendanceEvent.objects.standing().filter(
        registration__seat__in=seats, registration__ended_at__isnull=True
    )
    rows = events.select_related("registration__institute", "session").order_by("session__starts_at")
    last: dict[int, tuple[Registration, date]] = {}
    for event in rows:
        if event.registration:
            day = localtime(event.session.starts_at, event.registration.institute.tz).date()
            last[event.registration.pk] = (event.registration, day)
    return {
        key: DateRange(registration.first_day, date.fromordinal(day.toordinal() + 1))
        for key, (registration, day) in last.items()
    }


def _keep_days_seen(seen: dict[int, DateRange]) -> None:
    """Attendance that was recorded stays: she is registered for the days on which she came."""
    for key, days in seen.items():
        Registration.objects.filter(pk=key).update(ended_at=None, days=days)


# --- Telling ----------------------------------------------------------------------------------------------------------


def _tell_district(seats: Sequence[Seat], asked: Costs, *, by: User | None, at: datetime) -> None:
    """What others did to a district's seats stands in its coordinators' next daily mail."""
    if by is not None and not Principal.of(by).is_provider:
        return
    back = {cost.seat.pk: cost.back for cost in asked.of_each}
    orders = sorted(seats, key=lambda seat: (seat.allotment.order_id, seat.institute_id))
    for (_order, _institute), rows in groupby(orders, key=lambda seat: (seat.allotment.order_id, seat.institute_id)):
        group = list(rows)
        sponsor = group[0].allotment.order.sponsor
        if sponsor:
            amount = sum((back[seat.pk] for seat in group), Decimal(0))
            digests.note_coordinators(
                sponsor,
                heading=str(group[0].institute),
                text=_("%(seats)s went back; $%(back)s of their price came back.")
                % {"seats": wording.count(len(group), "seat"), "back": f"{amount:,.2f}"},
                url=reverse("registrations:order", args=[group[0].allotment.order_id]),
                key=f"withdrawn-{group[0].pk}-{at:%Y%m%d%H%M}",
                at=at,
            )
