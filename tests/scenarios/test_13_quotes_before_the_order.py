"""Scenario 13, its papers: a roster of sixteen paid by three kinds of money is quoted line by line before any order.

Scenario 1's $8,400 are the sum: $4,725 of Title II, $2,100 of LCFF, and $1,575 of a grant that nobody is invoiced for.
"""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from billing import quoting as papers
from billing.models import FundingLine, Quote, Source
from events.models import Institute
from office import paper
from people.models import Organization, User
from registrations import funding, quoting
from registrations.models import RosterDraft, Seat
from registrations.quoting import CannotQuote
from registrations.rosters import drafting, reading
from tests import make

pytestmark = pytest.mark.django_db

SIXTEEN = "First,Last,Email\n" + "".join(f"Ana,No{n:02},ana{n}@avusd.example.test\n" for n in range(1, 17))


@pytest.fixture
def institute(provider: object) -> Institute:
    make.payee()
    return make.institute(code="LT27-01")


@pytest.fixture
def draft(institute: Institute, alder_valley: Organization, dolores: User) -> RosterDraft:
    made = drafting.start(alder_valley, institute, by=dolores, at=make.NOW)
    drafting.lay(made, reading.read_text(SIXTEEN), replacing=True, at=make.NOW)
    made.refresh_from_db()
    return made


def line(sponsor: Organization, by: User, source: Source, string: str, *lcap: str, **more: Any) -> FundingLine:
    reference: Any = lcap or ("", "", "")
    return funding.add_line(sponsor, source=source, account_string=string, lcap=reference, by=by, at=make.NOW, **more)


@pytest.fixture
def paid(draft: RosterDraft, alder_valley: Organization, dolores: User) -> RosterDraft:
    """Nine by Title II, four by LCFF, three by NSF-LEAP."""
    title = line(alder_valley, dolores, Source.TITLE_II, "01-4035-0-1110-2140-5200")
    lcff = line(
        alder_valley,
        dolores,
        Source.LCFF_SUPPLEMENTAL,
        "0930-0-1110\n-2140",
        "2026-27",
        "2",
        "2.3",
        attested_by="Dolores Quintero",
    )
    grant = make.agreement(name="NSF-LEAP", amount=Decimal(60000))
    keys = [row["key"] for row in draft.rows]
    pays = [f"line-{title.pk}", f"line-{lcff.pk}", f"agreement-{grant.pk}"]
    for rows, key in zip((keys[:9], keys[9:13], keys[13:]), pays, strict=True):
        drafting.change_rows(draft, rows, at=make.NOW, pays=key)
    draft.refresh_from_db()
    return draft


def facts(made: list[Quote]) -> list[tuple[Decimal, str, str]]:
    return [(quote.total, quote.account_string, quote.lcap_reference) for quote in made]


def test_a_quote_for_each_line_that_is_invoiced_with_its_account_string_and_lcap_reference(
    paid: RosterDraft, dolores: User
) -> None:
    made = quoting.of_roster(paid, by=dolores, at=make.NOW)

    assert sorted(facts(made)) == [
        (Decimal(2100), "0930-0-1110 -2140", "LCAP 2026-27 Goal 2 Action 2.3"),
        (Decimal(4725), "01-4035-0-1110-2140-5200", ""),
    ]
    assert Decimal(4725) + Decimal(2100) + 3 * Decimal(525) == Decimal(8400)
    assert not Seat.objects.exists()


def test_before_anybody_pays_all_is_quoted_to_the_district(draft: RosterDraft, dolores: User) -> None:
    """Scenario 1: 16 × $525."""
    [made] = quoting.of_roster(draft, by=dolores, at=make.NOW)

    assert (facts([made]), made.payer.organization) == ([(Decimal(8400), "", "")], draft.sponsor)
    assert made.lines[0]["quantity"] == 16


def test_asked_again_the_quotes_are_the_same_and_a_changed_roster_has_new_ones(
    paid: RosterDraft, dolores: User
) -> None:
    first = quoting.of_roster(paid, by=dolores, at=make.NOW)
    again = quoting.of_roster(paid, by=dolores, at=make.NOW)
    drafting.change_rows(paid, [paid.rows[0]["key"]], at=make.NOW, decision="leave_out")
    paid.refresh_from_db()

    after = quoting.of_roster(paid, by=dolores, at=make.NOW)

    assert again == first
    assert {quote.total for quote in after} == {Decimal(4200), Decimal(2100)}
    assert quoting.quotes_of(paid) == sorted({*first, *after}, key=lambda quote: -quote.pk)


def test_the_button_leads_to_the_quotes_and_their_paper(
    paid: RosterDraft, dolores: User, as_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper, "why_not", lambda: "")
    client: Client = as_user(dolores)

    answer = client.post(reverse("registrations:roster_quote", args=[paid.pk]), follow=True)
    quote = Quote.objects.get(total=2100)
    page = client.get(reverse("billing:quote", args=[quote.pk])).content.decode()

    assert "2 quotes are made: Q-2027-0001, Q-2027-0002." in answer.content.decode()
    assert "LCAP 2026-27 Goal 2 Action 2.3" in page
    assert "A quote holds no seat" in page
    assert "Account: 0930-0-1110 -2140" in paper.markup(
        "paper/quote.html", {"title": "Quote", **papers.context_of(quote)}
    )


def test_another_district_finds_neither_quote_nor_paper(paid: RosterDraft, dolores: User, hal: User, as_user: Any):
    [first, _second] = quoting.of_roster(paid, by=dolores, at=make.NOW)
    client: Client = as_user(hal)

    asked = [
        client.get(reverse("billing:quote", args=[first.pk])),
        client.get(reverse("billing:quote_paper", args=[first.pk])),
        client.post(reverse("registrations:roster_quote", args=[paid.pk])),
    ]

    assert [answer.status_code for answer in asked] == [404, 404, 404]
    assert str(first) not in client.get(reverse("billing:quotes")).content.decode()


def test_an_order_is_quoted_for_what_no_purchase_order_covers(
    institute: Institute, alder_valley: Organization, dolores: User
) -> None:
    """Scenario 2's six seats: $3,150."""
    paying = line(alder_valley, dolores, Source.TITLE_II, "01-4035")
    order = make.placed(alder_valley, institute, *[f"Ana No{n}" for n in range(6)], paid_by=paying)

    [made] = quoting.of_order(order, by=dolores, at=make.NOW)

    assert facts([made]) == [(Decimal(3150), "01-4035", "")]
    assert quoting.quotes_of(order) == [made]


def test_what_is_covered_or_paid_by_a_grant_needs_no_quote(
    institute: Institute, alder_valley: Organization, dolores: User
) -> None:
    grant = make.line(alder_valley, make.agreement())
    covered = make.purchase_order(alder_valley)
    orders = [
        make.placed(alder_valley, institute, "Ana Torres", paid_by=grant),
        make.placed(alder_valley, institute, "Cy Wu", purchase_order=covered),
    ]

    for order in orders:
        with pytest.raises(CannotQuote, match="No seat of this order waits for a purchase order"):
            quoting.of_order(order, by=dolores, at=make.NOW)
