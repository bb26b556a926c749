"""What a change of mind costs today: each seat under the terms of its order, and the sentence that says so."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from events import terms as ladders
from events.models import Institute, Terms
from registrations import seating
from registrations.models import Registration, Seat
from registrations.refusals import CannotChange


@dataclass(frozen=True)
class Cost:
    """What giving one seat back costs: `back` and `kept` are dollars and make `price`, what it is charged now."""

    seat: Seat
    terms: Terms
    days_before: int
    percent: int
    back: Decimal
    kept: Decimal
    sentence: str

    @property
    def price(self) -> Decimal:
        return self.back + self.kept


@dataclass(frozen=True)
class Costs:
    """What giving several seats back costs, seat by seat and in sum."""

    of_each: Sequence[Cost]

    @property
    def price(self) -> Decimal:
        return self.back + self.kept

    @property
    def back(self) -> Decimal:
        return sum((cost.back for cost in self.of_each), Decimal(0))

    @property
    def kept(self) -> Decimal:
        return sum((cost.kept for cost in self.of_each), Decimal(0))

    @property
    def sentences(self) -> list[str]:
        """What the terms say of these seats, each sentence once."""
        return list(dict.fromkeys(cost.sentence for cost in self.of_each))

    @property
    def terms(self) -> list[Terms]:
        """The versions under which they were ordered, each once."""
        return list({cost.terms.pk: cost.terms for cost in self.of_each}.values())

    def kept_by_seat(self) -> dict[int, Decimal]:
        """As `seating.give_back` wants it."""
        return {cost.seat.pk: cost.kept for cost in self.of_each}


def today_at(institute: Institute, at: datetime) -> date:
    """What day it is where the institute is."""
    return localtime(at, institute.tz).date()


def of_giving_back(seats: Iterable[Seat], *, at: datetime, in_full: bool = False) -> Costs:
    """What it costs to give seats back now, in their order and in a fixed number of queries.

    Days are counted in the institute's zone, to the seat's own first day. `in_full` is the staff's: for what is in
    nobody's power everything comes back, whatever the ladder says.
    """
    keys = [seat.pk for seat in seats]
    rows = Seat.objects.filter(pk__in=keys).select_related("allotment__order__terms", "institute")
    found = {seat.pk: seat for seat in rows}
    charged = {key: sum((charge.amount for charge in charges), Decimal(0)) for key, charges in _charges(found).items()}
    first_days, named_before = _people_of(keys)
    return Costs(
        [
            _cost(
                found[key],
                charged[key],
                first_days.get(key, found[key].institute.starts_on),
                never_named=key not in named_before,
                in_full=in_full,
                at=at,
            )
            for key in keys
        ]
    )


def refuse_another(costs: Costs, seen: Decimal | None) -> None:
    """Refuse a change whose price was another when it was looked at: midnight passes at the institute, too."""
    if seen is not None and seen != costs.kept:
        raise CannotChange(
            _("The price has changed since you looked: $%(kept)s would be kept now. Look again, then decide.")
            % {"kept": f"{costs.kept:,.2f}"}
        )


def _charges(seats: Mapping[int, Seat]) -> dict[int, list]:
    return seating.charges_of(list(seats.values()))


def _people_of(seats: Sequence[int]) -> tuple[dict[int, date], set[int]]:
    """The first day on which somebody sits in each seat, and the seats that have, or had, a name."""
    first_days: dict[int, date] = {}
    named: set[int] = set()
    for registration in Registration.objects.filter(seat__in=seats):
        named.add(registration.seat_id)
        if registration.ended_at is None:
            before = first_days.get(registration.seat_id, registration.first_day)
            first_days[registration.seat_id] = min(before, registration.first_day)
    return first_days, named


def _cost(seat: Seat, charged: Decimal, first_day: date, *, never_named: bool, in_full: bool, at: datetime) -> Cost:
    terms = seat.allotment.order.terms
    on = today_at(seat.institute, at)
    days_before = (first_day - on).days
    if in_full:
        sentence = _("For what is in nobody's power the whole price comes back.")
        return Cost(seat, terms, days_before, 100, charged, Decimal(0), sentence)
    if terms.unnamed_free and never_named and seat.name_by and on <= seat.name_by:
        return Cost(seat, terms, days_before, 100, charged, Decimal(0), ladders.sentence_of_unnamed())
    back, kept = ladders.cost_of_change(charged, terms, first_day=first_day, on=on)
    percent = ladders.percent_back(terms, days_before=days_before)
    return Cost(
        seat, terms, days_before, percent, back, kept, ladders.sentence_of_change(terms, days_before=days_before)
    )
