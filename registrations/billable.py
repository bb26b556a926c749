"""What an institute's seats put on invoices: the words of each line, and the drafts for all districts at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from billing import crediting, invoicing, tasks
from billing.invoicing import LineWanted
from billing.models import Charge, ChargeKind, FundingLine, Invoice, InvoiceLine, Source
from billing.models.documents import InvoiceQuerySet
from events import printed
from events.models import Institute
from office import post
from people.models import User
from registrations.models import Registration, Seat, SeatCharge, Substitution
from registrations.seating import words_for

LCFF = frozenset({Source.LCFF_BASE, Source.LCFF_SUPPLEMENTAL})


@dataclass(frozen=True)
class Row:
    """Charges of an institute under one funding line in one fiscal year, and what may be missing for their invoice."""

    line: FundingLine
    service_year: int
    charges: list[Charge] = field(default_factory=list)

    @property
    def amount(self) -> Decimal:
        return sum((charge.amount for charge in self.charges), Decimal(0))

    def warnings(self, institute: Institute) -> list[str]:
        """Sentences to look at before issuing; none of them stands in the way."""
        found = []
        if not self.line.payer.ap_email:
            found.append(f"{self.line.payer} has no accounts payable e-mail: the invoice will be issued, but not sent.")
        uncovered = any(not getattr(charge, "draws_here", []) for charge in self.charges)
        if institute.terms.po_due_days is not None and uncovered:
            found.append("No purchase order yet, and the terms ask for one.")
        if self.line.source in LCFF and not self.line.lcap_reference:
            found.append("LCAP reference pending.")
        return found


def subject_key(institute: Institute) -> str:
    """How billing, which knows no institutes, finds the invoices of one."""
    return f"institute:{institute.pk}"


def invoices_of(institute: Institute) -> InvoiceQuerySet:
    found: InvoiceQuerySet = Invoice.objects.filter(subject_key=subject_key(institute))
    return found


@transaction.atomic
def draft_invoices(institute: Institute, *, by: User | None, at: datetime) -> list[Invoice]:
    """Draft the invoices of an institute for all districts, and credit memos of what was taken back of issued ones.

    In the words of today; older drafts of it are replaced. Raises crediting.CannotCredit.
    """
    drafts = invoices_of(institute).filter(issued_at__isnull=True).select_for_update().order_by("pk")
    invoicing.discard_all(list(drafts))
    charges = charges_of(institute).filter(invoice_line__isnull=True)
    made = invoicing.draft_all(
        lines_for(charges), about=words_for(institute), subject_key=subject_key(institute), by=by, at=at
    )
    found = crediting.waiting(invoices_of(institute))
    return [*made, *crediting.draft_all(found, words=credit_words(found), by=by, at=at)]


def charges_of(institute: Institute) -> QuerySet[Charge]:
    """The charges of its seats and days of service that stand: neither taken back nor taking back."""
    of_it = Q(seat_charge__seat__institute=institute) | Q(service_day__institute=institute)
    charges: QuerySet[Charge] = Charge.objects.filter(of_it)
    return charges.filter(reverses__isnull=True, reversed_by__isnull=True)


def waiting(institute: Institute) -> list[Row]:
    """What would go on invoices if they were drafted now, by payer and funding line.

    What is kept of a seat that was invoiced stands on the credit memo, beside what was taken back.
    """
    credited = {"instead_of__invoice_line__invoice__issued_at__isnull": False}
    return _rows(charges_of(institute).filter(invoice_line__isnull=True).exclude(**credited), is_invoiced=True)


@dataclass(frozen=True)
class Credit:
    """What waits to be credited of an issued invoice and is on no draft yet, line by line in words."""

    invoice: Invoice
    lines: list[LineWanted]

    @property
    def amount(self) -> Decimal:
        """Below zero."""
        return sum((line.charge.amount for line in self.lines), Decimal(0))


def credits_waiting(institute: Institute) -> list[Credit]:
    """What would go on credit memos if they were drafted now, by invoice."""
    invoices = invoices_of(institute).select_related("payer__organization", "payer__person")
    found = crediting.waiting(invoices)
    words = credit_words(found)
    drafted = {charge.pk for each in found for charge in each.charges if hasattr(charge, "invoice_line")}
    places = {key: place for place, key in enumerate(words)}
    told = []
    for each in found:
        ordered = sorted(each.charges, key=lambda charge: places[charge.pk])
        told.append(Credit(each.invoice, [LineWanted(one, words[one.pk]) for one in ordered if one.pk not in drafted]))
    return [credit for credit in told if credit.lines]


@transaction.atomic
def credit(invoice: Invoice, *, by: User | None, at: datetime) -> Invoice:
    """Issue a credit memo of what waits to be credited of one invoice, and have it sent.

    Raises crediting.CannotCredit and invoicing.CannotIssue.
    """
    found = crediting.waiting(Invoice.objects.filter(pk=invoice.pk))
    if not found:
        raise crediting.CannotCredit(f"Nothing of {invoice} waits to be credited.")
    [draft] = crediting.draft_all(found, words=credit_words(found), by=by, at=at)
    memo = invoicing.issue(draft, by=by, at=at)
    tasks.send.defer(invoices=[memo.pk], by=by.pk if by else None, key="first")
    return memo


def credit_words(found: Iterable[crediting.Waiting]) -> dict[int, str]:
    """The words of each line of credit memos by the charge's key, in the order in which they are printed."""
    keys = [charge.pk for each in found for charge in each.charges]
    return {line.charge.pk: line.words for line in lines_for(Charge.objects.filter(pk__in=keys))}


