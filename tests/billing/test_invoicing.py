"""Invoices: what is drafted together, and what issuing writes down for good."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from billing import invoicing, ledger
from billing.invoicing import CannotDiscard, CannotIssue, LineWanted
from billing.models import Charge, Invoice, InvoiceLine, Source
from tests import make
from tests.billing.test_ledger import charge

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]


def draft(*charges: Charge) -> list[Invoice]:
    lines = [LineWanted(each, f"Line of charge {each.pk}") for each in charges]
    return invoicing.draft_all(lines, about="LT27-01", subject_key="institute:1", by=None, at=make.NOW)


def issued(*charges: Charge, at: datetime = make.NOW) -> Invoice:
    return invoicing.issue(draft(*charges)[0], by=None, at=at)


def totals(invoices: list[Invoice]) -> list[Decimal]:
    return [invoicing.total_of(invoice) for invoice in invoices]


def test_a_line_for_each_charge(alder_valley):
    charges = charge(make.line(alder_valley), times=2)

    (made,) = draft(*charges)

    assert list(made.lines.order_by("pk").values_list("charge", "words", "amount")) == [
        (each.pk, f"Line of charge {each.pk}", Decimal("525.00")) for each in charges
    ]


def test_three_kinds_of_money_are_two_invoices_and_a_grant(alder_valley):
    """Scenario 13: 4,725 + 2,100 + 1,575 = 8,400."""
    title = make.line(alder_valley, account_string="01-4035-0-1110-2140-5200")
    lcff = make.line(
        alder_valley, source=Source.LCFF_SUPPLEMENTAL, lcap_year="2026-27", lcap_goal="2", lcap_action="2.3"
    )
    grant = make.line(alder_valley, make.agreement(name="NSF-LEAP", amount=Decimal(60000)))
    charges = [*charge(title, times=9), *charge(lcff, times=4), *charge(grant, times=3)]

    drafts = draft(*charges)

    assert totals(drafts) == [Decimal(4725), Decimal(2100)]
    assert [made.funding_words for made in drafts] == [
        "Source: Title II, Part A\nAccount: 01-4035-0-1110-2140-5200",
        "Source: LCFF supplemental and concentration\nLCAP 2026-27 Goal 2 Action 2.3",
    ]
    assert sum(each.amount for each in charges) == Decimal(8400)


def test_a_contract_prints_its_name_and_number(alder_valley):
    line = make.line(alder_valley, make.agreement(alder_valley, name="Science 2026", award_no="C-77"))

    (made,) = draft(*charge(line))

    assert made.funding_words == "Fee for service: Science 2026\nAward or contract number: C-77"


def test_days_over_30_june_are_two_invoices(alder_valley):
    """Scenario 20: eight people at $1,250 are $6,000 for 2026-27 and $4,000 for 2027-28."""
    line = make.line(alder_valley)
    charges: list[Charge] = []
    for part in ledger.by_fiscal_year(Decimal(1250), date(2027, 6, 28), date(2027, 7, 2)):
        charges += charge(line, str(part.amount), times=8, first_day=part.first_day, last_day=part.last_day)

    drafts = draft(*charges)

    assert totals(drafts) == [Decimal(6000), Decimal(4000)]
    assert [made.service_years for made in drafts] == ["2026-27", "2027-28"]


def test_each_purchase_order_has_an_invoice_of_its_own(alder_valley):
    line = make.line(alder_valley)
    orders = [make.purchase_order(alder_valley), make.purchase_order(alder_valley)]
    charges = [each for order in orders for each in charge(line, purchase_order=order)]

    assert [made.purchase_order for made in draft(*charges)] == orders


def test_a_purchase_order_that_came_later_is_printed(alder_valley):
    charges = charge(make.line(alder_valley))
    order = make.purchase_order(alder_valley)
    ledger.draw(order, charges, by=None, at=make.NOW)

    assert [made.purchase_order for made in draft(*charges)] == [order]


def test_a_charge_is_printed_once(alder_valley):
    charges = charge(make.line(alder_valley))
    draft(*charges)

    assert draft(*charges) == []


def test_what_was_taken_back_is_not_printed(alder_valley):
    kept, gone = charge(make.line(alder_valley), times=2)
    (back,) = ledger.reverse_all([gone], words="Withdrawn", by=None, at=make.NOW)

    (made,) = draft(kept, gone, back)

    assert [line.charge for line in made.lines.all()] == [kept]


def test_what_comes_to_nothing_is_no_invoice(alder_valley):
    assert draft(*charge(make.line(alder_valley), "0.00")) == []


def test_a_draft_thrown_away_leaves_its_charges_to_the_next(alder_valley):
    charges = charge(make.line(alder_valley))
    invoicing.discard(draft(*charges)[0])

    assert not InvoiceLine.objects.exists()
    assert totals(draft(*charges)) == [Decimal(525)]


def test_an_issued_invoice_is_not_thrown_away(alder_valley):
    made = issued(*charge(make.line(alder_valley)))

    with pytest.raises(CannotDiscard, match=r"INV-2027-0001 is issued; it can only be corrected by a credit memo\."):
        invoicing.discard(made)


def test_issuing_copies_what_is_printed(alder_valley):
    line = make.line(alder_valley)
    order = make.purchase_order(alder_valley, number="4711")

    made = issued(*charge(line, purchase_order=order))

    assert made.bill_to == "Alder Valley Unified\n1 Alder Way\nAlder, CA 99001"
    assert (made.remit_to, made.purchase_order_number) == (make.payee().remit_to, "4711")
    assert (made.terms_words, made.due_on) == ("Net 30 days", date(2026, 12, 2))
    assert (made.reference, made.number_year, made.number) == ("INV-2027-0001", 2027, 1)


def test_a_later_rename_rewrites_nothing(alder_valley):
    made = issued(*charge(make.line(alder_valley)))
    type(alder_valley).objects.update(name="Alder Valley Joint")

    made.refresh_from_db()

    assert made.bill_to.startswith("Alder Valley Unified")


def test_who_pays_at_once_is_told_so(alder_valley):
    make.payer(alder_valley, terms_days=0)

    made = issued(*charge(make.line(alder_valley)))

    assert (made.terms_words, made.due_on) == ("Due on receipt", date(2026, 11, 2))


def test_a_number_takes_the_fiscal_year_of_its_date_of_issue(alder_valley):
    """An invoice for January's days that goes out on 1 July in California, a day later in London."""
    line = make.line(alder_valley)
    last_of_june = datetime(2027, 7, 1, 6, 59, tzinfo=UTC)

    before = issued(*charge(line), at=last_of_june)
    after = issued(*charge(line), at=last_of_june + timedelta(minutes=1))

    assert (before.reference, after.reference) == ("INV-2027-0001", "INV-2028-0001")


