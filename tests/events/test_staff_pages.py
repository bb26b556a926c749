"""What the provider's staff do with institutes."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from events.models import Engagement, Institute, Session
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(omar, as_user) -> Client:
    return as_user(omar)


def page(name: str, *args: object) -> str:
    return reverse(f"events:{name}", args=args)


def facts(**more) -> dict[str, object]:
    """The form of a new institute, filled in."""
    return {
        "program": make.program(code="LT").pk, "title": "Leadership Training", "kind": "institute", "capacity": "120",
        "modality": "in_person", "starts_on": "2027-01-21", "ends_on": "2027-01-23", "zone": "America/Los_Angeles",
        "price": "525.00", "registration_opens_at": "2026-10-01T08:00", "registration_closes_at": "2027-01-15T17:00",
        "terms": make.terms().pk, "hours_rule": make.hours_rule().pk, "submission_key": "k1",
    } | more  # fmt: skip


def block(**more) -> dict[str, object]:
    return {
        "title": "Plenary", "day": "2027-01-21", "starts": "08:00", "ends": "11:45", "counts": "on",
        "hour_type": "intensive", "submission_key": "k1",
    } | more  # fmt: skip


# --- The fence ---

PAGES = [
    ("staff_institutes", False), ("new_institute", False), ("terms", False), ("new_terms", False),
    ("preview_terms", False), ("staff_institute", True), ("clone_institute", True), ("edit_institute", True),
    ("strands", True), ("add_block", True),
]  # fmt: skip


@pytest.mark.parametrize(("name", "of_institute"), PAGES)
def test_a_coordinator_does_not_schedule(dolores, as_user, name: str, of_institute: bool) -> None:
    args = [make.institute().pk] if of_institute else []

    assert as_user(dolores).get(page(name, *args)).status_code == 403


@pytest.mark.parametrize("name", [name for name, of_institute in PAGES if of_institute])
def test_a_draft_is_nobodys_but_the_staffs(hal, as_user, name: str) -> None:
    assert as_user(hal).get(page(name, make.institute(published_at=None).pk)).status_code == 404


@pytest.mark.parametrize("name", ["reference", "reference_new"])
def test_a_coordinator_makes_no_programs(dolores, as_user, name: str) -> None:
    assert as_user(dolores).get(page(name, "programs")).status_code == 403


# --- The list ---


def test_the_list_is_filtered_by_what_stands_in_the_address(staff: Client) -> None:
    season = make.season()
    make.institute(code="JAN", season=season, title="Zebra")
    make.institute(code="DRAFT", published_at=None)
    make.institute(code="GONE", canceled_at=NOW)

    def codes(query: str) -> list[str]:
        return sorted(row.code for row in staff.get(page("staff_institutes") + query).context["page"])

    assert codes("") == ["DRAFT", "GONE", "JAN"]
    assert codes(f"?season={season.pk}") == codes("?q=zebra") == codes("?q=ja") == ["JAN"]
    assert codes("?status=draft") == ["DRAFT"]
    assert codes("?status=canceled") == ["GONE"]
    assert codes("?status=nonsense") == ["DRAFT", "GONE", "JAN"]


def test_the_list_knows_what_is_coming_running_and_past(staff: Client) -> None:
    today = timezone.localdate()
    for code, days in (("PAST", -9), ("RUNNING", 0), ("COMING", 9)):
        first = today + timedelta(days=days)
        make.institute(code=code, starts_on=first, ends_on=first + timedelta(days=1))

    for when in ("past", "running", "coming"):
        rows = staff.get(page("staff_institutes") + f"?when={when}").context["page"]
        assert [row.code for row in rows] == [when.upper()]


def test_each_program_offers_to_schedule_the_next_of_each_month(staff: Client) -> None:
    program = make.program()
    make.institute(code="OLD", program=program, starts_on=date(2026, 1, 22), ends_on=date(2026, 1, 24))
    make.institute(code="JAN", program=program)
    make.institute(code="JUN", program=program, starts_on=date(2026, 6, 1), ends_on=date(2026, 6, 3))

    latest = staff.get(page("staff_institutes")).context["latest"]

    assert [institute.code for institute in latest] == ["JAN", "JUN"]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_staffs_list_asks_the_same_number_of_questions(staff, django_assert_num_queries, rows: int) -> None:
    for _row in range(rows):
        make.institute(season=make.season(), venue=make.venue())

    with django_assert_num_queries(11):
        staff.get(page("staff_institutes"))


# --- New, next, edited ---


def test_an_institute_is_scheduled_in_its_own_zone(staff: Client) -> None:
    answer = staff.post(page("new_institute"), facts(zone="America/Denver"))

    made = Institute.objects.get()
    assert answer["Location"] == page("staff_institute", made.pk)
    assert made.registration_closes_at.astimezone(made.tz).isoformat() == "2027-01-15T17:00:00-07:00"


def test_a_form_sent_twice_schedules_once(staff: Client) -> None:
    twice = facts()

    assert staff.post(page("new_institute"), twice)["Location"] == staff.post(page("new_institute"), twice)["Location"]
    assert Institute.objects.count() == 1


def test_a_form_sent_again_with_other_content_is_asked_about(staff: Client) -> None:
    sent = facts()
    staff.post(page("new_institute"), sent)

    answer = staff.post(page("new_institute"), sent | {"title": "Another"})

    assert answer.status_code == 422
    assert "This form was sent before, with something else in it." in answer.content.decode()


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"ends_on": "2027-01-20"}, "ends_on", "The last day cannot lie before the first."),
        ({"registration_closes_at": "2027-03-14T02:30"}, "registration_closes_at", "There is no 2:30 AM on March 14, 2027: the clocks go forward that night. Choose another time."),
        ({"registration_closes_at": "soon"}, "registration_closes_at", "Write a date and a time."),
        ({"minimum": "130"}, "minimum", "More people are needed than there are seats."),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_beside_its_field_and_the_rest_is_kept(
    staff: Client, wrong, field: str, sentence: str
) -> None:
    answer = staff.post(page("new_institute"), facts(**wrong))

    assert answer.status_code == 422
    assert dict(answer.context["form"].errors) == {field: [sentence]}
    assert answer.context["form"]["title"].value() == "Leadership Training"


def test_a_new_installation_is_told_what_an_institute_needs(staff: Client) -> None:
    html = staff.get(page("new_institute")).content.decode()

    assert all(
        f"An institute needs {what} first." in html for what in ("a program", "cancellation terms", "an hours rule")
    )


def test_the_next_one_is_shown_before_it_is_made(staff: Client) -> None:
    last = make.institute(code="LT27-01", program=make.program(code="LT"))

    shown = staff.get(page("clone_institute", last.pk)).content.decode()
    moved = staff.get(page("clone_institute", last.pk) + "?starts_on=2028-01-16").content.decode()

    assert "Thursday, January 20, 2028" in shown
    assert "LT28-01" in shown
    assert "Monday, January 17 is Martin Luther King, Jr. Day: schools are closed." in moved
    assert "The last one began on a Thursday." in moved
    assert staff.get(page("clone_institute", last.pk) + "?starts_on=2028-02-30").status_code == 200


def test_the_next_one_is_made_with_its_agenda(staff: Client) -> None:
    last = make.institute()
    make.session(last)

    answer = staff.post(page("clone_institute", last.pk), {"starts_on": "2028-01-20", "submission_key": "k"})

    made = Institute.objects.latest("pk")
    assert answer["Location"] == page("staff_institute", made.pk)
    assert made.sessions.count() == 1


def test_the_next_one_asked_for_again_is_a_question(staff: Client) -> None:
    last = make.institute()
    address = page("clone_institute", last.pk)
    staff.post(address, {"starts_on": "2028-01-20", "submission_key": "first"})
    made = Institute.objects.latest("pk")

    again = staff.post(address, {"starts_on": "2028-01-20", "submission_key": "after the way back"})

    assert again.status_code == 422
    assert again.context["form"].errors["again"] == [
        f"{made.code} is planned from Thursday, January 20 on already. Make one more only if there shall be both."
    ]
    assert "Yes, one more on these days" in again.content.decode()
    assert Institute.objects.count() == 2
    staff.post(address, {"starts_on": "2028-01-20", "submission_key": "k", "again": "on"})
    assert Institute.objects.count() == 3


def test_the_form_of_the_next_one_with_another_day_after_the_way_back_is_asked_about_once(staff: Client) -> None:
    address = page("clone_institute", make.institute().pk)
    staff.post(address, {"starts_on": "2028-01-20", "submission_key": "k"})

    asked = staff.post(address, {"starts_on": "2028-01-27", "submission_key": "k"})
    key = asked.context["form"]["submission_key"].value()

    assert "This form was sent before, with something else in it." in asked.content.decode()
    assert staff.post(address, {"starts_on": "2028-01-27", "submission_key": key}).status_code == 302


def test_a_code_that_is_taken_is_said_beside_the_code(staff: Client) -> None:
    last = make.institute(code="LT27-01")

    answer = staff.post(page("clone_institute", last.pk), {"starts_on": "2028-01-20", "code": "LT27-01"})

    assert answer.status_code == 422
    assert "There is an institute LT27-01 already" in str(answer.context["form"].errors["code"])


def test_facts_are_edited_and_times_stay_on_the_institutes_clocks(staff: Client) -> None:
    institute = make.institute(zone="America/New_York")
    form = staff.get(page("edit_institute", institute.pk)).context["form"]
    sent = {name: form[name].value() for name in form.fields if form[name].value() is not None} | {"title": "Renamed"}
    sent |= {name: f"{form[name].value():%Y-%m-%dT%H:%M}" for name in form.MOMENTS}

    answer = staff.post(page("edit_institute", institute.pk), sent)

    assert answer.status_code == 302
    again = Institute.objects.get()
    assert (again.title, again.registration_closes_at) == ("Renamed", institute.registration_closes_at)


def test_facts_that_cannot_be_are_not_saved(staff: Client) -> None:
    institute = make.institute(seats_taken=40)

    answer = staff.post(page("edit_institute", institute.pk), facts(capacity="39", program=institute.program_id))

    assert answer.status_code == 422
    assert "40 seats are taken already" in str(answer.context["form"].errors["capacity"])
    assert Institute.objects.get().capacity == 120


def test_an_institute_is_published_once_it_has_an_agenda(staff: Client) -> None:
    institute = make.institute(published_at=None)

    refused = staff.post(page("publish", institute.pk), follow=True).content.decode()
    make.session(institute)
    staff.post(page("publish", institute.pk))

    assert "no block yet that counts" in refused
    assert Institute.objects.get().published_at is not None


# --- The agenda builder ---


def test_every_day_of_an_institute_is_shown_with_its_strands_in_columns(staff: Client) -> None:
    institute = make.institute()
    make.session(institute, start="08:00", end="09:00")
    for position, name in enumerate(["Grades K–2", "Grades 3–5"]):
        make.session(institute, start="09:00", end="10:00", strand=make.strand(institute, name, position=position))

    days = staff.get(page("staff_institute", institute.pk)).context["days"]

    assert [day.day.day for day in days] == [21, 22, 23]
    columns = [[str(column.strand) for column in stretch] for stretch in days[0].stretches]
    assert columns == [["None"], ["Grades K–2", "Grades 3–5"]]
    assert days[0].minutes == 120


def test_a_series_shows_its_ends_its_blocks_and_the_day_one_adds_to(staff: Client) -> None:
    institute = make.institute(starts_on=date(2027, 3, 3), ends_on=date(2027, 3, 31))
    make.session(institute, date(2027, 3, 10))

    days = staff.get(page("add_block", institute.pk) + "?day=2027-03-17").context["days"]

    assert [day.day.day for day in days] == [3, 10, 17, 31]


def test_a_block_is_added_in_place(staff: Client) -> None:
    institute = make.institute()

    answer = staff.post(page("add_block", institute.pk), block())

    assert answer["Location"] == page("staff_institute", institute.pk) + "#agenda"
    assert institute.sessions.get().starts_at.isoformat() == "2027-01-21T16:00:00+00:00"


def test_a_new_block_begins_where_the_last_one_of_the_day_ends(staff: Client) -> None:
    institute = make.institute()
    make.session(institute, start="08:00", end="11:45")

    form = staff.get(page("add_block", institute.pk) + "?day=2027-01-21").context["form"]

    assert form["starts"].value().isoformat() == "11:45:00"


def test_a_block_sent_twice_is_added_once(staff: Client) -> None:
    institute = make.institute()

    for _time in range(2):
        assert staff.post(page("add_block", institute.pk), block()).status_code == 302

    assert institute.sessions.count() == 1


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"ends": "07:00"}, "ends at 7:00 AM, before it starts at 8:00 AM"),
        ({"day": "2027-01-25"}, "Monday, January 25 is not a day of"),
        ({"starts": "09:00"}, "overlaps “There”"),
        ({"title": ""}, "This field is required"),
    ],
)
def test_a_block_that_cannot_stand_there_stays_open_with_everything_that_was_written(
    staff, wrong, sentence: str
) -> None:
    institute = make.institute()
    make.session(institute, start="09:30", end="10:00", title="There")

    answer = staff.post(page("add_block", institute.pk), block(room="Hall", **wrong))

    html = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in html
    assert 'value="Hall"' in html


def test_a_block_is_moved_in_place_and_says_what_the_clocks_do(staff: Client) -> None:
    institute = make.institute(starts_on=date(2027, 11, 7), ends_on=date(2027, 11, 7))
    session = make.session(institute)

    answer = staff.post(
        page("edit_block", institute.pk, session.pk), block(day="2027-11-07", starts="01:30", ends="03:00"), follow=True
    )

    assert "The clocks show 1:30 AM twice" in answer.content.decode()
    assert Session.objects.get().minutes == 150


def test_an_edited_block_that_is_wrong_stays_open(staff: Client) -> None:
    session = make.session(make.institute())

    answer = staff.post(page("edit_block", session.institute_id, session.pk), block(ends="07:00"))

    assert answer.status_code == 422
    assert answer.context["editing"] == session.pk


def test_a_block_is_removed_unless_someone_needs_it(staff: Client, ana) -> None:
    institute = make.institute()
    gone, stays = make.session(institute), make.session(institute, start="13:00", end="14:00")
    Engagement.objects.create(institute=institute, session=stays, person=ana, role="presenter")

    staff.post(page("remove_block", institute.pk, gone.pk))
    refused = staff.post(page("remove_block", institute.pk, stays.pk), follow=True).content.decode()

    assert list(institute.sessions.all()) == [stays]
    assert "someone facilitates" in refused


def test_a_day_is_copied_to_the_days_one_ticks(staff: Client) -> None:
    institute = make.institute()
    make.session(institute)

    staff.post(
        page("copy_day", institute.pk, "2027-01-21"), {"to": ["2027-01-22", "2027-01-23"], "submission_key": "k"}
    )

    assert institute.sessions.count() == 3


def test_a_day_is_not_copied_onto_blocks_that_are_there(staff: Client) -> None:
    institute = make.institute()
    make.session(institute)
    make.session(institute, date(2027, 1, 22))

    answer = staff.post(page("copy_day", institute.pk, "2027-01-21"), {"to": ["2027-01-22"]})

    assert answer.status_code == 422
    assert "overlaps “Plenary”" in answer.content.decode()
    assert staff.get(page("copy_day", institute.pk, "no-day")).status_code == 404