def granted(institute: Institute) -> list[Row]:
    """What grants pay that are never invoiced."""
    return _rows(charges_of(institute), is_invoiced=False)


def has_changed(drafts: Iterable[Invoice]) -> bool:
    """Whether the drafts say something else than they would if they were drafted now."""
    printed = {
        line.charge_id: line.words for line in InvoiceLine.objects.filter(invoice__in=[draft.pk for draft in drafts])
    }
    standing = Charge.objects.filter(pk__in=printed, reversed_by__isnull=True)
    return {line.charge.pk: line.words for line in lines_for(standing)} != printed


def lines_for(charges: QuerySet[Charge]) -> list[LineWanted]:
    """The charges in the order of their people's names, each in the words of who sits in its seat now.

    What takes back and what is kept is in the words of who sat there last. Days of service come last, by day.
    """
    rows = SeatCharge.objects.filter(charge__in=charges)
    seat_charges = rows.select_related("charge__line__agreement", "charge__instead_of", "seat__institute")
    people = Registration.objects.select_related("person").order_by("days", "pk")
    found = list(seat_charges.prefetch_related(Prefetch("seat__registrations", queryset=people, to_attr="people_ever")))
    numbers = seat_numbers({each.seat.institute_id for each in found})
    found.sort(
        key=lambda each: (
            _sort_key(_people(each.charge, each.seat)),
            numbers[each.seat_id],
            each.charge.first_day,
            each.charge.pk,
        )
    )
    seats = [LineWanted(each.charge, _words(each.charge, each.seat, numbers[each.seat_id])) for each in found]
    days = charges.filter(kind=ChargeKind.SERVICE_DAY).select_related("line__agreement").order_by("first_day", "pk")
    return [*seats, *(LineWanted(charge, charge.words) for charge in days)]


def seat_numbers(institutes: Iterable[int]) -> dict[int, int]:
    """The number of each seat among its sponsor's at its institute, in the order in which they were taken."""
    counts: dict[tuple[int, int | None], int] = {}
    numbers = {}
    for key, institute, sponsor in (
        Seat.objects.filter(institute__in=list(institutes))
        .order_by("pk")
        .values_list("pk", "institute", "allotment__order__sponsor")
    ):
        numbers[key] = counts[institute, sponsor] = counts.get((institute, sponsor), 0) + 1
    return numbers


# --- Changes of mind --------------------------------------------------------------------------------------------------


@transaction.atomic
def follow(seats: Sequence[Seat]) -> None:
    """Have drafts say what is true of these seats now: the words of today, and no line for what was taken back.

    An issued invoice stays as it is. A draft that loses its last line is thrown away.
    """
    printing = InvoiceLine.objects.filter(charge__seat_charge__seat__in=seats)
    rows = Invoice.objects.filter(pk__in=printing.values("invoice"), issued_at__isnull=True)
    drafts = list(rows.select_for_update(of=("self",)).order_by("pk"))
    lines = printing.filter(invoice__in=drafts)
    lines.filter(charge__reversed_by__isnull=False).delete()
    words = {line.charge.pk: line.words for line in lines_for(Charge.objects.filter(invoice_line__in=lines))}
    kept = list(lines)
    for line in kept:
        line.words = words[line.charge_id][:300]
    InvoiceLine.objects.bulk_update(kept, ["words"])
    invoicing.discard_all([draft for draft in drafts if not draft.lines.exists()])


