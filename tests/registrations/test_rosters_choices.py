"""What a sheet says beside names: strands, sessions, teams, needs; and what it brings to those who are registered."""

from typing import Any

import pytest

from events.models import Audience
from people.models import AppointmentKind, Organization, Person, User
from registrations.models import Need, Registration, RosterDraft
from registrations.refusals import CannotRegister
from registrations.rosters import columns, drafting, reading, sending
from registrations.rosters.judging import Kind, Verdict
from registrations.rosters.rows import rows_from
from tests import make
from tests.registrations.test_rosters_columns import FORMATS, needs_formats

HEAD = "First,Last,Email,School,Job Title,Strand,Session,Dietary,Access needs\n"


@pytest.fixture
def winter(provider: Any) -> Any:
    make.payee()
    made = make.institute(code="LT27-01")
    make.strand(made, "Grades 3–5")
    make.strand(made, "Grades 6–8", position=1)
    return made


def laid(sponsor: Organization, institute: Any, by: User, text: str) -> RosterDraft:
    draft = drafting.start(sponsor, institute, by=by, at=make.NOW)
    drafting.lay(draft, reading.read_text(text), replacing=True, at=make.NOW)
    return draft


def judged(draft: RosterDraft, by: User) -> list[Verdict]:
    return drafting.judged(draft, make.NOW, who=by)


def sent(draft: RosterDraft, by: User) -> Any:
    keys = [row["key"] for row in draft.rows]
    drafting.pay(draft, keys, f"line-{make.line(draft.sponsor).pk}", at=make.NOW)
    return sending.submit(draft, by=by, at=make.NOW)


def test_strand_and_needs_of_a_row_are_kept_with_the_place(winter: Any, alder_valley, dolores: User) -> None:
    draft = laid(alder_valley, winter, dolores, HEAD + "Ana,Ruiz,a@example.test,,,6-8,,vegan,wheelchair\n")

    sent(draft, dolores)

    assert str(Registration.objects.get().strand) == "Grades 6–8"
    assert sorted(Need.objects.values_list("kind", "text")) == [("access", "wheelchair"), ("dietary", "vegan")]


def test_a_roster_that_was_sent_keeps_no_needs(winter: Any, alder_valley, dolores: User) -> None:
    draft = laid(alder_valley, winter, dolores, HEAD + "Ana,Ruiz,a@example.test,,,,,vegan,wheelchair\n")

    sent(draft, dolores)

    draft.refresh_from_db()
    assert "vegan" not in str(draft.rows) + str(draft.columns)
    assert "wheelchair" not in str(draft.rows) + str(draft.columns)


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (",,,Grades 9,,,", "LT27-01 has no strand “Grades 9”: choose among Grades 3–5, Grades 6–8."),
        (",,,Grades,,,", "LT27-01 has no strand “Grades”: choose among Grades 3–5, Grades 6–8."),
        (",,,,Yoga,,", "LT27-01 has no session “Yoga”. Write its title as the agenda has it."),
        (f",,,,,{'x' * 301},", "What this person needs is told in 300 letters at most. Say the rest to us by phone."),
    ],
)
def test_a_choice_that_is_none_says_what_there_is(cells: str, sentence: str, winter, alder_valley, dolores) -> None:
    draft = laid(alder_valley, winter, dolores, HEAD + f"Ana,Ruiz,a@example.test{cells}\n")

    [verdict] = judged(draft, dolores)

    assert (verdict.kind, verdict.sentence) == (Kind.REFUSED, sentence)


def test_sessions_are_known_by_their_titles(winter: Any, alder_valley, dolores: User) -> None:
    phenomena = make.session(winter, title="Phenomena")
    draft = laid(alder_valley, winter, dolores, HEAD + "Ana,Ruiz,a@example.test,,,,PHENOMENA; ,,\n")

    [verdict] = judged(draft, dolores)

    assert verdict.attendee().session_ids == (phenomena.pk,)


def test_an_institute_without_strands_leaves_one_out(provider: Any, alder_valley, dolores: User) -> None:
    draft = laid(alder_valley, make.institute(code="LT27-02"), dolores, HEAD + "Ana,Ruiz,a@e.test,,,3-5,,,\n")

    [verdict] = judged(draft, dolores)

    assert (verdict.kind, verdict.notes) == (Kind.NEW, ["LT27-02 has no strands: “3-5” is left out."])


