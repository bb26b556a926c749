"""Versions of terms."""

import pytest
from django.db import ProgrammingError

from events import offering
from events.models import Terms
from events.terms import CannotSetTerms
from tests import make
from tests.races import at_once


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_never_make_the_same_version() -> None:
    def make_one() -> Terms:
        return offering.new_version(Terms(name="Trainings"), ladder=make.LADDER, at=make.NOW)

    made = at_once(*[make_one] * 8)

    versions = sorted(terms.version for terms in made if isinstance(terms, Terms))
    assert versions == list(range(1, len(versions) + 1))
    assert all(isinstance(refusal, Terms | CannotSetTerms) for refusal in made)


@pytest.mark.django_db
def test_terms_that_were_made_are_never_edited() -> None:
    terms = offering.new_version(Terms(name="Trainings"), ladder=make.LADDER, at=make.NOW)

    with pytest.raises(ProgrammingError, match="Cannot update or delete rows from events_terms"):
        Terms.objects.filter(pk=terms.pk).update(ladder=[])
