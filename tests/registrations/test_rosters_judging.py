"""Each row of a roster is told what will happen with it, and why."""

import pytest

from people.models import EmailAddress, Organization, Person, Standing, User
from registrations.rosters import judging
from registrations.rosters.judging import Kind
from registrations.rosters.rows import LEAVE_OUT, SOMEONE_ELSE, Row, rows_from
from tests import make


def judged(rows, sponsor, who, institute=None):
    return judging.judge(rows, sponsor, institute or make.institute(code="LT27-01"), make.NOW, who=who)


def row(given="Ana", family="Torres", email="", key=1, line=2, **more):
    return Row(key=key, line=line, given_name=given, family_name=family, email=email, **more)


def test_someone_nobody_knows_is_new(alder_valley: Organization, dolores: User):
    [verdict] = judged([row(email="a@example.test")], alder_valley, dolores)

    assert (verdict.kind, verdict.takes_a_seat) == (Kind.NEW, True)


def test_the_same_name_and_address_are_a_known_person(alder_valley: Organization, ana: Person, dolores: User):
    [verdict] = judged([row("ANA", "Torres", "ana.torres@avusd.example.test")], alder_valley, dolores)

    assert (verdict.kind, verdict.person) == (Kind.KNOWN, ana)


def test_the_same_name_with_another_address_is_asked(alder_valley: Organization, ana: Person, dolores: User):
    [verdict] = judged([row(email="ana@av.k12.example.test")], alder_valley, dolores)

    assert (verdict.kind, verdict.candidates, verdict.blocks) == (Kind.ASK_PERSON, [ana], True)
    assert verdict.sentence == "We know Ana Torres (ana.torres@avusd.example.test)."


def test_she_says_that_it_is_the_same_person(alder_valley: Organization, ana: Person, dolores: User):
    [verdict] = judged([row(email="ana@av.k12.example.test", person_id=ana.pk)], alder_valley, dolores)

    assert (verdict.kind, verdict.person) == (Kind.KNOWN, ana)
    assert verdict.sentence == "Ana Torres (ana.torres@avusd.example.test): this address is added to hers."


def test_she_says_that_it_is_someone_else(alder_valley: Organization, ana: Person, dolores: User):
    [verdict] = judged([row(email="ana@av.k12.example.test", decision=SOMEONE_ELSE)], alder_valley, dolores)

    assert (verdict.kind, verdict.person) == (Kind.NEW, None)


def test_an_address_of_someone_else_may_be_a_shared_inbox(alder_valley: Organization, ana: Person, dolores: User):
    [verdict] = judged([row("Bo", "Li", "ana.torres@avusd.example.test")], alder_valley, dolores)

    assert (verdict.kind, verdict.sentence) == (Kind.ASK_INBOX, "This address is Ana Torres’s.")


def test_two_people_may_share_an_inbox_once_they_were_asked_about(
    alder_valley: Organization, ana: Person, dolores: User
):
    rows = [
        row("Bo", "Li", "ana.torres@avusd.example.test", decision=SOMEONE_ELSE),
        row("Cy", "Wu", "office@example.test", key=2),
        row("Di", "Xu", "office@example.test", key=3, decision=SOMEONE_ELSE),
    ]

    assert [verdict.kind for verdict in judged(rows, alder_valley, dolores)] == [Kind.NEW] * 3


def test_a_second_name_at_one_address_is_asked_about(alder_valley: Organization, dolores: User):
    rows = [row("Cy", "Wu", "office@example.test"), row("Di", "Xu", "office@example.test", key=2, line=3)]

    [_first, second] = judged(rows, alder_valley, dolores)

    assert (second.kind, second.blocks) == (Kind.ASK_INBOX, True)
    assert second.sentence == "Cy Wu in line 2 has this address too. Do they share it?"


def test_people_of_other_districts_are_never_told_of(alder_valley: Organization, ana: Person, hal: User, bristlecone):
    same_person = row(email="ana.torres@avusd.example.test")
    same_address = row("Bo", "Li", "ana.torres@avusd.example.test")

    verdicts = judged([same_person], bristlecone, hal) + judged([same_address], bristlecone, hal, make.institute())

    assert [verdict.kind for verdict in verdicts] == [Kind.NEW, Kind.NEW]


def test_a_person_with_a_seat_is_not_given_another(alder_valley: Organization, ana: Person, dolores: User):
    winter = make.institute(code="LT27-01")
    make.registration(ana, winter, alder_valley)

    [verdict] = judged([row(email="ana.torres@avusd.example.test")], alder_valley, dolores, winter)

    assert (verdict.kind, verdict.sentence) == (Kind.REGISTERED, "Has a seat at LT27-01 already.")


