"""A district's year on one page: what is open to it, what it ordered, what it pays, who came, and what needs it today."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.db.models.query import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.models import Charge, Invoice, PurchaseOrder
from certificates.models import Certificate
from events.models import Institute
from people.access import Who
from people.models import Organization
from registrations.models import Allotment, HoursEarned, Registration, RosterDraft, Seat

MOST = 12
SOON = timedelta(days=30)


@dataclass
class Attended:
    """What a district has at one institute."""

    institute: Institute
    seats: int = 0
    named: int = 0
    charged: Decimal | None = None
    minutes: int = 0
    certificates: int = 0
    orders: list[int] = field(default_factory=list)

    @property
    def unnamed(self) -> int:
        return self.seats - self.named


@dataclass(frozen=True)
class Need:
    """Something that waits for her, and where it is done."""

    sentence: str
    url: str


@dataclass
class Year:
    """All that the page shows."""

    district: Organization
    open_institutes: Sequence[Institute] = ()
    drafts: Sequence[RosterDraft] = ()
    attended: Sequence[Attended] = ()
    purchase_orders: Sequence[PurchaseOrder] = ()
    invoices: Sequence[Invoice] = ()
    paid: Sequence[Invoice] = ()
    needs: list[Need] = field(default_factory=list)

    @property
    def owed(self) -> Decimal:
        return sum((invoice.balance for invoice in self.invoices), Decimal(0))


def year_of(district: Organization, *, who: Who, at: datetime, may_register: bool) -> Year:
    """The page of one district, in a fixed number of queries, however long its history."""
    today = at.date()
    invoices = Invoice.objects.visible_to(who).filter(payer__organization=district)
    year = Year(
        district,
        open_institutes=list(Institute.objects.open_for_registration(at=at).order_by("starts_on", "pk")[:MOST]),
        drafts=list(_drafts(district, who)) if may_register else [],
        attended=_attended(district, who),
        purchase_orders=list(_purchase_orders(district, who, today)),
        invoices=list(invoices.open().order_by("due_on", "pk")[:MOST]),
        paid=list(invoices.settled().order_by("-issued_at", "-pk")[:5]),
    )
    year.needs = [*_rosters_that_wait(year), *_money_that_waits(year, today)]
    return year


def _drafts(district: Organization, who: Who) -> QuerySet[RosterDraft]:
    waiting = RosterDraft.objects.visible_to(who).unsubmitted().filter(sponsor=district)
    return waiting.defer("columns").select_related("institute").order_by("-changed_at")[:MOST]


def _purchase_orders(district: Organization, who: Who, today: date) -> QuerySet[PurchaseOrder]:
    own = PurchaseOrder.objects.visible_to(who).filter(payer__organization=district)
    return own.filter(Q(expires_on__gte=today) | Q(expires_on__isnull=True)).order_by("expires_on", "pk")[:MOST]


def _attended(district: Organization, who: Who) -> list[Attended]:
    """The institutes with seats of the district, the latest first: each figure for all of them in one query."""
    seats = Seat.objects.held().filter(allotment__order__sponsor=district)
    held = dict(seats.order_by().values_list("institute").annotate(number=Count("pk")))
    latest = Institute.objects.filter(pk__in=held).order_by("-starts_on", "-pk")[:MOST]
    rows = {institute.pk: Attended(institute, seats=held[institute.pk]) for institute in latest}
    here = {"seat__allotment__order__sponsor": district, "institute__in": rows}
    for key, number in (
        Registration.objects.live().filter(**here).values_list("institute").annotate(n=Count("seat", distinct=True))
    ):
        rows[key].named = number
    charges = Charge.objects.visible_to(who).filter(
        seat_charge__seat__allotment__order__sponsor=district, seat_charge__seat__institute__in=rows
    )
    for key, amount in charges.order_by().values_list("seat_charge__seat__institute").annotate(sum=Sum("amount")):
        rows[key].charged = amount
    hours = HoursEarned.objects.filter(
        registration__seat__allotment__order__sponsor=district, registration__institute__in=rows
    )
    for key, minutes in hours.order_by().values_list("registration__institute").annotate(sum=Sum("minutes")):
        rows[key].minutes = minutes
    issued = Certificate.objects.current().filter(sponsor=district, institute__in=rows)
    for key, number in issued.order_by().values_list("institute").annotate(number=Count("pk")):
        rows[key].certificates = number
    ordered = Allotment.objects.filter(order__sponsor=district, institute__in=rows)
    for key, order in ordered.order_by("order").values_list("institute", "order").distinct():
        rows[key].orders.append(order)
    return list(rows.values())


def _rosters_that_wait(year: Year) -> list[Need]:
    return [
        Need(
            ngettext(
                "The roster for %(code)s waits with %(rows)s row.",
                "The roster for %(code)s waits with %(rows)s rows.",
                len(draft.rows),
            )
            % {"code": draft.institute.code, "rows": len(draft.rows)},
            reverse("registrations:roster", args=[draft.pk]),
        )
        for draft in year.drafts
    ]


def _money_that_waits(year: Year, today: date) -> list[Need]:
    overdue = [
        Need(
            _("Invoice %(invoice)s was due on %(day)s.") % {"invoice": invoice, "day": f"{invoice.due_on:%B %-d}"},
            reverse("billing:invoice", args=[invoice.pk]),
        )
        for invoice in year.invoices
        if invoice.due_on and invoice.due_on < today
    ]
    expiring = [
        Need(
            _("Purchase order %(order)s expires on %(day)s with $%(left)s left.")
            % {"order": order, "day": f"{order.expires_on:%B %-d}", "left": f"{order.left:,.2f}"},
            "#purchase-orders",
        )
        for order in year.purchase_orders
        if order.left and order.expires_on and order.expires_on <= today + SOON
    ]
    return overdue + expiring
