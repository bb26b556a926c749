"""The mail that tells each person she has a place, with its calendar entries, and the coordinator what she ordered."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.urls import NoReverseMatch, reverse

from events import calendars, printed
from events.models import Institute
from office import files, post
from office.models import Message
from people import links
from people.models import EmailAddress
from registrations import wording
from registrations.models import Order, Registration

KEY = "confirmation-"
"""With the key of a registration: the key of its confirmation."""


@transaction.atomic
def send(order: Order, *, at: datetime) -> None:
    """One mail to each person of an order who has an address that works, and one to whoever ordered.

    In a fixed number of queries; nobody is told twice, however often it is asked for.
    """
    registrations = list(_untold(order))
    if not registrations:
        return
    institute = Institute.objects.select_related("venue").get(pk=registrations[0].institute_id)
    addresses = addresses_of(registrations)
    reached = [registration for registration in registrations if registration.person_id in addresses]
    entries = files.keep_all(_calendar_files(reached, institute, at), by=order.placed_by, at=at)
    letters = [
        post.Letter(
            to=addresses[registration.person_id],
            subject=f"Your place at {institute.title}, {printed.days(institute.starts_on, institute.ends_on)}",
            template="mail/confirmation",
            context=_context(registration, institute, order),
            person=registration.person,
            about=f"order {order.pk}",
            attachments=(entry,),
            key=f"{KEY}{registration.pk}",
        )
        for registration, entry in zip(reached, entries, strict=True)
    ]
    post.send_all([*letters, *_to_whoever_ordered(registrations, len(reached), institute, order)], at=at)


def _untold(order: Order) -> QuerySet[Registration]:
    """Those in their seats to whom no confirmation was written."""
    seated = Registration.objects.live().filter(seat__allotment__order=order).select_related("person")
    key = Concat(Value(KEY), Cast("pk", CharField()), output_field=CharField())
    told = Message.objects.filter(key=OuterRef("confirmation"))
    found: QuerySet[Registration] = seated.annotate(confirmation=key).filter(~Exists(told)).order_by("pk")
    return found


def addresses_of(registrations: Sequence[Registration]) -> dict[int, str]:
    """Where each person is reached: the address she prefers, else the newest that has not bounced."""
    people = [registration.person_id for registration in registrations]
    rows = EmailAddress.objects.reachable().filter(person__in=people).order_by("is_preferred", "pk")
    return {row.person_id: row.address for row in rows}


def uid_of(registration: Registration) -> str:
    """Under what name a person's calendar knows her place: the same for ever, whatever changes."""
    return f"registration-{registration.pk:012d}@{urlsplit(settings.SITE_URL).hostname}"


def _calendar_files(registrations: Sequence[Registration], institute: Institute, at: datetime) -> list[files.Content]:
    """One calendar file for each; made once and given each one's name, as all say the same."""
    if not registrations:
        return []
    first = uid_of(registrations[0])
    sessions = institute.sessions.in_order()
    pattern = calendars.invitation(institute, sessions, uid=first, sequence=institute.agenda_revision, at=at)
    return [
        files.Content(pattern.replace(first.encode(), uid_of(one).encode()), f"{institute.code}.ics", files.ICS)
        for one in registrations
    ]


def _context(registration: Registration, institute: Institute, order: Order) -> dict[str, Any]:
    return {
        "institute": institute.title,
        "code": institute.code,
        "days": printed.days(institute.starts_on, institute.ends_on),
        "venue": institute.venue.name if institute.venue else "",
        "address": institute.venue.address if institute.venue else "",
        "sponsor": str(order.sponsor or ""),
        "url": page_of(registration),
        "action": "See your place, hours and certificate",
    }


def page_of(registration: Registration) -> str:
    """A signed link to the person's own page, or nothing while there is no such page."""
    token = links.sign(registration.person, purpose="participant", about=str(registration.pk))
    try:
        return post.link(reverse("portal:participant", kwargs={"token": token}))
    except NoReverseMatch:
        return ""


def _to_whoever_ordered(
    registrations: Sequence[Registration], mailed: int, institute: Institute, order: Order
) -> list[post.Letter]:
    if order.placed_by is None:
        return []
    return [
        post.Letter(
            to=order.placed_by.email,
            subject=f"{wording.count(len(registrations), 'person', 'people')} registered for {institute.code}",
            template="mail/order",
            context={
                "institute": str(institute),
                "days": printed.days(institute.starts_on, institute.ends_on),
                "sponsor": str(order.sponsor or ""),
                "people": [registration.person.name_last_first for registration in registrations],
                "mailed": mailed,
                "silent": len(registrations) - mailed,
                "url": post.link(reverse("registrations:order", args=[order.pk])),
                "action": "See the order",
            },
            person=order.placed_by.person,
            about=f"order {order.pk}",
            key=f"order-{order.pk}",
        )
    ]
