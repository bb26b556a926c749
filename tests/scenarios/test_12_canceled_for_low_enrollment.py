"""Scenario 12: 23 of at least 40 signed up, ten days before; the institute does not take place."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from billing import invoicing
from billing.books import broken_equations
from billing.models import Charge, Invoice
from certificates import issuing
from office.models import Message
from registrations import billable, closures, recount
from registrations.models import Registration, Seat, WaitlistEntry, Withdrawal
from registrations.newcomers import Attendee
from registrations.refusals import CannotChange
from tests import make
from tests.certificates.world import AFTER, seen

DECISION = datetime(2027, 1, 11, 18, 0, tzinfo=UTC)
FEW = "Only 23 people registered."


@pytest.fixture
def winter(provider):
    make.payee()
    facts = {"minimum": 40, "decision_on": date(2027, 1, 11), "names_due_on": date(2027, 1, 18)}
    institute = make.institute(code="LT27-01", **facts)
    make.agenda(institute)
    return institute


@pytest.fixture
def enrolled(winter, alder_valley, bristlecone, dolores, hal):
    """Ten of Alder Valley, invoiced; eight of Bristlecone, and five under the grant, one of them without a name."""
    ten = [Attendee("Ada", f"No{number}", f"ada{number}@avusd.example.test") for number in range(10)]
    make.placed(alder_valley, winter, *ten, by=dolores)
    grant = make.line(bristlecone, make.agreement(name="NSF-LEAP", amount=Decimal(60000)))
    make.placed(bristlecone, winter, *[f"Bo No{number}" for number in range(4)], unnamed=1, by=hal, paid_by=grant)
    return winter


@pytest.fixture
def invoice(enrolled, omar) -> Invoice:
    [draft] = billable.draft_invoices(enrolled, by=omar, at=make.NOW)
    return invoicing.issue(draft, by=omar, at=make.NOW)


@pytest.fixture
def twenty_three(invoice, enrolled, bristlecone, hal):
    make.placed(bristlecone, enrolled, *[f"Cy No{number}" for number in range(8)], by=hal)
    return enrolled


def cancel(institute, omar):
    return closures.cancel(institute, reason=FEW, by=omar, at=DECISION)


def test_what_it_costs_stands_there_before(twenty_three):
    twenty_three.refresh_from_db()

    price = closures.price(twenty_three)

    roads = {str(each.payer): (each.to_grant, each.never_invoiced, each.credited) for each in price.returns}
    assert (price.seats, price.people, price.amount) == (23, 22, Decimal(23 * 525))
    assert roads == {
        "Alder Valley Unified": (0, 0, Decimal(5250)),
        "Bristlecone Joint Union Elementary": (0, Decimal(4200), 0),
        "Sierra Science Collaborative": (Decimal(2625), 0, 0),
    }


def test_every_seat_goes_back_in_full(twenty_three, omar):
    made = cancel(twenty_three, omar)

    twenty_three.refresh_from_db()
    assert (len(made), twenty_three.seats_taken, Seat.objects.held().count()) == (23, 0, 0)
    assert sum(Charge.objects.values_list("amount", flat=True)) == 0
    assert set(Withdrawal.objects.values_list("cause", "words", "percent")) == {("canceled", FEW, 100)}
    assert [*broken_equations(), *recount.broken_equations()] == []


def test_everyone_is_told_and_her_calendar_drops_the_days(twenty_three, omar):
    cancel(twenty_three, omar)

    mails = Message.objects.filter(to__startswith="ada")
    assert mails.count() == 10
    assert all("does not take place: Only 23 people registered." in mail.text for mail in mails)
    with mails[0].attachments.get().file.bytes.open() as entry:
        assert b"METHOD:CANCEL" in entry.read()


def test_each_district_is_told_of_its_money_its_rooms_and_its_letter(twenty_three, alder_valley, dolores, hal, omar):
    cancel(twenty_three, omar)

    hers = Message.objects.get(to=dolores.email, subject="LT27-01 is canceled")
    assert "$5,250.00" in hers.text
    assert "Cancel hotel rooms and travel today" in hers.text
    assert reverse("registrations:closure_letter", args=[twenty_three.pk, alder_valley.pk]) in hers.text
    assert "$6,825.00" in Message.objects.get(to=hal.email, subject="LT27-01 is canceled").text


def test_the_letter_names_her_people_and_nobody_elses(twenty_three, alder_valley, dolores, hal, omar, as_user):
    cancel(twenty_three, omar)
    page = reverse("registrations:closure_letter", args=[twenty_three.pk, alder_valley.pk])

    letter = as_user(dolores).get(page).content.decode()

    assert all(f"Ada No{number}" in letter for number in range(10))
    assert "Bo No" not in letter
    assert FEW in letter
    assert as_user(hal).get(page).status_code == 404


def test_a_district_with_two_orders_gets_one_letter(twenty_three, bristlecone, hal, omar, as_user):
    cancel(twenty_three, omar)

    letter = as_user(hal).get(reverse("registrations:closure_letter", args=[twenty_three.pk, bristlecone.pk]))

    assert (len(letter.context["people"]), letter.context["unnamed"]) == (12, 1)


def test_nobody_waits_for_it_any_more(twenty_three, alder_valley, omar):
    make.waiting(twenty_three, alder_valley)

    cancel(twenty_three, omar)

    assert [entry.ended_as for entry in WaitlistEntry.objects.all()] == ["left"]


def test_no_certificates_come_of_it(twenty_three, omar):
    cancel(twenty_three, omar)

    with pytest.raises(issuing.CannotIssue, match="nobody earned a certificate"):
        issuing.issue_all(twenty_three, by=omar, at=AFTER)


def test_it_is_canceled_once_and_for_a_reason(twenty_three, omar):
    with pytest.raises(CannotChange, match="Say why"):
        closures.cancel(twenty_three, reason=" ", by=omar, at=DECISION)
    cancel(twenty_three, omar)

    with pytest.raises(CannotChange, match="LT27-01 was canceled already"):
        cancel(twenty_three, omar)


def test_what_people_came_to_is_not_canceled(twenty_three, omar):
    seen(Registration.objects.order_by("pk")[0], 0)

    with pytest.raises(CannotChange, match="People were seen at LT27-01 already"):
        cancel(twenty_three, omar)
    assert Withdrawal.objects.count() == 0


def test_the_staffs_page_does_it(twenty_three, omar, dolores, as_user):
    page = reverse("registrations:close_institute", args=[twenty_three.pk])

    assert as_user(dolores).post(page, {"reason": FEW}).status_code == 403
    answer = as_user(omar).post(page, {"reason": FEW})

    twenty_three.refresh_from_db()
    assert (answer.url, twenty_three.is_canceled) == (page, True)
