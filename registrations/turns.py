"""Offers as they go out: when, until when, with which seats and to whom it is said."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events import clocks, printed
from events.holidays import SATURDAY, SUNDAY
from events.models import Institute
from office import digests, post
from people.models import User
from registrations import seating
from registrations.models import Offer, Team, WaitlistEntry

OPENS, CLOSES = time(8), time(18)
"""Offers go out Monday to Saturday between these, on the clocks of the institute."""


# --- When ---------------------------------------------------------------------------------------------------------------


def is_time(at: datetime, institute: Institute) -> bool:
    """Whether offers go out now: not at night, not on a Sunday, not once the institute has begun."""
    here = localtime(at, institute.tz)
    return here.weekday() != SUNDAY and OPENS <= here.time() < CLOSES and at < first_morning(institute)


def next_time(at: datetime, institute: Institute) -> datetime:
    """When the next offer can go out: now, or when the next morning of offers begins."""
    here = localtime(at, institute.tz)
    if here.weekday() != SUNDAY and OPENS <= here.time() < CLOSES:
        return at
    day = here.date() if here.time() < OPENS else here.date() + timedelta(days=1)
    if day.weekday() == SUNDAY:
        day += timedelta(days=1)
    return clocks.moment(datetime.combine(day, OPENS), institute.tz)


def end_of(sent_at: datetime, institute: Institute) -> datetime:
    """24 hours later, Sundays not counted: Saturday 10:00 to Monday 10:00. Never after the first morning."""
    days = 2 if localtime(sent_at, institute.tz).weekday() == SATURDAY else 1
    return min(clocks.days_later(sent_at, days, institute.tz), first_morning(institute))


def first_morning(institute: Institute) -> datetime:
    return clocks.moment(datetime.combine(institute.starts_on, OPENS), institute.tz)


def said(moment: datetime, institute: Institute) -> str:
    """ "Wednesday, November 4, 5:30 PM Pacific time"."""
    here = localtime(moment, institute.tz)
    return _("%(day)s, %(clock)s %(zone)s time") % {
        "day": printed.day(here.date()),
        "clock": date_format(here, "g:i A"),
        "zone": clocks.zone_name(institute.zone),
    }


# --- Making one ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def offer(
    entry: WaitlistEntry,
    institute: Institute,
    *,
    team: Team | None,
    by: User | None,
    at: datetime,
    reason: str = "",
) -> Offer:
    """Take and charge the seats that an entry waits for, and tell its coordinators at once. Under the institute's lock.

    Raises CannotRegister where its money refuses; then nothing happened.
    """
    made = Offer.objects.create(entry=entry, sent_at=at, ends_at=end_of(at, institute), sent_by=by, reason=reason)
    seats = seating.take([entry.allotment] * entry.seats, institute, team=team, offer=made)
    seating.charge(seats, institute, by=by, at=at)
    post.send_all(_letters(made, entry, institute), at=at)
    return made


def _letters(made: Offer, entry: WaitlistEntry, institute: Institute) -> Sequence[post.Letter]:
    """To each coordinator of the sponsor; an offer cannot wait for the daily mail."""
    order = entry.allotment.order
    readers = [held.user for held in digests.coordinators_of(order.sponsor)] if order.sponsor else []
    if not readers and order.placed_by:
        readers = [order.placed_by]
    subject = ngettext(
        "%(number)s seat at %(institute)s is yours until %(end)s",
        "%(number)s seats at %(institute)s are yours until %(end)s",
        entry.seats,
    )
    end = said(made.ends_at, institute)
    return [
        post.Letter(
            to=reader.email,
            subject=subject % {"number": entry.seats, "institute": institute.code, "end": end},
            template="mail/offer",
            context={
                "institute": str(institute),
                "days": printed.days(institute.starts_on, institute.ends_on),
                "seats": entry.seats,
                "people": [row.person.name_last_first for row in entry.people.select_related("person").order_by("pk")],
                "team": entry.team.name if entry.team else "",
                "end": end,
                "url": post.link(reverse("registrations:offer", args=[made.pk])),
                "action": _("Answer the offer"),
            },
            person=reader.person,
            about=f"offer {made.pk}",
            key=f"offer-{made.pk}-{reader.pk}",
        )
        for reader in readers
    ]


def tell_lapsed(lapsed: Offer, institute: Institute, *, at: datetime) -> None:
    """The coordinators read in their daily mail that an offer ended unanswered."""
    entry = lapsed.entry
    if entry.allotment.order.sponsor:
        people = ", ".join(row.person.display_name for row in entry.people.select_related("person"))
        digests.note_coordinators(
            entry.allotment.order.sponsor,
            heading=str(institute),
            text=_(
                "The offer for %(who)s ended without an answer and went to the next in line. Join again if you want."
            )
            % {"who": entry.team or people or _("a seat without a name")},
            url=reverse("registrations:waits"),
            key=f"lapsed-{lapsed.pk}",
            at=at,
        )
