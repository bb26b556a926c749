"""The end of a fiscal year: which purchase orders are open, and the letter that asks whether the last invoice came.

Districts close their books on 30 June and free what their purchase orders still hold. A credit that comes later is the
payer's credit for the next year (`payments.use_credit`), and is sent back (`refunds.refund`) where it asks for that.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import DecimalField, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from billing.models import Draw, Payer, PurchaseOrder, YearEndLetter
from billing.wording import day, dollars, fiscal_year
from office import post
from people.models import User

_DOLLARS: DecimalField = DecimalField(max_digits=14, decimal_places=2)


class CannotWrite(Exception):
    """No letter went out; the sentence says why."""


@dataclass(frozen=True)
class Open:
    """A purchase order that the year's end closes: what of it is invoiced, still to be invoiced, and not used."""

    order: PurchaseOrder
    to_invoice: Decimal
    letter: YearEndLetter | None

    @property
    def invoiced(self) -> Decimal:
        return self.order.drawn - self.to_invoice

    @property
    def why_not(self) -> str:
        """Why no letter can go out about it; empty where one can, or did."""
        return "" if self.letter or self.order.payer.ap_email else _("no accounts payable e-mail")


def last_day(year: int) -> date:
    return date(year, 6, 30)


def open_orders(year: int) -> list[Open]:
    """Those with dollars that are not used or not invoiced, by payer.

    Left out: what ended before the year began, and what its district wrote for a later one.
    """
    ends = last_day(year)
    uninvoiced = Draw.objects.filter(purchase_order=OuterRef("pk")).exclude(
        charge__invoice_line__invoice__issued_at__isnull=False
    )
    summed = uninvoiced.order_by().values("purchase_order").annotate(dollars=Sum("amount")).values("dollars")
    of_the_year = Q(expires_on__isnull=True) | Q(expires_on__gte=date(year - 1, 7, 1), expires_on__lte=ends)
    found = (
        PurchaseOrder.objects.filter(of_the_year)
        .exclude(issued_on__gt=ends)
        .annotate(
            to_invoice=Coalesce(Subquery(summed, output_field=_DOLLARS), Value(Decimal(0)), output_field=_DOLLARS)
        )
        .filter(Q(amount__gt=F("drawn")) | Q(to_invoice__gt=0))
        .select_related("payer__organization", "payer__person")
        .order_by("payer__organization__search_key", "payer", "pk")
    )
    letters = {letter.purchase_order_id: letter for letter in YearEndLetter.objects.of(year)}
    return [Open(order, order.to_invoice, letters.get(order.pk)) for order in found]


@transaction.atomic
def send(year: int, *, by: User, at: datetime) -> int:
    """Write to each payer about its orders of which nobody wrote this year; how many letters. Raises CannotWrite."""
    waiting: dict[Payer, list[Open]] = {}
    for each in open_orders(year):
        if not each.letter and not each.why_not:
            waiting.setdefault(each.order.payer, []).append(each)
    if not waiting:
        raise CannotWrite(_("Every open purchase order has its letter, or its payer no address."))
    messages = post.send_all([_letter(payer, orders, year) for payer, orders in waiting.items()], at=at)
    YearEndLetter.objects.bulk_create(
        YearEndLetter(purchase_order=each.order, fiscal_year=year, message=message, by=by, at=at)
        for message, orders in zip(messages, waiting.values(), strict=True)
        for each in orders
    )
    return len(messages)


def _letter(payer: Payer, orders: Iterable[Open], year: int) -> post.Letter:
    listed = list(orders)
    return post.Letter(
        to=payer.ap_email,
        subject=_("Purchase orders that close on %s: is there a final invoice to come?") % day(last_day(year)),
        template="mail/year_end",
        context={
            "payer": str(payer),
            "year": fiscal_year(year),
            "last_day": day(last_day(year)),
            "orders": [
                {
                    "number": each.order.number,
                    "amount": dollars(each.order.amount),
                    "invoiced": dollars(each.invoiced),
                    "to_invoice": dollars(each.to_invoice) if each.to_invoice else "",
                    "left": dollars(each.order.left) if each.order.left else "",
                }
                for each in listed
            ],
        },
        about=f"year end {year}",
        key=f"year-end-{year}-{payer.pk}-{max(each.order.pk for each in listed)}",
    )
