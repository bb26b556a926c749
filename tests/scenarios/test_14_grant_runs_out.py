"""Scenario 14: NSF-LEAP has $9,000 left, Bristlecone adds 20: 17 are funded, and three choices are offered."""

from decimal import Decimal
from typing import Any

import pytest

from billing.models import Charge, Draw, FundingAgreement
from people.access import Role
from people.models import Organization, User
from registrations.models import Order, RosterDraft, Seat, WaitlistEntry
from registrations.refusals import CannotRegister
from registrations.rosters import drafting, reading, sending
from tests import make
from tests.races import at_once
from tests.registrations.roster_pages import page, post

SHEET = "First,Last,Email\n" + "\n".join(f"Tea,Cher{n:02},t{n}@example.test" for n in range(1, 21))
SENTENCE = "17 of 20 are paid by NSF-LEAP ($8,925.00), $75.00 left, 3 are not"


@pytest.fixture
def grant(provider: Any) -> FundingAgreement:
    make.payee()
    return make.agreement(name="NSF-LEAP", amount=Decimal(9000))


@pytest.fixture
def draft(grant: FundingAgreement, bristlecone: Organization, hal: User) -> RosterDraft:
    winter = make.institute(code="LT27-01", registration_closes_at=make.datetime(2120, 1, 1, tzinfo=make.UTC))
    made = drafting.start(bristlecone, winter, by=hal, at=make.NOW)
    drafting.lay(made, reading.read_text(SHEET), replacing=True, at=make.NOW)
    return drafting.pay(made, range(1, 21), f"agreement-{grant.pk}", at=make.NOW)


def share_out(client: Any, draft: RosterDraft, grant: FundingAgreement, funded: Any, others: str) -> Any:
    return post(client, "roster_short", draft.pk, agreement=grant.pk, funded=list(funded), others=others)


def test_the_money_page_says_whom_it_pays(draft: RosterDraft, hal: User, as_user: Any) -> None:
    text = page(as_user(hal), "roster_funding", draft.pk).content.decode()

    assert SENTENCE in text
    assert "See the total and confirm" not in text


def test_three_wait_for_funds(draft: RosterDraft, grant: FundingAgreement, hal: User, as_user: Any) -> None:
    client = as_user(hal)

    share_out(client, draft, grant, range(1, 18), "funds")
    post(client, "roster_confirm", draft.pk)

    grant.refresh_from_db()
    assert (grant.charged, grant.left) == (Decimal(8925), Decimal(75))
    assert (Seat.objects.count(), Order.objects.count()) == (17, 1)
    assert list(WaitlistEntry.objects.values_list("waits_for", "seats")) == [("funds", 1)] * 3


def test_the_district_pays_for_three(draft, grant, bristlecone, hal: User, as_user: Any) -> None:
    client, own = as_user(hal), make.line(bristlecone)

    share_out(client, draft, grant, range(1, 18), f"line-{own.pk}")
    post(client, "roster_confirm", draft.pk)

    assert Seat.objects.count() == 20
    assert sum(charge.amount for charge in Charge.objects.filter(line=own)) == Decimal(1575)


def test_who_is_funded_is_swapped(draft: RosterDraft, grant: FundingAgreement, hal: User, as_user: Any) -> None:
    client = as_user(hal)

    share_out(client, draft, grant, [*range(1, 17), 20], "funds")

    rows = page(client, "roster_funding", draft.pk).context["coming"]
    assert [verdict.row.key for verdict in rows if verdict.waits] == [17, 18, 19]


def test_more_than_it_pays_for_are_refused_and_nothing_is_lost(draft, grant, hal: User, as_user: Any) -> None:
    answer = share_out(as_user(hal), draft, grant, range(1, 19), "funds")

    assert answer.status_code == 422
    assert "NSF-LEAP pays for 17 people; you ticked 18." in answer.content.decode()
    assert all(row["pays"] and not row["waits"] for row in RosterDraft.objects.get().rows)


def test_a_grant_that_was_used_meanwhile_offers_the_choices_with_fresh_figures(
    draft: RosterDraft, grant: FundingAgreement, hal: User, as_user: Any
) -> None:
    client = as_user(hal)
    share_out(client, draft, grant, range(1, 18), "funds")
    FundingAgreement.objects.filter(pk=grant.pk).update(charged=Decimal(1050))

    answer = post(client, "roster_confirm", draft.pk)

    text = answer.content.decode()
    assert answer.status_code == 422
    assert "NSF-LEAP has $7,950.00 left; this needs $8,925.00 (17 × $525.00)." in text
    assert "15 of 17 are paid by NSF-LEAP ($7,875.00), $75.00 left, 2 are not" in text
    assert (Order.objects.count(), Seat.objects.count(), len(RosterDraft.objects.get().rows)) == (0, 0, 20)


def test_money_that_came_meanwhile_needs_no_choice(draft: RosterDraft, grant: FundingAgreement, hal, as_user) -> None:
    FundingAgreement.objects.filter(pk=grant.pk).update(amount=Decimal(20000))

    answer = share_out(as_user(hal), draft, grant, range(1, 18), "funds")

    assert answer.status_code == 302
    assert not any(row["waits"] for row in RosterDraft.objects.get().rows)


# --- Races ------------------------------------------------------------------------------------------------------------


def one_each(pays: str, paper: Any = None) -> list[tuple[RosterDraft, User]]:
    """Eight rosters of eight coordinators, each of one person."""
    winter = make.institute(code="LT27-01")
    drafts = []
    for number in range(8):
        district = paper.payer.organization if paper else make.organization(f"District {number}")
        who = make.user(f"c{number}@example.test", Role.COORDINATOR, at=district)
        institute = make.institute() if paper else winter
        made = drafting.start(district, institute, by=who, at=make.NOW)
        drafting.lay(made, [["Name"], [f"Tea Cher{number}"]], replacing=True, at=make.NOW)
        if paper:
            drafting.choose_purchase_order(made, pays, paper.pk, at=make.NOW)
        drafts.append((drafting.pay(made, [1], pays, at=make.NOW), who))
    return drafts


def sent_at_once(drafts: list[tuple[RosterDraft, User]]) -> list[Any]:
    return at_once(*[lambda draft=draft, who=who: sending.submit(draft, by=who, at=make.NOW) for draft, who in drafts])


@pytest.mark.django_db(transaction=True)
def test_the_last_seat_of_money_goes_to_one_of_eight_rosters(provider: Any) -> None:
    make.payee()
    grant = make.agreement(name="NSF-LEAP", amount=Decimal(600))

    answers = sent_at_once(one_each(f"agreement-{grant.pk}"))

    refused = [str(answer) for answer in answers if isinstance(answer, CannotRegister)]
    assert sum(isinstance(answer, Order) for answer in answers) == 1
    assert refused == ["NSF-LEAP has $75.00 left; this needs $525.00."] * 7
    assert RosterDraft.objects.unsubmitted().count() == 7


@pytest.mark.django_db(transaction=True)
def test_the_last_dollars_of_a_purchase_order_cover_one_of_eight_rosters(provider: Any) -> None:
    """The seats of the others stand and want another purchase order (scenario 16): it never blocks anybody."""
    make.payee()
    district = provider.organization
    paper = make.purchase_order(district, "600", number="PO-9")

    answers = sent_at_once(one_each(f"line-{make.line(district).pk}", paper))

    paper.refresh_from_db()
    assert all(isinstance(answer, Order) for answer in answers)
    assert (paper.drawn, Draw.objects.count(), Seat.objects.count()) == (Decimal(525), 1, 8)
