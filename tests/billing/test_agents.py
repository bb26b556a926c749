"""A fiscal agent sees what is payable to it, and nothing else."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from billing import invoicing, payments
from billing.models import Invoice, PaymentMethod
from people.access import Role
from people.models import Organization, User
from registrations import billable
from tests import make

IN_MAY = datetime(2027, 5, 3, 17, 0, tzinfo=UTC)


@pytest.fixture
def juniper(db: None) -> Organization:
    return make.organization("Juniper COE", "99109900000000")


@pytest.fixture
def june(juniper: Organization) -> User:
    return make.user("june@juniper.example.test", Role.HOST, at=juniper, name="June Abara")


def invoiced(code: str, agent: Organization | None, sponsor: Organization, by: User) -> Invoice:
    at = make.institute(code=code, fiscal_agent=agent)
    make.placed(sponsor, at, f"Ada {code}")
    [draft] = billable.draft_invoices(at, by=by, at=make.NOW)
    return invoicing.issue(draft, by=by, at=make.NOW)


@pytest.fixture
def hers(juniper: Organization, alder_valley: Organization, omar: User) -> Invoice:
    make.payee(juniper, prefix="JC")
    return invoiced("RO27-2", juniper, alder_valley, omar)


@pytest.fixture
def ours(alder_valley: Organization, omar: User) -> Invoice:
    make.payee()
    return invoiced("LT27-01", None, alder_valley, omar)


def journal(invoice: Invoice, reference: str, by: User) -> None:
    payments.record(
        payer=invoice.payer,
        payee=invoice.payee,
        method=PaymentMethod.JOURNAL,
        reference=reference,
        amount=Decimal(525),
        received_on=IN_MAY.date(),
        shares=[payments.Share(invoice, Decimal(525))],
        by=by,
        at=IN_MAY,
    )


def test_each_payee_has_its_own_series_and_remit_to(hers: Invoice, ours: Invoice) -> None:
    assert (hers.reference, ours.reference) == ("JC-INV-2027-0001", "INV-2027-0001")
    assert (hers.remit_to, ours.remit_to) == ("Juniper COE\nPO Box 9", "Sierra Science Collaborative\nPO Box 9")


def test_the_agent_sees_its_invoices_and_payments_and_nothing_of_the_provider(
    hers: Invoice, ours: Invoice, june: User, omar: User, as_user: Callable[[User], Client]
) -> None:
    journal(hers, "JE-204", omar)
    journal(ours, "JE-999", omar)

    page = as_user(june).get(reverse("billing:agent")).content.decode()

    assert all(word in page for word in ("JC-INV-2027-0001", "JE-204", "Juniper COE<br>PO Box 9", "1 number given"))
    assert not any(word in page for word in (">INV-2027-0001", "JE-999", "LT27-01", "Sierra Science Collaborative<br>"))


def test_the_agent_opens_no_other_page_of_money(
    hers: Invoice, ours: Invoice, june: User, as_user: Callable[[User], Client]
) -> None:
    client = as_user(june)

    asked = [
        client.get(reverse("billing:agent_paper", args=[ours.pk])).status_code,
        client.get(reverse("billing:invoice", args=[hers.pk])).status_code,
        client.get(reverse("billing:invoices")).status_code,
        client.get(reverse("billing:agreements")).status_code,
    ]

    assert asked == [404, 403, 403, 403]


def test_a_host_that_is_paid_by_nobody_reads_so(june: User, ours: Invoice, as_user: Callable[[User], Client]) -> None:
    page = as_user(june).get(reverse("billing:agent")).content.decode()

    assert "Your office is not a fiscal agent yet." in page
    assert ours.reference not in page


def test_a_district_has_no_such_page(hers: Invoice, dolores: User, as_user: Callable[[User], Client]) -> None:
    client = as_user(dolores)

    answers = [client.get(reverse("billing:agent")), client.get(reverse("billing:agent_paper", args=[hers.pk]))]

    assert [answer.status_code for answer in answers] == [403, 403]
