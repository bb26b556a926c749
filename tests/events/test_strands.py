"""Strands of an institute: named, ordered, removed, all at once."""

import pytest

from events import scheduling
from events.scheduling import CannotSchedule
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


def test_strands_are_renamed_reordered_added_and_removed_at_once() -> None:
    institute = make.institute()
    one, two, gone = (make.strand(institute, name) for name in ("One", "Two", "Gone"))

    wanted = [
        scheduling.StrandWanted("One", 30, two.pk),
        scheduling.StrandWanted("Two", None, one.pk),
        scheduling.StrandWanted("Three"),
    ]
    scheduling.set_strands(institute, wanted, by=None, at=NOW)

    rows = institute.strands.order_by("position")
    assert [(strand.name, strand.capacity) for strand in rows] == [("One", 30), ("Two", None), ("Three", None)]
    assert [strand.pk for strand in rows][:2] == [two.pk, one.pk]
    assert not institute.strands.filter(pk=gone.pk).exists()


def test_a_strand_with_blocks_stays() -> None:
    institute = make.institute()
    make.session(institute, strand=make.strand(institute))

    with pytest.raises(CannotSchedule, match="A strand with blocks stays"):
        scheduling.set_strands(institute, [], by=None, at=NOW)


def test_two_strands_have_two_names() -> None:
    wanted = [scheduling.StrandWanted("Grades K–2"), scheduling.StrandWanted("grades k–2")]

    with pytest.raises(CannotSchedule, match="same name"):
        scheduling.set_strands(make.institute(), wanted, by=None, at=NOW)
