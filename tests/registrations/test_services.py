"""Days of service: recorded when delivered, charged when the district signs them off, invoiced like seats."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from billing import books, crediting, invoicing
from billing.models import Charge, ChargeKind, FundingAgreement, FundingLine
from events.models import Institute, InstituteKind
from office.models import Message
from people.models import Organization, User
from registrations import billable, burndown, recount, services
from registrations.models import ServiceDay
from registrations.services import CannotServe
from tests import make
from tests.races import at_once

OCTOBER_5, OCTOBER_6 = date(2026, 10, 5), date(2026, 10, 6)


@pytest.fixture(autouse=True)
def _no_second_factor(settings: Any) -> None:
    settings.DEMO = True


@pytest.fixture
def coaching(provider: Any) -> Institute:
    make.payee()
    days = {"starts_on": date(2026, 9, 1), "ends_on": date(2027, 5, 31)}
    return make.institute(code="CO27-1", title="Coaching", kind=InstituteKind.COACHING, price=Decimal(0), **days)


@pytest.fixture
def contract(alder_valley: Organization) -> FundingAgreement:
    return make.agreement(alder_valley, name="Alder Valley coaching", amount=Decimal(5000), rate=Decimal(1800))


@pytest.fixture
def line(alder_valley: Organization, contract: FundingAgreement) -> FundingLine:
    return make.line(alder_valley, contract)


def recorded(coaching: Institute, line: FundingLine, omar: User, on: date = OCTOBER_5, **more: Any) -> ServiceDay:
    told = {"words": "Coaching in grade 4", "delivered_by": "Fay Moreno"} | more
    return services.record(coaching, line=line, on=on, by=omar, at=make.NOW, **told)


def test_a_day_costs_nothing_until_it_is_signed_off_and_then_its_rate(
    coaching: Institute, line: FundingLine, contract: FundingAgreement, dolores: User, omar: User
) -> None:
    day = recorded(coaching, line, omar)
    before = Charge.objects.count()

    [signed] = services.sign_off([day], by=dolores, at=make.NOW)

    assert before == 0
    assert signed.charge is not None
    assert (signed.charge.kind, signed.charge.amount, signed.charge.first_day) == (
        ChargeKind.SERVICE_DAY,
        Decimal(1800),
        OCTOBER_5,
    )
    contract.refresh_from_db()
    found = burndown.of(contract, on=make.NOW.date())
    assert (found.balance.committed, found.left) == (Decimal(1800), Decimal(3200))


def test_the_coordinator_is_asked_by_mail(coaching: Institute, line: FundingLine, dolores: User, omar: User) -> None:
    recorded(coaching, line, omar)

    asked = Message.objects.get()
    assert (asked.to, asked.subject) == (dolores.email, "A day of service to sign off: October 5, 2026")
    assert reverse("registrations:service_days") in asked.text
    assert not mail.outbox


def test_signed_days_are_invoiced_like_seats_in_order_of_their_days(
    coaching: Institute, line: FundingLine, dolores: User, omar: User
) -> None:
    days = [recorded(coaching, line, omar, on) for on in (OCTOBER_6, OCTOBER_5)]
    recorded(coaching, line, omar, OCTOBER_5, delivered_by="Rosa Delgado")
    services.sign_off(days, by=dolores, at=make.NOW)

    [draft] = billable.draft_invoices(coaching, by=omar, at=make.NOW)
    invoicing.issue(draft, by=omar, at=make.NOW)

    assert list(draft.lines.order_by("pk").values_list("words", "amount")) == [
        ("October 5, 2026: Coaching in grade 4 (Fay Moreno)", Decimal(1800)),
        ("October 6, 2026: Coaching in grade 4 (Fay Moreno)", Decimal(1800)),
    ]
    assert [*books.broken_equations(), *recount.broken_equations()] == []


def test_a_day_taken_back_after_the_invoice_is_credited(
    coaching: Institute, line: FundingLine, contract: FundingAgreement, dolores: User, omar: User
) -> None:
    [day] = services.sign_off([recorded(coaching, line, omar)], by=dolores, at=make.NOW)
    [draft] = billable.draft_invoices(coaching, by=omar, at=make.NOW)
    invoicing.issue(draft, by=omar, at=make.NOW)

    services.take_back(day, reason="It was Bristlecone's.", by=omar, at=make.NOW)

    [credit] = billable.credits_waiting(coaching)
    [memo] = billable.draft_invoices(coaching, by=omar, at=make.NOW)
    assert (credit.amount, invoicing.total_of(memo)) == (Decimal(-1800), Decimal(-1800))
    assert not crediting.waiting(billable.invoices_of(coaching).none())
    contract.refresh_from_db()
    assert contract.charged == 0


def test_all_or_none_are_signed_off_where_the_contract_has_not_enough(
    coaching: Institute, line: FundingLine, dolores: User, omar: User
) -> None:
    days = [recorded(coaching, line, omar, OCTOBER_5 + timedelta(days=n)) for n in range(3)]

    with pytest.raises(CannotServe, match=r"Alder Valley coaching has \$5,000.00 left"):
        services.sign_off(days, by=dolores, at=make.NOW)

    assert (Charge.objects.count(), ServiceDay.objects.waiting().count()) == (0, 3)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"on": date(2026, 11, 3)}, "November 3, 2026 is still to come"),
        ({"on": date(2026, 6, 30)}, "does not pay for June 30, 2026"),
        ({"words": " "}, "Write what was done"),
    ],
)
def test_a_day_that_cannot_be_is_refused(
    more: dict[str, Any], sentence: str, coaching: Institute, line: FundingLine, omar: User
) -> None:
    with pytest.raises(CannotServe, match=sentence):
        recorded(coaching, line, omar, **more)

    assert not ServiceDay.objects.exists()


def test_a_day_is_recorded_once_and_only_where_there_are_no_seats(
    coaching: Institute, line: FundingLine, omar: User, alder_valley: Organization
) -> None:
    recorded(coaching, line, omar)

    with pytest.raises(CannotServe, match="Fay Moreno on October 5, 2026 is recorded already"):
        recorded(coaching, line, omar)
    with pytest.raises(CannotServe, match="has seats"):
        recorded(make.institute(), line, omar)
    with pytest.raises(CannotServe, match="names its rate"):
        recorded(coaching, make.line(alder_valley), omar)


def test_a_day_signed_off_is_neither_signed_again_nor_asked_about(
    coaching: Institute, line: FundingLine, dolores: User, omar: User
) -> None:
    [day] = services.sign_off([recorded(coaching, line, omar)], by=dolores, at=make.NOW)

    with pytest.raises(CannotServe, match="meanwhile"):
        services.sign_off([day], by=dolores, at=make.NOW)
    with pytest.raises(CannotServe, match="meanwhile"):
        services.ask_about(day, words="Was it a half day?")
    services.take_back(day, reason="By mistake.", by=omar, at=make.NOW)
    with pytest.raises(CannotServe, match="taken back already"):
        services.take_back(day, reason="By mistake.", by=omar, at=make.NOW)


@pytest.mark.django_db(transaction=True)
def test_eight_who_sign_off_one_day_charge_it_once(
    coaching: Institute, line: FundingLine, dolores: User, omar: User
) -> None:
    day = recorded(coaching, line, omar)

    answers = at_once(*[lambda: services.sign_off([day], by=dolores, at=make.NOW)] * 8)

    refused = [one for one in answers if isinstance(one, CannotServe)]
    assert (len(refused), Charge.objects.count()) == (7, 1)


# --- Pages ------------------------------------------------------------------------------------------------------------


def test_staff_record_the_district_asks_and_signs_and_another_district_sees_nothing(
    coaching: Institute, line: FundingLine, dolores: User, omar: User, hal: User, as_user: Callable[[User], Client]
) -> None:
    sent = {"line": line.pk, "on": "2026-10-05", "words": "Coaching in grade 4", "delivered_by": "Fay Moreno"}
    address = reverse("registrations:institute_services", args=[coaching.pk])
    assert as_user(omar).post(address, sent).status_code == 302
    day = ServiceDay.objects.get()
    refused = as_user(omar).post(address, sent)
    client = as_user(hal)
    assert b"Coaching in grade 4" not in client.get(reverse("registrations:service_days")).content
    assert client.post(reverse("registrations:ask_about_service", args=[day.pk]), {"words": "?"}).status_code == 404
    client.post(reverse("registrations:sign_off_services"), {"days": [day.pk]})
    assert ServiceDay.objects.waiting().exists()

    client = as_user(dolores)
    client.post(reverse("registrations:ask_about_service", args=[day.pk]), {"words": "A half day?"})
    asked = client.get(reverse("registrations:service_days")).content.decode()
    answer = client.post(reverse("registrations:sign_off_services"), {"days": [day.pk]}, follow=True)

    assert (refused.status_code, "A half day?" in asked, "$1,800.00" in asked) == (422, True, True)
    assert "1 day is signed off and charged." in answer.content.decode()
    assert "Dolores Quintero" in as_user(omar).get(address).content.decode()
    back = reverse("registrations:take_back_service", args=[day.pk])
    as_user(omar).post(back, {"reason": "By mistake."})
    assert "Taken back: By mistake." in as_user(omar).get(address).content.decode()


def test_nothing_ticked_and_nothing_written_change_nothing(
    coaching: Institute, line: FundingLine, dolores: User, omar: User, as_user: Callable[[User], Client]
) -> None:
    day, client = recorded(coaching, line, omar), as_user(dolores)

    ticked = client.post(reverse("registrations:sign_off_services"), {}, follow=True).content.decode()
    asked = client.post(reverse("registrations:ask_about_service", args=[day.pk]), {}, follow=True).content.decode()
    back = as_user(omar).post(reverse("registrations:take_back_service", args=[day.pk]), {}, follow=True)

    assert "Tick the days that were delivered." in ticked
    assert "Write what is wrong with the day." in asked
    assert "Write why the day is taken back." in back.content.decode()
    assert ServiceDay.objects.waiting().count() == 1
