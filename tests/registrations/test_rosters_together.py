"""Two coordinators on one roster, sheets laid over what was done by hand, and rows that come by other ways."""

from typing import Any

import pytest

from events.models import SetAside
from people.access import Role
from people.models import Employment, Organization, Person, User
from registrations.models import Order, RosterDraft
from registrations.refusals import CannotRegister
from registrations.rosters import drafting, earlier, laying, reading, room, sending
from registrations.rosters.drafting import CannotDraft
from registrations.rosters.rows import Row
from tests import make
from tests.races import at_once
from tests.registrations.roster_pages import page, post

SHEET = "First,Last,Email\nAna,Torres,ana@example.test\nBo,Li,bo@@\nCy,Wu,cy@example.test\n"


def begun(sponsor: Organization, by: User, **institute: Any) -> RosterDraft:
    made = drafting.start(sponsor, make.institute(code="LT27-01", **institute), by=by, at=make.NOW)
    drafting.lay(made, reading.read_text(SHEET), replacing=True, at=make.NOW)
    return made


def laid(draft: RosterDraft, text: str, *, replacing: bool = True, seen: int | None = None) -> laying.Laid:
    return drafting.lay(draft, reading.read_text(text), replacing=replacing, seen=seen, at=make.NOW)


def named(draft: RosterDraft) -> list[tuple[str, str]]:
    draft.refresh_from_db()
    return [(row.name, row.email) for row in drafting.rows_of(draft)]


def correct(draft: RosterDraft, key: int, seen: dict[str, str] | None = None, **texts: str) -> RosterDraft:
    return drafting.correct_row(draft, key, texts, seen=seen or {}, at=make.NOW)


# --- Two at once ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_eight_coordinators_correct_eight_rows_at_once_and_none_is_lost(provider: Any) -> None:
    district = make.organization()
    dolores = make.user("d@example.test", Role.COORDINATOR, at=district)
    draft = drafting.start(district, make.institute(), by=dolores, at=make.NOW)
    laid(draft, "Name\n" + "\n".join(f"Tea No{n}" for n in range(8)))

    at_once(*[lambda n=n: correct(draft, n + 1, email=f"t{n}@example.test") for n in range(8)])

    assert named(draft) == [(f"Tea No{n}", f"t{n}@example.test") for n in range(8)]


def test_two_cells_of_one_row_are_corrected_by_two(alder_valley: Organization, dolores: User) -> None:
    draft = begun(alder_valley, dolores)
    seen = {"email": "bo@@", "role": ""}

    correct(draft, 2, seen, email="bo@example.test", role="")
    correct(draft, 2, seen, email="bo@@", role="TOSA")

    draft.refresh_from_db()
    row = drafting.rows_of(draft)[1]
    assert (row.email, row.role) == ("bo@example.test", "TOSA")


def test_two_who_write_in_one_cell_are_told(alder_valley: Organization, dolores: User) -> None:
    draft = begun(alder_valley, dolores)
    correct(draft, 2, {"email": "bo@@"}, email="bo@example.test")

    with pytest.raises(CannotDraft, match=r"Someone else wrote “bo@example\.test” there meanwhile"):
        correct(draft, 2, {"email": "bo@@"}, email="bob@example.test")


def test_a_row_that_someone_changed_meanwhile_comes_back(alder_valley, dolores: User, as_user: Any) -> None:
    draft = begun(alder_valley, dolores)
    client = as_user(dolores)
    seen = page(client, "roster_row", draft.pk, 2).context["row_form"]["seen"].value()
    correct(draft, 2, {"email": "bo@@"}, email="bo@example.test")

    asked = {"given_name": "Bo", "family_name": "Li", "email": "bob@example.test", "seen": seen}
    answer = post(client, "roster_row", draft.pk, 2, **asked)

    assert answer.status_code == 422
    assert "Someone else wrote “bo@example.test” there meanwhile" in answer.content.decode()


@pytest.mark.parametrize("seen", ["", "no JSON", "[1]"])
def test_a_form_that_forgot_what_it_saw_is_taken_as_seen_now(seen: str, alder_valley, dolores, as_user: Any) -> None:
    draft = begun(alder_valley, dolores)

    post(as_user(dolores), "roster_row", draft.pk, 2, given_name="Bo", family_name="Li", email="b@e.test", seen=seen)

    assert named(draft)[1] == ("Bo Li", "b@e.test")


