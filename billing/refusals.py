"""Why money cannot be promised: sentences for the user, with the figures behind them."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate

from billing.models import FundingAgreement, PurchaseOrder
from billing.wording import dollars
from people.models import Organization


class CannotCharge(Exception):
    """Nothing was charged; the sentence says why."""


class Short(CannotCharge):
    """There is less `left` than is `wanted`; the `amounts` are those of the single charges, in the order asked for."""

    def __init__(self, subject: str, *, left: Decimal, amounts: Sequence[Decimal]) -> None:
        self.left = left
        self.amounts = list(amounts)
        self.wanted = sum(amounts, Decimal(0))
        super().__init__(f"{subject} has {dollars(left)} left; this needs {_sum_in_words(amounts, self.wanted)}.")

    @property
    def affordable(self) -> int:
        """How many of the charges, from the first on, could be paid (scenario 14)."""
        return sum(total <= self.left for total in accumulate(self.amounts))


class AgreementShort(Short):
    def __init__(self, agreement: FundingAgreement, *, left: Decimal, amounts: Sequence[Decimal]) -> None:
        self.agreement = agreement
        super().__init__(str(agreement), left=left, amounts=amounts)


class CapShort(Short):
    """The district's share of a grant is used up, though the grant itself may not be."""

    def __init__(
        self, agreement: FundingAgreement, organization: Organization, *, left: Decimal, amounts: Sequence[Decimal]
    ) -> None:
        self.agreement = agreement
        self.organization = organization
        super().__init__(f"{organization}'s share of {agreement}", left=left, amounts=amounts)


class PurchaseOrderShort(Short):
    def __init__(self, purchase_order: PurchaseOrder, *, left: Decimal, amounts: Sequence[Decimal]) -> None:
        self.purchase_order = purchase_order
        super().__init__(f"Purchase order {purchase_order}", left=left, amounts=amounts)


def _sum_in_words(amounts: Sequence[Decimal], total: Decimal) -> str:
    """ "$1,575.00 (3 × $525.00)"."""
    if len(amounts) > 1 and len(set(amounts)) == 1:
        return f"{dollars(total)} ({len(amounts)} × {dollars(amounts[0])})"
    return dollars(total)
