"""What a roster costs: each line's people, dollars, and what its agreement has left after; and where money runs out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from billing.models import FundingAgreement, PurchaseOrder
from events.models import Institute
from registrations.funding import Option, part_of, rest_of
from registrations.rosters.judging import Verdict


@dataclass
class Bill:
    """What one line or agreement pays of a roster."""

    option: Option
    seats: int = 0
    amount: Decimal = Decimal(0)
    purchase_order: PurchaseOrder | None = None

    @property
    def left_after(self) -> Decimal | None:
        return None if self.option.left is None else self.option.left - self.amount

    @property
    def is_short(self) -> bool:
        return self.left_after is not None and self.left_after < 0

    @property
    def is_spent(self) -> bool:
        """The people who were given to it before it was spent need other money."""
        return self.option.is_spent and self.seats > 0

    @property
    def order_left_after(self) -> Decimal | None:
        return None if self.purchase_order is None else self.purchase_order.left - self.amount

    @property
    def order_covers(self) -> int:
        """How many of the seats the purchase order has enough for; the others want a change order or another one."""
        each = self.amount / self.seats if self.seats else self.amount
        return (
            self.seats if not (self.purchase_order and each) else min(self.seats, int(self.purchase_order.left // each))
        )

    @property
    def is_order_short(self) -> bool:
        return self.order_left_after is not None and self.order_left_after < 0


@dataclass
class Shortage:
    """An agreement that does not suffice (scenario 14): whom it pays, in the order of the roster, and whom not."""

    agreement: FundingAgreement
    left: Decimal
    rows: list[tuple[Verdict, bool]] = field(default_factory=list)
    paid: Decimal = Decimal(0)

    @property
    def funded(self) -> int:
        return sum(is_paid for _verdict, is_paid in self.rows)

    @property
    def unfunded(self) -> int:
        return len(self.rows) - self.funded

    @property
    def left_after(self) -> Decimal:
        return self.left - self.paid

    def take(self, verdict: Verdict, amount: Decimal) -> None:
        """One more person; once one is not paid, nobody after her is."""
        is_paid = not self.unfunded and self.paid + amount <= self.left
        self.paid += amount if is_paid else 0
        self.rows.append((verdict, is_paid))


@dataclass(frozen=True)
class Price:
    """A roster's bills, the people for whom nobody pays yet, and the agreements that do not suffice."""

    bills: list[Bill]
    unpaid: int
    shortages: list[Shortage]

    @property
    def total(self) -> Decimal:
        return sum((bill.amount for bill in self.bills), Decimal(0))


def price_of(
    verdicts: Sequence[Verdict],
    options: Sequence[Option],
    institute: Institute,
    purchase_orders: Mapping[str, PurchaseOrder],
) -> Price:
    """Pure: adds up what each row that takes a seat costs whom. `purchase_orders` go by the option's key.

    Who waits costs nothing yet, and needs someone who will pay all the same; a chaperone never does.
    """
    bills = {option.key: Bill(option, purchase_order=purchase_orders.get(option.key)) for option in options}
    stretched: dict[int, Shortage] = {}
    unpaid = 0
    for verdict in verdicts:
        if verdict.is_chaperone or not (verdict.takes_a_seat or verdict.waits):
            continue
        shares = _shares(verdict.row.pays, bills, institute)
        unpaid += not shares
        for bill, amount in shares if verdict.takes_a_seat else ():
            bill.seats += 1
            bill.amount += amount
            if bill.option.agreement and bill.option.left is not None:
                agreement, left = bill.option.agreement, bill.option.left
                stretched.setdefault(agreement.pk, Shortage(agreement, left)).take(verdict, amount)
    return Price(list(bills.values()), unpaid, [shortage for shortage in stretched.values() if shortage.unfunded])


def _shares(pays: str, bills: Mapping[str, Bill], institute: Institute) -> list[tuple[Bill, Decimal]]:
    """Whose money a row takes, and how much; nothing where a day of it is paid by nobody."""
    first, *others = pays.split("+")
    if first not in bills or any(key not in bills for key in others):
        return []
    option = bills[first].option
    if option.is_whole:
        return [(bills[first], institute.price)]
    own = part_of(institute, option.first_day, option.last_day)
    rest = rest_of(institute, option.first_day, option.last_day)
    if not others or not _covers(bills[others[0]].option, *rest):
        return []
    return [(bills[first], own), (bills[others[0]], institute.price - own)]


def _covers(option: Option, first: object, last: object) -> bool:
    return bool(option.first_day <= first and option.last_day >= last)  # type: ignore[operator]
