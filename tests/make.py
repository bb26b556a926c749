"""Rows for tests: plain functions with dull defaults. A test names only what matters to it."""

import itertools
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from billing.models import (
    AgreementKind,
    Charge,
    FundingAgreement,
    FundingLine,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    Payee,
    Payer,
    PurchaseOrder,
    Source,
)
from events.models import HoursRule, Institute, Program, Season, Session, Strand, Terms, Venue
from people.access import Role
from people.models import (
    County,
    EmailAddress,
    Employment,
    JobRole,
    Membership,
    Organization,
    OrganizationKind,
    Person,
    Provider,
    School,
    User,
)
from people.names import fold
from registrations import enrollment, funding
from registrations.models import Allotment, AllotmentFunding, Order, Registration, Seat, WaitlistEntry, WaitlistPerson
from registrations.newcomers import Attendee

NOW = datetime(2026, 11, 2, 17, 0, tzinfo=UTC)
"""The moment at which most tests happen: a Monday in November, LT27-01 being open for registration."""

LADDER = [{"days_before": 15, "percent": 100}, {"days_before": 8, "percent": 50}]
PACIFIC = ZoneInfo("America/Los_Angeles")
_numbers = itertools.count(1)


def county(code: str = "99", **more: Any) -> County:
    return County.objects.get_or_create(code=code, defaults={"name": f"County {code}"} | more)[0]


def organization(name: str = "Alder Valley Unified", cds: str | None = None, **more: Any) -> Organization:
    defaults = {"kind": OrganizationKind.DISTRICT, "county": county(), "search_key": fold(name)}
    return Organization.objects.create(name=name, cds=cds, **defaults | more)


def school(district: Organization, name: str = "Alder Elementary", cds: str | None = None, **more: Any) -> School:
    return School.objects.create(name=name, search_key=fold(name), organization=district, cds=cds, **more)


def provider(**more: Any) -> Provider:
    home = organization("Sierra Science Collaborative", kind=OrganizationKind.PROVIDER)
    defaults = {"name": home.name, "signatory_name": "Rosa Delgado", "signatory_title": "Statewide Director"}
    return Provider.objects.create(organization=home, **defaults | more)


def person(name: str = "Ana Torres", email: str | None = None, at: Organization | None = None, **more: Any) -> Person:
    """A person; with `email` she has that address, with `at` she teaches there."""
    given, _, family = name.partition(" ")
    made = Person.named(given, family, **{"created_at": NOW} | more)
    made.save()
    if email:
        EmailAddress.objects.create(person=made, address=email, is_preferred=True)
    if at:
        Employment.objects.create(person=made, organization=at, role=JobRole.TEACHER, starts_on=date(2020, 8, 1))
    return made


def user(email: str, *roles: Role, at: Organization | None = None, name: str = "", **more: Any) -> User:
    """A login with roles, held at an organization where the role wants one; the password is `secret-of-a-test`."""
    made = User.objects.create_user(email, person=person(name, email) if name else None, **more)
    for role in roles:
        Membership.objects.create(user=made, role=role, organization=at, started_at=NOW)
    return made


def terms(**more: Any) -> Terms:
    defaults = {"name": f"Terms {next(_numbers)}", "ladder": LADDER, "made_at": NOW}
    return Terms.objects.create(**defaults | more)


def hours_rule(**more: Any) -> HoursRule:
    return HoursRule.objects.create(**{"name": f"Rule {next(_numbers)}"} | more)


def program(**more: Any) -> Program:
    number = next(_numbers)
    defaults = {"name": f"Leadership Training {number}", "slug": f"leadership-{number}", "code": f"LT{number}"}
    return Program.objects.create(**defaults | more)


def season(**more: Any) -> Season:
    defaults = {
        "name": f"January 2027 {next(_numbers)}",
        "starts_on": date(2027, 1, 1),
        "ends_on": date(2027, 1, 31),
    }
    return Season.objects.create(**defaults | more)


def venue(**more: Any) -> Venue:
    return Venue.objects.create(**{"name": "Alder Conference Center", "city": "Alder", "zip": "99001"} | more)


