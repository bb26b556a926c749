"""Closures: an institute that does not take place; what that costs, and everything that follows from it (scenario 12)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from billing.models import Charge, Invoice, Payer
from events import printed
from events.models import Institute
from office import digests, post
from people.models import Organization, Provider, User
from registrations import changes, confirmations, costs, seating, waitlist, withdrawals
from registrations.models import (
    Allotment,
    AttendanceEvent,
    Offer,
    Registration,
    Seat,
    WaitEnd,
    WaitlistEntry,
    Withdrawal,
    WithdrawalCause,
)
from registrations.refusals import CannotChange


@dataclass(frozen=True)
class Return:
    """What one payer gets back, in dollars, and by which road; an open invoice is credited, a paid one refunded."""

    payer: Payer
    seats: int
    to_grant: Decimal
    never_invoiced: Decimal
    credited: Decimal
    paid: Decimal

    @property
    def amount(self) -> Decimal:
        return self.to_grant + self.never_invoiced + self.credited


@dataclass(frozen=True)
class Price:
    """What canceling an institute costs, before it is done."""

    seats: int
    people: int
    waiting: int
    returns: Sequence[Return]

    @property
    def amount(self) -> Decimal:
        return sum((each.amount for each in self.returns), Decimal(0))


def price(institute: Institute) -> Price:
    """Who gets what back, payer by payer. In a fixed number of queries."""
    standing = Charge.objects.filter(
        seat_charge__seat__institute=institute,
        seat_charge__seat__released_at__isnull=True,
        reverses__isnull=True,
        reversed_by__isnull=True,
    )
    to_grant = Q(line__agreement__isnull=False, line__agreement__payer__isnull=True)
    issued = Q(invoice_line__invoice__issued_at__isnull=False)
    rows = (
        standing.order_by()
        .values("line__payer")
        .annotate(
            seats=Count("seat_charge__seat", distinct=True),
            to_grant=Sum("amount", filter=to_grant),
            credited=Sum("amount", filter=issued),
            never_invoiced=Sum("amount", filter=~to_grant & ~issued),
        )
    )
    payers = Payer.objects.select_related("organization", "person").in_bulk([row["line__payer"] for row in rows])
    paid = _paid(institute)
    returns = [
        Return(
            payers[row["line__payer"]],
            row["seats"],
            row["to_grant"] or Decimal(0),
            row["never_invoiced"] or Decimal(0),
            row["credited"] or Decimal(0),
            paid.get(row["line__payer"], Decimal(0)),
        )
        for row in rows
    ]
    return Price(
        seats=institute.seats_taken,
        people=Registration.objects.live().filter(institute=institute).count(),
        waiting=WaitlistEntry.objects.waiting().filter(institute=institute).count(),
        returns=sorted(returns, key=lambda each: str(each.payer)),
    )


def _paid(institute: Institute) -> dict[int, Decimal]:
    """What came in on the invoices that print its seats, by the payer's key."""
    printing = Invoice.objects.issued().filter(lines__charge__seat_charge__seat__institute=institute).distinct()
    paid: dict[int, Decimal] = {}
    for invoice in Invoice.objects.filter(pk__in=printing.values("pk")).with_balance():
        paid[invoice.payer_id] = paid.get(invoice.payer_id, Decimal(0)) + invoice.paid
    return paid


def districts_of(institute: Institute) -> list[Organization]:
    """The districts whose seats it had or has, by name: each gets its letter."""
    orders = Allotment.objects.filter(institute=institute, seats__isnull=False)
    rows = Organization.objects.filter(pk__in=orders.values("order__sponsor"))
    return list(rows.order_by("search_key"))


def letter(institute: Institute, district: Organization) -> dict[str, Any]:
    """What the letter for travel costs says: who would have come, and that the institute was canceled, when and why."""
    rows = Withdrawal.objects.filter(
        seat__institute=institute, seat__allotment__order__sponsor=district, cause=WithdrawalCause.CANCELED
    ).select_related("registration__person")
    given = list(rows.order_by("registration__person__sort_key", "pk"))
    return {
        "institute": institute,
        "district": district,
        "days": printed.days(institute.starts_on, institute.ends_on),
        "provider": Provider.objects.select_related("organization").first(),
        "reason": given[0].words if given else "",
        "people": [one.registration.person.display_name for one in given if one.registration],
        "unnamed": sum(one.registration is None for one in given),
        "back": sum((one.back for one in given), Decimal(0)),
    }


