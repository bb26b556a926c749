"""The state's own files, on machines that have them beside the repository."""

import io
from pathlib import Path

import pytest
from django.conf import settings

from people.directory import importing
from people.directory.importing import Result
from people.models import County, Organization, School
from tests import make

FILES = settings.BASE_DIR.parent / "shared" / "data" / "cde"

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not FILES.is_dir(), reason="the state's files do not lie beside the repository"),
]


def bring_in(pattern: str) -> Result:
    path: Path = next(FILES.glob(pattern))
    return importing.bring_in(io.BytesIO(path.read_bytes()), name=path.name, by=None, at=make.NOW)


def counts(result: Result) -> tuple[int, int, int, int]:
    return result.new, result.changed, result.unchanged, result.refused


def test_the_export_of_2026_brings_every_district_and_public_school_of_58_counties() -> None:
    workbook = bring_in("CDESchoolDirectoryExport_*.xlsx")
    text = bring_in("CDESchoolDirectoryExport_*.csv")

    assert counts(workbook) == (1_134 + 10_606, 0, 0, 0)
    assert counts(text) == (0, 0, 1_134 + 10_606, 0)
    assert (Organization.objects.count(), School.objects.count(), County.objects.count()) == (1_134, 10_606, 58)
    assert [remark.cds for remark in workbook.remarks] == ["37735283736808"]
    jeffersons = Organization.objects.filter(name="Jefferson Elementary")
    assert len({organization.name_and_county for organization in jeffersons}) == jeffersons.count() == 3


def test_the_schools_of_2018_neither_rename_nor_reopen_those_of_2026() -> None:
    bring_in("CDESchoolDirectoryExport_*.csv")
    names = dict(School.objects.values_list("cds", "name"))

    old = bring_in("pubschls_2018-*")
    again = bring_in("pubschls_2018-*")

    assert (old.refused, again.new, again.changed) == (0, 0, 0)
    assert {cds: name for cds, name in School.objects.values_list("cds", "name") if cds in names} == names
    assert School.objects.filter(organization__isnull=False).exclude(street="").exists()


@pytest.mark.parametrize("pattern", ["pubdistricts_*", "pubschls_2026-*", "ca_public_*", "pubschls_2018-*"])
def test_every_file_is_read_without_a_refusal(pattern: str) -> None:
    result = bring_in(pattern)

    assert result.new > 0
    assert result.refused == 0
