"""Papers that are late: the ladder of reminders before an institute begins. It never keeps anybody out of a session."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import IntEnum

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.urls import reverse
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _

from billing.models import Charge, FundingLine, Payer
from billing.wording import day, dollars
from events import printed
from events.models import Institute
from office import digests, post
from people.access import Role
from people.models import Membership, Organization, Provider
from registrations.models import Allotment, AllotmentFunding, Order, PaperHold, SeatCharge
from registrations.papers import LCFF
from registrations.wording import count

LOOKING_BACK = timedelta(days=30)


class Rung(IntEnum):
    """Days before the first day on which something is said (scenario 15)."""

    REMIND = 21
    ESCALATE = 10
    AT_RISK = 7
    DECIDE = 2

    @property
    def label(self) -> str:
        return {
            Rung.REMIND: _("Coordinator reminded"),
            Rung.ESCALATE: _("Business office asked"),
            Rung.AT_RISK: _("At risk"),
            Rung.DECIDE: _("Decide now"),
        }[self]

    @property
    def tone(self) -> str:
        return {Rung.REMIND: "info", Rung.ESCALATE: "info", Rung.AT_RISK: "warn", Rung.DECIDE: "bad"}[self]


@dataclass(frozen=True)
class Late:
    """Seats of an allotment that no purchase order covers, so many days before the institute."""

    allotment: Allotment
    payer: Payer
    seats: int
    amount: Decimal
    days: int
    hold: PaperHold | None

    @property
    def order(self) -> Order:
        return self.allotment.order

    @property
    def institute(self) -> Institute:
        return self.allotment.institute

    @property
    def is_held(self) -> bool:
        return self.hold is not None

    @property
    def rung(self) -> Rung | None:
        """The last rung that was reached; none before the first, and none while staff hold the seats."""
        reached = [rung for rung in Rung if self.days <= rung]
        return min(reached) if reached and not self.is_held else None


def today_at(institute: Institute, at: datetime) -> date:
    return localtime(at, institute.tz).date()


# --- Which are late ---------------------------------------------------------------------------------------------------


def late(*, at: datetime) -> list[Late]:
    """Allotments without full cover whose terms say when a purchase order is due, the soonest institute first.

    From 21 days before the first day until a month after the last. In a fixed number of queries.
    """
    around = localdate(at)
    rows = uncovered().filter(
        seat__institute__starts_on__lte=around + timedelta(days=Rung.REMIND + 1),
        seat__institute__ends_on__gte=around - LOOKING_BACK,
        seat__allotment__order__terms__po_due_days__isnull=False,
    )
    sums = list(
        rows.values("seat__allotment", "charge__line__payer").annotate(
            n=Count("seat", distinct=True), sum=Sum("charge__amount")
        )
    )
    allotments = _allotments({row["seat__allotment"] for row in sums})
    payers = Payer.objects.select_related("organization").in_bulk({row["charge__line__payer"] for row in sums})
    holds = _holds(allotments.values(), at)
    found = [
        Late(
            allotment,
            payers[row["charge__line__payer"]],
            row["n"],
            row["sum"],
            (allotment.institute.starts_on - today_at(allotment.institute, at)).days,
            holds.get(allotment.pk),
        )
        for row in sums
        for allotment in [allotments[row["seat__allotment"]]]
    ]
    return sorted((one for one in found if one.days <= Rung.REMIND), key=lambda one: (one.days, one.allotment.pk))


def uncovered() -> QuerySet[SeatCharge]:
    """Charges of held seats without cover; what was invoiced without a purchase order is a matter of payment."""
    owed = Charge.objects.uncovered().filter(Q(invoice_line__isnull=True) | Q(invoice_line__invoice__issued_at=None))
    return SeatCharge.objects.filter(seat__released_at__isnull=True, charge__in=owed).order_by()


def _allotments(keys: Iterable[int]) -> dict[int, Allotment]:
    return Allotment.objects.select_related("institute", "order__sponsor", "order__terms").in_bulk(keys)


def _holds(allotments: Iterable[Allotment], at: datetime) -> dict[int, PaperHold]:
    """The hold that is in force for each, the last that was granted."""
    found = list(allotments)
    latest = PaperHold.objects.filter(allotment=OuterRef("allotment")).order_by("-pk").values("pk")[:1]
    rows = PaperHold.objects.filter(allotment__in=found, pk=Subquery(latest)).select_related("by__person")
    zones = {allotment.pk: allotment.institute for allotment in found}
    return {hold.allotment_id: hold for hold in rows if hold.until >= today_at(zones[hold.allotment_id], at)}


# --- Telling ----------------------------------------------------------------------------------------------------------


def climb(*, at: datetime) -> int:
    """Say what each rung says, once: to the coordinator, to the business office, to staff. How many were on one.

    Whoever orders late starts at the rung that is reached then; those before it are not said any more.
    """
    groups: dict[tuple[int, int, Rung], list[Late]] = {}
    for one in late(at=at):
        if one.rung and one.days >= 0 and one.order.sponsor:
            groups.setdefault((one.order.pk, one.payer.pk, one.rung), []).append(one)
    for (order, payer, rung), group in groups.items():
        _say(rung, Demand.of(group), key=f"paper-{order}-{payer}-{rung.name.lower()}", at=at)
    _ask_for_references(at)
    return len(groups)


@dataclass(frozen=True)
class Demand:
    """The seats of one order for which one payer's purchase order is wanted."""

    order: Order
    sponsor: Organization
    institute: Institute
    payer: Payer
    seats: int
    amount: Decimal

    @classmethod
    def of(cls, group: Sequence[Late]) -> "Demand":
        first = group[0]
        sponsor = first.order.sponsor
        if sponsor is None:
            raise AssertionError("people who pay for themselves have no purchase orders")
        seats, amount = sum(one.seats for one in group), sum((one.amount for one in group), Decimal(0))
        return cls(first.order, sponsor, first.institute, first.payer, seats, amount)

    @property
    def heading(self) -> str:
        return str(self.institute)

    @property
    def url(self) -> str:
        return reverse("registrations:order_papers", args=[self.order.pk])

    @property
    def what(self) -> str:
        """ "11 seats ($5,775.00)"."""
        return f"{count(self.seats, 'seat')} ({dollars(self.amount)})"