# --- Canceling --------------------------------------------------------------------------------------------------------


@transaction.atomic
def cancel(institute: Institute, *, reason: str, by: User, at: datetime) -> list[Withdrawal]:
    """Cancel an institute: every seat goes back in full, everyone is told, nobody waits any more. Cannot be undone.

    Certificates and attendance refuse a canceled institute by themselves. Raises CannotChange.
    """
    if not reason.strip():
        raise CannotChange(_("Say why: the reason stands in every notice."))
    institute = seating.lock_institute(institute.pk)
    _refuse(institute)
    _end_the_line(institute, by=by, at=at)
    with changes.made_by(by, at):
        institute.canceled_at = at
        institute.save(update_fields=["canceled_at"])
    seats = list(Seat.objects.held().filter(institute=institute).order_by("pk"))
    made = _give_all_back(seats, institute, reason, by=by, at=at) if seats else []
    _tell_districts(institute, made, reason, at=at)
    return made


def _refuse(institute: Institute) -> None:
    if institute.is_canceled:
        raise CannotChange(_("%(code)s was canceled already.") % {"code": institute.code})
    if AttendanceEvent.objects.standing().filter(session__institute=institute).exists():
        raise CannotChange(
            _("People were seen at %(code)s already: give their seats back by force majeure instead.")
            % {"code": institute.code}
        )


def _end_the_line(institute: Institute, *, by: User, at: datetime) -> None:
    for offer in Offer.objects.open().filter(entry__institute=institute).order_by("pk"):
        waitlist.take_back(offer, institute, answer="lapsed", by=by, at=at)
    for entry in WaitlistEntry.objects.waiting().filter(institute=institute).order_by("pk"):
        waitlist.end(entry, WaitEnd.LEFT, at=at)


def _give_all_back(
    seats: Sequence[Seat], institute: Institute, reason: str, *, by: User, at: datetime
) -> list[Withdrawal]:
    held = seating.lock_seats(seat.pk for seat in seats)
    asked = costs.of_giving_back(held, at=at, in_full=True)
    leaving = list(Registration.objects.live().filter(seat__in=held).order_by("pk"))
    cause = WithdrawalCause.CANCELED
    made = withdrawals.written(asked, leaving, cause, reason, is_forced=True, by=by, at=at)
    withdrawals.free([institute], held, asked, words=_("Canceled:"), by=by, at=at)
    why = _("%(institute)s does not take place: %(reason)s") % {"institute": institute.title, "reason": reason.strip()}
    confirmations.tell_end(leaving, why=why, at=at)
    return made


def _tell_districts(institute: Institute, made: Sequence[Withdrawal], reason: str, *, at: datetime) -> None:
    """A mail to each coordinator at once: rooms and flights are canceled today or paid for."""
    back: dict[int, Decimal] = {}
    for withdrawal in made:
        sponsor = withdrawal.seat.allotment.order.sponsor_id
        if sponsor:
            back[sponsor] = back.get(sponsor, Decimal(0)) + withdrawal.back
    sponsors = Organization.objects.in_bulk(back)
    letters = [
        post.Letter(
            to=membership.user.email,
            subject=_("%(code)s is canceled") % {"code": institute.code},
            template="mail/closure",
            context={
                "institute": str(institute),
                "days": printed.days(institute.starts_on, institute.ends_on),
                "reason": reason.strip(),
                "back": f"${back[key]:,.2f}",
                "url": post.link(reverse("registrations:closure_letter", args=[institute.pk, key])),
                "action": _("The letter for travel costs"),
            },
            person=membership.user.person,
            about=f"institute {institute.pk}",
            key=f"closure-{institute.pk}-{membership.user_id}",
        )
        for key, sponsor in sorted(sponsors.items())
        for membership in digests.coordinators_of(sponsor)
    ]
    post.send_all(letters, at=at)