def issued_for(seat: Seat) -> QuerySet[Invoice]:
    """The issued invoices that print a charge of a seat which stands."""
    lines = InvoiceLine.objects.filter(charge__seat_charge__seat=seat, charge__reversed_by__isnull=True)
    issued = Invoice.objects.issued().filter(pk__in=lines.values("invoice"))
    found: QuerySet[Invoice] = issued.select_related("payer").order_by("pk")
    return found


def send_substitution_notices(made: Substitution, *, at: datetime) -> None:
    """Tell accounts payable who sits in a seat that is invoiced already: the amount and the purchase order stay."""
    old, new = made.from_registration, made.to_registration
    letters = [
        post.Letter(
            to=invoice.payer.ap_email,
            subject=f"Substitution notice for invoice {invoice.reference}",
            template="mail/substitution",
            context={
                "reference": invoice.reference,
                "about": invoice.about,
                "purchase_order": invoice.purchase_order_number,
                "payer": str(invoice.payer),
                "old": old.name_printed,
                "new": new.name_printed,
                "days": printed.days(made.first_day, new.last_day),
            },
            about=f"invoice {invoice.pk}",
            key=f"substitution-{made.pk}-{invoice.pk}",
        )
        for invoice in issued_for(made.seat)
        if invoice.payer.ap_email
    ]
    post.send_all(letters, at=at)


def _rows(charges: QuerySet[Charge], *, is_invoiced: bool) -> list[Row]:
    rows: dict[tuple[int, int], Row] = {}
    related = charges.select_related("line__agreement", "line__payer__organization", "line__organization")
    covered = related.prefetch_related(Prefetch("draws", to_attr="draws_here"))
    for charge in covered.order_by("line__payer__organization__search_key", "line", "fiscal_year", "pk"):
        if charge.line.is_invoiced == is_invoiced and charge.amount:
            key = (charge.line_id, charge.fiscal_year)
            rows.setdefault(key, Row(charge.line, charge.fiscal_year)).charges.append(charge)
    return list(rows.values())


# --- Words -----------------------------------------------------------------------------------------------------------


def _sort_key(people: Sequence[Registration]) -> str:
    return people[0].person.sort_key if people else "\uffff"


def _words(charge: Charge, seat: Seat, number: int) -> str:
    who = _who(charge, seat, number)
    if charge.reverses_id:
        on = localtime(charge.at, seat.institute.tz)
        return f"{who}: {charge.words}, {date_format(on, 'F j')}"
    if charge.instead_of:
        share = 100 * charge.amount / charge.instead_of.amount
        whole = _("%(share)d%% kept") % {"share": share} if share == int(share) else _("kept")
        return f"{who}: {whole}"
    return who if charge.kind == ChargeKind.SEAT else f"{who}: {charge.words}"


def _who(charge: Charge, seat: Seat, number: int) -> str:
    """Who sits in a seat on the days that a charge pays (scenarios 5 and 6)."""
    people = _people(charge, seat)
    here = [one for one in people if one.first_day <= charge.last_day and one.last_day >= charge.first_day]
    if len({one.person_id for one in here}) == 1:
        return str(here[0].name_printed)
    if here:
        parts = "; ".join(f"{_short_name(one)} {_short_days(one.first_day, one.last_day)}" for one in here)
        return f"seat {number} ({parts})"
    if charge.reverses_id or charge.instead_of_id:
        return f"Seat {number}"
    return "Seat given back" if seat.released_at else "Seat not yet named"


def _people(charge: Charge, seat: Seat) -> list[Registration]:
    """Who sits in a seat; of what was taken back, who sat in it when it was given back."""
    ever: list[Registration] = seat.people_ever  # type: ignore[attr-defined]  # prefetched above
    now = [one for one in ever if one.ended_at is None]
    if now or not (charge.reverses_id or charge.instead_of_id):
        return now
    return [one for one in ever if one.ended_at == seat.released_at]


def _short_name(registration: Registration) -> str:
    return registration.person.family_name or registration.name_printed


def _short_days(first: date, last: date) -> str:
    """ "21 Jan", "22–23 Jan", "30 Jun–1 Jul": short, as several stand on one line of an invoice."""
    if first == last:
        return date_format(first, "j M")
    if first.month == last.month and last - first < timedelta(days=31):
        return f"{first.day}–{date_format(last, 'j M')}"
    return f"{date_format(first, 'j M')}–{date_format(last, 'j M')}"
