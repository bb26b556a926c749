"""Who may be one person: suggested to staff with its reason, never applied, never told to a district."""

from datetime import timedelta

import pytest

from people import claims, matching, merging
from people.models import EmailAddress, Employment, Organization, Person, Suggestion, TwoPeople, User
from tests import make

pytestmark = pytest.mark.django_db


def suggested() -> list[tuple[str, str]]:
    """The pairs after a look at everybody, by name."""
    matching.sweep(at=make.NOW)
    rows = matching.suggestions()
    return [tuple(sorted((str(row.one), str(row.other)))) for row in rows]  # type: ignore[misc]  # two of them


def told(one: Person, other: Person) -> list[str]:
    return matching.reasons([(one, other)])[0]


def at_school(name: str, school_name: str, district: Organization) -> Person:
    made = make.person(name)
    school = district.schools.filter(name=school_name).first() or make.school(district, school_name)
    Employment.objects.create(person=made, organization=district, school=school, starts_on=make.NOW.date())
    return made


def test_one_address_and_a_word_of_the_name_in_common() -> None:
    one, other = (
        make.person("Maria Ruiz-Ortega", "m@old.example.test"),
        make.person("Carmen Ortega", "m@old.example.test"),
    )

    assert suggested() == [("Carmen Ortega", "Maria Ruiz-Ortega")]
    assert told(one, other)[0] == "Both have the address m@old.example.test."


def test_a_school_inbox_used_by_four_teachers_suggests_nobody() -> None:
    for name in ("Ana Torres", "Kit Lowe", "Noor Haddad", "Mei Wong"):
        make.person(name, "office@school.example.test")

    assert suggested() == []


def test_an_address_of_a_whole_office_says_nothing_of_who_is_who() -> None:
    for number in range(matching.SHARERS + 1):
        make.person(f"Ana{number} Torres", "info@district.example.test")

    assert suggested() == []


def test_a_particle_is_no_name_in_common() -> None:
    make.person("Ana de la Cruz", "office@school.example.test")
    make.person("Luis de la Vega", "office@school.example.test")

    assert suggested() == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("José Muñoz-O’Neill", "JOSE MUNOZ ONEILL"),
        ("Thị Đặng", "Thi Dang"),
        ("Sukarno", "sukarno"),
        ("Ana Lucía de la Torre y Vega", "Ana Lucia De La Torre Y Vega"),
    ],
)
def test_the_same_name_in_one_district_however_it_is_written(one: str, other: str, alder_valley: Organization) -> None:
    first, second = make.person(one, at=alder_valley), make.person(other, at=alder_valley)

    assert suggested() == [tuple(sorted((one, other)))]
    assert told(first, second) == [f"Both are called {one}.", "Both work or worked at Alder Valley Unified."]


def test_the_same_name_in_two_districts_is_nothing_the_state_has_many(
    alder_valley: Organization, bristlecone: Organization
) -> None:
    make.person("Maria Garcia", at=alder_valley)
    make.person("Maria Garcia", at=bristlecone)

    assert suggested() == []


def test_a_name_that_many_bear_in_a_district_is_common_there(alder_valley: Organization) -> None:
    for _number in range(matching.NAMESAKES + 1):
        make.person("Maria Garcia", at=alder_valley)

    assert suggested() == []


@pytest.mark.parametrize(
    ("one", "other", "sentence"),
    [
        (
            "Maria del Carmen Ruiz-Ortega",
            "Carmen Ortega",
            "Every word of “Carmen Ortega” is in “Maria del Carmen Ruiz-Ortega”.",
        ),
        ("John Smith", "Jonh Smith", "“John Smith” and “Jonh Smith” are alike."),
    ],
)
def test_a_similar_name_at_one_school(one: str, other: str, sentence: str, alder_valley: Organization) -> None:
    first = at_school(one, "Alder Elementary", alder_valley)
    second = at_school(other, "Alder Elementary", alder_valley)

    assert suggested() == [tuple(sorted((one, other)))]
    assert told(first, second) == [sentence, "Both work or worked at Alder Elementary."]


