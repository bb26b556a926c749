"""Each dollar of an agreement is reserved, committed, invoiced, paid or left."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from billing import invoicing, payments
from billing.models import AgreementCap, FundingAgreement, Invoice, InvoiceKind, PaymentMethod
from events.models import Institute
from people.models import Organization, User
from registrations import billable, burndown, naming, withdrawals
from registrations.models import Seat
from registrations.newcomers import Attendee
from tests import make

TODAY = make.NOW.date()
LATER = datetime(2027, 1, 12, 17, 0, tzinfo=UTC)


@pytest.fixture
def winter(provider: Any) -> Institute:
    make.payee()
    return make.institute(code="LT27-01", names_due_on=date(2027, 1, 14))


@pytest.fixture
def contract(alder_valley: Organization) -> FundingAgreement:
    return make.agreement(alder_valley, name="Alder Valley contract", amount=Decimal(20000))


@pytest.fixture
def grant(provider: Any) -> FundingAgreement:
    return make.agreement(name="NSF-LEAP", amount=Decimal(60000))


def four(agreement: FundingAgreement, on: date = TODAY) -> tuple[int, ...]:
    """Reserved, committed, invoiced, paid and left, in seats of $525."""
    found = burndown.of(FundingAgreement.objects.get(pk=agreement.pk), on=on)
    balance = found.balance
    dollars = [balance.reserved, balance.committed, balance.invoiced, balance.paid, found.left or Decimal(0)]
    return tuple(int(amount) for amount in dollars)


def issued(winter: Institute, by: User, at: datetime = make.NOW) -> list[Invoice]:
    return invoicing.issue_all(billable.draft_invoices(winter, by=by, at=at), by=by, at=at).issued


def pay(invoice: Invoice, amount: Decimal, by: User) -> None:
    payments.record(
        payer=invoice.payer,
        payee=invoice.payee,
        method=PaymentMethod.CHECK,
        reference=f"CHECK-{random.random()}",
        amount=amount,
        received_on=TODAY,
        shares=[payments.Share(invoice, amount)],
        by=by,
        at=make.NOW,
    )


def test_a_seat_without_a_name_is_reserved_and_with_one_it_is_committed(
    winter: Institute, contract: FundingAgreement, alder_valley: Organization, dolores: User
) -> None:
    line = make.line(alder_valley, contract)
    make.placed(alder_valley, winter, "Ana Torres", unnamed=2, paid_by=line)
    before = four(contract)

    naming.name(Seat.objects.unnamed().order_by("pk")[0], Attendee("Tomas", "Wexler"), by=dolores, at=make.NOW)

    assert before == (1050, 525, 0, 0, 18425)
    assert four(contract) == (525, 1050, 0, 0, 18425)


def test_what_is_drafted_is_committed_and_what_is_issued_is_invoiced_until_it_is_paid(
    winter: Institute, contract: FundingAgreement, alder_valley: Organization, omar: User
) -> None:
    make.placed(alder_valley, winter, "Ana Torres", "Noor Haddad", paid_by=make.line(alder_valley, contract))

    [draft] = billable.draft_invoices(winter, by=omar, at=make.NOW)
    drafted = four(contract)
    invoicing.issue(draft, by=omar, at=make.NOW)
    sent = four(contract)
    pay(draft, Decimal(525), omar)

    assert (drafted, sent) == ((0, 1050, 0, 0, 18950), (0, 0, 1050, 0, 18950))
    assert four(contract) == (0, 0, 525, 525, 18950)


def test_what_is_withdrawn_after_the_invoice_is_left_at_once_and_the_credit_memo_changes_nothing(
    winter: Institute, contract: FundingAgreement, alder_valley: Organization, dolores: User, omar: User
) -> None:
    make.placed(alder_valley, winter, "Ana Torres", "Noor Haddad", paid_by=make.line(alder_valley, contract))
    [invoice] = issued(winter, omar)
    pay(invoice, Decimal(1050), omar)

    withdrawals.withdraw(list(Seat.objects.order_by("pk")[:1]), by=dolores, at=LATER)
    waiting = four(contract)
    issued(winter, omar, LATER)

    assert waiting == (0, 0, 0, 787, 19212)  # half of $525 is kept
    assert four(contract) == waiting
    assert Invoice.objects.filter(kind=InvoiceKind.CREDIT_MEMO).issued().count() == 1


def test_a_grant_that_is_never_invoiced_is_spent_when_the_days_are_over(
    winter: Institute, grant: FundingAgreement, alder_valley: Organization
) -> None:
    make.placed(alder_valley, winter, "Ana Torres", unnamed=1, paid_by=make.line(alder_valley, grant))

    assert four(grant, on=winter.ends_on) == (525, 525, 0, 0, 58950)
    assert four(grant, on=winter.ends_on + timedelta(days=1)) == (0, 0, 0, 1050, 58950)


def test_a_cap_shows_what_its_district_uses_and_has_left(
    winter: Institute, grant: FundingAgreement, alder_valley: Organization, bristlecone: Organization
) -> None:
    for district, amount in ((alder_valley, Decimal(600)), (bristlecone, None)):
        AgreementCap.objects.create(agreement=grant, organization=district, amount=amount)
    make.placed(alder_valley, winter, "Ana Torres", paid_by=make.line(alder_valley, grant))

    found = burndown.of(grant, on=TODAY).districts

    told: list[Any] = [(str(share.district), share.used, share.cap, share.left) for share in found]
    assert told == [("Alder Valley Unified", 525, 600, 75), ("Bristlecone Joint Union Elementary", 0, None, None)]


def test_several_funders_of_one_institute_stand_together(
    winter: Institute, grant: FundingAgreement, contract: FundingAgreement, alder_valley: Organization
) -> None:
    make.placed(alder_valley, winter, "Ana Torres", paid_by=make.line(alder_valley, grant))
    make.placed(alder_valley, winter, "Noor Haddad", "Tomas Wexler", paid_by=make.line(alder_valley, contract))
    make.placed(alder_valley, winter, "Ines Barragán", paid_by=make.line(alder_valley))

    [one] = burndown.together(grant)

    funders: list[Any] = sorted((funder.name, funder.amount, funder.is_this) for funder in one.funders)
    assert funders == [
        ("Alder Valley contract", 1050, False),
        ("NSF-LEAP", 525, True),
        ("Title II, Part A", 525, False),
    ]


def test_the_curve_falls_by_what_is_promised_and_by_what_is_paid(
    winter: Institute, contract: FundingAgreement, alder_valley: Organization, omar: User
) -> None:
    make.placed(alder_valley, winter, "Ana Torres", "Noor Haddad", paid_by=make.line(alder_valley, contract))
    [invoice] = issued(winter, omar)
    pay(invoice, Decimal(525), omar)

    points = burndown.curve(burndown.of(contract, on=TODAY), on=TODAY)

    told: list[Any] = [(point.on, point.unpromised, point.unpaid) for point in points]
    assert told == [
        (date(2026, 7, 1), 20000, 20000),
        (TODAY, 18950, 19475),
    ]


@pytest.mark.parametrize("seed", range(5))
def test_the_four_and_what_is_left_are_the_amount_whatever_happens(
    seed: int, winter: Institute, contract: FundingAgreement, alder_valley: Organization, dolores: User, omar: User
) -> None:
    chance, line, made = random.Random(seed), make.line(alder_valley, contract), 0
    for _turn in range(14):
        seats = list(Seat.objects.held().order_by("pk"))
        match chance.choice(["place", "name", "withdraw", "issue", "pay", "late"]):
            case "place" if len(seats) < 12:
                made += 2
                make.placed(alder_valley, winter, f"Ada No{made}", unnamed=1, paid_by=line)
            case "name" if unnamed := list(Seat.objects.unnamed().order_by("pk")):
                naming.name(unnamed[0], Attendee("Bo", f"No{made}{unnamed[0].pk}"), by=dolores, at=make.NOW)
            case "withdraw" | "late" as when if seats:
                at = make.NOW if when == "withdraw" else LATER
                withdrawals.withdraw([chance.choice(seats)], by=dolores, at=at)
            case "issue":
                issued(winter, omar, LATER)
            case "pay" if owed := list(Invoice.objects.open().order_by("pk")):
                pay(owed[0], min(owed[0].balance, Decimal(300)), omar)
        found = burndown.of(FundingAgreement.objects.get(pk=contract.pk), on=TODAY)
        balance = found.balance
        dollars = [balance.reserved, balance.committed, balance.invoiced, balance.paid]
        contract.refresh_from_db()
        assert min(dollars) >= 0
        assert sum(dollars) == contract.charged
        assert found.left is not None
        assert sum(dollars) + found.left == contract.amount
        assert sum(share.used for share in found.districts) == contract.charged


def test_the_page_shows_the_dollars_the_picture_and_the_institutes_in_few_questions(
    winter: Institute,
    grant: FundingAgreement,
    alder_valley: Organization,
    omar: User,
    as_user: Callable[[User], Client],
    django_assert_max_num_queries: Any,
    settings: Any,
) -> None:
    settings.DEMO = True
    line, client = make.line(alder_valley, grant), as_user(omar)
    make.placed(alder_valley, winter, *[f"Ada No{number}" for number in range(10)], paid_by=line)
    address = reverse("registrations:agreement_balance", args=[grant.pk])

    with django_assert_max_num_queries(22):
        page = client.get(address).content.decode()

    assert "$54,750.00" in page
    assert "LT27-01" in page
    assert 'class="burndown__unpromised" points="0,0' in page