def test_each_payee_has_numbers_of_its_own(alder_valley):
    juniper = make.payee(make.organization("Juniper COE"), prefix="JCOE")
    line = make.line(alder_valley)
    ours, theirs = charge(line), charge(line, payee=juniper)

    assert issued(*ours).reference == "INV-2027-0001"
    assert issued(*theirs).reference == "JCOE-INV-2027-0001"


def test_an_invoice_is_not_dated_before_its_purchase_order(alder_valley):
    """Scenario 15."""
    order = make.purchase_order(alder_valley, number="4711", issued_on=date(2026, 11, 3))
    (made,) = draft(*charge(make.line(alder_valley), purchase_order=order))

    with pytest.raises(CannotIssue, match=r"Purchase order 4711 is dated November 3, 2026"):
        invoicing.issue(made, by=None, at=make.NOW)


def test_a_draft_whose_charge_was_taken_back_is_not_issued(alder_valley):
    charges = charge(make.line(alder_valley))
    (made,) = draft(*charges)
    ledger.reverse_all(charges, words="Withdrawn", by=None, at=make.NOW)

    with pytest.raises(CannotIssue, match=r"was taken back: draft it again\."):
        invoicing.issue(made, by=None, at=make.NOW)


def test_a_draft_without_lines_is_not_issued(alder_valley):
    (made,) = draft(*charge(make.line(alder_valley)))
    made.lines.all().delete()

    with pytest.raises(CannotIssue, match="It has no lines"):
        invoicing.issue(made, by=None, at=make.NOW)


def test_an_invoice_is_issued_once(alder_valley):
    made = issued(*charge(make.line(alder_valley)))

    with pytest.raises(CannotIssue, match="INV-2027-0001 was issued already"):
        invoicing.issue(made, by=None, at=make.NOW)


def test_many_are_issued_and_the_others_say_why_not(alder_valley, bristlecone):
    good = draft(*charge(make.line(alder_valley)))
    gone = charge(make.line(bristlecone))
    bad = draft(*gone)
    ledger.reverse_all(gone, words="Withdrawn", by=None, at=make.NOW)

    outcome = invoicing.issue_all([*bad, *good], by=None, at=make.NOW)

    assert [made.reference for made in outcome.issued] == ["INV-2027-0001"]
    assert outcome.refusals == [f"Draft {bad[0].pk}: “Line of charge {gone[0].pk}” was taken back: draft it again."]
    assert list(ProcrastinateJob.objects.values_list("task_name", "args")) == [
        ("billing.send", {"invoices": [good[0].pk], "by": None, "key": "first"})
    ]


def test_nothing_issued_sends_nothing():
    assert invoicing.issue_all([], by=None, at=make.NOW).issued == []
    assert not ProcrastinateJob.objects.exists()


@pytest.mark.parametrize("what", ["invoice", "line"])
def test_the_database_itself_keeps_what_was_issued(alder_valley, what):
    made = issued(*charge(make.line(alder_valley)))
    rows = Invoice.objects.all() if what == "invoice" else InvoiceLine.objects.all()

    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(**{"about": "another"} if what == "invoice" else {"amount": 1})

    assert made.lines.get().amount == Decimal(525)
