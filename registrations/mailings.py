"""What became of the mail to a district's people: shown to its coordinators, who were told what its readers were told.

They see that a mail went, to whom and whether it arrived; never what it says: it holds a link that is its reader's alone.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from office import digests
from office.models import Message, MessageQuerySet, Outcome, OutcomeKind
from people.names import fold
from registrations.models import Order

ABOUT = "order "
LOST = frozenset({OutcomeKind.FAILED, OutcomeKind.BOUNCED, OutcomeKind.COMPLAINED})
LOOKED_BACK = timedelta(days=7)
"""How old an outcome may be to be told of: a worker that slept for a week wakes to old news."""


def of_orders(orders: Collection[int]) -> MessageQuerySet:
    """The mails to the people of orders, with `became`, the kind of their latest outcome; not the receipts."""
    rows: MessageQuerySet = Message.objects.filter(about__in=[f"{ABOUT}{order}" for order in orders])
    told: MessageQuerySet = (
        rows.exclude(key__startswith="order-").defer("text", "html").annotate(became=Subquery(_latest()))
    )
    return told


def lost(rows: MessageQuerySet) -> MessageQuerySet:
    """Those that did not arrive, and were not sent again with more luck."""
    failed = Outcome.objects.filter(message=OuterRef("pk"), kind__in=LOST)
    found: MessageQuerySet = rows.filter(Exists(failed), became__in=LOST)
    return found


def found(rows: MessageQuerySet, words: str) -> MessageQuerySet:
    """Those to people of whose names it is a part, and those whose subject holds it. Addresses are not searched."""
    named: MessageQuerySet = rows.filter(Q(person__sort_key__contains=fold(words)) | Q(subject__icontains=words))
    return named


def veiled(address: str) -> str:
    """An address as a coordinator may read it: a person may have given us another than her district knows."""
    local, _at, host = address.rpartition("@")
    return f"{local[:2]}…@{host}"


def _latest() -> QuerySet[Any]:
    return Outcome.objects.filter(message=OuterRef("pk")).order_by("-at", "-pk").values("kind")[:1]


def note_bounces(*, at: datetime) -> int:
    """Note each mail that did not arrive for the coordinators of the district whose order it is about; how many there are.

    A mail is noted once, however often this runs.
    """
    news = Outcome.objects.filter(kind__in=LOST, at__gt=at - LOOKED_BACK, message__about__startswith=ABOUT)
    found = list(news.select_related("message__person").order_by("pk"))
    orders = Order.objects.select_related("sponsor").in_bulk({_order_of(outcome.message) for outcome in found})
    for outcome in found:
        order = orders.get(_order_of(outcome.message))
        if order is None or order.sponsor is None:
            continue
        digests.note_coordinators(
            order.sponsor,
            heading=_("Mail that did not arrive"),
            text=_("%(who)s: “%(subject)s” – %(what)s")
            % {
                "who": outcome.message.person or outcome.message.to,
                "subject": outcome.message.subject,
                "what": outcome.get_kind_display(),
            },
            url=reverse("registrations:order", args=[order.pk]),
            key=f"lost-{outcome.message_id}",
            at=at,
        )
    return len(found)


def _order_of(message: Message) -> int:
    return int(message.about.removeprefix(ABOUT))
