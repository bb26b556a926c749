"""What a roster costs: each line's people, dollars, and what its agreement has left after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from billing.models import PurchaseOrder
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
    def is_order_short(self) -> bool:
        return self.order_left_after is not None and self.order_left_after < 0


@dataclass(frozen=True)
class Price:
    """A roster's bills, and the people for whom nobody pays yet."""

    bills: list[Bill]
    unpaid: int

    @property
    def total(self) -> Decimal:
        return sum((bill.amount for bill in self.bills), Decimal(0))


def price_of(
    verdicts: Sequence[Verdict],
    options: Sequence[Option],
    institute: Institute,
    purchase_orders: Mapping[str, PurchaseOrder],
) -> Price:
    """Pure: adds up what each row that takes a seat costs whom. `purchase_orders` go by the option's key."""
    bills = {option.key: Bill(option, purchase_order=purchase_orders.get(option.key)) for option in options}
    unpaid = 0
    for verdict in verdicts:
        if not verdict.takes_a_seat:
            continue
        shares = _shares(verdict.row.pays, bills, institute)
        unpaid += not shares
        for bill, amount in shares:
            bill.seats += 1
            bill.amount += amount
    return Price(list(bills.values()), unpaid)


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
