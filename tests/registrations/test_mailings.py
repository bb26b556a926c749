"""What became of the mail to a district's people, and that what did not arrive is told once."""

from datetime import timedelta

import pytest

from office.models import DigestLine, Message, Outcome, OutcomeKind
from people.models import Organization, Person, User
from registrations import confirmations, mailings
from registrations.models import Order, Registration
from tests import make


@pytest.fixture
def message(ana: Person, alder_valley: Organization, dolores: User, omar: User) -> Message:
    place = make.registration(ana, make.institute(code="LT27-01"), alder_valley)
    Order.objects.update(placed_by=dolores)
    confirmations.send(Order.objects.get(), at=make.NOW)
    return Message.objects.get(key=f"confirmation-{place.pk}")


def bounced(message: Message, days_ago: int = 0) -> Outcome:
    return message.outcomes.create(kind=OutcomeKind.BOUNCED, at=make.NOW - timedelta(days=days_ago))


def test_a_mail_that_came_back_is_noted_once_for_her_coordinator(message: Message, dolores: User, hal: User) -> None:
    bounced(message)

    for _twice in range(2):
        mailings.note_bounces(at=make.NOW + timedelta(minutes=5))

    line = DigestLine.objects.get()
    assert (line.to, line.heading, line.url) == (
        dolores.email,
        "Mail that did not arrive",
        f"/orders/{Order.objects.get().pk}/",
    )
    assert line.text == "Ana Torres: “Your place at Leadership Training, January 21–23, 2027” – Bounced"


def test_old_news_is_not_told(message: Message) -> None:
    bounced(message, days_ago=8)

    assert mailings.note_bounces(at=make.NOW) == 0


def test_what_was_sent_is_no_news(message: Message) -> None:
    message.outcomes.create(kind=OutcomeKind.SENT, at=make.NOW)

    assert mailings.note_bounces(at=make.NOW) == 0


def test_the_order_of_a_person_without_a_district_has_no_coordinator(message: Message, ana: Person) -> None:
    Order.objects.update(sponsor=None, payer_person=ana)
    bounced(message)

    mailings.note_bounces(at=make.NOW)

    assert not DigestLine.objects.exists()


def test_an_orders_mails_are_those_to_its_people_with_what_became_of_them(message: Message) -> None:
    message.outcomes.create(kind=OutcomeKind.SENT, at=make.NOW)
    bounced(message)

    rows = mailings.of_orders([Order.objects.get().pk])

    assert [(row.pk, row.became) for row in rows] == [(message.pk, OutcomeKind.BOUNCED)]
    assert list(mailings.lost(rows)) == [message]
    assert list(mailings.of_orders([Order.objects.get().pk + 1])) == []
    assert Registration.objects.count() == 1
