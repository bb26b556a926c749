"""Two people with one form: nobody's change is lost in silence, and nothing that was typed is."""

from typing import Any

import pytest
from django.test import Client

from events.models import Institute, Program, Session, Terms
from tests import make
from tests.events.test_staff_pages import page
from tests.events.test_strands_page import rows_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(omar, as_user) -> Client:
    return as_user(omar)


def opened(staff: Client, address: str) -> dict[str, Any]:
    """The form of a page as a browser would send it back untouched."""
    form = staff.get(address).context["form"]
    sent = {name: form[name].value() for name in form.fields}
    moments = {name: f"{sent[name]:%Y-%m-%dT%H:%M}" for name in getattr(form, "MOMENTS", ())}
    return {name: value for name, value in (sent | moments).items() if value is not None and value is not False}


def said(answer: Any) -> str:
    return " ".join(str(sentence) for sentence in answer.context["form"].non_field_errors())


# --- The facts of an institute --------------------------------------------------------------------------------------


def test_facts_that_another_changed_are_not_overwritten_unseen(staff: Client) -> None:
    institute = make.institute(capacity=120)
    address = page("edit_institute", institute.pk)
    sent = opened(staff, address) | {"title": "Leadership"}
    Institute.objects.update(capacity=80)  # another

    answer = staff.post(address, sent)

    assert answer.status_code == 422
    assert said(answer) == (
        "Somebody changed this since you opened it. Saved now is: Title “Leadership Training”; Seats “80”. "
        "What you typed is still here: save it again to put it in the place of that."
    )
    assert answer.context["form"]["title"].value() == "Leadership"
    assert (saved := Institute.objects.get()).title == "Leadership Training"
    assert saved.capacity == 80


def test_who_has_seen_the_others_change_may_save_over_it(staff: Client) -> None:
    address = page("edit_institute", make.institute(capacity=120).pk)
    sent = opened(staff, address)
    Institute.objects.update(capacity=80)
    warned = staff.post(address, sent).context["form"]

    answer = staff.post(address, sent | {"seen": warned["seen"].value()})

    assert answer.status_code == 302
    assert Institute.objects.get().capacity == 120


def test_a_seat_that_was_taken_meanwhile_is_no_change_of_the_facts(staff: Client) -> None:
    address = page("edit_institute", make.institute().pk)
    sent = opened(staff, address) | {"title": "Leadership"}
    Institute.objects.update(seats_taken=1, agenda_revision=2)

    assert staff.post(address, sent).status_code == 302
    assert Institute.objects.get().title == "Leadership"


def test_facts_sent_twice_are_saved_once_and_warn_of_nobody(staff: Client) -> None:
    address = page("edit_institute", make.institute().pk)
    sent = opened(staff, address) | {"title": "Leadership"}

    assert [staff.post(address, sent).status_code for _time in range(2)] == [302, 302]


# --- Blocks and strands ---------------------------------------------------------------------------------------------


def test_a_block_that_another_moved_is_not_moved_back_unseen(staff: Client) -> None:
    session = make.session(institute := make.institute(), room="Hall")
    address = page("edit_block", institute.pk, session.pk)
    sent = opened(staff, address) | {"title": "Opening"}
    Session.objects.update(room="Library")

    answer = staff.post(address, sent)

    assert "Saved now is: Title “Plenary”; Room “Library”." in said(answer)
    assert answer.context["form"]["title"].value() == "Opening"
    assert Session.objects.get().room == "Library"
    assert staff.post(address, sent | {"seen": answer.context["form"]["seen"].value()}).status_code == 302
    assert Session.objects.get().room == "Hall"


def test_a_block_sent_twice_is_moved_once_and_warns_of_nobody(staff: Client) -> None:
    session = make.session(institute := make.institute())
    address = page("edit_block", institute.pk, session.pk)
    sent = opened(staff, address) | {"title": "Opening"}

    assert [staff.post(address, sent).status_code for _time in range(2)] == [302, 302]
    assert Institute.objects.get().agenda_revision == 2


def test_a_strand_that_another_added_is_not_dropped_unseen(staff: Client) -> None:
    institute = make.institute()
    address = page("strands", institute.pk)
    sent = opened(staff, address) | rows_of({"name": "Grades 3–5"}, {})
    make.strand(institute, "Grades K–2")

    answer = staff.post(address, sent)

    assert answer.status_code == 422
    assert "Saved now is: Grades K–2." in said(answer)
    assert "Grades 3–5" in answer.content.decode()
    assert [strand.name for strand in institute.strands.all()] == ["Grades K–2"]


def test_strands_that_another_took_away_are_said_too(staff: Client) -> None:
    institute = make.institute()
    rows = rows_of({"id": make.strand(institute, "Grades K–2").pk, "name": "Grades K–2"})
    sent = opened(staff, page("strands", institute.pk)) | rows
    institute.strands.all().delete()

    answer = staff.post(page("strands", institute.pk), sent)

    assert "Saved now is: nothing." in said(answer)


def test_strands_sent_twice_are_made_once(staff: Client) -> None:
    institute = make.institute()
    sent = opened(staff, page("strands", institute.pk)) | rows_of({"name": "Grades 3–5"})

    assert [staff.post(page("strands", institute.pk), sent).status_code for _time in range(2)] == [302, 302]
    assert institute.strands.count() == 1


# --- What institutes choose from ------------------------------------------------------------------------------------


def test_a_program_that_another_changed_is_not_overwritten_unseen(staff: Client) -> None:
    program = make.program(summary="Three days")
    address = page("reference_edit", "programs", program.pk)
    sent = opened(staff, address) | {"audience": "Teachers"}
    Program.objects.update(summary="Four days")

    answer = staff.post(address, sent)

    assert "Saved now is: Summary “Four days”; For whom “nothing”." in said(answer)
    assert answer.context["form"]["audience"].value() == "Teachers"
    assert Program.objects.get().audience == ""
    assert staff.post(address, sent | {"seen": answer.context["form"]["seen"].value()}).status_code == 302
    assert Program.objects.get().summary == "Three days"


def test_a_program_sent_twice_warns_of_nobody(staff: Client) -> None:
    address = page("reference_edit", "programs", make.program().pk)
    sent = opened(staff, address) | {"audience": "Teachers"}

    assert [staff.post(address, sent).status_code for _time in range(2)] == [302, 302]


def test_a_version_of_terms_begun_from_an_old_one_does_not_take_back_what_the_new_one_says(staff: Client) -> None:
    first = make.terms(name="Trainings")
    address = page("new_terms") + f"?from={first.pk}"
    steps = {"steps-TOTAL_FORMS": "1", "steps-INITIAL_FORMS": "0", "steps-0-days_before": "15", "steps-0-percent": "90"}
    sent = opened(staff, address) | steps
    make.terms(name="Trainings", version=2, no_show_percent=50)

    answer = staff.post(address, sent)

    assert "Saved now is: Trainings, version 2." in said(answer)
    assert Terms.objects.count() == 2
    assert staff.post(address, sent | {"seen": answer.context["form"]["seen"].value()}).status_code == 302
    assert Terms.objects.filter(name="Trainings", version=3).exists()
