"""Who may pay for whom: agreements and funding lines, what each covers and what it has left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Prefetch, Q, QuerySet

from billing import ledger
from billing.models import (
    AgreementCap,
    AgreementKind,
    FundingAgreement,
    FundingLine,
    Payer,
    PurchaseOrder,
    Source,
)
from events.models import Institute
from office.models import StoredFile
from people.access import Action, Who, may
from people.models import Organization, Person, Provider, User
from registrations.models import Allotment, AllotmentFunding

CENT = Decimal("0.01")
LINES_SHOWN = 20
"""Of a district's own money: the newest lines."""


class CannotFund(Exception):
    """Why this money cannot pay here; the sentence is fit for whoever asked."""


@dataclass(frozen=True)
class Share:
    """The days of each seat that one funding line pays, under one purchase order or none."""

    line: FundingLine
    first_day: date
    last_day: date
    purchase_order: PurchaseOrder | None = None


@dataclass(frozen=True)
class Option:
    """Something that may pay here: a funding line, or an agreement that has no line for this district yet."""

    agreement: FundingAgreement | None
    line: FundingLine | None
    first_day: date
    last_day: date
    per_seat: Decimal
    left: Decimal | None
    is_whole: bool

    @property
    def key(self) -> str:
        """What a roster remembers of it."""
        if self.line:
            return f"line-{self.line.pk}"
        return f"agreement-{self.agreement.pk}" if self.agreement else ""

    @property
    def seats(self) -> int | None:
        """How many seats it can still pay for; none where there is no limit."""
        return None if self.left is None or not self.per_seat else int(self.left // self.per_seat)

    @property
    def is_spent(self) -> bool:
        """It pays for no whole seat any more."""
        return self.seats == 0

    @property
    def is_invoiced(self) -> bool:
        return self.agreement is None or self.agreement.is_invoiced

    def __str__(self) -> str:
        if self.line and self.line.lcap_reference:
            return f"{self.line} · {self.line.lcap_reference}"
        return str(self.line or self.agreement)


def eligible(sponsor: Organization, institute: Institute, *, who: Who) -> list[Option]:
    """What may pay for a sponsor's seats at an institute: agreements first, then lines without one, newest first.

    An agreement may pay when it serves the district, its period holds one day of the institute or more, and its scope
    holds the program. One that `is_spent` is among them, for the page to say so; it is no choice for anyone new. In a
    fixed number of queries.
    """
    agreements = list(_agreements_for(sponsor, institute))
    lines = FundingLine.objects.visible_to(who).filter(Q(organization=sponsor) | Q(payer__organization=sponsor))
    lines = lines.filter(Q(agreement__in=agreements) | Q(agreement__isnull=True))
    under: dict[int | None, list[FundingLine]] = {}
    for line in lines.select_related("agreement", "payer").order_by("-pk"):
        under.setdefault(line.agreement_id, []).append(line)
    options = []
    for agreement in agreements:
        choices: list[FundingLine | None] = [*under.get(agreement.pk, [])]
        options += [_option(agreement, line, institute) for line in choices or [None]]
    return [*options, *(_option(None, line, institute) for line in under.get(None, [])[:LINES_SHOWN])]


def _agreements_for(sponsor: Organization, institute: Institute) -> QuerySet[FundingAgreement]:
    """Of the sponsor or its parent, or grants that serve it: by a cap, or all districts where a grant has none."""
    pays = [key for key in (sponsor.pk, sponsor.parent_id) if key]
    open_grant = Q(kind=AgreementKind.GRANT, payer__isnull=True, caps__isnull=True)
    serves = Q(payer__organization__in=pays) | Q(caps__organization=sponsor) | open_grant
    scoped = Q(scopes__isnull=True) | Q(scopes__program=institute.program_id)
    scoped |= Q(scopes__cohort__program=institute.program_id)
    found = FundingAgreement.objects.filter(serves).filter(scoped)
    caps = AgreementCap.objects.filter(organization=sponsor)
    return (
        found.filter(starts_on__lte=institute.ends_on, ends_on__gte=institute.starts_on)
        .select_related("payer__organization")
        .prefetch_related(Prefetch("caps", queryset=caps, to_attr="caps_here"))
        .distinct()
        .order_by("name", "pk")
    )


def _option(agreement: FundingAgreement | None, line: FundingLine | None, institute: Institute) -> Option:
    first, last = institute.starts_on, institute.ends_on
    if agreement:
        first, last = max(first, agreement.starts_on), min(last, agreement.ends_on)
    left = [agreement.left] if agreement else []
    left += [cap.amount - cap.charged for cap in getattr(agreement, "caps_here", []) if cap.amount is not None]
    limits = [amount for amount in left if amount is not None]
    return Option(
        agreement=agreement,
        line=line,
        first_day=first,
        last_day=last,
        per_seat=part_of(institute, first, last),
        left=min(limits) if limits else None,
        is_whole=(first, last) == (institute.starts_on, institute.ends_on),
    )


def part_of(institute: Institute, first: date, last: date, *, price: Decimal | None = None) -> Decimal:
    """What of a seat's price falls on these days, both inside; of the institute's price unless it was ordered at another."""
    days = (last - first).days + 1
    whole = (institute.ends_on - institute.starts_on).days + 1
    return ((institute.price if price is None else price) * days / whole).quantize(CENT, ROUND_HALF_UP)


def rest_of(institute: Institute, first: date, last: date) -> tuple[date, date]:
    """The days of an institute that are not among these, which begin or end it."""
    if first > institute.starts_on:
        return institute.starts_on, first - timedelta(days=1)
    return last + timedelta(days=1), institute.ends_on


def parts(shares: Sequence[Share], institute: Institute, allotment: Allotment) -> list[AllotmentFunding]:
    """The parts of each seat's price, unsaved: one for each line and fiscal year; the last takes the odd cent.

    Raises CannotFund where the shares leave a day out or pay one twice.
    """
    ordered = sorted(shares, key=lambda share: share.first_day)
    _must_cover(ordered, institute)
    made = []
    rest = allotment.price
    for share in ordered:
        is_last = share is ordered[-1]
        amount = rest if is_last else part_of(institute, share.first_day, share.last_day, price=allotment.price)
        rest -= amount
        made += [
            AllotmentFunding(
                allotment=allotment,
                line=share.line,
                purchase_order=share.purchase_order,
                first_day=part.first_day,
                last_day=part.last_day,
                amount=part.amount,
            )
            for part in ledger.by_fiscal_year(amount, share.first_day, share.last_day)
        ]
    return made


def _must_cover(ordered: Sequence[Share], institute: Institute) -> None:
    day = institute.starts_on.toordinal()
    for share in ordered:
        if share.first_day.toordinal() != day:
            raise CannotFund(f"Each day of {institute.code} is paid once: choose who pays from {_day(day)} on.")
        day = share.last_day.toordinal() + 1
    if day != institute.ends_on.toordinal() + 1:
        raise CannotFund(f"Choose who pays for {institute.code} from {_day(day)} on.")


def _day(ordinal: int) -> str:
    return f"{date.fromordinal(ordinal):%B %-d}"


# --- Lines and purchase orders, made on the spot ----------------------------------------------------------------------

SOURCES = {
    AgreementKind.GRANT: Source.GRANT,
    AgreementKind.FEE_FOR_SERVICE: Source.CONTRACT,
    AgreementKind.LCFF: Source.LCFF_SUPPLEMENTAL,
}


def payer_of(organization: Organization) -> Payer:
    return Payer.objects.get_or_create(organization=organization)[0]


def line_of(option: Option, *, sponsor: Organization, by: User | None, at: datetime) -> FundingLine:
    """The option's line; made where the agreement has none for this district yet."""
    if option.line or option.agreement is None:
        return option.line or _no_line()
    agreement = option.agreement
    return FundingLine.objects.create(
        payer=agreement.payer or payer_of(Provider.objects.get().organization),
        organization=sponsor,
        agreement=agreement,
        source=SOURCES[AgreementKind(agreement.kind)],
        made_by=by,
        made_at=at,
    )


def _no_line() -> FundingLine:
    raise AssertionError("an option is a line or an agreement")


def payers_for(sponsor: Organization) -> list[Organization]:
    """Who may be named as a payer by those who register for a sponsor: itself, and those above it in its family."""
    found, above = [sponsor], sponsor.parent
    while above is not None and above not in found:
        found.append(above)
        above = above.parent
    return found


def may_bind(payer: Organization, sponsor: Organization, who: Who) -> bool:
    """Whether somebody may say that an organization pays for a sponsor's people.

    For one's own family of organizations, and for those whose money one keeps: another organization says so itself,
    by adding the line, or the provider's finance staff do for it.
    """
    family = [each.pk for each in payers_for(sponsor)]
    hers = may(who, Action.REGISTER, payer) and may(who, Action.SEE_MONEY, payer)
    return payer.pk in family or hers or may(who, Action.FUND)


def add_line(
    sponsor: Organization,
    *,
    payer: Organization | Person | None = None,
    source: Source,
    account_string: str = "",
    lcap: tuple[str, str, str] = ("", "", ""),
    is_contributing: bool | None = None,
    attested_by: str = "",
    evidence: StoredFile | None = None,
    by: User,
    at: datetime,
) -> FundingLine:
    """A line of money for a sponsor's people: its own, or that of whoever else pays for some of them.

    The account string is kept word for word; only line breaks and spaces around it go. `lcap` is year, goal, action.
    `attested_by`: who says that the money may be used so, if somebody does. Raises CannotFund where who asks may not
    bind the payer.
    """
    year, goal, action = lcap
    return FundingLine.objects.create(
        payer=_payer_named(payer or sponsor, sponsor, by),
        organization=sponsor,
        source=source,
        account_string=" ".join(account_string.splitlines()).strip(),
        lcap_year=year,
        lcap_goal=goal,
        lcap_action=action,
        is_contributing=is_contributing,
        attested_by=attested_by,
        attested_at=at if attested_by else None,
        evidence=evidence,
        made_by=by,
        made_at=at,
    )


def _payer_named(payer: Organization | Person, sponsor: Organization, by: User) -> Payer:
    if isinstance(payer, Person):
        if not may(by, Action.FUND):
            raise CannotFund(f"{payer} pays for herself by registering herself, or we add it for her. Ask us.")
        return Payer.objects.get_or_create(person_id=payer.canonical_id)[0]
    if not may_bind(payer, sponsor, by):
        raise CannotFund(f"{payer} has to say itself that it pays: its coordinator adds the line, or we do. Ask us.")
    return payer_of(payer)


def add_purchase_order(
    sponsor: Organization,
    *,
    number: str,
    amount: Decimal,
    issued_on: date | None = None,
    expires_on: date | None = None,
    file: StoredFile | None = None,
    by: User,
    at: datetime,
) -> PurchaseOrder:
    """A purchase order of the sponsor. Raises CannotFund where that number is taken by another amount."""
    made, is_new = PurchaseOrder.objects.get_or_create(
        payer=payer_of(sponsor),
        number=number,
        defaults={
            "amount": amount,
            "issued_on": issued_on,
            "expires_on": expires_on,
            "file": file,
            "by": by,
            "at": at,
        },
    )
    if not is_new and made.amount != amount:
        raise CannotFund(f"Purchase order {number} is here already, over ${made.amount:,.2f}. Choose it from the list.")
    return made
