"""What needs a district today, the most urgent first: each in one sentence, with the one thing to do about it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, F, Sum
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.models import Invoice, PurchaseOrder
from events import printed
from people.access import Who
from people.models import Organization
from registrations import ladders
from registrations.models import Allotment, Approval, Decision, Offer, RosterDraft, Seat, Takeover

SOON = timedelta(days=30)
MOST = 12
TONES = ["bad", "warn", ""]
"""Of what is lost soon, of what is late or near, of the rest; the most urgent first."""


@dataclass(frozen=True)
class Need:
    """Something that waits for her, until when, and where it is done."""

    sentence: str
    url: str
    action: str
    by: date
    tone: str = ""


def needs_of(
    district: Organization,
    *,
    who: Who,
    at: datetime,
    may_register: bool,
    allotments: Sequence[Allotment],
    invoices: Sequence[Invoice],
    purchase_orders: Sequence[PurchaseOrder],
    lost_mails: int,
) -> list[Need]:
    """What waits: first what is lost if it waits longer, then by day. The business office is asked for money only."""
    today = localtime(at).date()
    found = [*_overdue(invoices, today), *_expiring(purchase_orders, today), *_without_paper(allotments, today)]
    if may_register:
        found += [
            *_offers(district, who),
            *_unnamed(allotments, today),
            *_takeovers(district, who),
            *_rosters(district, who, today),
            *_lost(district, lost_mails, today),
        ]
    return sorted(found, key=lambda need: (TONES.index(need.tone), need.by, need.sentence))


def _offers(district: Organization, who: Who) -> Iterator[Need]:
    """Places that are kept for her until a moment."""
    rows = Offer.objects.visible_to(who).open().filter(entry__allotment__order__sponsor=district)
    for offer in rows.select_related("entry__institute", "entry__allotment").order_by("ends_at")[:MOST]:
        entry = offer.entry
        ends = offer.ends_at.astimezone(entry.institute.tz)
        yield Need(
            ngettext(
                "%(n)s place at %(code)s is offered to you until %(until)s.",
                "%(n)s places at %(code)s are offered to you until %(until)s.",
                entry.seats,
            )
            % {"n": entry.seats, "code": entry.institute.code, "until": date_format(ends, "l, g:i A")},
            reverse("registrations:offer", args=[offer.pk]),
            _("Answer"),
            ends.date(),
            "bad",
        )


def _unnamed(allotments: Sequence[Allotment], today: date) -> Iterator[Need]:
    """Seats that go back unless they are named by a day."""
    seats = Seat.objects.unnamed().filter(allotment__in=allotments, name_by__gte=today).order_by("name_by", "institute")
    rows = seats.values("name_by", code=F("institute__code"), order=F("allotment__order")).annotate(seats=Count("pk"))
    for row in rows[:MOST]:
        yield Need(
            ngettext(
                "%(n)s seat at %(code)s goes back unless you name it by %(day)s.",
                "%(n)s seats at %(code)s go back unless you name them by %(day)s.",
                row["seats"],
            )
            % {"n": row["seats"], "code": row["code"], "day": printed.day(row["name_by"])},
            reverse("registrations:order", args=[row["order"]]),
            _("Name them"),
            row["name_by"],
            "warn" if row["name_by"] <= today + SOON else "",
        )


def _without_paper(allotments: Sequence[Allotment], today: date) -> Iterator[Need]:
    """Seats that no purchase order covers yet, and whose institute is near."""
    near = {
        allotment.pk: allotment
        for allotment in allotments
        if today <= allotment.institute.starts_on <= today + timedelta(days=ladders.Rung.REMIND)
    }
    owed = ladders.uncovered().filter(
        seat__allotment__in=near, seat__allotment__order__terms__po_due_days__isnull=False
    )
    rows = owed.values("seat__allotment__order", "seat__allotment").annotate(
        seats=Count("seat", distinct=True), dollars=Sum("charge__amount")
    )
    for row in rows.order_by("seat__allotment")[:MOST]:
        institute = near[row["seat__allotment"]].institute
        days = (institute.starts_on - today).days
        yield Need(
            ngettext(
                "%(n)s seat at %(code)s has no purchase order yet, $%(dollars)s.",
                "%(n)s seats at %(code)s have no purchase order yet, $%(dollars)s.",
                row["seats"],
            )
            % {"n": row["seats"], "code": institute.code, "dollars": f"{row['dollars']:,.2f}"},
            reverse("registrations:order_papers", args=[row["seat__allotment__order"]]),
            _("Send it"),
            institute.starts_on - timedelta(days=ladders.Rung.ESCALATE),
            "bad" if days <= ladders.Rung.AT_RISK else "warn",
        )


def _takeovers(district: Organization, who: Who) -> Iterator[Need]:
    """Seats that another district asks this one to take over, with their money."""
    asked = Takeover.objects.visible_to(who).filter(asked_of=district, answered_at=None)
    rows = asked.select_related("seat__institute", "seat__allotment__order__sponsor").order_by("asked_at")
    for takeover in rows[:MOST]:
        yield Need(
            _("%(district)s asks you to take over a seat at %(code)s, with its cost.")
            % {"district": takeover.seat.allotment.order.sponsor, "code": takeover.seat.institute.code},
            reverse("registrations:takeover", args=[takeover.pk]),
            _("Answer"),
            localtime(takeover.asked_at).date(),
        )


def _rosters(district: Organization, who: Who, today: date) -> Iterator[Need]:
    """Rosters that are not sent yet: some wait for an approval, some were approved or declined, some for her."""
    waiting = RosterDraft.objects.visible_to(who).unsubmitted().filter(sponsor=district)
    rows = waiting.defer("columns", "funding").select_related("institute").order_by("-changed_at")[:MOST]
    drafts = {draft.pk: draft for draft in rows}
    latest: dict[int, Approval] = {}
    for approval in Approval.objects.filter(draft__in=drafts, taken_back_at=None).order_by("asked_at", "pk"):
        latest[approval.draft_id] = approval
    for draft in drafts.values():
        closes = draft.institute.registration_closes_at.astimezone(draft.institute.tz).date()
        yield Need(
            _said_of(draft, latest.get(draft.pk)),
            reverse("registrations:roster", args=[draft.pk]),
            _("Go on"),
            max(today, closes - SOON),
        )


def _said_of(draft: RosterDraft, approval: Approval | None) -> str:
    if approval is None or approval.revision != draft.revision:
        words = ngettext(
            "The roster for %(code)s waits with %(rows)s row.",
            "The roster for %(code)s waits with %(rows)s rows.",
            len(draft.rows),
        )
        return words % {"code": draft.institute.code, "rows": len(draft.rows)}
    words = {
        "": _("The roster for %(code)s waits for the approval of %(who)s."),
        Decision.APPROVED: _("The roster for %(code)s was approved by %(who)s: it can be sent."),
        Decision.DECLINED: _("The roster for %(code)s was declined by %(who)s."),
    }[approval.decision]
    return words % {"code": draft.institute.code, "who": approval.decided_by or approval.name or approval.email}


def _lost(district: Organization, lost_mails: int, today: date) -> Iterator[Need]:
    if lost_mails:
        words = ngettext(
            "%(n)s mail to your people did not arrive.", "%(n)s mails to your people did not arrive.", lost_mails
        )
        yield Need(
            words % {"n": lost_mails}, f"{reverse('portal:mailings')}?district={district.pk}", _("See which"), today
        )


def _overdue(invoices: Sequence[Invoice], today: date) -> Iterator[Need]:
    for invoice in invoices:
        if invoice.due_on and invoice.due_on < today:
            yield Need(
                _("Invoice %(invoice)s was due on %(day)s.")
                % {"invoice": invoice, "day": date_format(invoice.due_on, "F j")},
                reverse("billing:invoice", args=[invoice.pk]),
                _("See it"),
                invoice.due_on,
                "warn",
            )


def _expiring(purchase_orders: Sequence[PurchaseOrder], today: date) -> Iterator[Need]:
    for order in purchase_orders:
        if order.left and order.expires_on and order.expires_on <= today + SOON:
            yield Need(
                _("Purchase order %(order)s expires on %(day)s with $%(left)s left.")
                % {"order": order, "day": date_format(order.expires_on, "F j"), "left": f"{order.left:,.2f}"},
                reverse("billing:purchase_order", args=[order.pk]),
                _("See it"),
                order.expires_on,
            )
