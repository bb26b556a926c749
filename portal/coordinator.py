"""A district's year on one page: what is open to it, what it ordered, what it pays, who came, and what needs it today.

A year is a fiscal year, named by the one in which it ends. The page of the year that runs shows what comes later too;
what lies further back is found under its own year. The number of questions is the same for any history.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Prefetch, Q, Sum
from django.db.models.query import QuerySet
from django.utils.timezone import localtime

from billing.models import Invoice, PurchaseOrder, Quote, fiscal_year_of
from certificates.models import Certificate
from events.models import Audience, Institute, PriorityWindow, SetAside
from people.access import Who
from people.models import Organization
from portal import urgent
from registrations import mailings
from registrations.models import Allotment, HoursEarned, Offer, Seat, SeatCharge, WaitlistEntry

MOST = 12


@dataclass
class Attended:
    """What a district has at one institute."""

    institute: Institute
    seats: int = 0
    unnamed: int = 0
    name_by: date | None = None
    charged: Decimal | None = None
    minutes: int = 0
    certificates: int = 0
    orders: list[int] = field(default_factory=list)
    waiting: list[WaitlistEntry] = field(default_factory=list)

    @property
    def is_settled(self) -> bool:
        """Nothing but history: no seat is left and nobody waits."""
        return not (self.seats or self.waiting)


@dataclass
class Year:
    """All that the page shows."""

    district: Organization
    year: int
    years: Sequence[int]
    is_current: bool
    open_institutes: Sequence[Institute] = ()
    attended: Sequence[Attended] = ()
    purchase_orders: Sequence[PurchaseOrder] = ()
    quotes: Sequence[Quote] = ()
    invoices: Sequence[Invoice] = ()
    paid: Sequence[Invoice] = ()
    lost_mails: int = 0
    needs: list[urgent.Need] = field(default_factory=list)

    @property
    def owed(self) -> Decimal:
        return sum((invoice.balance for invoice in self.invoices), Decimal(0))


def year_of(district: Organization, *, who: Who, at: datetime, may_register: bool, asked: int | None = None) -> Year:
    """The page of one district for the year that was asked for, or for the one that runs."""
    today = localtime(at).date()
    this_year = fiscal_year_of(today)
    number = min(asked or this_year, this_year)
    is_current = number == this_year
    allotments = list(_allotments(district, who, number, is_current=is_current))
    year = Year(district, number, _years(district, this_year), is_current)
    year.attended = _attended(allotments, district, today)
    _add_money(year, who, today)
    if is_current:
        year.lost_mails = mailings.lost(mailings.of_orders({allotment.order_id for allotment in allotments})).count()
        _add_today(year, allotments, who, at, may_register=may_register)
    return year


def orders_of(district: Organization, *, who: Who, at: datetime, asked: int | None = None) -> set[int]:
    """The keys of the orders whose seats the page of a year shows."""
    this_year = fiscal_year_of(localtime(at).date())
    number = min(asked or this_year, this_year)
    rows = _allotments(district, who, number, is_current=number == this_year)
    return set(rows.values_list("order", flat=True))


def _add_money(year: Year, who: Who, today: date) -> None:
    invoices = Invoice.objects.visible_to(who).filter(payer__organization=year.district)
    if year.is_current:
        year.purchase_orders = list(_purchase_orders(year.district, who, today))
        year.quotes = list(_quotes(year.district, who, today))
        year.invoices = list(invoices.open().order_by("due_on", "pk")[:MOST])
        year.paid = list(invoices.settled().order_by("-issued_at", "-pk")[:5])
    else:
        of_the_year = invoices.filter(service_year=year.year).order_by("issued_at", "pk")
        year.invoices = list(of_the_year.open()[:MOST])
        year.paid = list(of_the_year.settled()[: 4 * MOST])


def _add_today(year: Year, allotments: Sequence[Allotment], who: Who, at: datetime, *, may_register: bool) -> None:
    year.open_institutes = _open_to(year.district, at)
    year.needs = urgent.needs_of(
        year.district,
        who=who,
        at=at,
        may_register=may_register,
        allotments=allotments,
        invoices=year.invoices,
        purchase_orders=year.purchase_orders,
        lost_mails=year.lost_mails,
    )


def _years(district: Organization, this_year: int) -> list[int]:
    """The years in which the district was somewhere, the latest first."""
    first = Allotment.objects.filter(order__sponsor=district).aggregate(first=Min("institute__starts_on"))["first"]
    return list(range(this_year, min(fiscal_year_of(first), this_year) - 1, -1)) if first else [this_year]


def _open_to(district: Organization, at: datetime) -> list[Institute]:
    """Institutes that the district may register for now: those open to all, and those open early to its county or region.

    With `audiences`, whom an institute is for, and `set_aside`, the seats that are kept for the district.
    """
    hers = Q(pk__in=[])
    if district.county:
        hers = Q(county=district.county) | Q(region__isnull=False, region=district.county.region_id)
    early = PriorityWindow.objects.filter(hers, institute=OuterRef("pk"), opens_at__lte=at)
    open_now = Institute.objects.published().held().filter(registration_closes_at__gt=at)
    kept = SetAside.objects.filter(organization=district, until__gte=at.date())
    return list(
        open_now.filter(Q(registration_opens_at__lte=at) | Exists(early))
        .prefetch_related(
            Prefetch("audiences", Audience.objects.select_related("cohort").order_by("pk")),
            Prefetch("set_asides", kept, to_attr="set_aside"),
        )
        .order_by("starts_on", "pk")[:MOST]
    )


def _purchase_orders(district: Organization, who: Who, today: date) -> QuerySet[PurchaseOrder]:
    own = PurchaseOrder.objects.visible_to(who).filter(payer__organization=district)
    return own.filter(Q(expires_on__gte=today) | Q(expires_on__isnull=True)).order_by("expires_on", "pk")[:MOST]


def _quotes(district: Organization, who: Who, today: date) -> QuerySet[Quote]:
    good = Quote.objects.visible_to(who).filter(valid_until__gte=today)
    return good.filter(Q(organization=district) | Q(payer__organization=district)).order_by("-issued_at", "-pk")[:5]


# --- Seats ------------------------------------------------------------------------------------------------------------


def _allotments(district: Organization, who: Who, year: int, *, is_current: bool) -> QuerySet[Allotment]:
    """Of the institutes that begin in the year, or, while it runs, later."""
    first = date(year - 1, 7, 1)
    rows = Allotment.objects.visible_to(who).filter(order__sponsor=district, institute__starts_on__gte=first)
    if not is_current:
        rows = rows.filter(institute__starts_on__lt=date(year, 7, 1))
    found: QuerySet[Allotment] = rows.select_related("institute").order_by("order", "pk")
    return found


def _attended(allotments: Sequence[Allotment], district: Organization, today: date) -> list[Attended]:
    """The institutes of allotments, the next to come first, what is over last: each figure for all in one question."""
    rows: dict[int, Attended] = {}
    for allotment in allotments:
        row = rows.setdefault(allotment.institute_id, Attended(allotment.institute))
        if allotment.order_id not in row.orders:
            row.orders.append(allotment.order_id)
    keys = [allotment.pk for allotment in allotments]
    to_come = [allotment.pk for allotment in allotments if allotment.institute.ends_on >= today]
    figures = {
        "seats": _held(keys),
        "unnamed": _unnamed(to_come),
        "name_by": _name_by(to_come),
        "charged": _charged(keys),
        "minutes": _minutes(keys),
        "certificates": _certificates(list(rows), district),
    }
    for name, pairs in figures.items():
        for key, figure in pairs:
            setattr(rows[key], name, figure)
    for entry in _in_line(keys):
        rows[entry.institute_id].waiting.append(entry)
    shown = [row for row in rows.values() if not row.is_settled or row.charged]
    return sorted(shown, key=lambda row: (row.institute.starts_on, row.institute.pk))


def _held(allotments: Sequence[int]) -> Iterator[Any]:
    held = Seat.objects.held().filter(allotment__in=allotments).order_by()
    yield from held.values_list("institute").annotate(seats=Count("pk"))


def _unnamed(allotments: Sequence[int]) -> Iterator[Any]:
    """Held for her, and she has not said for whom; not what is only offered."""
    seats = Seat.objects.unnamed().filter(allotment__in=allotments).order_by()
    yield from seats.values_list("institute").annotate(unnamed=Count("pk"))


def _name_by(allotments: Sequence[int]) -> Iterator[Any]:
    unnamed = Seat.objects.unnamed().filter(allotment__in=allotments, name_by__isnull=False).order_by()
    yield from unnamed.values_list("institute").annotate(name_by=Min("name_by"))


def _charged(allotments: Sequence[int]) -> Iterator[Any]:
    """Whoever pays: she sees what her seats cost on their orders, too."""
    charges = SeatCharge.objects.filter(seat__allotment__in=allotments).order_by()
    yield from charges.values_list("seat__institute").annotate(sum=Sum("charge__amount"))


def _minutes(allotments: Sequence[int]) -> Iterator[Any]:
    hours = HoursEarned.objects.filter(registration__seat__allotment__in=allotments).order_by()
    yield from hours.values_list("registration__institute").annotate(sum=Sum("minutes"))


def _certificates(institutes: Sequence[int], district: Organization) -> Iterator[Any]:
    issued = Certificate.objects.current().filter(sponsor=district, institute__in=institutes).order_by()
    yield from issued.values_list("institute").annotate(number=Count("pk"))


def _in_line(allotments: Sequence[int]) -> QuerySet[WaitlistEntry]:
    waiting = WaitlistEntry.objects.waiting().filter(allotment__in=allotments)
    offered = Prefetch("offers", Offer.objects.open(), to_attr="open_offers")
    rows: QuerySet[WaitlistEntry] = waiting.select_related("institute").prefetch_related(offered).in_line()
    return rows
