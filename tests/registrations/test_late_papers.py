"""What staff see and decide of papers that are late; who is asked, and for what no paper is asked."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing import invoicing
from billing.models import Charge, FundingLine, Payer, Quote, Source
from events.models import Institute
from office.models import DigestLine, Message
from people.access import Role
from people.models import Organization, User
from registrations import billable, holds, ladders, papers, quoting, tasks
from registrations.holds import CannotHold
from registrations.models import Allotment, Order, PaperHold, Seat
from registrations.quoting import CannotQuote
from registrations.rosters import drafting, reading
from tests import make

pytestmark = pytest.mark.django_db

TEN_BEFORE = datetime(2027, 1, 11, 9, 0, tzinfo=make.PACIFIC)


@pytest.fixture
def institute(provider: Any) -> Institute:
    make.payee()
    return make.institute(code="LT27-01", terms=make.terms(po_due_days=21))


@pytest.fixture
def order(institute: Institute, alder_valley: Organization, dolores: User) -> Order:
    return make.placed(alder_valley, institute, "Ana Torres", "Bo Li")


@pytest.fixture
def soon(provider: Any, alder_valley: Organization) -> Order:
    """Seats at an institute that begins in a day, by the clock that pages read."""
    make.payee()
    today = timezone.localdate()
    there = make.institute(
        code="NOW-01",
        terms=make.terms(po_due_days=21),
        starts_on=today + timedelta(days=1),
        ends_on=today + timedelta(days=2),
        registration_closes_at=timezone.now() + timedelta(days=1),
    )
    return make.placed(alder_valley, there, "Ana Torres", "Bo Li", when=timezone.now())


def allotment_of(order: Order) -> Allotment:
    return Allotment.objects.select_related("institute").get(order=order)


# --- Which are late ---------------------------------------------------------------------------------------------------


def test_without_a_day_in_the_terms_no_paper_is_late(provider: Any, alder_valley: Organization) -> None:
    make.payee()
    make.placed(alder_valley, make.institute(terms=make.terms(po_due_days=None)), "Ana Torres")

    assert ladders.late(at=TEN_BEFORE) == []


def test_what_is_covered_granted_or_invoiced_is_not_late(
    institute: Institute, alder_valley: Organization, omar: User
) -> None:
    make.placed(alder_valley, institute, "Ana Torres", purchase_order=make.purchase_order(alder_valley))
    make.placed(alder_valley, institute, "Bo Li", paid_by=make.line(alder_valley, make.agreement()))
    make.placed(alder_valley, institute, "Cy Wu")
    for draft in billable.draft_invoices(institute, by=omar, at=make.NOW):
        invoicing.issue(draft, by=omar, at=make.NOW)

    assert ladders.late(at=TEN_BEFORE) == []


@pytest.mark.parametrize("orders", [1, 3])
def test_the_list_asks_as_often_for_three_orders_as_for_one(
    institute: Institute, alder_valley: Organization, orders: int, django_assert_num_queries: Any
) -> None:
    for number in range(orders):
        make.placed(alder_valley, institute, f"Ana No{number}")

    with django_assert_num_queries(4):
        found = ladders.late(at=TEN_BEFORE)
        assert [str(one.payer) for one in found] == ["Alder Valley Unified"] * orders


# --- Who is asked -----------------------------------------------------------------------------------------------------


def asked() -> list[str]:
    return list(Message.objects.filter(subject__startswith="Purchase order needed").values_list("to", flat=True))


def test_without_a_business_office_the_accounts_payable_are_asked(order: Order) -> None:
    ladders.climb(at=TEN_BEFORE)

    assert asked() == ["ap@example.test"]


def test_each_of_a_business_office_is_asked(order: Order, bea: User, alder_valley: Organization) -> None:
    make.user("bo@avusd.example.test", Role.BUSINESS_OFFICE, at=alder_valley)
    gone = make.user("gone@avusd.example.test", Role.BUSINESS_OFFICE, at=alder_valley)
    gone.memberships.update(ended_at=make.NOW)

    ladders.climb(at=TEN_BEFORE)

    assert sorted(asked()) == ["bea@avusd.example.test", "bo@avusd.example.test"]
    mail = Message.objects.get(to="bea@avusd.example.test")
    assert "2 seats ($1,050.00) at LT27-01" in mail.text
    assert reverse("registrations:order_papers", args=[order.pk]) in mail.text


def test_a_payer_whom_nobody_can_reach_is_asked_by_nobody(order: Order) -> None:
    Payer.objects.update(ap_email="")

    assert ladders.climb(at=TEN_BEFORE) == 1
    assert asked() == []


def test_whoever_orders_late_starts_on_the_rung_that_is_reached(order: Order, dolores: User) -> None:
    ladders.climb(at=TEN_BEFORE + timedelta(days=4))

    assert [line.text.partition(":")[0] for line in DigestLine.objects.filter(to=dolores.email)] == ["At risk"]


def test_a_provider_without_an_address_finds_it_on_the_page_alone(order: Order) -> None:
    ladders.climb(at=TEN_BEFORE + timedelta(days=9))

    assert not DigestLine.objects.exists()


def test_lcff_money_without_a_reference_is_asked_for_once(
    institute: Institute, alder_valley: Organization, dolores: User
) -> None:
    named = make.line(alder_valley, source=Source.LCFF_BASE, lcap_year="2026-27", lcap_goal="2")
    bare = make.line(alder_valley, source=Source.LCFF_SUPPLEMENTAL)
    paper = make.purchase_order(alder_valley)
    for line, who in ((named, "Ana Torres"), (bare, "Bo Li")):
        make.placed(alder_valley, institute, who, paid_by=line, purchase_order=paper)

    for _time in range(2):
        ladders.climb(at=TEN_BEFORE)

    assert [one.line for one in ladders.references_pending(at=TEN_BEFORE)] == [bare]
    assert [line.text for line in DigestLine.objects.all()] == [
        "LCAP reference pending: LCFF supplemental and concentration pays for seats and names no goal and action."
    ]


# --- Deciding ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("until", "reason", "sentence"),
    [(date(2027, 1, 22), "  ", "Say why"), (date(2027, 1, 10), "Board", "January 10, 2027 is past")],
)
def test_a_hold_has_a_reason_and_a_day_to_come(order: Order, omar: User, until: date, reason: str, sentence: str):
    with pytest.raises(CannotHold, match=sentence):
        holds.hold(allotment_of(order), until=until, reason=reason, by=omar, at=TEN_BEFORE)

    assert not PaperHold.objects.exists()


def test_released_seats_go_back_free_of_charge(order: Order, institute: Institute, omar: User) -> None:
    made = holds.release(allotment_of(order), reason="No paper came.", by=omar, at=TEN_BEFORE)

    institute.refresh_from_db()
    assert {(one.cause, one.kept, one.words) for one in made} == {("no_funds", Decimal(0), "No paper came.")}
    assert (institute.seats_taken, Seat.objects.held().count(), ladders.late(at=TEN_BEFORE)) == (0, 0, [])
    assert not Charge.objects.standing().exists()


def test_only_the_seats_without_cover_are_released(
    institute: Institute, alder_valley: Organization, omar: User
) -> None:
    paper = make.purchase_order(alder_valley, "525.00")
    order = make.placed(alder_valley, institute, "Ana Torres", "Bo Li", purchase_order=paper)

    made = holds.release(allotment_of(order), reason="No change order came.", by=omar, at=TEN_BEFORE)

    [left] = Seat.objects.held()
    assert (len(made), left.registrations.get().person.display_name) == (1, "Ana Torres")
    with pytest.raises(CannotHold, match="covers all of these seats by now"):
        holds.release(allotment_of(order), reason="Again", by=omar, at=TEN_BEFORE)


def post(client: Client, verb: str, order: Order, **asked: Any) -> Any:
    return client.post(reverse(f"registrations:{verb}_papers", args=[allotment_of(order).pk]), asked, follow=True)


def test_staff_hold_and_release_on_the_page(soon: Order, omar: User, as_user: Any) -> None:
    client = as_user(omar)
    page = client.get(reverse("registrations:late_papers")).content.decode()
    held = post(client, "hold", soon, until=f"{timezone.localdate():%Y-%m-%d}", reason="The board meets tonight.")
    released = post(client, "release", soon, reason="It did not.")

    assert "Decide now" in page
    assert "Alder Valley Unified" in page
    assert "The board meets tonight." in held.content.decode()
    assert "2 seats went back, free of charge." in released.content.decode()
    assert "No paper is late" in released.content.decode()


def test_what_cannot_be_decided_is_said_on_the_page(soon: Order, omar: User, as_user: Any) -> None:
    client = as_user(omar)

    answers = [
        post(client, "hold", soon, until="2020-01-01", reason="Late"),
        post(client, "hold", soon, until="", reason=""),
        post(client, "release", soon, reason=""),
    ]

    assert [answer.status_code for answer in answers] == [422, 422, 422]
    assert "January 1, 2020 is past" in answers[0].content.decode()
    assert not PaperHold.objects.exists()
    assert Seat.objects.held().count() == 2


def test_a_release_that_comes_too_late_says_so(soon: Order, omar: User, alder_valley: Organization, as_user: Any):
    [part] = papers.parts_of(soon)
    papers.attach(soon, make.purchase_order(alder_valley), lines=[part.line], by=omar, at=make.NOW)

    answer = post(as_user(omar), "release", soon, reason="No paper came.")

    assert answer.status_code == 422
    assert "covers all of these seats by now" in answer.content.decode()


def test_staff_without_money_see_nothing_of_it(soon: Order, provider: Any, as_user: Any) -> None:
    client = as_user(make.user("stan@ssc.example.test", Role.STAFF))

    assert client.get(reverse("registrations:late_papers")).status_code == 403


def test_the_worker_climbs(soon: Order, dolores: User, provider: Any) -> None:
    provider.email = "office@ssc.example.test"
    provider.save()

    for _time in range(2):
        tasks.climb_ladders(timestamp=0)

    assert [line.to for line in DigestLine.objects.all()] == ["office@ssc.example.test"]


# --- Quotes that cannot be --------------------------------------------------------------------------------------------


def test_an_empty_roster_and_one_that_a_grant_pays_are_not_quoted(
    institute: Institute, alder_valley: Organization, dolores: User
) -> None:
    draft = drafting.start(alder_valley, institute, by=dolores, at=make.NOW)
    with pytest.raises(CannotQuote, match="No row of this roster takes a seat yet"):
        quoting.of_roster(draft, by=dolores, at=make.NOW)
    grant = make.agreement()
    drafting.lay(draft, reading.read_text("First,Last\nAna,Torres\n"), replacing=True, at=make.NOW)
    draft.refresh_from_db()
    drafting.change_rows(draft, [1], at=make.NOW, pays=f"agreement-{grant.pk}")
    draft.refresh_from_db()

    with pytest.raises(CannotQuote, match="no purchase order is needed"):
        quoting.of_roster(draft, by=dolores, at=make.NOW)


def test_a_quote_that_cannot_be_leads_back_with_a_sentence(
    institute: Institute, alder_valley: Organization, dolores: User, as_user: Any
) -> None:
    client = as_user(dolores)
    grant: FundingLine = make.line(alder_valley, make.agreement())
    order = make.placed(alder_valley, institute, "Ana Torres", paid_by=grant)

    answer = client.post(reverse("registrations:order_quote", args=[order.pk]), follow=True)

    assert "No seat of this order waits for a purchase order." in answer.content.decode()


def test_a_roster_that_cannot_be_quoted_leads_back_to_its_money(
    institute: Institute, alder_valley: Organization, dolores: User, as_user: Any
) -> None:
    draft = drafting.start(alder_valley, institute, by=dolores, at=make.NOW)

    answer = as_user(dolores).post(reverse("registrations:roster_quote", args=[draft.pk]), follow=True)

    assert "so there is nothing to quote" in answer.content.decode()


def test_one_quote_is_shown_at_once(order: Order, dolores: User, as_user: Any) -> None:
    answer = as_user(dolores).post(reverse("registrations:order_quote", args=[order.pk]), follow=True)

    assert [url for url, _status in answer.redirect_chain] == [reverse("billing:quote", args=[Quote.objects.get().pk])]


def test_where_nobody_can_be_paid_nothing_is_quoted(provider: Any, alder_valley: Organization, dolores: User) -> None:
    draft = drafting.start(alder_valley, make.institute(), by=dolores, at=make.NOW)
    drafting.lay(draft, reading.read_text("First,Last\nAna,Torres\n"), replacing=True, at=make.NOW)
    draft.refresh_from_db()

    with pytest.raises(CannotQuote, match="cannot be paid yet"):
        quoting.of_roster(draft, by=dolores, at=make.NOW)