def test_a_press_on_a_roster_that_was_sent_is_refused_in_words(alder_valley, dolores: User, as_user: Any) -> None:
    make.payee()
    draft = begun(alder_valley, dolores)
    drafting.change_rows(draft, [2], at=make.NOW, decision="leave_out")
    drafting.pay(draft, [1, 3], f"line-{make.line(alder_valley).pk}", at=make.NOW)
    sending.submit(draft, by=dolores, at=make.NOW)

    answer = as_user(dolores).post(f"/rosters/{draft.pk}/rows/decide/", {"decide": "1:new"}, follow=True)

    assert "This roster was sent already." in answer.content.decode()


def test_what_came_while_she_corrected_her_sheet_stays(alder_valley: Organization, dolores: User) -> None:
    draft = begun(alder_valley, dolores)
    laid(draft, "First,Last\nDi,Xu\n", replacing=False)

    answer = laid(draft, "First,Last,Email\nAna,Torres,ana@example.test\n", seen=3)

    assert [name for name, _email in named(draft)] == ["Ana Torres", "Di Xu"]
    assert (answer.same, answer.gone) == (2, 2)


def test_a_roster_that_changed_while_she_read_it_is_not_sent(alder_valley: Organization, dolores: User) -> None:
    make.payee()
    draft = begun(alder_valley, dolores)
    drafting.change_rows(draft, [2], at=make.NOW, decision="leave_out")
    draft = drafting.pay(draft, [1, 3], f"line-{make.line(alder_valley).pk}", at=make.NOW)
    drafting.add_typed(draft, {"given_name": "Di", "family_name": "Xu"}, at=make.NOW)

    with pytest.raises(CannotRegister, match="Someone changed this roster while you read it"):
        sending.submit(draft, seen=draft.revision, by=dolores, at=make.NOW)
    assert not Order.objects.exists()


# --- By hand and by sheet ---------------------------------------------------------------------------------------------


def test_what_was_corrected_by_hand_survives_the_same_sheet(alder_valley: Organization, dolores: User) -> None:
    draft = begun(alder_valley, dolores)
    correct(draft, 2, {"email": "bo@@", "family_name": "Li"}, email="bo@example.test", family_name="Liu")

    answer = laid(draft, SHEET.replace("Cy,Wu", "Cy,Wuu"))

    assert named(draft)[1:] == [("Bo Liu", "bo@example.test"), ("Cy Wuu", "cy@example.test")]
    assert (answer.changed, answer.same) == (1, 2)


def test_a_sheet_that_corrects_the_same_cell_wins(alder_valley: Organization, dolores: User) -> None:
    draft = begun(alder_valley, dolores)
    correct(draft, 2, {"email": "bo@@"}, email="bo@example.test")

    laid(draft, SHEET.replace("bo@@", "bo.li@example.test"))

    assert named(draft)[1] == ("Bo Li", "bo.li@example.test")


def test_a_column_that_the_next_sheet_lacks_stays(alder_valley: Organization, dolores: User) -> None:
    draft = begun(alder_valley, dolores)
    laid(draft, "First,Last,Role,Dietary\nAna,Torres,TOSA,vegan\n")

    laid(draft, "First,Last\nAna,Torres\n")

    draft.refresh_from_db()
    [row] = drafting.rows_of(draft)
    assert (row.role, row.dietary) == ("TOSA", "vegan")


def test_who_was_typed_stays_when_the_sheet_is_laid_anew(alder_valley: Organization, dolores: User) -> None:
    draft = begun(alder_valley, dolores)
    drafting.add_typed(draft, {"given_name": "Di", "family_name": "Xu"}, at=make.NOW)

    laid(draft, SHEET)

    assert [name for name, _email in named(draft)] == ["Ana Torres", "Bo Li", "Cy Wu", "Di Xu"]


def test_a_typed_row_takes_what_the_sheet_knows_of_her(alder_valley: Organization, dolores: User) -> None:
    draft = begun(alder_valley, dolores)
    drafting.add_typed(draft, {"given_name": "Di", "family_name": "Xu", "role": "TOSA"}, at=make.NOW)

    laid(draft, SHEET.replace("\n", ",\n").replace("Email,", "Email,Role") + "Di,Xu,di@example.test,\n")

    draft.refresh_from_db()
    row = drafting.rows_of(draft)[-1]
    assert (row.name, row.email, row.role, row.is_by_hand) == ("Di Xu", "di@example.test", "TOSA", False)


