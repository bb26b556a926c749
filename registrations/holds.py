"""What staff decide of seats whose papers are late: held until a day, or released."""

from datetime import date, datetime

from django.db import transaction

from billing.wording import day
from people.models import User
from registrations import costs, withdrawals
from registrations.ladders import uncovered
from registrations.models import Allotment, PaperHold, Seat, Withdrawal, WithdrawalCause


class CannotHold(Exception):
    """The seats are as they were; the sentence says why."""


@transaction.atomic
def hold(allotment: Allotment, *, until: date, reason: str, by: User, at: datetime) -> PaperHold:
    """Keep the seats although their purchase order is late, until a day; both days in the institute's zone.

    Raises CannotHold without a reason, or for a day that is past.
    """
    today = costs.today_at(allotment.institute, at)
    if not reason.strip():
        raise CannotHold("Say why the seats are held: an auditor will ask.")
    if until < today:
        raise CannotHold(f"{day(until)} is past. Hold the seats until {day(today)} or later.")
    made: PaperHold = PaperHold.objects.create(allotment=allotment, until=until, reason=reason.strip(), by=by, at=at)
    return made


@transaction.atomic
def release(allotment: Allotment, *, reason: str, by: User, at: datetime) -> list[Withdrawal]:
    """Give the seats back that no purchase order covers; the district owes nothing for them.

    Raises CannotHold where none is left, and CannotChange as any withdrawal does.
    """
    waiting = uncovered().filter(seat__allotment=allotment).values("seat")
    seats = list(Seat.objects.held().filter(pk__in=waiting).order_by("pk"))
    if not seats:
        raise CannotHold("A purchase order covers all of these seats by now.")
    return withdrawals.withdraw(seats, cause=WithdrawalCause.NO_FUNDS, words=reason, is_forced=True, by=by, at=at)
