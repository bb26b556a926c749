"""Scenario 15: Coyote Flat's purchase order arrives on 19 January for an institute that begins on the 21st."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from billing import invoicing, purchase_orders
from billing.models import Invoice, PurchaseOrder
from events.models import Institute
from office.models import DigestLine, Message
from people.access import Role
from people.models import Organization, User
from registrations import attendance, billable, holds, ladders, papers
from registrations.attendance import Seen
from registrations.ladders import Rung
from registrations.models import Allotment, AttendanceEvent, EventKind, Order, Registration
from tests import make

pytestmark = pytest.mark.django_db


def on(day: int, month: int = 1, hour: int = 9) -> datetime:
    return datetime(2026 if month == 12 else 2027, month, day, hour, tzinfo=make.PACIFIC)


@pytest.fixture
def coyote(provider: Any) -> Organization:
    provider.email = "office@ssc.example.test"
    provider.save()
    make.payee()
    return make.organization("Coyote Flat Elementary", "99001030000000")


@pytest.fixture
def institute(coyote: Organization) -> Institute:
    made = make.institute(code="LT27-01", terms=make.terms(po_due_days=21))
    make.agenda(made)
    return made


@pytest.fixture
def order(coyote: Organization, institute: Institute) -> Order:
    make.user("sup@coyote.example.test", Role.COORDINATOR, at=coyote, name="Sally Ortiz")
    make.user("office@coyote.example.test", Role.BUSINESS_OFFICE, at=coyote, name="Bo Li")
    return make.placed(coyote, institute, "Ana Torres", "Cy Wu", "Di Xu")


def told() -> list[tuple[str, str]]:
    """Who was told what: lines of daily mails, and mails of their own."""
    lines = [(line.to, line.text) for line in DigestLine.objects.order_by("pk")]
    asked = Message.objects.filter(subject__startswith="Purchase order needed").order_by("pk")
    return [*lines, *((message.to, message.subject) for message in asked)]


def standing(at: datetime) -> list[tuple[int, Rung | None]]:
    return [(one.days, one.rung) for one in ladders.late(at=at)]


def arrived(order: Order, coyote: Organization, sally: User) -> papers.Covered:
    """The purchase order, dated and recorded on 19 January."""
    paper = purchase_orders.keep(
        PurchaseOrder(
            payer=make.payer(coyote), number="26-0118", amount=Decimal(1575), issued_on=date(2027, 1, 19), at=on(19)
        )
    )
    lines = [part.line for part in papers.parts_of(order)]
    return papers.attach(order, paper, lines=lines, by=sally, at=on(19))


def test_each_rung_of_the_ladder_is_said_once_and_to_whom_it_concerns(order: Order) -> None:
    for day, month in [(30, 12), (31, 12), (31, 12), (1, 1), (10, 1), (11, 1), (12, 1), (14, 1), (15, 1), (19, 1)]:
        for hour in (9, 10):
            ladders.climb(at=on(day, month, hour))

    assert told() == [
        ("sup@coyote.example.test", "A purchase order for 3 seats ($1,575.00) is not here yet."),
        ("sup@coyote.example.test", "We asked your business office for a purchase order for 3 seats ($1,575.00)."),
        (
            "sup@coyote.example.test",
            "At risk: no purchase order for 3 seats ($1,575.00), and it begins on January 21, 2027.",
        ),
        (
            "office@ssc.example.test",
            "Coyote Flat Elementary: no purchase order for 3 seats ($1,575.00). Hold the seats or release them.",
        ),
        (
            "office@coyote.example.test",
            "Purchase order needed for LT27-01 Leadership Training, January 21–23, 2027",
        ),
        (
            "office@coyote.example.test",
            "Purchase order needed for LT27-01 Leadership Training, January 21–23, 2027",
        ),
    ]


def test_the_rungs_are_21_10_7_and_2_days_before(order: Order) -> None:
    days = [on(30, 12), on(31, 12), on(11), on(14), on(19), on(21)]

    assert [standing(day) for day in days] == [
        [],
        [(21, Rung.REMIND)],
        [(10, Rung.ESCALATE)],
        [(7, Rung.AT_RISK)],
        [(2, Rung.DECIDE)],
        [(0, Rung.DECIDE)],
    ]


def test_the_day_is_the_one_at_the_institute(order: Order, institute: Institute) -> None:
    """Half past eleven in the evening of 30 December in California is the 31st in Virginia."""
    late_evening = on(30, 12, 23)
    Institute.objects.filter(pk=institute.pk).update(zone="America/New_York")

    assert standing(late_evening) == [(21, Rung.REMIND)]


def test_staff_hold_the_seats_with_a_reason_and_the_ladder_is_quiet(order: Order, omar: User) -> None:
    allotment = Allotment.objects.select_related("institute").get(order=order)

    holds.hold(allotment, until=date(2027, 1, 22), reason="The board meets on the 18th.", by=omar, at=on(14))

    assert ladders.climb(at=on(19)) == 0
    assert standing(on(22)) == [(-1, None)]
    assert standing(on(23)) == [(-2, Rung.DECIDE)]


def test_an_at_risk_seat_never_keeps_anybody_out(order: Order, institute: Institute, omar: User) -> None:
    ladders.climb(at=on(19))
    first = institute.sessions.in_order()[0]
    here = [
        Seen(id=uuid4(), session_id=first.pk, kind=EventKind.PRESENT, at=first.starts_at, registration_id=one.pk)
        for one in Registration.objects.all()
    ]

    recorded = attendance.record(here, institute=institute, by=omar, at=on(21))

    assert len(recorded.new) == 3
    assert AttendanceEvent.objects.count() == 3
    assert standing(on(21)) == [(0, Rung.DECIDE)]


def test_the_late_order_covers_all_and_the_invoice_is_not_dated_before_it(
    order: Order, coyote: Organization, institute: Institute, omar: User
) -> None:
    done = arrived(order, coyote, omar)
    [draft] = billable.draft_invoices(institute, by=omar, at=on(18))

    assert (len(done.covered), done.left, standing(on(19))) == (3, [], [])
    with pytest.raises(invoicing.CannotIssue, match="dated January 19, 2027; the invoice may not be dated earlier"):
        invoicing.issue(draft, by=omar, at=on(18))
    issued = invoicing.issue(Invoice.objects.get(), by=omar, at=on(25))
    assert (issued.purchase_order_number, invoicing.total_of(issued)) == ("26-0118", Decimal(1575))