def test_two_who_share_a_surname_at_one_school_are_two(alder_valley: Organization) -> None:
    at_school("Ana Garcia", "Alder Elementary", alder_valley)
    at_school("Luis Garcia", "Alder Elementary", alder_valley)

    assert suggested() == []


def test_similar_names_at_two_schools_are_two(alder_valley: Organization) -> None:
    at_school("Carmen Ortega", "Alder Elementary", alder_valley)
    at_school("Maria Carmen Ortega", "Oak Elementary", alder_valley)

    assert suggested() == []


def test_a_claim_counts_when_it_is_confirmed_whatever_the_names() -> None:
    old, new = make.person("Maria Ruiz", "old@example.test"), make.person("Carmen Vance", "new@example.test")
    claim = claims.claim(new, "OLD@example.test ", at=make.NOW)
    assert suggested() == []

    claims.confirm(claim, at=make.NOW)

    assert [(row.one, row.other, row.get_reason_display()) for row in matching.suggestions()] == [
        (old, new, "A claimed address")
    ]
    assert suggested() == [("Carmen Vance", "Maria Ruiz")]
    assert told(old, new)[0] == "Carmen Vance claims old@example.test, confirmed by link on November 2, 2026."


def test_what_is_alike_no_more_is_forgotten(alder_valley: Organization) -> None:
    make.person("Kit Lowe", at=alder_valley)
    other = make.person("Kit Lowe", at=alder_valley)
    assert len(suggested()) == 1
    Person.objects.filter(pk=other.pk).update(sort_key="lowe kate")

    matching.sweep(at=make.NOW + timedelta(days=1))

    assert not Suggestion.objects.exists()


def test_these_are_two_people_is_remembered(omar: User, alder_valley: Organization) -> None:
    one, other = make.person("Kit Lowe", at=alder_valley), make.person("Kit Lowe", at=alder_valley)
    assert len(suggested()) == 1

    matching.keep_apart(other, one, by=omar, at=make.NOW)
    matching.keep_apart(one, other, by=omar, at=make.NOW)

    assert (suggested(), TwoPeople.objects.get().one) == ([], one)


def test_it_is_remembered_of_their_aliases_too(omar: User, alder_valley: Organization) -> None:
    one, other = make.person("Kit Lowe", at=alder_valley), make.person("Kit Lowe", at=alder_valley)
    matching.keep_apart(one, other, by=omar, at=make.NOW)
    third = make.person("Katherine Lowe")

    merging.merge(one, into=third, evidence="Her passport.", by=omar, at=make.NOW)

    assert suggested() == []


def test_an_aliass_address_speaks_for_whom_she_became(omar: User) -> None:
    alias, canonical = make.person("Ana Torres", "ana@old.example.test"), make.person("Ana Quiroga")
    merging.merge(alias, into=canonical, evidence="She says so.", by=omar, at=make.NOW)
    newcomer = make.person("Ana Torres", "ana@old.example.test")

    matching.sweep(at=make.NOW)

    assert [(row.one, row.other) for row in matching.suggestions()] == [(canonical, newcomer)]


def test_a_list_of_reasons_takes_four_queries_however_long(
    alder_valley: Organization, django_assert_num_queries
) -> None:
    pairs = [(make.person("Kit Lowe", at=alder_valley), make.person("Kit Lowe", at=alder_valley)) for _n in range(3)]
    for number, pair in enumerate(pairs):
        for person in pair:
            EmailAddress.objects.create(person=person, address=f"kit{number}@example.test")

    for some in (pairs[:1], pairs):
        with django_assert_num_queries(4):
            found = matching.reasons(some)

    assert [len(sentences) for sentences in found] == [3, 3, 3]
