"""The mail that tells each person of her place, with its calendar entries: that she has one, what changed, that it ended.

Whoever ordered gets one receipt for an order; the rest a coordinator reads in her daily mail (`office.digests`).
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Literal
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import CharField, Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.urls import NoReverseMatch, reverse

from events import calendars, printed
from events.models import Institute
from office import files, post
from office.models import Message, StoredFile
from people import links
from people.models import EmailAddress
from registrations import mailings, wording
from registrations.models import Order, Registration, Seat

KEY = "confirmation-"
"""With the key of a registration: the key of its confirmation."""
REST = timedelta(hours=1)
"""How long an agenda must have been left alone before its changes are told."""


# --- She has a place --------------------------------------------------------------------------------------------------


@transaction.atomic
def send(order: Order, *, at: datetime) -> None:
    """One mail to each person of an order who has an address that works, and one to whoever ordered.

    In a fixed number of queries; nobody is told twice, however often it is asked for.
    """
    registrations = list(_untold(order))
    if not registrations:
        return
    institute = Institute.objects.select_related("venue").get(pk=registrations[0].institute_id)
    for registration in registrations:
        registration.institute = institute
    reached = _write(registrations, _confirmation, at=at)
    post.send_all(_to_whoever_ordered(registrations, len(reached), institute, order), at=at)


def _untold(order: Order) -> QuerySet[Registration]:
    """Those in their seats to whom no confirmation was written."""
    seated = Registration.objects.live().filter(seat__allotment__order=order)
    rows: QuerySet[Registration] = _with_confirmation(seated).filter(was_told=False)
    return rows.select_related("person", "seat__allotment__order__sponsor").order_by("pk")


def _with_confirmation(rows: QuerySet[Registration]) -> Any:
    """`was_told`: whether a confirmation was written."""
    key = Concat(Value(KEY), Cast("pk", CharField()), output_field=CharField())
    return rows.alias(confirmation=key).annotate(was_told=Exists(Message.objects.filter(key=OuterRef("confirmation"))))


def _confirmation(registration: Registration, what: str = "") -> dict[str, Any]:
    return {
        "subject": f"Your place at {_when(registration)}",
        "template": "mail/confirmation",
        "context": {"what": what},
        "key": f"{KEY}{registration.pk}",
    }


# --- Something changed ------------------------------------------------------------------------------------------------


@transaction.atomic
def tell_change(registrations: Iterable[Registration], *, what: str, at: datetime) -> list[Message]:
    """Tell people in their seats what changed, with their calendar entries anew; `what` is a sentence for them.

    Who was never told of her place is told of it now, with the same sentence. Days that are hers no more are struck
    from her calendar. The mails, in the order of the registrations' keys; who has no address gets none.
    """
    keys = [registration.pk for registration in registrations]
    told = _with_confirmation(Registration.objects.filter(pk__in=keys)).filter(was_told=True)
    Registration.objects.filter(pk__in=list(told.values_list("pk", flat=True))).update(sequence=F("sequence") + 1)

    def letter(registration: Registration) -> dict[str, Any]:
        if not registration.was_told:  # type: ignore[attr-defined]  # annotated
            return _confirmation(registration, what)
        return {
            "subject": f"Changed: your place at {_when(registration)}",
            "template": "mail/change",
            "context": {"what": what},
            "key": f"change-{registration.pk}-{registration.sequence}",
        }

    return [message for rows in _by_institute(keys) for message in _write(rows, letter, at=at)]


@transaction.atomic
def tell_new_agendas(*, at: datetime) -> int:
    """Send their days anew to those whose calendar knows an older agenda; how many mails.

    One mail each, however often the agenda was changed: it is told once it has rested for an hour. Who was told of it
    with a change of her own is not told twice.
    """
    rested = Institute.objects.held().filter(ends_on__gte=at.date()).exclude(pk__in=_just_changed(at))
    behind = Registration.objects.live().filter(institute__in=rested, told_revision__lt=F("institute__agenda_revision"))
    # A second worker skips what the first is telling.
    found = list(behind.select_for_update(skip_locked=True, of=("self",)).select_related("institute").order_by("pk"))
    told = tell_change(found, what="The agenda has changed: your calendar entries below have the new times.", at=at)
    for institute, rows in groupby(sorted(found, key=_institute_key), key=lambda row: row.institute):
        keys = [row.pk for row in rows]
        Registration.objects.filter(pk__in=keys).update(told_revision=institute.agenda_revision)
    return len(told)


def _just_changed(at: datetime) -> QuerySet[Any]:
    """Institutes on whose agenda somebody is still at work."""
    history = Institute.pgh_event_model.objects  # type: ignore[attr-defined]  # made by django-pghistory
    return history.filter(pgh_created_at__gt=at - REST).values("pgh_obj")  # type: ignore[no-any-return]


def _institute_key(registration: Registration) -> int:
    return registration.institute_id


# --- It ended ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def tell_end(registrations: Iterable[Registration], *, why: str, at: datetime) -> list[Message]:
    """Tell people that they have no place any more, and take it out of their calendars; `why` is a sentence for them."""
    keys = [registration.pk for registration in registrations]
    Registration.objects.filter(pk__in=keys).update(sequence=F("sequence") + 1)

    def letter(registration: Registration) -> dict[str, Any]:
        return {
            "subject": f"No longer yours: the place at {_when(registration)}",
            "template": "mail/calendar_change",
            "context": {"what": why, "action": "Open your page"},
            "key": f"end-{registration.pk}-{registration.sequence}",
        }

    return [message for rows in _by_institute(keys) for message in _write(rows, letter, method="CANCEL", at=at)]


# --- Writing ----------------------------------------------------------------------------------------------------------


def _by_institute(keys: Sequence[int]) -> Iterable[list[Registration]]:
    """The registrations as they are now, an institute at a time, with all that a mail says."""
    rows = _with_confirmation(Registration.objects.filter(pk__in=keys))
    rows = rows.select_related("person", "institute__venue", "seat__allotment__order__sponsor")
    for _institute, group in groupby(rows.order_by("institute", "pk"), key=lambda row: row.institute_id):
        yield list(group)


def _write(
    registrations: Sequence[Registration],
    letter: Callable[[Registration], dict[str, Any]],
    *,
    method: Literal["PUBLISH", "CANCEL"] = "PUBLISH",
    at: datetime,
) -> list[Message]:
    """The mails to those registrations of one institute whose people have an address, each with its calendar file."""
    addresses = addresses_of(registrations)
    reached = [registration for registration in registrations if registration.person_id in addresses]
    entries = _entries(reached, addresses, method, at)
    letters = []
    for registration, entry in zip(reached, entries, strict=True):
        words = letter(registration)
        order = registration.seat.allotment.order
        letters.append(
            post.Letter(
                to=addresses[registration.person_id],
                subject=words["subject"],
                template=words["template"],
                context=_context(registration, order) | words["context"],
                person=registration.person,
                about=about(order),
                attachments=(entry,),
                key=words["key"],
            )
        )
    if method == "PUBLISH" and reached:
        told = Registration.objects.filter(pk__in=[registration.pk for registration in reached])
        told.update(told_revision=reached[0].institute.agenda_revision)
    return post.send_all(letters, at=at)


def _entries(
    registrations: Sequence[Registration], addresses: dict[int, str], method: Literal["PUBLISH", "CANCEL"], at: datetime
) -> list[StoredFile]:
    """Each one's calendar file, kept. A CANCEL names whom it goes to (RFC 5546, 3.2.5)."""
    if not registrations:
        return []
    institute = registrations[0].institute
    copies = [
        copy_for(registration, attendee=addresses[registration.person_id] if method == "CANCEL" else "")
        for registration in registrations
    ]
    ever = calendars.days_ever(institute) if any(copy.strikes for copy in copies) else 0
    made = calendars.invitations(institute, institute.sessions.in_order(), copies, method=method, ever=ever, at=at)
    return files.keep_all(
        [files.Content(entry, f"{institute.code}.ics", files.ICS) for entry in made],
        by=registrations[0].seat.allotment.order.placed_by,
        at=at,
    )