def institute(**more: Any) -> Institute:
    """LT27-01: Thursday 21 to Saturday 23 January 2027, $525, published, open for registration at NOW."""
    defaults = {
        "code": f"LT27-{next(_numbers):02}",
        "title": "Leadership Training",
        "starts_on": date(2027, 1, 21),
        "ends_on": date(2027, 1, 23),
        "capacity": 120,
        "price": Decimal("525.00"),
        "registration_opens_at": NOW - timedelta(days=30),
        "registration_closes_at": datetime(2027, 1, 20, 8, 0, tzinfo=UTC),
        "published_at": NOW - timedelta(days=30),
    }
    wanted = defaults | more
    for name, make in {"program": program, "terms": terms, "hours_rule": hours_rule}.items():
        if name not in wanted:
            wanted[name] = make()
    return Institute.objects.create(**wanted)


def session(at: Institute, day: date | None = None, start: str = "08:00", end: str = "11:45", **more: Any) -> Session:
    """A block of the agenda in the institute's zone; the first day unless another is named."""
    day = day or at.starts_on
    starts_at, ends_at = (
        datetime.combine(day, datetime.strptime(clock, "%H:%M").time(), tzinfo=at.tz)  # noqa: DTZ007 - combined below
        for clock in (start, end)
    )
    return Session.objects.create(
        institute=at, **{"title": "Plenary", "starts_at": starts_at, "ends_at": ends_at} | more
    )


def agenda(at: Institute) -> list[Session]:
    """Each day 08:00-11:45 and 12:45-15:30 with lunch between that does not count: 6.5 hours a day."""
    made = []
    day = at.starts_on
    while day <= at.ends_on:
        made += [
            session(at, day, "08:00", "11:45", title="Morning"),
            session(at, day, "11:45", "12:45", title="Lunch", counts=False),
            session(at, day, "12:45", "15:30", title="Afternoon"),
        ]
        day += timedelta(days=1)
    return made


def strand(at: Institute, name: str = "Grades 3–5", **more: Any) -> Strand:
    return Strand.objects.create(institute=at, name=name, **more)


def payer(of: Organization, **more: Any) -> Payer:
    defaults = {"ap_email": "ap@example.test", "address": "1 Alder Way\nAlder, CA 99001"}
    return Payer.objects.get_or_create(organization=of, defaults=defaults | more)[0]


def payee(of: Organization | None = None, **more: Any) -> Payee:
    """The provider's payee, unless another organization is named."""
    home = of or (Provider.objects.first() or provider()).organization
    return Payee.objects.get_or_create(organization=home, defaults={"remit_to": f"{home}\nPO Box 9"} | more)[0]


def agreement(of: Organization | None = None, **more: Any) -> FundingAgreement:
    """A contract of a district; without a district a grant that the provider holds and never invoices."""
    defaults: dict[str, Any] = {
        "kind": AgreementKind.FEE_FOR_SERVICE if of else AgreementKind.GRANT,
        "name": f"Agreement {next(_numbers)}",
        "payer": payer(of) if of else None,
        "starts_on": date(2026, 7, 1),
        "ends_on": date(2027, 6, 30),
    }
    return FundingAgreement.objects.create(**defaults | more)


def line(of: Organization, under: FundingAgreement | None = None, **more: Any) -> FundingLine:
    """What a district's paper says. Under a grant of the provider, the provider is the payer and `of` the district served."""
    pays = of if under is None or under.payer_id else payee().organization
    defaults: dict[str, Any] = {
        "payer": payer(pays),
        "organization": of,
        "agreement": under,
        "source": Source.GRANT if under else Source.TITLE_II,
        "made_at": NOW,
    }
    return FundingLine.objects.create(**defaults | more)


def purchase_order(of: Organization, amount: str = "5250.00", **more: Any) -> PurchaseOrder:
    defaults = {"number": f"PO-{next(_numbers)}", "expires_on": date(2027, 6, 30), "at": NOW}
    return PurchaseOrder.objects.create(payer=payer(of), amount=Decimal(amount), **defaults | more)


def order(sponsor: Organization, **more: Any) -> Order:
    wanted = {"key": f"order-{next(_numbers)}", "at": NOW} | more
    if "terms" not in wanted:
        wanted["terms"] = terms()
    return Order.objects.create(sponsor=sponsor, **wanted)


