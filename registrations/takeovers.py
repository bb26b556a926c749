"""Takeovers: a district asks another to take a seat over, with its money; done when the other accepts (scenario 9)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from office import digests, post
from people.models import Organization, User
from registrations import moves, seating
from registrations.funding import Share
from registrations.models import Order, PayerMove, Seat, Takeover
from registrations.refusals import CannotChange


@transaction.atomic
def ask(seat: Seat, asked_of: Organization, *, reason: str = "", by: User | None, at: datetime) -> Takeover:
    """Ask another district to take a seat over. Until it does, nothing changes. Raises CannotChange."""
    seating.lock_institute(seat.institute_id)
    [held] = seating.lock_seats([seat.pk])
    if held.allotment.order.sponsor_id == asked_of.pk:
        raise CannotChange(_("The seat is yours already. Choose another district."))
    if held.takeovers.filter(answered_at__isnull=True).exists():
        raise CannotChange(_("Another district was asked already. Wait for its answer, or take the question back."))
    readers = list(digests.coordinators_of(asked_of))
    if not readers:
        told = {"district": asked_of}
        raise CannotChange(_("%(district)s has no coordinator here who could accept. Ask us to appoint one.") % told)
    made = Takeover.objects.create(seat=held, asked_of=asked_of, asked_by=by, asked_at=at, reason=reason.strip()[:200])
    url = post.link(reverse("registrations:takeover", args=[made.pk]))
    text = _("%(district)s asks you to take over a seat at %(institute)s, and to pay for it with your own funds.") % {
        "district": held.allotment.order.sponsor,
        "institute": held.institute,
    }
    for reader in readers:
        _send(made, reader.user, _("Will you take over a seat at %(code)s?"), text, url, at=at)
    return made


@transaction.atomic
def accept(takeover: Takeover, *, shares: Sequence[Share], by: User | None, at: datetime) -> PayerMove:
    """Take the seat over, with who sits in it: an order of the new district, at the price and terms of the old."""
    seating.lock_institute(takeover.seat.institute_id)
    [seat] = seating.lock_seats([takeover.seat_id])
    _answer(takeover, is_accepted=True, by=by, at=at)
    before = seat.allotment.order
    order = Order.objects.create(
        sponsor=takeover.asked_of, placed_by=by, terms=before.terms, key=f"takeover-{takeover.pk}", at=at
    )
    [made] = moves.move([seat], shares=shares, order=order, takeover=takeover, reason=takeover.reason, by=by, at=at)
    if before.sponsor:
        text = _("%(district)s has taken the seat over; what you paid for it comes back to you.") % {
            "district": takeover.asked_of
        }
        _note(takeover, before.sponsor, before, text, at=at)
    return made


@transaction.atomic
def decline(takeover: Takeover, *, by: User | None, at: datetime) -> Takeover:
    """Leave the seat with the district that asked. Raises CannotChange."""
    seating.lock_institute(takeover.seat.institute_id)
    answered = _answer(takeover, is_accepted=False, by=by, at=at)
    order = takeover.seat.allotment.order
    if order.sponsor:
        text = _("%(district)s does not take the seat over; it stays with you.") % {"district": takeover.asked_of}
        _note(takeover, order.sponsor, order, text, at=at)
    return answered


def _answer(takeover: Takeover, *, is_accepted: bool, by: User | None, at: datetime) -> Takeover:
    """Of two who answer at once the second is told so."""
    open_ones = Takeover.objects.filter(pk=takeover.pk, answered_at__isnull=True)
    if not open_ones.update(is_accepted=is_accepted, answered_by=by, answered_at=at):
        raise CannotChange(_("This was answered meanwhile."))
    takeover.refresh_from_db()
    return takeover


def _note(takeover: Takeover, sponsor: Organization, order: Order, text: str, *, at: datetime) -> None:
    digests.note_coordinators(
        sponsor,
        heading=str(takeover.seat.institute),
        text=text,
        url=reverse("registrations:order", args=[order.pk]),
        key=f"takeover-{takeover.pk}",
        at=at,
    )


def _send(takeover: Takeover, to: User, subject: str, text: str, url: str, *, at: datetime) -> None:
    """By a mail of its own: she does not know of it, and a seat waits."""
    post.send(
        post.Letter(
            to=to.email,
            subject=subject % {"code": takeover.seat.institute.code},
            template="mail/notice",
            context={"text": text, "url": url, "action": _("See the seat, and answer")},
            person=to.person,
            about=f"takeover {takeover.pk}",
            key=f"takeover-{takeover.pk}-{to.pk}",
        ),
        at=at,
    )
