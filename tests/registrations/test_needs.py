"""Dietary and access needs: entered by her or her coordinator, seen by few, counted without names, and soon gone."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from people.models import Organization, Person, User
from registrations import needs
from registrations.models import Need, NeedKind, Registration
from registrations.need_forms import NeedsForm
from tests import make


@pytest.fixture
def place(ana: Person, alder_valley: Organization, omar: User) -> Registration:
    return make.registration(ana, make.institute(code="LT27-01"), alder_valley)


def keep(place: Registration, text: str, kind: NeedKind = NeedKind.DIETARY) -> Need | None:
    return needs.keep(place, kind, text, by=None, at=make.NOW)


def page(place: Registration) -> str:
    return reverse("registrations:order_needs", args=[place.seat.allotment.order_id])


def another(place: Registration, name: str) -> Registration:
    sponsor = place.seat.allotment.order.sponsor
    assert sponsor is not None
    return make.registration(make.person(name), place.institute, sponsor)


def test_a_need_is_kept_once_and_changed_in_place(place: Registration) -> None:
    keep(place, " Vegetarian,\n no nuts ")
    keep(place, "Vegan")

    assert list(Need.objects.values_list("kind", "text", "purge_on")) == [("dietary", "Vegan", date(2027, 2, 6))]


def test_empty_words_take_it_away(place: Registration) -> None:
    keep(place, "Vegan")

    assert keep(place, "  ") is None
    assert not Need.objects.exists()


def test_what_is_too_long_is_refused_with_the_number_that_fits(place: Registration) -> None:
    with pytest.raises(needs.CannotKeepNeed, match="That is 301 letters; 300 fit"):
        keep(place, "x" * 301)


def test_nothing_is_kept_after_its_purge_day(place: Registration) -> None:
    with pytest.raises(needs.CannotKeepNeed, match="LT27-01 is over"):
        needs.keep(place, NeedKind.ACCESS, "A ramp", by=None, at=datetime(2027, 2, 7, 12, tzinfo=UTC))


def test_a_need_has_no_history() -> None:
    assert not hasattr(Need, "pgh_event_model")


# --- Purging ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("on", "gone"), [(date(2027, 2, 5), 0), (date(2027, 2, 6), 1)])
def test_two_weeks_after_the_last_day_it_is_forgotten(place: Registration, on: date, gone: int) -> None:
    keep(place, "Vegan")

    assert needs.purge_due(on=on) == gone


def test_an_institute_that_was_put_off_keeps_its_needs_until_it_was_held(place: Registration) -> None:
    keep(place, "Vegan")
    place.institute.ends_on = date(2027, 6, 26)
    place.institute.save()

    assert needs.purge_due(on=date(2027, 6, 1)) == 0
    assert needs.purge_due(on=date(2027, 7, 10)) == 1


def test_the_purge_says_first_what_it_would_do(place: Registration) -> None:
    keep(place, "Vegan")
    Need.objects.update(purge_on=date(2020, 1, 1))
    place.institute.starts_on = place.institute.ends_on = date(2020, 1, 1)
    place.institute.save()
    said = StringIO()

    call_command("purge", stdout=said)
    assert Need.objects.count() == 1
    call_command("purge", "--now", stdout=said)

    assert said.getvalue().splitlines() == [
        "Dietary and access needs, two weeks after their institute: 1.",
        "Nothing is forgotten yet. Say --now to do it.",
        "Dietary and access needs, two weeks after their institute: 1.",
        "Forgotten: 1.",
    ]


# --- Counting ---------------------------------------------------------------------------------------------------------


def test_the_same_need_in_other_letters_is_counted_together(place: Registration) -> None:
    for words, name in [("vegetarian.", "Tomas Wexler"), ("Vegan", "Ines Barragán")]:
        keep(another(place, name), words)
    keep(place, "Vegetarian")
    keep(place, "A ramp", NeedKind.ACCESS)

    assert needs.counted(place.institute) == [
        needs.Counted("dietary", "vegetarian.", ("Torres, Ana", "Wexler, Tomas")),
        needs.Counted("dietary", "Vegan", ("Barragán, Ines",)),
        needs.Counted("access", "A ramp", ("Torres, Ana",)),
    ]


def test_who_withdrew_eats_nothing(place: Registration) -> None:
    keep(place, "Vegan")
    Registration.objects.update(ended_at=make.NOW)

    assert needs.counted(place.institute) == []


def test_staff_see_the_numbers(place: Registration, omar: User, as_user: Callable[[User], Client]) -> None:
    keep(place, "No peanuts")

    shown = as_user(omar).get(reverse("registrations:institute_needs", args=[place.institute_id])).content.decode()

    assert "No peanuts" in shown
    assert "deleted on February 6, 2027" in shown


# --- Entering ---------------------------------------------------------------------------------------------------------


def test_her_coordinator_enters_it_on_the_order(
    place: Registration, dolores: User, as_user: Callable[[User], Client]
) -> None:
    client = as_user(dolores)
    form = client.get(page(place)).context["form"]

    answer = client.post(page(place), sent(form) | {f"access-{place.pk}": "A ramp"})

    assert answer.headers["Location"] == reverse("registrations:order", args=[place.seat.allotment.order_id])
    assert list(Need.objects.values_list("kind", "text", "by")) == [("access", "A ramp", dolores.pk)]


def sent(form: NeedsForm) -> dict[str, str]:
    """What a browser sends of a form that nobody touched."""
    fields = {field.html_name: field.value() or "" for field in form}
    return fields | {field.html_initial_name: field.initial or "" for field in form if field.field.show_hidden_initial}


def test_a_form_that_lay_open_does_not_wipe_out_what_she_said_meanwhile(
    place: Registration, dolores: User, as_user: Callable[[User], Client]
) -> None:
    client = as_user(dolores)
    form = client.get(page(place)).context["form"]
    keep(place, "No peanuts")

    client.post(page(place), sent(form) | {f"access-{place.pk}": "A ramp"})

    assert set(Need.objects.values_list("text", flat=True)) == {"No peanuts", "A ramp"}


def test_a_refusal_keeps_what_was_typed(place: Registration, dolores: User, as_user: Callable[[User], Client]) -> None:
    client = as_user(dolores)

    answer = client.post(page(place), {f"dietary-{place.pk}": "x" * 301, f"access-{place.pk}": "A ramp"})

    assert answer.status_code == 422
    assert 'value="A ramp"' in answer.content.decode()
    assert not Need.objects.exists()


def test_what_is_over_is_refused_on_the_page(
    place: Registration, dolores: User, as_user: Callable[[User], Client]
) -> None:
    place.institute.starts_on = place.institute.ends_on = date(2020, 1, 1)
    place.institute.save()

    answer = as_user(dolores).post(page(place), {f"dietary-{place.pk}": "Vegan"})

    assert answer.status_code == 422
    assert "LT27-01 is over" in answer.content.decode()


def test_a_form_that_comes_twice_keeps_once(
    place: Registration, dolores: User, as_user: Callable[[User], Client]
) -> None:
    client = as_user(dolores)
    data = sent(client.get(page(place)).context["form"]) | {f"dietary-{place.pk}": "Vegan"}

    client.post(page(place), data)
    Need.objects.all().delete()  # staff took it away; then the browser sends again
    client.post(page(place), data)

    assert not Need.objects.exists()


def test_nothing_typed_changes_nothing(place: Registration, dolores: User, as_user: Callable[[User], Client]) -> None:
    client = as_user(dolores)

    answer = client.post(page(place), sent(client.get(page(place)).context["form"]), follow=True)

    assert "Nothing was changed." in answer.content.decode()


def test_the_business_office_and_another_district_see_none(
    place: Registration, bea: User, hal: User, as_user: Callable[[User], Client]
) -> None:
    keep(place, "No peanuts")

    assert as_user(bea).get(page(place)).status_code == 403
    assert as_user(hal).get(page(place)).status_code == 404


def test_the_needs_of_who_pays_herself_are_seen_by_staff_alone(
    place: Registration, ana: Person, omar: User, as_user: Callable[[User], Client]
) -> None:
    order = place.seat.allotment.order
    order.sponsor, order.payer_person = None, ana
    order.save()
    hers = make.user("ana@example.test")
    hers.person = ana
    hers.save()

    assert as_user(hers).get(page(place)).status_code == 403
    assert as_user(omar).get(page(place)).status_code == 200


def test_a_page_of_people_takes_as_many_questions_as_one(
    place: Registration, dolores: User, as_user: Callable[[User], Client], django_assert_max_num_queries
) -> None:
    client, counted = as_user(dolores), []
    for more in (0, 2):
        for number in range(more):
            row = another(place, f"Ines No{number}")
            row.seat.allotment = place.seat.allotment
            row.seat.save()
        with django_assert_max_num_queries(30) as queries:
            client.get(page(place))
        counted.append(len(queries))

    assert counted[0] == counted[1]