def test_who_the_institute_is_not_for_is_told_why(winter: Any, alder_valley, ana: Person, dolores: User) -> None:
    Audience.objects.create(institute=winter, appointment=AppointmentKind.STAFF_DEVELOPER)
    sheet = HEAD + "Ana,Torres,ana.torres@avusd.example.test,,,,,,\nBo,Li,bo@example.test,,,,,,\n"

    known, new = judged(laid(alder_valley, winter, dolores, sheet), dolores)

    assert (known.kind, new.kind) == (Kind.NOT_ELIGIBLE, Kind.NOT_ELIGIBLE)
    assert known.sentence == "Ana Torres is not among those whom LT27-01 is for: Staff developer."
    assert known.blocks


# --- Those who are registered -----------------------------------------------------------------------------------------


def test_another_school_and_role_are_told_anew(winter: Any, alder_valley, ana: Person, dolores: User) -> None:
    pine = make.school(alder_valley, "Pine Elementary")
    place = make.registration(ana, winter, alder_valley, role="teacher")
    row = "Ana,Torres,ana.torres@avusd.example.test,Pine Elementary,TOSA,,,,\n"
    draft = laid(alder_valley, winter, dolores, HEAD + row)
    [verdict] = judged(draft, dolores)

    order = sending.submit(draft, by=dolores, at=make.NOW)

    place.refresh_from_db()
    assert verdict.sentence == "Registered already; Pine Elementary from now on, Coach or TOSA from now on."
    assert (order, place.school, place.role) == (None, pine, "coach")
    draft.refresh_from_db()
    assert draft.rows == []


def test_a_place_that_another_sponsor_pays_is_not_told_anew(winter, alder_valley, bristlecone, ana, dolores) -> None:
    make.registration(ana, winter, bristlecone, role="teacher")
    row = "Ana,Torres,ana.torres@avusd.example.test,,TOSA,,,,\n"

    [verdict] = judged(laid(alder_valley, winter, dolores, HEAD + row), dolores)

    assert verdict.kind == Kind.REGISTERED


def test_a_roster_that_says_nothing_new_is_not_sent(winter: Any, alder_valley, ana: Person, dolores: User) -> None:
    make.registration(ana, winter, alder_valley)
    draft = laid(alder_valley, winter, dolores, "Name,Email\nAna Torres,ana.torres@avusd.example.test\n")

    with pytest.raises(CannotRegister, match="No row of this roster takes a seat"):
        sending.submit(draft, by=dolores, at=make.NOW)


# --- What Excel does --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sheet", "texts"),
    [
        ("Name\nTORRES, ANA\n", ("Ana", "Torres", "", "")),
        ("First,Last\nAna\u00a0María,\u00a0Torres\u00a0\n", ("Ana María", "Torres", "", "")),
        ("First,Last\nPen\u0303a,Nun\u0303ez\n", ("Peña", "Nuñez", "", "")),
        ("First\tLast\n“Ana”\tO’Neill\n", ("Ana", "O’Neill", "", "")),
        ("First,Last,CDS\nAna,Torres,1611190130229.0\n", ("Ana", "Torres", "", "1611190130229")),
        ("First,Last,Email\nAna,Torres,mailto:ANA@EXAMPLE.TEST\n", ("Ana", "Torres", "ana@example.test", "")),
    ],
    ids=["capitals, last first", "hard spaces", "NFD", "curly quotes", ".0", "mailto"],
)
def test_what_a_spreadsheet_does_to_cells_is_forgiven(sheet: str, texts: tuple[str, ...]) -> None:
    guess = columns.guess(reading.read_text(sheet))

    assert rows_from(guess.rows, guess.fields)[0].texts()[:4] == texts


@needs_formats
@pytest.mark.parametrize("name", ["sds_v1_School.csv", "sds_v2.1_orgs.csv"])
def test_a_list_of_schools_makes_nobody_a_person(name: str) -> None:
    with pytest.raises(columns.CannotKeep, match="This looks like a list of schools"):
        columns.guess(reading.read_file((FORMATS / name).read_bytes()))


@needs_formats
def test_a_list_of_roles_makes_nobody_a_person() -> None:
    guess = columns.guess(reading.read_file((FORMATS / "sds_v2.1_roles.csv").read_bytes()))

    assert not guess.is_enough