def allotment(at: Institute, sponsor: Organization, seats: int = 1, paid_by: FundingLine | None = None) -> Allotment:
    """Seats promised at the institute's price, paid whole by one line; no seat is taken yet."""
    made = Allotment.objects.create(
        order=order(sponsor, terms=at.terms), institute=at, seats_wanted=seats, price=at.price
    )
    AllotmentFunding.objects.create(
        allotment=made,
        line=paid_by or line(sponsor),
        first_day=at.starts_on,
        last_day=at.ends_on,
        amount=at.price,
    )
    return made


def waiting(at: Institute, sponsor: Organization, *people: Person, seats: int = 1, **more: Any) -> WaitlistEntry:
    """Somebody in line for a place, paid by the sponsor; a person is made where none is named."""
    who = people or (person("Una Vane", at=sponsor),)
    wanted = {"allotment": allotment(at, sponsor, seats), "institute": at, "seats": seats, "joined_at": NOW} | more
    made = WaitlistEntry.objects.create(**wanted)
    WaitlistPerson.objects.bulk_create(WaitlistPerson(entry=made, person=one) for one in who)
    return made


def registration(who: Person, at: Institute, sponsor: Organization, **more: Any) -> Registration:
    """A person in a seat that nobody charged for; for money, use `enrollment.register`."""
    seat = Seat.objects.create(allotment=allotment(at, sponsor), institute=at)
    Institute.objects.filter(pk=at.pk).update(seats_taken=at.seats_taken + 1)
    at.refresh_from_db()
    return Registration.objects.create(seat=seat, institute=at, person=who, **{"days": at.days, "made_at": NOW} | more)


def attendee(who: Person, **more: Any) -> Attendee:
    """Someone who is known, as a roster takes her."""
    return Attendee(person_id=who.pk, **more)


def placed(
    sponsor: Organization,
    at: Institute,
    *people: Attendee | str,
    unnamed: int = 0,
    by: User | None = None,
    when: datetime = NOW,
    paid_by: FundingLine | None = None,
    **more: Any,
) -> Order:
    """An order as a roster places it, with its seats, their money and their mail: people, or their names."""
    share = funding.Share(paid_by or line(sponsor), at.starts_on, at.ends_on, more.pop("purchase_order", None))
    attendees = [Attendee(*one.partition(" ")[::2]) if isinstance(one, str) else one for one in people]
    group = enrollment.Group(attendees, [share], unnamed, **more)
    key = f"order-{next(_numbers)}"
    return enrollment.place([group], sponsor=sponsor, institute=at, key=key, by=by, at=when)


def invoice_of(charges: Sequence[Charge], **more: Any) -> Invoice:
    """A draft that prints the charges, all of one line."""
    first = charges[0]
    defaults: dict[str, Any] = {
        "payer": first.line.payer,
        "payee": first.payee,
        "agreement": first.line.agreement,
        "service_year": first.fiscal_year,
        "about": "LT27-01 Leadership Training",
        "subject_key": "institute:1",
        "drafted_at": NOW,
    }
    made = Invoice.objects.create(**defaults | more)
    InvoiceLine.objects.bulk_create(
        InvoiceLine(invoice=made, charge=charge, words=charge.words, amount=charge.amount) for charge in charges
    )
    return made


def credit_memo(of: Invoice, amount: str, words: str = "Credit") -> Invoice:
    """An issued credit memo of an invoice, which takes back dollars of its first charge."""
    charge = of.lines.order_by("pk")[0].charge
    back = Charge.objects.create(
        line=charge.line,
        payee=charge.payee,
        kind=charge.kind,
        words=words,
        amount=-Decimal(amount),
        first_day=charge.first_day,
        last_day=charge.last_day,
        fiscal_year=charge.fiscal_year,
        reverses=charge,
        at=NOW,
    )
    number = next(_numbers)
    copied = {"bill_to": of.bill_to, "remit_to": of.remit_to, "terms_words": of.terms_words}
    made = invoice_of([back], kind=InvoiceKind.CREDIT_MEMO, corrects=of, **copied)
    Invoice.objects.filter(pk=made.pk).update(
        number=number, number_year=2027, reference=f"CM-2027-{number:04}", issued_at=NOW, due_on=NOW.date()
    )
    made.refresh_from_db()
    return made
