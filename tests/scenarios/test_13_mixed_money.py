"""Scenario 13: one roster, three kinds of money: 9 by Title II, 4 by LCFF, 3 by NSF-LEAP."""

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from billing.models import Charge, FundingLine, PurchaseOrder
from people.models import Organization, User
from registrations import billable
from registrations.models import Order, RosterDraft
from registrations.rosters import drafting, reading
from tests import make
from tests.registrations.roster_pages import page, post

SHEET = "First,Last,Email\n" + "\n".join(f"Tea,Cher{n},t{n}@example.test" for n in range(1, 17))


@pytest.fixture
def draft(provider: Any, alder_valley: Organization, dolores: User) -> RosterDraft:
    make.payee()
    winter = make.institute(code="LT27-01", registration_closes_at=make.datetime(2120, 1, 1, tzinfo=make.UTC))
    made = drafting.start(alder_valley, winter, by=dolores, at=make.NOW)
    drafting.lay(made, reading.read_text(SHEET), replacing=True, at=make.NOW)
    return made


@pytest.fixture
def paid(draft: RosterDraft, alder_valley: Organization, dolores: User, as_user: Any) -> RosterDraft:
    """Three ticks, three presses: three people by the grant, four by LCFF, the rest by Title II."""
    client = as_user(dolores)
    grant = make.agreement(name="NSF-LEAP", amount=Decimal(60000))
    make.line(alder_valley, account_string="01-4035-0-1110-2140-5200")
    lcff = {"source": "lcff_supplemental", "account_string": "0930-00-1110-1000", "attests": "on"}
    lcff |= {"lcap_year": "2026-27", "lcap_goal": "2", "lcap_action": "2.3", "is_contributing": "on"}
    post(client, "roster_line", draft.pk, **lcff, attested_by="Rosa Ibarra, state and federal programs")
    title, supplemental = FundingLine.objects.order_by("pk")
    for number, line, amount in (("PO-AV-1", title, "4725.00"), ("PO-AV-2", supplemental, "2100.00")):
        post(client, "roster_new_order", draft.pk, number=number, amount=amount, expires_on="2120-06-30")
        chosen = {"option": f"line-{line.pk}", "purchase_order": PurchaseOrder.objects.get(number=number).pk}
        post(client, "roster_purchase_order", draft.pk, **chosen)
    post(client, "roster_funding", draft.pk, rows=[14, 15, 16], pays=f"agreement-{grant.pk}")
    post(client, "roster_funding", draft.pk, rows=[10, 11, 12, 13], pays=f"line-{supplemental.pk}")
    post(client, "roster_funding", draft.pk, everyone="unpaid", pays=f"line-{title.pk}")
    return draft


def test_one_order_has_three_lines_and_two_purchase_orders(paid: RosterDraft, dolores: User, as_user: Any) -> None:
    post(as_user(dolores), "roster_confirm", paid.pk)

    by_line: Counter[str] = Counter()
    for charge in Charge.objects.select_related("line__agreement"):
        by_line[str(charge.line.agreement or charge.line.account_string)] += charge.amount
    assert Order.objects.count() == 1
    assert by_line == {"01-4035-0-1110-2140-5200": 4725, "0930-00-1110-1000": 2100, "NSF-LEAP": 1575}
    drawn = dict(PurchaseOrder.objects.values_list("number", "drawn"))
    assert drawn == {"PO-AV-1": Decimal(4725), "PO-AV-2": Decimal(2100)}


def test_the_district_gets_two_invoices_each_with_its_own_paper(
    paid: RosterDraft, dolores: User, omar: User, as_user: Any
) -> None:
    post(as_user(dolores), "roster_confirm", paid.pk)

    drafts = billable.draft_invoices(paid.institute, by=omar, at=make.NOW)

    told = sorted(
        (invoice.purchase_order.number, sum(line.amount for line in invoice.lines.all())) for invoice in drafts
    )
    assert told == [("PO-AV-1", Decimal(4725)), ("PO-AV-2", Decimal(2100))]


def test_the_line_keeps_the_string_the_plan_and_who_attested(paid: RosterDraft) -> None:
    line = FundingLine.objects.get(source="lcff_supplemental")

    assert (line.account_string, line.lcap_reference) == ("0930-00-1110-1000", "LCAP 2026-27 Goal 2 Action 2.3")
    assert (line.is_contributing, line.attested_by) == (True, "Rosa Ibarra, state and federal programs")
    assert line.attested_at is not None


def test_the_page_adds_up_what_each_pays(paid: RosterDraft, dolores: User, as_user: Any) -> None:
    price = page(as_user(dolores), "roster_confirm", paid.pk).context["price"]

    assert [(bill.seats, bill.amount) for bill in price.bills] == [(3, 1575), (4, 2100), (9, 4725)]
    assert (price.total, price.unpaid, price.shortages) == (Decimal(8400), 0, [])
