"""What anyone sees of institutes and programs."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from events.models import Institute
from people.models import Region
from tests import make

pytestmark = pytest.mark.django_db


def coming(days: int = 30, **more) -> Institute:
    """A published institute of three days, so many days from today, open for registration."""
    first = timezone.localdate() + timedelta(days=days)
    return make.institute(
        **{"starts_on": first, "ends_on": first + timedelta(days=2)}
        | {"registration_closes_at": timezone.now() + timedelta(days=days), "published_at": timezone.now()}
        | {"registration_opens_at": timezone.now() - timedelta(days=1)}
        | more
    )


def codes(client: Client, query: str = "") -> list[str]:
    return [institute.code for institute in client.get(reverse("events:institutes") + query).context["page"]]


def test_a_stranger_sees_what_is_published_held_and_not_over(client: Client) -> None:
    coming(code="SEEN")
    coming(code="DRAFT", published_at=None)
    coming(code="CANCELED", canceled_at=timezone.now())
    coming(code="OVER", days=-10, registration_closes_at=timezone.now())

    assert codes(client) == ["SEEN"]


def test_a_draft_is_not_there_for_a_stranger_and_is_there_for_staff(client: Client, omar, as_user) -> None:
    page = reverse("events:institute", args=[coming(published_at=None).code])

    assert client.get(page).status_code == 404
    assert "A draft" in as_user(omar).get(page).content.decode()


def test_institutes_are_found_by_program_place_month_and_way_of_meeting(client: Client) -> None:
    sierra = Region.objects.create(name="Sierra")
    here = make.county("98", region=sierra)
    one = coming(code="ONE", venue=make.venue(county=here), modality="online")
    coming(code="TWO", days=400)

    month = f"{one.starts_on:%Y-%m}"
    for query in (
        f"program={one.program_id}",
        f"region={sierra.pk}",
        f"county={here.pk}",
        f"month={month}",
        "modality=online",
    ):
        assert codes(client, f"?{query}") == ["ONE"], query


@pytest.mark.parametrize("query", ["?program=0", "?month=soon", "?modality=%00", "?page=x"])
def test_an_address_that_makes_no_sense_shows_everything(client: Client, query: str) -> None:
    coming(code="ONE")

    assert codes(client, query) == ["ONE"]


def test_an_empty_list_says_so(client: Client) -> None:
    make.county()
    empty = client.get(reverse("events:institutes")).content.decode()
    coming()
    filtered = client.get(reverse("events:institutes") + "?modality=hybrid").content.decode()

    assert "Nothing is scheduled yet" in empty
    assert "No institute fits" in filtered


def test_the_page_of_an_institute_says_everything_one_decides_by(client: Client) -> None:
    institute = coming(venue=make.venue(directions="Use the east door."), seats_taken=110)
    make.session(institute, start="08:00", end="11:45", title="Plenary")
    make.session(institute, start="11:45", end="12:45", title="Lunch", counts=False)
    for name in ("Grades K–2", "Grades 3–5"):
        make.session(institute, start="12:45", end="15:30", title=name, strand=make.strand(institute, name), hour_type="content")  # fmt: skip

    html = client.get(reverse("events:institute", args=[institute.code])).content.decode()

    for words in (
        "$525.00", "10 of 120 seats left", "8:00–11:45 AM", "11:45 AM–12:45 PM", "Use the east door.", "6.5",
        "8 to 14 days before: 50%.", "All times are Pacific time.",
    ):  # fmt: skip
        assert words in html, words


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"registration_opens_at": timezone.now() + timedelta(days=9)}, "Registration opens"),
        ({"registration_closes_at": timezone.now() - timedelta(hours=1)}, "Registration closed"),
        ({"seats_taken": 120}, "Every seat is taken"),
        ({"canceled_at": timezone.now()}, "This institute is canceled"),
    ],
)
def test_the_page_says_why_one_cannot_register(client: Client, facts, sentence: str) -> None:
    institute = coming(**facts)

    html = client.get(reverse("events:institute", args=[institute.code])).content.decode()

    assert sentence in html
    assert "Register your staff" not in html or "seats_taken" in facts


def test_who_may_not_register_is_not_led_to_a_roster(bea, dolores, as_user) -> None:
    page = reverse("events:institute", args=[coming().code])

    offered = ["Register your staff" in as_user(who).get(page).content.decode() for who in (dolores, bea)]

    assert offered == [True, False]


def test_a_program_shows_its_institutes_to_come(client: Client) -> None:
    program = make.program(name="Leadership Training", slug="leadership")
    coming(code="COMING", program=program)
    coming(code="OTHER")

    page = client.get(reverse("events:program", args=["leadership"]))

    assert [institute.code for institute in page.context["institutes"]] == ["COMING"]
    assert "Leadership Training" in client.get(reverse("events:programs")).content.decode()


def test_the_feed_follows_the_filter_and_keeps_what_was_canceled(client: Client) -> None:
    program = make.program()
    coming(code="HELD", program=program)
    coming(code="CANCELED", program=program, canceled_at=timezone.now())
    coming(code="OTHER")

    answer = client.get(reverse("events:feed") + f"?program={program.pk}")

    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    entries = Calendar.from_ical(answer.content).walk("VEVENT")
    assert {(str(entry["SUMMARY"]).split("(")[1], entry["STATUS"]) for entry in entries} == {
        ("HELD)", "CONFIRMED"),
        ("CANCELED)", "CANCELLED"),
    }


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("events:institutes", 8), ("events:feed", 2), ("events:programs", 2)])
def test_a_public_list_asks_the_same_number_of_questions(
    client, django_assert_num_queries, rows, name, queries
) -> None:
    for number in range(rows):
        coming(venue=make.venue(county=make.county(str(90 + number))))

    with django_assert_num_queries(queries):
        client.get(reverse(name))


@pytest.mark.parametrize("rows", [1, 3])
def test_an_institute_asks_the_same_number_of_questions(client, django_assert_num_queries, rows: int) -> None:
    institute = coming()
    for number in range(rows):
        make.session(institute, start=f"{8 + number:02}:00", end=f"{9 + number:02}:00", strand=make.strand(institute, str(number)))  # fmt: skip

    with django_assert_num_queries(5):
        client.get(reverse("events:institute", args=[institute.code]))