def test_seats_without_names_are_found_again_one_for_one() -> None:
    old = [Row(1, 2, is_unnamed=True, pays="line-1"), Row(2, 3, is_unnamed=True, pays="line-2")]

    answer = laying.lay(old, [Row(0, 3, is_unnamed=True), Row(0, 4, is_unnamed=True)], replacing=True)

    assert [(row.key, row.pays) for row in answer.rows] == [(2, "line-2"), (1, "line-1")]


# --- Other ways in ----------------------------------------------------------------------------------------------------


def test_last_seasons_roster_is_carried_forward_without_who_left(
    alder_valley: Organization, ana: Person, dolores: User, as_user: Any
) -> None:
    program = make.program()
    before = make.institute(program=program, starts_on=make.date(2026, 1, 22), ends_on=make.date(2026, 1, 24))
    gone = make.person("Gus Left", at=alder_valley)
    for person in (ana, gone):
        make.registration(person, before, alder_valley, role="coach", grade_span="3-5")
    Employment.objects.filter(person=gone).update(ends_on=make.date(2026, 6, 30))
    draft = drafting.start(alder_valley, make.institute(program=program), by=dolores, at=make.NOW)
    client = as_user(dolores)

    shown = page(client, "roster_earlier", draft.pk)
    ticked = [registration.pk for registration in shown.context["was_there"].here]
    for _once_or_twice in range(2):
        post(client, "roster_earlier", draft.pk, **{"from": before.pk, "rows": ticked})

    assert "1 person left the district" in shown.content.decode()
    assert "Gus Left" in shown.content.decode()
    draft.refresh_from_db()
    [row] = drafting.rows_of(draft)
    assert (row.person_id, row.name, row.role, row.grade) == (ana.pk, "Ana Torres", "coach", "3-5")


def test_nobody_is_carried_forward_from_another_program(alder_valley, ana: Person, dolores: User) -> None:
    make.registration(
        ana, make.institute(starts_on=make.date(2026, 1, 22), ends_on=make.date(2026, 1, 24)), alder_valley
    )

    assert not earlier.institutes(alder_valley, make.institute()).exists()


def test_an_institute_without_an_earlier_one_leads_back(alder_valley, dolores: User, as_user: Any) -> None:
    draft = begun(alder_valley, dolores)

    assert page(as_user(dolores), "roster_earlier", draft.pk).status_code == 302


def test_a_name_typed_is_suggested_from_the_district(
    alder_valley, bristlecone, ana, dolores: User, as_user: Any
) -> None:
    draft = begun(alder_valley, dolores)
    make.person("Ana Torsson", at=bristlecone)
    client = as_user(dolores)

    found = page(client, "roster_suggest", draft.pk, given_name="an", family_name="tor")
    nothing_yet = page(client, "roster_suggest", draft.pk, given_name="a")

    assert found.context["people"] == [ana]
    assert nothing_yet.context["people"] == []


def test_someone_is_typed(alder_valley: Organization, dolores: User, as_user: Any) -> None:
    draft = begun(alder_valley, dolores)
    client = as_user(dolores)

    refused = post(client, "roster_type", draft.pk, given_name="Di", email="di@@")
    post(client, "roster_type", draft.pk, given_name="Xu, Di", email="DI@example.test")

    assert refused.status_code == 422
    assert named(draft)[-1] == ("Di Xu", "di@example.test")


@pytest.mark.parametrize("number", ["0", "201", "many"])
def test_too_many_seats_without_names_are_refused(number: str, alder_valley, dolores: User, as_user: Any) -> None:
    draft = begun(alder_valley, dolores, names_due_on=make.date(2120, 1, 7))

    assert post(as_user(dolores), "roster_unnamed", draft.pk, number=number).status_code == 422


def test_the_verb_refuses_too_many_too(alder_valley: Organization, dolores: User) -> None:
    with pytest.raises(CannotDraft, match="Ask for 1 to 200 seats"):
        drafting.add_unnamed(begun(alder_valley, dolores), 201, at=make.NOW)