def copy_for(registration: Registration, *, attendee: str = "") -> calendars.Copy:
    """What her calendar file says of a registration: its sequence rises with every agenda and every change of hers."""
    institute = registration.institute
    return calendars.Copy(
        uid_of(registration),
        institute.agenda_revision + registration.sequence,
        days=registration.days,
        strikes=registration.sequence > 0,
        attendee=attendee,
    )


def addresses_of(registrations: Sequence[Registration]) -> dict[int, str]:
    """Where each person is reached: the address she prefers, else the newest that has not bounced.

    Whoever was merged is reached where she is known today. Load the people with the registrations.
    """
    canonical = {registration.person_id: registration.person.canonical_id for registration in registrations}
    people = {*canonical, *canonical.values()}
    rows = EmailAddress.objects.reachable().filter(person__in=people).order_by("is_preferred", "pk")
    known = {row.person_id: row.address for row in rows}
    reached = {key: known.get(today) or known.get(key) for key, today in canonical.items()}
    return {key: address for key, address in reached.items() if address}


def uid_of(registration: Registration) -> str:
    """Under what name a person's calendar knows her place: the same for ever, whatever changes."""
    return f"registration-{registration.pk:012d}@{urlsplit(settings.SITE_URL).hostname}"


def about(order: Order) -> str:
    """What the mails of an order are about."""
    return f"{mailings.ABOUT}{order.pk}"


def _when(registration: Registration) -> str:
    return f"{registration.institute.title}, {_days(registration)}"


def _days(registration: Registration) -> str:
    return printed.days(registration.first_day, registration.last_day)


def _context(registration: Registration, order: Order) -> dict[str, Any]:
    institute = registration.institute
    return {
        "institute": institute.title,
        "code": institute.code,
        "days": _days(registration),
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
    unnamed = Seat.objects.filter(allotment__order=order).unnamed()
    days = list(unnamed.filter(name_by__isnull=False).order_by("name_by").values_list("name_by", flat=True))
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
                "unnamed": len(days),
                "name_by": printed.day(days[0]) if days else "",
                "url": post.link(reverse("registrations:order", args=[order.pk])),
                "action": "See the order",
            },
            person=order.placed_by.person,
            about=about(order),
            key=f"order-{order.pk}",
        )
    ]
