"""Two files of the directory at once: the second is refused with a sentence, and nothing is there twice."""

import pytest

from people.directory.importing import Result
from people.directory.tables import CannotRead
from people.models import Organization, School
from tests import make
from tests.people.directory import EXPORT, bring_in_file, counts
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_eight_files_at_once_one_is_brought_in_at_a_time() -> None:
    make.county("99")

    answers = at_once(*[lambda: bring_in_file(EXPORT)] * 8)

    done = [answer for answer in answers if isinstance(answer, Result)]
    refused = [str(answer) for answer in answers if isinstance(answer, CannotRead)]
    assert len(done) + len(refused) == 8
    assert [counts(result) for result in done if result.new] == [(5, 0, 0, 0)]
    assert set(refused) <= {"Another file of the directory is being brought in. Bring this one in when that is done."}
    assert (Organization.objects.count(), School.objects.count()) == (2, 3)


def test_once_a_file_is_in_the_next_may_come() -> None:
    make.county("99")

    assert [counts(bring_in_file(EXPORT)) for _time in range(2)] == [(5, 0, 0, 0), (0, 0, 5, 0)]
