"""Who goes where in the demo, and what pays: one chapter for each district at each institute."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import cycle, islice

from billing.models import FundingLine, PurchaseOrder
from events.models import Institute
from people.models import GradeSpan, JobRole
from portal.demo.money import Paying
from portal.demo.offer import Offer

NAMES = {
    "avusd": "Ana Torres|Ines Barragán|Tomas Wexler|Priya Ellison|Noor Haddad|María José Muñoz-O’Neill|Grace Kim|"
    "Caleb Ritter|Joanna Pérez|Owen Prather|Lucía Ramírez|Samuel Ito|Beatriz Fuentes|Nguyễn Thị Ánh|Ruth Adler|"
    "Victor Salas",
    "bristlecone": "Carmen Ortega|Leilani Kahale|Marcus Webb|Yolanda Cruz|Peter Novak|Hannah Bright|Diego Ríos|"
    "Farah Aziz",
    "coyote": "Edith Palmer|Jonas Field|Rosa Lind|Gus Renner",
    "delta": "Aisha Grant|Luis Ferrer|Mei Chen|Daniel Okafor|Sofía Marín|Kenji Mori|Elena Petrova|Noah Baptiste|"
    "Xiong Vang|Gabriel Stone|Nadia Rahman|Iván Costa|Alice Monroe|Farid Karimi|Tessa Blum|Arjun Mehta|李小龍|"
    "Bronwen Price|Omari Dale|Quinn Avery",
    "lodestar": "Mateo Silva|Ivy Lockhart|Zainab Yusuf|Theo Lang",
    "juniper": "Wren Castillo|Abel Franco|Dina Moss|Saul Whitaker|محمد",
}
SPANS = [GradeSpan.TK_2, GradeSpan.GRADES_3_5, GradeSpan.GRADES_6_8, GradeSpan.GRADES_9_12]


@dataclass(frozen=True)
class Row:
    """One row of a roster: nothing of pupils is ever in it."""

    given: str
    family: str
    email: str
    role: str
    grade_span: str


@dataclass(frozen=True)
class Paid:
    """So many of the district's people, paid by one line under one purchase order or none."""

    count: int
    line: FundingLine
    purchase_order: PurchaseOrder | None = None
    team: str = ""


@dataclass(frozen=True)
class Chapter:
    """What one institute's story is: rosters by district, how far attendance went, and whether money followed."""

    institute: Institute
    rosters: dict[str, list[Paid]]
    registered_at: datetime
    days_attended: int
    is_closed: bool


def people_of(short: str) -> list[Row]:
    """A district's staff, the same each time."""
    rows = []
    for name, span, number in zip(NAMES[short].split("|"), cycle(SPANS), range(100), strict=False):
        given, _, family = name.partition(" ")
        address = f"teacher{number + 1}@{short}.example.test"
        if name == "Ana Torres":
            address = "ana.torres@avusd.example.test"
        role = JobRole.PRINCIPAL if number % 5 == 4 else JobRole.TEACHER
        if name == "Gus Renner":  # one person runs Coyote Flat, and counts as its administrator (scenario 3)
            role = JobRole.SUPERINTENDENT
        rows.append(Row(given, family, address, role, span))
    return rows


def first_of(short: str, count: int) -> list[Row]:
    return list(islice(people_of(short), count))


def chapters(offer: Offer, paying: Paying, *, today: date, at: datetime) -> Iterator[Chapter]:
    """Last January whole; the roll-out of today, in its second day; what is to come."""
    lines, orders = paying.lines, paying.orders
    title = Paid(9, lines["avusd title"], orders["avusd title"])
    yield Chapter(
        offer.past,
        {
            "avusd": [title, Paid(4, lines["avusd lcff"]), Paid(3, lines["avusd grant"])],
            "bristlecone": [Paid(8, lines["bristlecone grant"])],
            "delta": [Paid(20, lines["delta"], orders["delta"])],
            "lodestar": [Paid(4, lines["lodestar"])],
            "juniper": [Paid(5, lines["juniper"])],
        },
        registered_at=_morning(offer.past, 60, at),
        days_attended=3,
        is_closed=True,
    )
    yield Chapter(
        offer.running,
        {"avusd": [Paid(5, lines["avusd title"], orders["avusd title"])], "coyote": [Paid(4, lines["coyote"])],
         "bristlecone": [Paid(6, lines["bristlecone"], orders["bristlecone"])]},
        registered_at=_morning(offer.running, 40, at),
        days_attended=(today - offer.running.starts_on).days,
        is_closed=False,
    )  # fmt: skip
    yield Chapter(
        offer.lesson_study,
        {"avusd": [Paid(4, lines["avusd grant"], team="Alder Creek")],
         "delta": [Paid(4, lines["delta"], orders["delta"], team="Delta Vista")]},
        registered_at=at - timedelta(days=9),
        days_attended=0,
        is_closed=False,
    )  # fmt: skip
    yield Chapter(
        offer.january,
        {"bristlecone": [Paid(4, lines["bristlecone grant"])], "lodestar": [Paid(2, lines["lodestar"])]},
        registered_at=at - timedelta(days=5),
        days_attended=0,
        is_closed=False,
    )


def _morning(institute: Institute, days: int, at: datetime) -> datetime:
    return max(min(institute.registration_closes_at - timedelta(days=days), at), institute.registration_opens_at)
