"""Mail about a place: its calendar entry keeps its name for ever and its sequence rises with everything that is sent."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from django.core import mail
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from icalendar import Calendar

from events import agenda, scheduling
from events.models import Institute
from office import delivery
from office.models import Message
from people.models import EmailAddress, Organization, Person, User
from registrations import confirmations
from registrations.models import Order, Registration, Seat
from tests import make

LATER = make.NOW + timedelta(hours=3)


@pytest.fixture
def institute(omar: User) -> Institute:
    made = make.institute(code="LT27-01", venue=make.venue())
    make.agenda(made)
    return made


@pytest.fixture
def place(institute: Institute, ana: Person, alder_valley: Organization) -> Registration:
    return make.registration(ana, institute, alder_valley)


def confirm(place: Registration) -> Message:
    confirmations.send(place.seat.allotment.order, at=make.NOW)
    return Message.objects.get(key=f"confirmation-{place.pk}")


def calendar_of(message: Message) -> Calendar:
    with message.attachments.get().file.bytes.open("rb") as file:
        return Calendar.from_ical(file.read())


def entries(message: Message) -> list[Any]:
    return list(calendar_of(message).walk("VEVENT"))


def told(message: Message) -> list[tuple[str, int, str]]:
    """Day by day: whose entry, the sequence, the status."""
    return [
        (str(entry["uid"]).split("@")[0], int(entry["sequence"]), str(entry["status"])) for entry in entries(message)
    ]


def change(places: Sequence[Registration], what: str = "You now sit in strand B.") -> list[Message]:
    return confirmations.tell_change(places, what=what, at=LATER)


def test_a_change_keeps_the_name_of_the_entry_and_raises_its_sequence(place: Registration) -> None:
    first = confirm(place)

    [second] = change([place])
    [third] = change([place])

    assert [entry["uid"] for entry in entries(first)] == [entry["uid"] for entry in entries(third)]
    assert [[sequence for _uid, sequence, _status in told(one)] for one in (first, second, third)] == [
        [1, 1, 1],
        [2, 2, 2],
        [3, 3, 3],
    ]


def test_a_change_says_what_changed(place: Registration) -> None:
    confirm(place)

    [message] = change([place])

    assert message.subject == "Changed: your place at Leadership Training, January 21–23, 2027"
    assert "You now sit in strand B." in message.text
    assert "You now sit in strand B." in message.html


def test_who_was_never_told_is_told_of_her_place_and_not_twice(place: Registration) -> None:
    [message] = change([place], "You sit in the seat of Ines Barragán.")
    confirmations.send(place.seat.allotment.order, at=LATER)

    assert message.key == f"confirmation-{place.pk}"
    assert message.text.index("You sit in the seat") < message.text.index("registered you for")
    assert [row.subject for row in Message.objects.filter(person=place.person)] == [
        "Your place at Leadership Training, January 21–23, 2027"
    ]


def test_an_end_takes_the_days_out_of_the_calendar(place: Registration) -> None:
    confirm(place)

    [message] = confirmations.tell_end([place], why="Tomas Wexler comes in your place.", at=LATER)

    assert calendar_of(message)["method"] == "CANCEL"
    assert {(sequence, status) for _uid, sequence, status in told(message)} == {(2, "CANCELLED")}
    assert [entry["attendee"] for entry in entries(message)] == ["mailto:ana.torres@avusd.example.test"] * 3
    assert "Tomas Wexler comes in your place." in message.text


@pytest.mark.parametrize(("ends", "method"), [(False, "PUBLISH"), (True, "CANCEL")])
def test_the_mail_says_outside_what_the_calendar_file_does(place: Registration, ends: bool, method: str) -> None:
    message = confirm(place)
    if ends:
        [message] = confirmations.tell_end([place], why="The institute was canceled.", at=LATER)

    delivery.deliver([message.pk], at=LATER, is_last_try=True)

    parsed = message_from_bytes(mail.outbox[-1].message().as_bytes(), policy=policy.default)
    [calendar] = [part for part in parsed.walk() if part.get_content_type() == "text/calendar"]
    assert (calendar["Content-Type"].params["method"], calendar.get_filename()) == (method, "LT27-01.ics")


def test_days_that_are_hers_no_more_are_struck(place: Registration) -> None:
    confirm(place)
    place.days = DateRange(date(2027, 1, 21), date(2027, 1, 22))
    place.save()

    [message] = change([place], "You come on January 21 only.")

    assert [status for _uid, _sequence, status in told(message)] == ["CONFIRMED", "CANCELLED", "CANCELLED"]
    assert "When: January 21, 2027\n" in message.text


def test_who_comes_from_the_second_day_on_gets_these_days_under_their_own_numbers(place: Registration) -> None:
    place.days = DateRange(date(2027, 1, 22), date(2027, 1, 24))
    place.save()

    [message] = change([place])

    assert [uid.split(".")[0] for uid, _sequence, _status in told(message)] == ["day2", "day3"]


def test_the_entry_stands_in_the_institutes_zone(place: Registration) -> None:
    [message] = change([place])

    start = entries(message)[0]["dtstart"]
    assert (start.params["TZID"], start.dt.replace(tzinfo=None)) == (
        "America/Los_Angeles",
        datetime(2027, 1, 21, 8, 0),
    )


def test_who_has_no_address_gets_none_and_stops_nobody(place: Registration, alder_valley: Organization) -> None:
    silent = make.registration(make.person("Tomas Wexler"), place.institute, alder_valley)

    messages = change([silent, place])

    assert [message.person for message in messages] == [place.person]


def test_her_link_is_in_the_mail(place: Registration) -> None:
    [message] = change([place])

    assert re.search(r"http://127\.0\.0\.1:8000/my/\S+", message.text)


# --- A changed agenda -------------------------------------------------------------------------------------------------


def move_lunch(institute: Institute, to: time) -> None:
    session = institute.sessions.in_order()[0]
    block = agenda.Block.of(session, institute=institute)
    edited = agenda.Block(day=block.day, starts=block.starts, ends=to, title=block.title)
    scheduling.change_agenda(institute, [scheduling.Edit(session.pk, edited)], by=None, at=make.NOW)


def an_hour_later() -> datetime:
    """The agenda's history has the database's own clock."""
    return timezone.now() + timedelta(minutes=61)


def test_a_changed_agenda_is_told_once_to_each(place: Registration, institute: Institute) -> None:
    confirm(place)
    move_lunch(institute, time(11, 30))
    move_lunch(institute, time(11, 15))

    assert [confirmations.tell_new_agendas(at=an_hour_later()) for _twice in range(2)] == [1, 0]

    message = Message.objects.get(key__startswith="change-")
    assert "The agenda has changed" in message.text
    assert {sequence for _uid, sequence, _status in told(message)} == {4}  # two agendas and one mail later


def test_a_day_that_left_the_agenda_is_struck_from_calendars_that_know_it(
    place: Registration, institute: Institute
) -> None:
    sent = [str(entry["uid"]) for entry in entries(confirm(place))]
    last = institute.sessions.in_order().filter(starts_at__gte=datetime(2027, 1, 23, 8, tzinfo=UTC))
    last.delete()
    Institute.objects.update(agenda_revision=institute.agenda_revision + 1)

    confirmations.tell_new_agendas(at=timezone.now() + timedelta(hours=3))

    mailed = Message.objects.latest("pk")
    assert [str(entry["uid"]) for entry in entries(mailed)] == sent
    assert [status for _uid, _sequence, status in told(mailed)] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]


def test_an_agenda_on_which_somebody_is_at_work_is_not_told_yet(place: Registration, institute: Institute) -> None:
    confirm(place)
    move_lunch(institute, time(11, 30))

    assert confirmations.tell_new_agendas(at=timezone.now()) == 0


def test_who_was_told_of_it_with_a_change_of_her_own_is_not_told_again(
    place: Registration, institute: Institute
) -> None:
    confirm(place)
    move_lunch(institute, time(11, 30))
    change([place])

    assert confirmations.tell_new_agendas(at=an_hour_later()) == 0


def test_nobody_hears_of_an_agenda_before_her_place(place: Registration, institute: Institute) -> None:
    move_lunch(institute, time(11, 30))

    assert confirmations.tell_new_agendas(at=an_hour_later()) == 0


def test_who_can_no_longer_be_reached_is_not_tried_for_ever(place: Registration, institute: Institute) -> None:
    confirm(place)
    move_lunch(institute, time(11, 30))
    EmailAddress.objects.update(bounced_at=datetime.now(UTC))

    assert confirmations.tell_new_agendas(at=an_hour_later()) == 0
    place.refresh_from_db()
    assert place.told_revision == 2


def test_a_thousand_changes_take_as_many_questions_as_three(
    institute: Institute, alder_valley: Organization, django_assert_max_num_queries
) -> None:
    counted = []
    for number in (1, 3):
        places = [
            make.registration(make.person(f"Ana No{number}{n}", f"a{number}{n}@example.test"), institute, alder_valley)
            for n in range(number)
        ]
        with django_assert_max_num_queries(30) as queries:
            change(places)
        counted.append(len(queries))

    assert counted[0] == counted[1]


def test_whoever_ordered_is_told_until_when_the_others_are_named(place: Registration, dolores: User) -> None:
    allotment = place.seat.allotment
    Order.objects.filter(pk=allotment.order_id).update(placed_by=dolores)
    for _number in range(2):
        Seat.objects.create(allotment=allotment, institute=place.institute, name_by=date(2027, 1, 7))

    confirmations.send(Order.objects.get(pk=allotment.order_id), at=make.NOW)

    told = Message.objects.get(to=dolores.email).text
    assert "2 seats have no name yet: say who comes by Thursday, January 7, or they go back." in told
