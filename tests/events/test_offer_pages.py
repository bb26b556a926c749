"""What institutes choose from, on the staff's pages: programs, seasons, venues, rules, terms."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from events.models import Program, Season, Terms, Venue
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(omar, as_user) -> Client:
    return as_user(omar)


def page(name: str, *args: object) -> str:
    return reverse(f"events:{name}", args=args)


REFERENCE = {
    "programs": {"name": "Leadership Training", "code": "LT", "slug": "leadership-training"},
    "seasons": {"name": "June 2027", "starts_on": "2027-06-01", "ends_on": "2027-06-30"},
    "venues": {"name": "Alder Center", "state": "CA"},
    "hours-rules": {"name": "By day", "full_day_percent": "90", "step_minutes": "15", "certificate_percent": "0"},
    "team-rules": {"name": "Teams", "smallest": "4", "largest": "6"},
}


@pytest.mark.parametrize("kind", REFERENCE)
def test_what_institutes_choose_from_is_made_and_changed_on_pages(staff: Client, kind: str) -> None:
    for _time in range(2):
        staff.post(page("reference_new", kind), REFERENCE[kind] | {"submission_key": "k"})
    [(row, _values)] = staff.get(page("reference", kind)).context["rows"]

    staff.post(page("reference_edit", kind, row.pk), REFERENCE[kind] | {"name": "Renamed"})

    row.refresh_from_db()
    assert row.name == "Renamed"


def test_a_second_program_of_the_same_name_is_refused_beside_its_name(staff: Client) -> None:
    make.program(name="Leadership Training")

    answer = staff.post(page("reference_new", "programs"), REFERENCE["programs"])

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["name"]
    assert Program.objects.count() == 1


def test_a_season_ends_after_it_starts(staff: Client) -> None:
    answer = staff.post(page("reference_new", "seasons"), REFERENCE["seasons"] | {"ends_on": "2027-05-01"})

    assert list(answer.context["form"].errors) == ["ends_on"]
    assert not Season.objects.exists()


def test_a_row_form_sent_again_with_other_content_is_asked_about(staff: Client) -> None:
    staff.post(page("reference_new", "venues"), REFERENCE["venues"] | {"submission_key": "k"})

    answer = staff.post(page("reference_new", "venues"), REFERENCE["venues"] | {"name": "B", "submission_key": "k"})

    assert answer.status_code == 422
    assert Venue.objects.count() == 1


def test_a_changed_row_that_cannot_be_is_not_saved(staff: Client) -> None:
    season = make.season()

    answer = staff.post(page("reference_edit", "seasons", season.pk), REFERENCE["seasons"] | {"ends_on": "2027-05-01"})

    assert answer.status_code == 422
    assert season.name in answer.content.decode()


def test_a_kind_that_is_none_has_no_page(staff: Client) -> None:
    assert staff.get(page("reference", "people")).status_code == 404


def ladder(*steps: tuple[int | str, int | str], **more) -> dict[str, Any]:
    rows = {f"steps-{n}-{name}": v for n, step in enumerate(steps) for name, v in zip(("days_before", "percent"), step, strict=True)}  # fmt: skip
    head = {"name": "Trainings", "no_show_percent": "0", "free_substitution": "on", "submission_key": "k"}
    return head | {"steps-TOTAL_FORMS": len(steps), "steps-INITIAL_FORMS": 0} | rows | more


def test_a_change_of_terms_is_a_new_version(staff: Client) -> None:
    old = make.terms(name="Trainings")

    staff.post(page("new_terms"), ladder((30, 100), (10, 25)))

    assert [row.version for row in Terms.objects.order_by("version")] == [1, 2]
    assert Terms.objects.get(pk=old.pk).ladder == make.LADDER
    assert "More than 29 days before" in staff.get(page("terms")).content.decode()


def test_terms_begin_with_those_of_the_version_before(staff: Client) -> None:
    old = make.terms(name="Trainings")

    html = staff.get(page("new_terms") + f"?from={old.pk}").content.decode()

    assert 'value="15"' in html
    assert "8 to 14 days before: 50%." in html


def test_a_ladder_that_cannot_be_has_its_sentence_beside_the_step(staff: Client) -> None:
    answer = staff.post(page("new_terms"), ladder((8, 50), (15, 100)))

    assert answer.status_code == 422
    assert "fewer days than the one above" in str(answer.context["steps"][1].errors)
    assert not Terms.objects.exists()


def test_terms_print_themselves_while_they_are_written(staff: Client) -> None:
    half = staff.get(page("preview_terms"), ladder((8, "")))
    whole = staff.get(page("preview_terms"), ladder((8, 50)))

    assert "once the form makes sense" in half.content.decode()
    assert "More than 7 days before the first day: 50% of the price comes back." in whole.content.decode()
