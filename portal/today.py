"""What waits for the provider's staff today: who comes, what fills, what is owed, what went wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from billing.models import Charge, FundingAgreement, Invoice
from certificates.models import Certificate
from events.models import Institute
from office.models import Message
from people import matching
from people.access import Action, Who, may
from registrations import ladders
from registrations.models import AttendanceEvent, EventKind, Offer

COMING = timedelta(days=120)
LOOKING_BACK = timedelta(days=60)
NEAR_ITS_END = Decimal("0.9")
MOST = 8


@dataclass(frozen=True)
class Money:
    """What is owed and what runs out, in dollars."""

    drafts: int
    uninvoiced: Decimal
    overdue: Sequence[Invoice]
    overdue_total: Decimal
    nearly_spent: Sequence[FundingAgreement]


@dataclass(frozen=True)
class Today:
    """All that the page shows; `money` is none for whoever may not see it."""

    running: Sequence[Institute]
    coming: Sequence[Institute]
    without_certificates: Sequence[Institute]
    failed_mails: int
    late_papers: int
    duplicates: int
    offers: Sequence[Offer]
    money: Money | None


def of(who: Who, *, at: datetime) -> Today:
    """The page for one of the staff, in a fixed number of queries."""
    today = timezone.localdate(at)
    held = Institute.objects.visible_to(who).published().held().select_related("program", "venue")
    running = held.filter(starts_on__lte=today, ends_on__gte=today)
    coming = held.filter(starts_on__gt=today, starts_on__lte=today + COMING)
    return Today(
        running=list(_with_present(running, at).order_by("starts_on", "pk")),
        coming=list(coming.order_by("starts_on", "pk")[:MOST]),
        without_certificates=list(_without_certificates(held, today)),
        late_papers=sum(not one.is_held for one in ladders.late(at=at)),
        duplicates=matching.suggestions().count() if may(who, Action.KEEP_DIRECTORY) else 0,
        offers=list(_ending(who, today)),
        failed_mails=Message.objects.visible_to(who).failed().count(),
        money=_money(who, today) if may(who, Action.BILL) else None,
    )


def _ending(who: Who, today: date) -> QuerySet[Offer]:
    """Offers that nobody answered and that end today."""
    ending = Offer.objects.visible_to(who).open().filter(ends_at__date=today)
    related = ("entry__institute", "entry__allotment__order__sponsor")
    return ending.select_related(*related).order_by("ends_at", "pk")[:MOST]


def _money(who: Who, today: date) -> Money:
    overdue = Invoice.objects.visible_to(who).overdue(on=today)
    agreements = FundingAgreement.objects.visible_to(who).open_on(today)
    uninvoiced = Charge.objects.visible_to(who).unprinted().invoiced().aggregate(sum=Sum("amount"))["sum"]
    return Money(
        drafts=Invoice.objects.visible_to(who).drafts().count(),
        uninvoiced=uninvoiced or Decimal(0),
        overdue=list(overdue.select_related("payer__organization", "payer__person").order_by("due_on", "pk")[:MOST]),
        overdue_total=overdue.aggregate(sum=Sum("balance"))["sum"] or Decimal(0),
        nearly_spent=list(
            agreements.filter(amount__gt=0, charged__gte=F("amount") * NEAR_ITS_END).order_by("ends_on", "pk")[:MOST]
        ),
    )


def _with_present(institutes: QuerySet[Institute], at: datetime) -> QuerySet[Institute]:
    """Each with how many people were seen in the last twelve hours."""
    seen = Q(
        registrations__attendance__at__gte=at - timedelta(hours=12),
        registrations__attendance__kind__in=[EventKind.PRESENT, EventKind.IN],
    )
    return institutes.annotate(present=Count("registrations", filter=seen, distinct=True))


def _without_certificates(institutes: QuerySet[Institute], today: date) -> QuerySet[Institute]:
    """Over, attended, and nobody has a certificate yet."""
    issued = Certificate.objects.filter(institute=OuterRef("pk"))
    attended = AttendanceEvent.objects.filter(session__institute=OuterRef("pk"))
    over = institutes.filter(ends_on__lt=today, ends_on__gte=today - LOOKING_BACK)
    return over.filter(~Exists(issued), Exists(attended)).order_by("ends_on", "pk")[:MOST]
