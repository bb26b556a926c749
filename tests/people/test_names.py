"""Names as people write them, and the keys by which they are found."""

import pytest

from people import names


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Muñoz-O’Neill", "munoz oneill"),
        ("MUNOZ ONEILL", "munoz oneill"),
        ("Nguyễn Thị Ánh", "nguyen thi anh"),
        ("Đặng", "dang"),
        ("Łukasz Ørsted", "lukasz orsted"),
        ("Weiß", "weiss"),
        ("Jose\u0301", "jose"),
        ("  Ana   Torres, Jr. ", "ana torres jr"),
        ("李小龍", "李小龍"),
        ("محمد", "محمد"),
        ("", ""),
    ],
)
def test_a_key_has_no_case_accents_or_apostrophes(written: str, key: str) -> None:
    assert names.fold(written) == key


def test_a_tidy_name_is_composed_and_has_single_spaces() -> None:
    assert names.tidy("  Jose\u0301\u00a0Mar\u0131a \u202f Ruiz ") == "José Marıa Ruiz"


def test_people_sort_by_family_name_and_by_the_only_name_they_have() -> None:
    assert names.sort_key("Ana", "Torres") == "torres ana"
    assert names.sort_key("", "Sukarno") == "sukarno"
    assert names.sort_key("Sukarno", "") == "sukarno"


def test_a_full_name_keeps_its_own_spelling() -> None:
    assert names.full("María José", "Muñoz-O’Neill") == "María José Muñoz-O’Neill"
    assert names.full("Sukarno", "") == "Sukarno"


@pytest.mark.parametrize(
    ("given", "family", "printed"),
    [
        ("小龍", "李", "李小龍"),
        ("민준", "김", "김민준"),
        ("小龍", "Lee", "小龍 Lee"),
        ("محمد", "", "محمد"),
        ("", "李", "李"),
    ],
)
def test_a_name_is_printed_in_the_order_of_its_own_language(given: str, family: str, printed: str) -> None:
    assert names.full(given, family) == printed