def _say(rung: Rung, demand: Demand, *, key: str, at: datetime) -> None:
    begins = day(demand.institute.starts_on)
    if rung == Rung.REMIND:
        _tell_coordinators(demand, f"A purchase order for {demand.what} is not here yet.", key, at)
    elif rung == Rung.ESCALATE:
        _tell_coordinators(demand, f"We asked your business office for a purchase order for {demand.what}.", key, at)
        _ask_business_office(demand, key, at)
    elif rung == Rung.AT_RISK:
        _tell_coordinators(demand, f"At risk: no purchase order for {demand.what}, and it begins on {begins}.", key, at)
        _ask_business_office(demand, key, at)
    else:
        _tell_staff(
            demand, f"{demand.sponsor}: no purchase order for {demand.what}. Hold the seats or release them.", key, at
        )


def _tell_coordinators(demand: Demand, text: str, key: str, at: datetime) -> None:
    digests.note_coordinators(demand.sponsor, heading=demand.heading, text=text, url=demand.url, key=key, at=at)


def _tell_staff(demand: Demand, text: str, key: str, at: datetime) -> None:
    home = Provider.objects.first()
    if home and home.email:
        url = reverse("registrations:late_papers")
        digests.note(to=home.email, heading=demand.heading, text=text, url=url, key=key, at=at)


def _ask_business_office(demand: Demand, key: str, at: datetime) -> None:
    """By a mail of its own: to those who read the money of whoever pays, else to its accounts payable."""
    post.send_all([_letter(demand, address, key) for address in _offices(demand.payer)], at=at)


def _offices(payer: Payer) -> list[str]:
    held = Membership.objects.active().filter(
        organization=payer.organization_id, role=Role.BUSINESS_OFFICE, user__is_active=True
    )
    found = list(held.order_by("user").values_list("user__email", flat=True).distinct())
    return found or [payer.ap_email] * bool(payer.ap_email)


def _letter(demand: Demand, address: str, key: str) -> post.Letter:
    institute = demand.institute
    return post.Letter(
        to=address,
        subject=f"Purchase order needed for {institute}, {printed.days(institute.starts_on, institute.ends_on)}",
        template="mail/purchase_order_due",
        context={
            "payer": str(demand.payer),
            "sponsor": str(demand.sponsor),
            "institute": str(institute),
            "days": printed.days(institute.starts_on, institute.ends_on),
            "what": demand.what,
            "url": post.link(demand.url),
            "action": _("See the seats, the quote and the vendor papers"),
        },
        about=f"order {demand.order.pk}",
        key=f"{key}-{address}",
    )


# --- References of LCFF money -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pending:
    """LCFF money that pays for seats and names no goal of the LCAP."""

    order: Order
    institute: Institute
    line: FundingLine


def references_pending(*, at: datetime) -> list[Pending]:
    """Lines of LCFF money without an LCAP reference that pay for seats within the ladder's days, the soonest first."""
    around = localdate(at)
    rows = AllotmentFunding.objects.filter(
        line__source__in=LCFF,
        line__lcap_year="",
        line__lcap_goal="",
        line__lcap_action="",
        allotment__seats__released_at__isnull=True,
        allotment__institute__starts_on__lte=around + timedelta(days=Rung.REMIND),
        allotment__institute__ends_on__gte=around,
        allotment__order__sponsor__isnull=False,
    ).distinct()
    related = rows.select_related("allotment__order__sponsor", "allotment__institute", "line__agreement")
    found = {
        (row.allotment.order_id, row.line_id): Pending(row.allotment.order, row.allotment.institute, row.line)
        for row in related.order_by("allotment__institute__starts_on", "pk")
    }
    return list(found.values())


def _ask_for_references(at: datetime) -> None:
    for one in references_pending(at=at):
        if one.order.sponsor:
            digests.note_coordinators(
                one.order.sponsor,
                heading=str(one.institute),
                text=f"LCAP reference pending: {one.line} pays for seats and names no goal and action.",
                url=reverse("registrations:order_papers", args=[one.order.pk]),
                key=f"lcap-{one.order.pk}-{one.line.pk}",
                at=at,
            )
