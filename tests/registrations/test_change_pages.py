"""The pages of changes of mind: what each shows first, does once, and refuses."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from events.models import Institute
from people.models import GradeSpan
from registrations import changes, naming
from registrations.models import Order, PayerMove, Registration, Seat, Substitution, Takeover, Transfer, Withdrawal
from registrations.newcomers import Attendee
from tests import make

LATER = timezone.localdate() + timedelta(days=60)
"""Pages look at the clock themselves."""


def to_come(code: str, starts_on: date = LATER, **more) -> Institute:
    now = timezone.now()
    facts = {
        "starts_on": starts_on,
        "ends_on": starts_on + timedelta(days=2),
        "registration_opens_at": now - timedelta(9),
    }
    facts |= {"registration_closes_at": now + timedelta(50), "names_due_on": starts_on - timedelta(14)}
    return make.institute(code=code, **facts | more)


@pytest.fixture
def winter(provider) -> Institute:
    make.payee()
    return to_come("LT27-01")


@pytest.fixture
def contract(alder_valley):
    years = {"starts_on": date(2020, 7, 1), "ends_on": date(2090, 6, 30)}
    return make.line(alder_valley, make.agreement(alder_valley, **years))


@pytest.fixture
def order(winter, alder_valley, dolores, contract) -> Order:
    people = ["Ines Barragán", "Bo Li"]
    return make.placed(alder_valley, winter, *people, unnamed=1, by=dolores, when=timezone.now(), paid_by=contract)


@pytest.fixture
def ines(order) -> Registration:
    return Registration.objects.get(person__family_name="Barragán")


@pytest.fixture
def unnamed(order) -> Seat:
    return Seat.objects.unnamed().get()


def page(name: str, *args) -> str:
    return reverse(f"registrations:{name}", args=args)


def keys(order: Order) -> list[int]:
    return list(Seat.objects.filter(allotment__order=order).order_by("pk").values_list("pk", flat=True))


# --- The order --------------------------------------------------------------------------------------------------------


def test_an_order_shows_its_seats_its_open_ones_and_what_changed(order, ines, unnamed, dolores, as_user):
    client = as_user(dolores)
    client.post(page("substitute", ines.pk), {"given_name": "Tomas", "family_name": "Wexler"})

    shown = client.get(page("order", order.pk))

    text = shown.content.decode()
    assert [row.seat.pk for row in shown.context["open"]] == [unnamed.pk]
    assert [(entry.who, row.number) for row, entry in shown.context["history"]] == [("Dolores Quintero", 1)]
    assert "Wexler, Tomas" in text
    assert "$1,575.00" in text
    assert "Goes back on" in text


def test_the_business_office_reads_it_and_changes_nothing(order, ines, bea, as_user):
    client = as_user(bea)

    shown = client.get(page("order", order.pk)).content.decode()

    assert "Barragán" in shown
    assert page("substitute", ines.pk) not in shown
    assert "Give back" not in shown
    assert page("substitute", ines.pk) not in client.get(page("seat", ines.seat_id)).content.decode()


def test_an_order_asks_as_often_for_three_seats_as_for_one(
    winter, alder_valley, dolores, as_user, django_assert_max_num_queries
):
    orders, counted = [], []
    for number in (1, 3):
        people = [Attendee("Pat", f"No{number}{each}", f"p{number}{each}@example.test") for each in range(number)]
        orders.append(make.placed(alder_valley, winter, *people, by=dolores, when=timezone.now()))
    client = as_user(dolores)
    client.get(page("order", orders[0].pk))

    for order in orders:
        with django_assert_max_num_queries(60) as queries:
            client.get(page("order", order.pk))
        counted.append(len(queries))

    assert counted[0] == counted[1]


def test_all_seats_of_a_district_stand_on_one_page(order, winter, alder_valley, dolores, hal, as_user):
    second = make.placed(alder_valley, winter, "Gus Lee", by=dolores, when=timezone.now())
    where = page("district_seats", winter.pk, alder_valley.pk)

    shown = as_user(dolores).get(where)

    found = {row.seat.pk for _allotment, rows in shown.context["groups"] for row, _mail in rows}
    assert found == {*keys(order), *keys(second)}
    assert where in as_user(dolores).get(page("order", order.pk)).content.decode()
    assert as_user(hal).get(where).status_code == 404


# --- Who comes --------------------------------------------------------------------------------------------------------


def test_a_seat_without_a_name_gets_one(order, unnamed, alder_valley, dolores, as_user):
    una = make.person("Una Vane", at=alder_valley)

    answer = as_user(dolores).post(page("name_seat", unnamed.pk), {"person": una.pk})

    assert answer.url == page("seat", unnamed.pk)
    assert Registration.objects.get(seat=unnamed).person == una
    assert [entry.sentence for entry in changes.history_of([unnamed])[unnamed.pk]] == ["Named Una Vane"]


def test_whom_we_know_by_that_name_is_asked_about(unnamed, alder_valley, dolores, as_user):
    una = make.person("Una Vane", "una@avusd.example.test", at=alder_valley)
    client, typed = as_user(dolores), {"given_name": "Una", "family_name": "Vane", "email": "other@avusd.example.test"}

    asked = client.post(page("name_seat", unnamed.pk), typed)
    client.post(page("name_seat", unnamed.pk), typed | {"someone_else": "1"})

    assert (asked.status_code, asked.context["candidates"]) == (422, [una])
    assert Registration.objects.get(seat=unnamed).person != una


def test_nobody_chosen_and_nothing_written_is_told_so(unnamed, dolores, as_user):
    answer = as_user(dolores).post(page("name_seat", unnamed.pk), {"given_name": ""})

    assert (answer.status_code, Registration.objects.filter(seat=unnamed).count()) == (422, 0)
    assert "Choose someone, or write the name of who comes." in answer.content.decode()


def test_a_question_is_answered_for_the_one_it_was_about(ines, winter, alder_valley, dolores, as_user):
    Registration.objects.filter(pk=ines.pk).update(strand=make.strand(winter, "Grades 3–5"))
    tomas, una = (make.person(name, at=alder_valley) for name in ("Tomas Wexler", "Una Vane"))
    for one in (tomas, una):
        one.employments.update(grade_span=GradeSpan.GRADES_9_12)
    client, where = as_user(dolores), page("substitute", ines.pk)

    asked = client.post(where, {"person": tomas.pk})
    another = client.post(where, {"person": una.pk, "is_sure": str(tomas.pk)})
    client.post(where, {"person": tomas.pk, "is_sure": str(tomas.pk)})

    assert "Tomas Wexler teaches 9–12" in asked.content.decode()
    assert (asked.status_code, another.status_code) == (422, 422)
    assert Substitution.objects.get().to_registration.person == tomas


def test_a_name_is_searched_for_among_those_who_are_free(ines, alder_valley, bristlecone, dolores, as_user):
    for name, at in (("Wendy Abe", alder_valley), ("Wendy Best", bristlecone)):
        make.person(name, at=at)

    found = as_user(dolores).get(page("substitute", ines.pk), {"q": "wendy"})

    assert [person.display_name for person in found.context["people"]] == ["Wendy Abe"]


# --- Seats given back, left open, moved -------------------------------------------------------------------------------


def test_seats_are_given_back_once_however_often_the_form_comes(order, dolores, as_user):
    client, seats = as_user(dolores), keys(order)
    key = client.get(page("withdraw"), {"seat": seats}).context["form"]["submission_key"].value()
    posted = {"seat": seats, "cause": "no_funds", "kept": "0.00", "submission_key": key}

    answers = [client.post(page("withdraw"), posted) for _time in range(2)]

    assert [answer.url for answer in answers] == [page("order", order.pk)] * 2
    assert Withdrawal.objects.count() == 3


def test_seats_that_are_gone_are_not_offered_again(order, dolores, as_user):
    client, seats = as_user(dolores), keys(order)
    client.post(page("withdraw"), {"seat": seats, "cause": "illness", "kept": "0.00"})

    answers = [client.get(page(name), {"seat": seats, "order": order.pk}) for name in
               ("withdraw", "leave_open", "transfer", "move_payer")]  # fmt: skip

    assert [answer.url for answer in answers] == [page("order", order.pk)] * 4


def test_names_are_taken_off_for_a_substitute_who_is_found_later(order, ines, winter, dolores, as_user):
    client, until = as_user(dolores), winter.starts_on - timedelta(days=2)

    shown = client.get(page("leave_open"), {"seat": ines.seat_id})
    answer = client.post(page("leave_open"), {"seat": ines.seat_id, "until": until})

    [entry] = changes.history_of([ines.seat])[ines.seat_id]
    assert shown.context["form"]["until"].value() == winter.starts_on - timedelta(days=1)
    assert answer.url == page("order", order.pk)
    assert (entry.who, Seat.objects.get(pk=ines.seat_id).name_by) == ("Dolores Quintero", until)


def test_a_seat_moves_to_another_institute(order, ines, dolores, as_user):
    spring = to_come("LT27-02", LATER + timedelta(days=90), price=Decimal(550))

    answer = as_user(dolores).post(page("transfer"), {"seat": ines.seat_id, "to": spring.pk, "kept": "0.00"})

    moved = Transfer.objects.get()
    assert answer.url == page("order", order.pk)
    assert (moved.to_seat.institute, moved.back, moved.to_seat.registrations.get().person) == (
        spring,
        Decimal(525),
        ines.person,
    )


def test_two_lines_that_paid_do_not_choose_by_themselves(winter, alder_valley, dolores, contract, as_user):
    spring = to_come("LT27-02", LATER + timedelta(days=90))
    now = timezone.now()
    order = make.placed(alder_valley, winter, "Ines Barragán", by=dolores, when=now, paid_by=contract)
    part = order.allotments.get().fundings.get()
    half = part.amount / 2
    part.__class__.objects.create(
        allotment=part.allotment,
        line=make.line(alder_valley),
        first_day=part.last_day,
        last_day=part.last_day,
        amount=half,
    )
    part.__class__.objects.filter(pk=part.pk).update(amount=half)

    answer = as_user(dolores).post(page("transfer"), {"seat": keys(order), "to": spring.pk, "kept": "0.00"})

    assert "Several lines paid for this seat. Choose who pays at LT27-02." in answer.content.decode()


def test_other_money_pays_from_now_on(order, ines, alder_valley, dolores, as_user):
    title_two = make.line(alder_valley, account_string="01-4035")
    paper = make.purchase_order(alder_valley, "600", expires_on=None)
    posted = {"seat": ines.seat_id, "pays": f"line-{title_two.pk}", "purchase_order": paper.pk}

    answer = as_user(dolores).post(page("move_payer"), posted)

    paper.refresh_from_db()
    assert answer.url == page("order", order.pk)
    assert (PayerMove.objects.get().line, paper.drawn) == (title_two, Decimal(525))


def test_money_that_pays_already_or_is_of_another_district_changes_nothing(
    ines, bristlecone, contract, dolores, as_user
):
    client = as_user(dolores)

    answers = [
        client.post(page("move_payer"), {"seat": ines.seat_id, "pays": f"line-{line.pk}"})
        for line in (contract, make.line(bristlecone))
    ]

    assert "They are paid so already." in answers[0].content.decode()
    assert (answers[1].status_code, PayerMove.objects.count()) == (422, 0)


def test_another_district_is_searched_for_and_asked(ines, bristlecone, hal, dolores, as_user):
    client, where = as_user(dolores), page("ask_takeover", ines.seat_id)

    found = client.get(where, {"q": "bristle"})
    client.post(where, {"district": bristlecone.pk, "reason": "She moved"})

    asked = Takeover.objects.get()
    assert list(found.context["districts"]) == [bristlecone]
    assert (asked.asked_of, asked.seat_id) == (bristlecone, ines.seat_id)


def test_a_takeover_is_declined_on_its_page(ines, bristlecone, hal, dolores, as_user):
    as_user(dolores).post(page("ask_takeover", ines.seat_id), {"district": bristlecone.pk})
    asked = Takeover.objects.get()

    answer = as_user(hal).post(page("takeover", asked.pk), {"decline": "1"})

    asked.refresh_from_db()
    assert (answer.url, asked.is_accepted) == (page("takeover", asked.pk), False)


def test_a_seat_of_another_district_is_not_there(ines, unnamed, hal, as_user):
    client = as_user(hal)
    pages = [page("seat", ines.seat_id), page("name_seat", unnamed.pk), page("substitute", ines.pk),
             page("ask_takeover", ines.seat_id)]  # fmt: skip

    assert [client.get(where).status_code for where in pages] == [404] * 4
    assert client.post(page("withdraw"), {"seat": ines.seat_id, "cause": "other"}).status_code == 302
    assert Withdrawal.objects.count() == 0


def test_the_desk_finds_the_substitute_on_the_attendance_page(ines, winter, omar, as_user):
    make.agenda(winter)

    assert page("substitute", ines.pk) in as_user(omar).get(page("attendance", winter.pk)).content.decode()


def test_who_was_named_for_an_open_seat_is_the_substitute(ines, dolores, as_user):
    naming.leave_open([ines], until=LATER, by=dolores, at=timezone.now())

    as_user(dolores).post(page("name_seat", ines.seat_id), {"given_name": "Tomas", "family_name": "Wexler"})

    assert Substitution.objects.get().from_registration == ines
    assert isinstance(Substitution.objects.get().at, datetime)
