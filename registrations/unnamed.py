"""Seats without a name: warned about 72 and 24 hours before names are due, then given back (scenario 2)."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from itertools import groupby

from django.db import transaction
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from office import digests, post
from people.models import User
from registrations import withdrawals, wording
from registrations.models import Order, Seat, WithdrawalCause
from registrations.refusals import CannotChange

DUE = time(17)
"""On the naming day, on the institute's clocks: by the end of the business day."""
FIRST_WARNING, LAST_WARNING = timedelta(hours=72), timedelta(hours=24)


def due_at(seat: Seat) -> datetime | None:
    """Until when a seat waits for its name; nothing where it waits for none."""
    return datetime.combine(seat.name_by, DUE, tzinfo=seat.institute.tz) if seat.name_by else None


def warn_due(*, at: datetime) -> list[Seat]:
    """Tell districts whose seats go in 72 hours (in their daily mail), and in 24 (by a mail of its own); each once."""
    soon = [seat for seat in _waiting(at + FIRST_WARNING + timedelta(days=1)) if _is_between(seat, at, FIRST_WARNING)]
    for order, seats in _by_order(soon):
        _warn(order, seats, is_last=_is_between(seats[0], at, LAST_WARNING), at=at)
    return soon


def release_due(*, at: datetime) -> list[Seat]:
    """Give back the seats for which no name came in time, at what the terms say of that moment; the line moves up.

    Each order and day in a transaction of its own, so that one refusal keeps no other seat.
    """
    overdue = [seat for seat in _waiting(at) if (due_at(seat) or at) <= at]
    gone: list[Seat] = []
    for _order, seats in _by_order(overdue):
        try:
            withdrawals.withdraw(seats, cause=WithdrawalCause.NOT_NAMED, priced_at=due_at(seats[0]), by=None, at=at)
        except CannotChange:  # named, or given back, between our look and our lock: the next sweep looks again
            continue
        gone += seats
    return gone


def _waiting(until: datetime) -> Sequence[Seat]:
    """Seats without a name whose day comes by then, in order of their orders; none of an institute that is canceled."""
    last = until.date() + timedelta(days=1)  # the zones of the institutes lie to both sides of ours
    rows = Seat.objects.unnamed().filter(name_by__lte=last, institute__canceled_at__isnull=True)
    related = rows.select_related("institute", "allotment__order__sponsor", "allotment__order__placed_by__person")
    return list(related.order_by("allotment__order", "institute", "name_by", "pk"))


def _is_between(seat: Seat, at: datetime, before: timedelta) -> bool:
    due = due_at(seat)
    return due is not None and due - before <= at < due


def _by_order(seats: Iterable[Seat]) -> Iterable[tuple[Order, list[Seat]]]:
    """Seats of one order at one institute that are due at one moment."""
    for _key, rows in groupby(seats, key=lambda seat: (seat.allotment.order_id, seat.institute_id, seat.name_by)):
        group = list(rows)
        yield group[0].allotment.order, group


@transaction.atomic
def _warn(order: Order, seats: Sequence[Seat], *, is_last: bool, at: datetime) -> None:
    institute, due = seats[0].institute, due_at(seats[0])
    told = {
        "seats": wording.count(len(seats), "seat"),
        "code": institute.code,
        "when": date_format(due.astimezone(institute.tz), "l, F j, g:i A") if due else "",
    }
    text = _("%(seats)s at %(code)s have no name yet. They go back on %(when)s.") % told
    url = reverse("registrations:order", args=[order.pk])
    key = f"unnamed-{order.pk}-{institute.pk}-{seats[0].name_by}"
    if order.sponsor and not is_last:
        digests.note_coordinators(order.sponsor, heading=str(institute), text=text, url=url, key=f"{key}-72", at=at)
    elif is_last:
        subject = _("%(seats)s at %(code)s go back tomorrow") % told
        post.send_all(
            [
                post.Letter(
                    to=reader.email,
                    subject=subject,
                    template="mail/notice",
                    context={"text": text, "url": post.link(url), "action": _("Name them")},
                    person=reader.person,
                    about=f"order {order.pk}",
                    key=f"{key}-24-{reader.pk}",
                )
                for reader in _readers(order)
            ],
            at=at,
        )


def _readers(order: Order) -> list[User]:
    """The district's coordinators; where there is none, whoever placed the order."""
    found = [membership.user for membership in digests.coordinators_of(order.sponsor)] if order.sponsor else []
    return found or ([order.placed_by] if order.placed_by else [])