def test_all_questions_of_one_answer_are_answered_at_once(alder_valley, dolores: User, as_user: Any) -> None:
    people = [make.person(name, f"{name[:2].lower()}@home.test", at=alder_valley) for name in ("Ana Torres", "Cy Wu")]
    draft = begun(alder_valley, dolores)

    post(as_user(dolores), "roster_answer_all", draft.pk)

    draft.refresh_from_db()
    assert [row["person_id"] for row in draft.rows] == [people[0].pk, None, people[1].pk]


# --- More than there are seats ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("asked", "waits"), [({}, ["", "place"]), ({"whole": "yes"}, ["place", "place"])])
def test_those_without_a_seat_wait(asked: Any, waits: list[str], alder_valley, dolores: User, as_user: Any) -> None:
    draft = begun(alder_valley, dolores, capacity=1)
    drafting.change_rows(draft, [2], at=make.NOW, decision="leave_out")
    client = as_user(dolores)
    assert page(client, "roster", draft.pk).context["short_by"] == 1

    post(client, "roster_wait", draft.pk, **asked)

    draft.refresh_from_db()
    assert [row["waits"] for row in draft.rows if not row["decision"]] == waits
    assert page(client, "roster", draft.pk).context["short_by"] == 0


def test_a_roster_seats_some_and_queues_others(alder_valley: Organization, dolores: User) -> None:
    make.payee()
    draft = begun(alder_valley, dolores, capacity=1)
    drafting.change_rows(draft, [2], at=make.NOW, decision="leave_out")
    drafting.change_rows(draft, [3], at=make.NOW, waits="place")
    drafting.pay(draft, [1, 3], f"line-{make.line(alder_valley).pk}", at=make.NOW)

    order = sending.submit(draft, by=dolores, at=make.NOW)

    assert order is not None
    assert [allotment.seats.count() for allotment in order.allotments.order_by("pk")] == [1, 0]
    again = drafting.start(alder_valley, draft.institute, by=dolores, at=make.NOW)
    laid(again, SHEET)
    kinds = [verdict.kind for verdict in drafting.judged(again, make.NOW, who=dolores)]
    assert kinds == ["registered", "refused", "in_line"]


def test_seats_set_aside_for_others_are_not_left_for_her(alder_valley, bristlecone, dolores: User) -> None:
    winter = make.institute(capacity=10)
    assert room.left_for(alder_valley, winter, at=make.NOW) == 10

    SetAside.objects.create(institute=winter, organization=bristlecone, seats=4, until=make.date(2027, 1, 1))

    assert room.left_for(alder_valley, winter, at=make.NOW) == 6
    assert room.left_for(bristlecone, winter, at=make.NOW) == 10


def test_free_seats_are_due_to_those_in_line(alder_valley, bristlecone, dolores: User) -> None:
    make.payee()
    draft = begun(alder_valley, dolores, capacity=2)
    drafting.change_rows(draft, [2], at=make.NOW, decision="leave_out")
    drafting.change_rows(draft, [1, 3], at=make.NOW, waits="place")
    drafting.pay(draft, [1, 3], f"line-{make.line(alder_valley).pk}", at=make.NOW)
    sending.submit(draft, by=dolores, at=make.NOW)

    assert room.left_for(bristlecone, draft.institute, at=make.NOW) == 0


# --- Signed out in the middle -----------------------------------------------------------------------------------------


def test_who_was_signed_out_is_led_back_and_told(
    alder_valley: Organization, dolores: User, client, as_user: Any
) -> None:
    draft = begun(alder_valley, dolores)
    before = named(draft)

    sent_out = post(client, "roster_lay", draft.pk, pasted="x")
    back = as_user(dolores).get(sent_out.url.partition("next=")[2], follow=True)

    assert "/login/" in sent_out.url
    assert "You were signed out before your last step was kept." in back.content.decode()
    assert named(draft) == before


def test_a_press_beside_a_row_leads_to_sign_in_and_back_to_the_roster(alder_valley, dolores: User, client: Any) -> None:
    draft = begun(alder_valley, dolores)
    here = f"http://testserver/rosters/{draft.pk}/?page=2"

    answer = client.post(
        f"/rosters/{draft.pk}/rows/decide/", {"decide": "1:new"}, headers={"HX-Request": "true", "HX-Current-URL": here}
    )

    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == f"/accounts/login/?next=/rosters/{draft.pk}/"
