"""Strands are named on one page; an agenda of many asks no more questions than one of few."""

import pytest
from django.test import Client

from tests import make
from tests.events.test_staff_pages import page

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(omar, as_user) -> Client:
    return as_user(omar)


def rows_of(*strands: dict[str, object], initial: int = 0) -> dict[str, object]:
    management = {"strands-TOTAL_FORMS": len(strands), "strands-INITIAL_FORMS": initial}
    return management | {f"strands-{n}-{name}": v for n, row in enumerate(strands) for name, v in row.items()}


def test_strands_are_named_on_one_page(staff: Client) -> None:
    institute = make.institute()
    old = make.strand(institute, "Old")

    rows = rows_of(
        {"id": old.pk, "name": "Old", "DELETE": "on"}, {"name": "Grades 3–5", "capacity": "40"}, {}, initial=1
    )
    staff.post(page("strands", institute.pk), rows)

    assert [(strand.name, strand.capacity) for strand in institute.strands.all()] == [("Grades 3–5", 40)]


def test_strands_that_cannot_be_are_kept_on_the_page(staff: Client) -> None:
    answer = staff.post(page("strands", make.institute().pk), rows_of({"name": "Same"}, {"name": "same"}))

    assert answer.status_code == 422
    assert "Two strands cannot have the same name." in answer.content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_an_agenda_asks_the_same_number_of_questions(staff, django_assert_num_queries, rows: int) -> None:
    institute = make.institute()
    for number in range(rows):
        make.session(institute, start=f"{8 + number:02}:00", end=f"{9 + number:02}:00", strand=make.strand(institute, str(number)))  # fmt: skip

    with django_assert_num_queries(8):
        staff.get(page("staff_institute", institute.pk))
