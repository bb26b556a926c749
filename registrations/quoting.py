"""Quotes before there is a purchase order: for a roster that is not sent, and for seats that no order covers yet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils.timezone import localdate, localtime

from billing import ledger, quoting
from billing.models import Charge, FundingLine, Payee, Payer, Quote
from billing.quoting import CannotQuote, Item, Wording
from events import printed, terms
from events.models import Institute, Terms
from people.models import Organization, User
from registrations import funding
from registrations.models import Order, RosterDraft
from registrations.rosters import drafting, pricing
from registrations.rosters.judging import Verdict

__all__ = ["CannotQuote", "of_order", "of_roster", "quotes_of"]

GOOD_FOR = timedelta(days=60)


@dataclass
class Sheet:
    """What one quote will say: the seats that one funding line would pay, or those that no line pays yet."""

    payer: Payer
    line: FundingLine | None = None
    under: str = ""
    counts: dict[tuple[str, Decimal], int] = field(default_factory=dict)

    def add(self, words: str, price: Decimal, seats: int = 1) -> None:
        self.counts[words, price] = self.counts.get((words, price), 0) + seats

    @property
    def items(self) -> list[Item]:
        return [Item(words, seats, price) for (words, price), seats in self.counts.items()]


# --- Of a roster ------------------------------------------------------------------------------------------------------


def of_roster(draft: RosterDraft, *, by: User, at: datetime) -> list[Quote]:
    """A quote for each line that would pay for a roster; one for all seats for which nobody pays yet (scenario 13).

    Takes no seat and makes no line. Money that is not invoiced needs no purchase order. Raises CannotQuote.
    """
    seated = [verdict for verdict in drafting.judged(draft, at, who=by) if verdict.takes_a_seat]
    if not seated:
        raise CannotQuote("No row of this roster takes a seat yet, so there is nothing to quote.")
    institute = draft.institute
    valid_until = _valid_until(institute, at)
    return _quoted(
        _sheets_of(seated, draft, by=by),
        payee=_payee_of(institute),
        institute=institute,
        of_terms=institute.terms,
        sponsor=draft.sponsor,
        order_key=f"roster-{draft.pk}",
        valid_until=valid_until,
        by=by,
        at=at,
    )


def _sheets_of(seated: Sequence[Verdict], draft: RosterDraft, *, by: User) -> list[Sheet]:
    institute = draft.institute
    options = funding.eligible(draft.sponsor, institute, who=by)
    alike: dict[str, list[Verdict]] = {}
    for verdict in seated:
        alike.setdefault(verdict.row.pays, []).append(verdict)
    sheets: dict[str, Sheet] = {}
    for rows in alike.values():
        price = pricing.price_of(rows, options, institute, {})
        for bill in price.bills:
            if bill.seats and bill.option.is_invoiced:
                sheet = sheets.setdefault(bill.option.key, _sheet_of(bill.option))
                sheet.add(_seat_at(institute), bill.amount / bill.seats, bill.seats)
        if price.unpaid:
            sheet = sheets.setdefault("", Sheet(funding.payer_of(draft.sponsor)))
            sheet.add(_seat_at(institute), institute.price, price.unpaid)
    return list(sheets.values())


def _sheet_of(option: funding.Option) -> Sheet:
    paper = option.line or option.agreement
    payer = paper.payer if paper else None
    if payer is None:
        raise AssertionError("what is invoiced has a payer")
    return Sheet(payer, option.line, under=str(option.agreement or ""))


def _seat_at(institute: Institute) -> str:
    return f"Seat at {institute}, {printed.days(institute.starts_on, institute.ends_on)}"


def _valid_until(institute: Institute, at: datetime) -> date:
    """Sixty days, or the last day on which seats can be had at all; never the past."""
    today = localdate(at)
    last = localtime(institute.registration_closes_at, institute.tz).date()
    return max(today, min(today + GOOD_FOR, last))


# --- Of an order ------------------------------------------------------------------------------------------------------


def of_order(order: Order, *, by: User, at: datetime) -> list[Quote]:
    """A quote for each line whose seats no purchase order covers yet. Raises CannotQuote."""
    charges = list(
        Charge.objects.filter(seat_charge__seat__allotment__order=order)
        .uncovered()
        .unprinted()
        .select_related("line__payer__organization", "line__payer__person", "line__agreement", "payee")
        .order_by("pk")
    )
    if not charges:
        raise CannotQuote("No seat of this order waits for a purchase order.")
    first = order.allotments.select_related("institute").order_by("pk")[0]
    return _quoted(
        _sheets_by_line(charges),
        payee=charges[0].payee,
        institute=first.institute,
        of_terms=order.terms,
        sponsor=order.sponsor,
        order_key=f"order-{order.pk}",
        valid_until=localdate(at) + GOOD_FOR,
        by=by,
        at=at,
    )


def _sheets_by_line(charges: Iterable[Charge]) -> list[Sheet]:
    sheets: dict[int, Sheet] = {}
    for charge in charges:
        under = str(charge.line.agreement or "")
        sheet = sheets.setdefault(charge.line_id, Sheet(charge.line.payer, charge.line, under=under))
        sheet.add(charge.words if charge.days in charge.words else f"{charge.words} ({charge.days})", charge.amount)
    return list(sheets.values())


# --- Both -------------------------------------------------------------------------------------------------------------


def quotes_of(subject: RosterDraft | Order) -> list[Quote]:
    """The quotes that were made of a roster or an order, the latest first; an order has those of its roster too."""
    keys = [f"roster-{subject.pk}"]
    if isinstance(subject, Order):
        rosters = RosterDraft.objects.filter(order=subject).values_list("pk", flat=True)
        keys = [f"order-{subject.pk}", *(f"roster-{key}" for key in rosters)]
    rows = Quote.objects.filter(order_key__in=keys).select_related("payer__organization", "payer__person")
    return list(rows.order_by("-pk"))


def _payee_of(institute: Institute) -> Payee:
    try:
        return ledger.payee_for(institute.fiscal_agent)
    except ledger.CannotCharge as refusal:
        raise CannotQuote(str(refusal)) from refusal


def _quoted(
    sheets: Sequence[Sheet],
    *,
    payee: Payee,
    institute: Institute,
    of_terms: Terms,
    sponsor: Organization | None,
    order_key: str,
    valid_until: date,
    by: User,
    at: datetime,
) -> list[Quote]:
    if not sheets:
        raise CannotQuote("Nobody is invoiced for these seats, so no purchase order is needed.")
    about = f"{institute}, {printed.days(institute.starts_on, institute.ends_on)}"
    said = "\n".join(terms.sentences(of_terms))
    return [
        quoting.quote(
            payer=sheet.payer,
            payee=payee,
            lines=sheet.items,
            about=f"{about} · {sheet.under}" if sheet.under else about,
            order_key=order_key,
            valid_until=valid_until,
            wording=_wording(sheet.line, said),
            organization=sponsor,
            by=by,
            at=at,
        )
        for sheet in sheets
    ]


def _wording(line: FundingLine | None, said: str) -> Wording:
    return Wording(line.account_string, line.lcap_reference, said) if line else Wording(terms=said)
