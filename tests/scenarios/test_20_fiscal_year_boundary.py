"""Scenario 20: SI27-06 runs over 30 June; Delta Vista sends eight for $10,000, of two fiscal years."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from billing import books, invoicing, ledger
from billing.models import Charge, Draw, FundingAgreement, Invoice, PurchaseOrder
from billing.refusals import CannotCharge
from certificates import issuing
from events.models import Institute
from people.models import Organization, User
from registrations import billable, burndown, enrollment, funding, hours, recount
from registrations.models import Order, Registration
from registrations.newcomers import Attendee
from registrations.refusals import CannotRegister
from tests import make
from tests.certificates.world import seen

JUNE_28, JUNE_30, JULY_1, JULY_2 = date(2027, 6, 28), date(2027, 6, 30), date(2027, 7, 1), date(2027, 7, 2)
IN_MAY = datetime(2027, 5, 3, 17, 0, tzinfo=make.UTC)
AFTER = datetime(2027, 7, 6, 17, 0, tzinfo=make.UTC)
EIGHT = [Attendee("Ada", f"No{number}") for number in range(1, 9)]


@pytest.fixture
def summer(provider: Any) -> Institute:
    """Five days of 7 hours: 08:00 to 12:00 and 13:00 to 16:00."""
    make.payee()
    closes = datetime(2027, 6, 27, 17, 0, tzinfo=make.UTC)
    days = {"starts_on": JUNE_28, "ends_on": JULY_2, "registration_closes_at": closes}
    made = make.institute(code="SI27-06", title="Summer Institute", price=Decimal(1250), capacity=160, **days)
    for day in range(5):
        on = date.fromordinal(JUNE_28.toordinal() + day)
        make.session(made, on, "08:00", "12:00", title="Morning")
        make.session(made, on, "13:00", "16:00", title="Afternoon")
    return made


@pytest.fixture
def delta(db: None) -> Organization:
    return make.organization("Delta Vista Unified", "99001040000000")


@pytest.fixture
def po_a(delta: Organization) -> PurchaseOrder:
    return make.purchase_order(delta, "10000.00", number="PO-A", expires_on=JUNE_30)


@pytest.fixture
def po_b(delta: Organization) -> PurchaseOrder:
    return make.purchase_order(delta, "4000.00", number="PO-B", issued_on=JULY_1, expires_on=date(2028, 6, 30))


@pytest.fixture
def leap(delta: Organization) -> FundingAgreement:
    """The grant: July 1, 2026 to June 30, 2027."""
    return make.agreement(name="NSF-LEAP", amount=Decimal(60000))


def place(summer: Institute, sponsor: Organization, *shares: funding.Share) -> Order:
    group = enrollment.Group(EIGHT, list(shares))
    return enrollment.place([group], sponsor=sponsor, institute=summer, key="summer", by=None, at=IN_MAY)


def own_money(delta: Organization, po_a: PurchaseOrder) -> list[funding.Share]:
    """One account string for each LCAP year."""
    made = []
    for first, last, year, order in ((JUNE_28, JUNE_30, "2026-27", po_a), (JULY_1, JULY_2, "2027-28", None)):
        line = make.line(delta, account_string="01-4035-0-1110-2140-5200", lcap_year=year, lcap_goal="2")
        made.append(funding.Share(line, first, last, order))
    return made


def told(invoices: list[Invoice]) -> list[tuple[int, str, Decimal, str]]:
    """Fiscal year of service, purchase order, dollars, LCAP years; by year."""
    rows = sorted(invoices, key=lambda invoice: invoice.service_year)
    return [
        (one.service_year, str(one.purchase_order or ""), invoicing.total_of(one), one.funding_words.split("LCAP ")[-1])
        for one in rows
    ]


def test_two_invoices_of_6000_and_4000_each_with_its_purchase_order_and_lcap_year(
    summer: Institute, delta: Organization, po_a: PurchaseOrder, po_b: PurchaseOrder, omar: User
) -> None:
    place(summer, delta, *own_money(delta, po_a))
    ledger.draw(po_b, Charge.objects.uncovered(), by=omar, at=AFTER)

    drafts = billable.draft_invoices(summer, by=omar, at=AFTER)
    invoicing.issue_all(drafts, by=omar, at=AFTER)

    assert told(drafts) == [
        (2027, "PO-A", Decimal(6000), "2026-27 Goal 2"),
        (2028, "PO-B", Decimal(4000), "2027-28 Goal 2"),
    ]
    assert Invoice.objects.issued().count() == 2
    assert [*books.broken_equations(), *recount.broken_equations()] == []


def test_one_line_for_all_days_is_split_by_service_day_too(summer: Institute, delta: Organization, omar: User) -> None:
    place(summer, delta, funding.Share(make.line(delta), JUNE_28, JULY_2))

    drafts = billable.draft_invoices(summer, by=omar, at=AFTER)

    assert [row[:3] for row in told(drafts)] == [(2027, "", Decimal(6000)), (2028, "", Decimal(4000))]
    assert {charge.amount for charge in Charge.objects.all()} == {Decimal(750), Decimal(500)}


def test_po_a_expires_on_30_june_and_pays_no_later_day(
    summer: Institute, delta: Organization, po_a: PurchaseOrder
) -> None:
    both = [funding.Share(share.line, share.first_day, share.last_day, po_a) for share in own_money(delta, po_a)]

    with pytest.raises(CannotRegister, match="PO-A expires on June 30, 2027; a later one is required for July 1–2"):
        place(summer, delta, *both)

    assert (Charge.objects.count(), Registration.objects.count()) == (0, 0)


def test_po_b_is_required_until_it_covers_days_four_and_five(
    summer: Institute, delta: Organization, po_a: PurchaseOrder, po_b: PurchaseOrder, omar: User
) -> None:
    place(summer, delta, *own_money(delta, po_a))
    uncovered = list(Charge.objects.uncovered())
    with pytest.raises(CannotCharge, match="PO-A expires on June 30, 2027"):
        ledger.draw(po_a, uncovered, by=omar, at=AFTER)

    ledger.draw(po_b, uncovered, by=omar, at=AFTER)

    assert [(charge.first_day, charge.amount) for charge in uncovered] == [(JULY_1, Decimal(500))] * 8
    assert not Charge.objects.uncovered().exists()
    drawn = {order.number: order.drawn for order in PurchaseOrder.objects.all()}
    assert drawn == {"PO-A": Decimal(6000), "PO-B": Decimal(4000)}


def test_the_grant_ends_on_30_june_and_pays_three_days_only(
    summer: Institute, delta: Organization, leap: FundingAgreement, omar: User
) -> None:
    [option] = [each for each in funding.eligible(delta, summer, who=omar) if each.agreement == leap]

    with pytest.raises(CannotRegister, match="NSF-LEAP ends on June 30, 2027; July 1–2, 2027 would be outside"):
        place(summer, delta, funding.Share(make.line(delta, leap), JUNE_28, JULY_2))

    assert (option.first_day, option.last_day, option.per_seat, option.is_whole) == (
        JUNE_28,
        JUNE_30,
        Decimal(750),
        False,
    )


def test_the_grant_pays_8_times_750_and_8_times_500_are_invoiced_under_po_b(
    summer: Institute, delta: Organization, leap: FundingAgreement, po_b: PurchaseOrder, omar: User
) -> None:
    by_grant = funding.Share(make.line(delta, leap), JUNE_28, JUNE_30)
    place(summer, delta, by_grant, funding.Share(make.line(delta), JULY_1, JULY_2, po_b))

    drafts = billable.draft_invoices(summer, by=omar, at=AFTER)

    assert [row[:3] for row in told(drafts)] == [(2028, "PO-B", Decimal(4000))]
    [granted] = billable.granted(summer)
    assert [charge.amount for charge in granted.charges] == [Decimal(750)] * 8
    leap.refresh_from_db()
    found = burndown.of(leap, on=AFTER.date())
    assert (leap.charged, found.balance.paid, found.left) == (Decimal(6000), Decimal(6000), Decimal(54000))
    assert found.is_within_its_period
    assert Draw.objects.count() == 8


def test_thirty_five_hours_stand_on_one_certificate(summer: Institute, delta: Organization, omar: User) -> None:
    place(summer, delta, funding.Share(make.line(delta), JUNE_28, JULY_2))
    [first, *_others] = Registration.objects.order_by("pk")
    seen(first, *range(5))
    hours.work_out(summer, at=AFTER)

    [certificate] = issuing.issue_all(summer, by=omar, at=AFTER)

    minutes = {row.day: row.minutes for row in first.hours.all()}
    before = sum(minutes[day] for day in minutes if day <= JUNE_30)
    assert (before / 60, sum(minutes.values()) / 60) == (21, 35)
    assert certificate.minutes == 35 * 60
