"""The books for accounting: each row once ever."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing import exports, refunds, write_offs
from billing.exports import CannotExport
from billing.models import BookExport, BookExportRow, Dispute, DisputeEnd, DisputeOutcome, Invoice, PaymentMethod
from billing.payments import Share
from people.models import Organization, User
from tests import make
from tests.billing.test_invoicing import issued
from tests.billing.test_ledger import charge
from tests.billing.test_payments import pay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]
NOVEMBER: dict[str, Any] = {"first": date(2026, 11, 1), "last": date(2026, 11, 30)}
LATER = datetime(2027, 3, 1, 17, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.DEMO = True


@pytest.fixture
def invoice(alder_valley: Organization) -> Invoice:
    line = make.line(alder_valley, account_string="01-4035-0-1110-2140-5200")
    return issued(*charge(line, purchase_order=make.purchase_order(alder_valley, number="4711")))


def exported(by: User, **more: Any) -> BookExport:
    return exports.export(make.payee(), **NOVEMBER | {"by": by, "at": LATER} | more)


def rows_of(made: BookExport) -> list[dict[str, str]]:
    with made.file.bytes.open("rb") as file:
        return list(csv.DictReader(io.StringIO(file.read().decode("utf-8-sig"))))


def booked(made: BookExport) -> list[tuple[str, str, str, str]]:
    return [(row["kind"], row["debit"], row["credit"], row["amount"]) for row in rows_of(made)]


def test_a_line_says_what_accounting_needs(invoice: Invoice, omar: User) -> None:
    [row] = rows_of(exported(omar))

    assert row == {
        "row": f"invoice-{invoice.lines.get().pk}", "day": "2026-11-02", "kind": "Invoice or credit memo line",
        "debit": "Accounts receivable", "credit": "Revenue", "amount": "525.00", "document": "INV-2027-0001",
        "corrects": "", "payer": "Alder Valley Unified", "payer_code": "99001010000000", "purchase_order": "4711",
        "agreement": "", "account_string": "01-4035-0-1110-2140-5200", "fiscal_year": "2027",
        "first_day": "2027-01-21", "last_day": "2027-01-23", "method": "", "reference": "",
        "words": invoice.lines.get().words,
    }  # fmt: skip


def test_every_kind_of_row_is_booked_and_the_accounts_balance(
    invoice: Invoice, alder_valley: Organization, omar: User
) -> None:
    by: dict[str, Any] = {"by": omar, "at": make.NOW}
    paid = pay(alder_valley, "600.00", Share(invoice, Decimal(500)))
    write_offs.write_off(write_offs.Wish(invoice, Decimal(25)), reason="Bank fee", **by)
    back = refunds.refund(paid, Decimal(30), method=PaymentMethod.CHECK, reason="Asked", **by)
    refunds.fail(back, reason="Returned", at=make.NOW)
    fought = Dispute.objects.create(payment=paid, gateway_id="dp_1", amount=Decimal(20), opened_at=make.NOW)
    DisputeOutcome.objects.create(dispute=fought, kind=DisputeEnd.WON, at=make.NOW)
    refunds.take_back(paid, reason="Bounced", **by)

    assert booked(exported(omar)) == [
        ("Invoice or credit memo line", "Accounts receivable", "Revenue", "525.00"),
        ("Payment", "Cash", "Unallocated payments", "600.00"),
        ("Allocation", "Unallocated payments", "Accounts receivable", "500.00"),
        ("Allocation", "Accounts receivable", "Unallocated payments", "500.00"),
        ("Write-off", "Written off", "Accounts receivable", "25.00"),
        ("Refund", "Unallocated payments", "Cash", "30.00"),
        ("Refund that did not arrive", "Cash", "Unallocated payments", "30.00"),
        ("Dispute", "Unallocated payments", "Cash", "20.00"),
        ("Dispute that was won", "Cash", "Unallocated payments", "20.00"),
    ]


def test_the_same_days_give_the_same_file(invoice: Invoice, alder_valley: Organization, omar: User) -> None:
    first = exported(omar)
    pay(alder_valley, "525.00", Share(invoice, Decimal(525)))

    assert exported(omar) == first
    assert first.rows == BookExportRow.objects.count() == 1


def test_what_came_late_goes_into_the_next_and_nothing_twice(
    invoice: Invoice, alder_valley: Organization, omar: User
) -> None:
    exported(omar)
    pay(alder_valley, "525.00", Share(invoice, Decimal(525)))  # dated in November

    december = exported(omar, first=date(2026, 12, 1), last=date(2026, 12, 31))

    assert [row["kind"] for row in rows_of(december)] == ["Payment", "Allocation"]
    with pytest.raises(CannotExport, match="Nothing that was not exported before"):
        exported(omar, last=date(2027, 1, 31))


def test_what_came_before_the_first_export_stays_out(alder_valley: Organization, omar: User) -> None:
    issued(*charge(make.line(alder_valley)), at=datetime(2026, 9, 1, 17, tzinfo=UTC))
    issued(*charge(make.line(alder_valley)))

    assert [row["document"] for row in rows_of(exported(omar))] == ["INV-2027-0002"]


def test_another_payees_rows_are_another_file(invoice: Invoice, omar: User) -> None:
    agent = make.payee(make.organization("Juniper COE"))

    with pytest.raises(CannotExport, match="Nothing that was not exported"):
        exports.export(agent, **NOVEMBER, by=omar, at=LATER)


def test_days_that_cannot_be_exported_say_why(invoice: Invoice, omar: User) -> None:
    with pytest.raises(CannotExport, match="The first day comes after the last"):
        exported(omar, first=date(2026, 12, 1))
    with pytest.raises(CannotExport, match="March 2, 2027 is still to come"):
        exported(omar, last=date(2027, 3, 2))


def test_a_formula_in_what_somebody_typed_runs_in_no_spreadsheet(alder_valley: Organization, omar: User) -> None:
    issued(*charge(make.line(alder_valley, account_string="=cmd()")))

    assert rows_of(exported(omar))[0]["account_string"] == "'=cmd()"


def test_staff_make_a_file_and_take_it_home(
    as_user: Callable[[User], Client], alder_valley: Organization, omar: User
) -> None:
    yesterday = timezone.now() - timedelta(days=1)
    issued(*charge(make.line(alder_valley)), at=yesterday)
    client, page = as_user(omar), reverse("billing:book_exports")
    asked = client.get(page).context["form"]
    days = {name: asked[name].value() for name in ("first", "last")}

    client.post(page, {"payee": make.payee().pk, "submission_key": "one", **days})
    made = BookExport.objects.get()
    again = client.post(page, {"payee": make.payee().pk, "first": "2020-01-01", "last": "2020-01-31"})

    assert made.last_day == timezone.localdate(yesterday)
    assert (again.status_code, "Nothing that was not exported" in again.content.decode()) == (422, True)
    taken = client.get(reverse("billing:book_export", args=[made.pk]))
    assert b"INV-" in b"".join(taken.streaming_content)  # type: ignore[attr-defined]
    assert client.get(page).context["form"]["first"].value() == timezone.localdate(yesterday)


def test_the_trial_balance_is_added_up_from_rows(
    as_user: Callable[[User], Client], invoice: Invoice, alder_valley: Organization, omar: User
) -> None:
    charge(make.line(alder_valley), "100.00")
    make.credit_memo(invoice, "25.00")
    pay(alder_valley, "450.00", Share(invoice, Decimal(400)), received_on=date(2026, 6, 30))
    write_offs.write_off(write_offs.Wish(invoice, Decimal(10)), reason="Bank fee", by=omar, at=make.NOW)

    context = as_user(omar).get(reverse("billing:trial_balance"), {"prove": "yes"}).context
    [row], [receipts] = context["documents"], context["payments"]

    assert (row.years, row.charged, row.waiting) == ("2026-27", Decimal(600), Decimal(100))
    assert (row.invoiced, row.credited, row.paid, row.written_off) == (
        Decimal(525), Decimal(-25), Decimal(400), Decimal(10)
    )  # fmt: skip
    assert row.open == Invoice.objects.with_balance().get(pk=invoice.pk).balance == Decimal(90)
    assert (receipts.years, receipts.received, receipts.unallocated) == ("2025-26", Decimal(450), Decimal(50))
    assert context["is_proved"] is True
