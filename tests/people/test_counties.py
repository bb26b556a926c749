"""The counties by which the directory is ordered."""

import pytest

from people.directory.counties import Counties
from people.models import County

pytestmark = pytest.mark.django_db


def test_a_county_whose_name_staff_gave_to_another_code_is_told_apart_by_its_code() -> None:
    County.objects.create(code="99", name="Sierra")

    counties = Counties()
    counties.make(["46", "01"])

    assert counties.key("46") == County.objects.get(code="46").pk
    assert set(County.objects.values_list("code", "name")) == {
        ("99", "Sierra"), ("46", "Sierra (46)"), ("01", "Alameda"),
    }  # fmt: skip