def test_one_teacher_twice_has_one_seat(alder_valley: Organization, dolores: User):
    rows = [
        row(email="a@example.test", line=2),
        row("ANA", "torres", "a@example.test", key=2, line=3),
        row(key=3, line=4),
        row(email="other@example.test", key=4, line=5),
        row(key=5, line=6, decision=SOMEONE_ELSE),
    ]

    verdicts = judged(rows, alder_valley, dolores)

    assert [v.kind for v in verdicts] == [Kind.NEW, Kind.TWICE, Kind.TWICE, Kind.NEW, Kind.NEEDS_EMAIL]
    assert verdicts[1].sentence == "The same as line 2: one seat."


def test_one_person_under_two_addresses_has_one_seat(alder_valley: Organization, ana: Person, dolores: User):
    EmailAddress.objects.create(person=ana, address="ana@home.example.test")
    rows = [row(email="ana.torres@avusd.example.test"), row(email="ana@home.example.test", key=2, line=3)]

    assert [v.kind for v in judged(rows, alder_valley, dolores)] == [Kind.KNOWN, Kind.TWICE]


def test_a_person_without_an_address_has_a_seat_and_gets_no_mail(alder_valley: Organization, dolores: User):
    teo = make.person("Teo Ruiz", at=alder_valley)
    rows = [row(), row("Teo", "Ruiz", key=2, person_id=teo.pk)]

    verdicts = judged(rows, alder_valley, dolores)

    assert [(v.kind, v.takes_a_seat, v.blocks) for v in verdicts] == [(Kind.NEEDS_EMAIL, True, False)] * 2


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"family": '=HYPERLINK("http://x")'}, "A cell holds the formula"),
        ({"given": "", "family": ""}, "There is no name"),
        ({"given": "x" * 101}, "The name has more than 100 letters"),
        ({"email": "ana@@example"}, "“ana@@example” is no e-mail address"),
        ({"role": "student"}, "This row is about a pupil or a parent"),
        ({"school": "Old Mill"}, "Old Mill closed on June 30, 2024. Write the school of today"),
    ],
)
def test_what_cannot_be_registered_says_what_to_do(change, sentence, alder_valley: Organization, dolores: User):
    from datetime import date  # noqa: PLC0415 - used here alone

    make.school(alder_valley, "Old Mill", status=Standing.CLOSED, closed_on=date(2024, 6, 30))

    [verdict] = judged([row(**change)], alder_valley, dolores)

    assert (verdict.kind, verdict.blocks) == (Kind.REFUSED, True)
    assert verdict.sentence.startswith(sentence)


def test_a_row_may_be_left_out(alder_valley: Organization, dolores: User):
    [verdict] = judged([row(decision=LEAVE_OUT, email="ana@@")], alder_valley, dolores)

    assert (verdict.kind, verdict.takes_a_seat, verdict.blocks) == (Kind.LEFT_OUT, False, False)


@pytest.mark.parametrize("written", ["Pine Elementary", "pine elem", "99001010100001", "9-9001010100001", "100001"])
def test_a_school_is_found_by_name_or_code(written: str, alder_valley: Organization, dolores: User):
    pine = make.school(alder_valley, "Pine Elementary", "99001010100001")
    make.school(alder_valley, "Pine Elementary", status=Standing.CLOSED)

    [verdict] = judged([row(email="a@example.test", school=written)], alder_valley, dolores)

    assert (verdict.kind, verdict.school) == (Kind.NEW, pine)


def test_a_school_that_nobody_knows_is_a_note(alder_valley: Organization, dolores: User):
    [verdict] = judged([row(email="a@example.test", school="Oak")], alder_valley, dolores)

    assert verdict.kind == Kind.NEW
    assert verdict.notes == ["Alder Valley Unified has no school “Oak” in the directory: registered without a school."]


def test_a_name_in_capitals_is_shown_as_it_was(alder_valley: Organization, dolores: User):
    [changed] = rows_from([["ANA", "TORRES", "a@example.test"]], {"given_name": 0, "family_name": 1, "email": 2})

    [verdict] = judged([changed], alder_valley, dolores)

    assert verdict.notes == ["Was written ANA TORRES."]


def test_roles_and_grades_are_kept_in_our_words(alder_valley: Organization, dolores: User):
    said = row(email="a@example.test", role="TOSA", grade="3rd")
    chosen = row("Bo", email="b@example.test", key=2, role="coach", grade="6-8")

    verdicts = judged([said, chosen], alder_valley, dolores)

    assert [(v.attendee().role, v.attendee().grade_span) for v in verdicts] == [("coach", "3-5"), ("coach", "6-8")]


def test_many_rows_are_judged_in_as_many_queries_as_one(
    alder_valley: Organization, dolores: User, django_assert_num_queries
):
    winter = make.institute()
    for number in range(3):
        make.person(f"Ana No{number}", f"a{number}@example.test", at=alder_valley)
    rows = [row("Ana", f"No{number}", f"a{number}@example.test", key=number) for number in range(3)]
    judged(rows[:1], alder_valley, dolores, winter)

    for some in (rows[:1], rows):
        with django_assert_num_queries(8):
            judged(some, alder_valley, dolores, winter)
