"""The daily mail: what waits for a reader comes at once in the morning, once, and only when there is something."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from office import digests
from office.models import DigestLine, Message
from people.access import Role
from people.models import Organization, User
from tests import make

PACIFIC = ZoneInfo("America/Los_Angeles")
EVENING = datetime(2026, 11, 2, 19, 0, tzinfo=PACIFIC)
MORNING = datetime(2026, 11, 3, 6, 30, tzinfo=PACIFIC)

pytestmark = pytest.mark.django_db


def note(text: str = "Hal took seat 4.", at: datetime = EVENING, to: str = "dolores@avusd.example.test", **more: Any):
    digests.note(to=to, text=text, at=at, **{"heading": "LT27-01"} | more)


def test_forty_lines_are_one_mail() -> None:
    for number in range(40):
        note(f"Line {number}.")

    assert digests.send(at=MORNING) == 1

    [message] = Message.objects.all()
    assert all(f"- Line {number}.\n" in message.text for number in range(40))
    assert message.subject == "Your institutes on Tuesday, November 3"


def test_nothing_is_sent_when_nothing_waits() -> None:
    assert digests.send(at=MORNING) == 0
    assert not Message.objects.exists()


def test_a_second_run_on_the_same_morning_sends_nothing() -> None:
    note()
    digests.send(at=MORNING)

    assert digests.send(at=MORNING + timedelta(minutes=10)) == 0


@pytest.mark.parametrize(("moment", "mails"), [(MORNING - timedelta(minutes=1), 0), (MORNING, 1)])
def test_it_is_written_at_half_past_six_on_the_providers_clocks(moment: datetime, mails: int) -> None:
    note()

    assert digests.send(at=moment) == mails


def test_what_is_noted_after_the_morning_waits_for_the_next() -> None:
    note("Before.")
    note("After.", at=MORNING + timedelta(hours=1))

    digests.send(at=MORNING + timedelta(hours=2))

    assert list(DigestLine.objects.waiting().values_list("text", flat=True)) == ["After."]
    assert digests.send(at=MORNING + timedelta(days=1)) == 1


def test_a_worker_that_slept_through_the_morning_writes_it_later() -> None:
    note()

    assert digests.send(at=MORNING + timedelta(hours=5)) == 1


def test_a_key_is_noted_once() -> None:
    note(key="seat-4")
    note("In other words.", key="seat-4")

    assert DigestLine.objects.get().text == "Hal took seat 4."


def test_lines_stand_under_their_headings_and_lead_to_their_pages() -> None:
    note("One.", heading="LT27-01", url="/orders/12/")
    note("Two.", heading="Purchase orders")
    note("Three.", heading="LT27-01", url="https://elsewhere.example.test/")
    note("One.", heading="LT27-01", url="/orders/12/")

    digests.send(at=MORNING)

    text = Message.objects.get().text
    assert (
        "LT27-01\n- One.\n  http://127.0.0.1:8000/orders/12/\n- Three.\n  https://elsewhere.example.test/\n\n"
        "Purchase orders\n- Two.\n"
    ) in text


def test_each_reader_gets_her_own() -> None:
    note(to="a@example.test", text="For A.")
    note(to="b@example.test", text="For B.")

    digests.send(at=MORNING)

    told = {message.to: "For A." in message.text for message in Message.objects.all()}
    assert told == {"a@example.test": True, "b@example.test": False}


def test_every_coordinator_of_a_district_is_told_and_nobody_else(
    alder_valley: Organization, dolores: User, bea: User, hal: User
) -> None:
    make.user("second@avusd.example.test", Role.COORDINATOR, at=alder_valley, name="Second Coordinator")
    gone = make.user("gone@avusd.example.test", Role.COORDINATOR, at=alder_valley, name="Gone Coordinator")
    gone.is_active = False
    gone.save()

    digests.note_coordinators(alder_valley, heading="LT27-01", text="News.", key="news", at=EVENING)

    told = DigestLine.objects.order_by("to").values_list("to", "person__display_name", "key")
    assert list(told) == [
        (dolores.email, "Dolores Quintero", f"news-{dolores.pk}"),
        ("second@avusd.example.test", "Second Coordinator", f"news-{gone.pk - 1}"),
    ]


def test_a_long_line_is_cut_so_that_it_fits() -> None:
    note("long " * 100)

    assert len(DigestLine.objects.get().text) == 300
