"""What became of an agreement's dollars: paid, invoiced, not yet invoiced, left."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from billing.models import Allocation, Charge, FundingAgreement, InvoiceLine
from billing.wording import dollars


@dataclass(frozen=True)
class Spending:
    """Recomputed from rows: charges, lines of issued documents, allocations."""

    agreement: FundingAgreement
    charged: Decimal
    billed: Decimal
    paid: Decimal

    @property
    def unbilled(self) -> Decimal:
        """Charged, and on no issued invoice yet; for a grant that is never invoiced all of it."""
        return self.charged - self.billed

    @property
    def unpaid(self) -> Decimal:
        """Invoiced, and not paid yet."""
        return self.billed - self.paid

    @property
    def left(self) -> Decimal | None:
        return None if self.agreement.amount is None else self.agreement.amount - self.charged

    @property
    def parts(self) -> list[dict[str, Any]]:
        """The bar: whole percents of the agreement's dollars, or of what is charged where there is no limit.

        What is left is the empty part of the bar.
        """
        whole = self.agreement.amount if self.agreement.amount is not None else self.charged
        named = [(_("Not yet invoiced"), self.unbilled), (_("Invoiced"), self.unpaid), (_("Paid"), self.paid)]
        if not self.agreement.is_invoiced:
            named = [(_("Charged"), self.charged)]
        return _bar(named, whole)


def spending_of(agreements: Iterable[FundingAgreement]) -> list[Spending]:
    """The spending of each, in their order; three queries, however many there are."""
    found = list(agreements)
    charged = _sums(Charge.objects.filter(line__agreement__in=found), "line__agreement")
    issued = InvoiceLine.objects.filter(invoice__agreement__in=found, invoice__issued_at__isnull=False)
    billed = _sums(issued, "invoice__agreement")
    paid = _sums(Allocation.objects.filter(invoice__agreement__in=found), "invoice__agreement")
    zero = Decimal(0)
    return [
        Spending(each, charged.get(each.pk, zero), billed.get(each.pk, zero), paid.get(each.pk, zero)) for each in found
    ]


def _sums(rows: QuerySet, path: str) -> dict[int, Decimal]:
    return dict(rows.order_by().values_list(path).annotate(dollars=Sum("amount")))


def _bar(named: Sequence[tuple[str, Decimal]], whole: Decimal) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    start = 0
    for label, amount in named:
        share = int(100 * amount / whole) if whole and amount > 0 else 0
        parts.append({"label": label, "text": dollars(amount), "start": start, "share": share})
        start += share
    return parts
