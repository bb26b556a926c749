"""An institute that is open for as long as tests are run, and a roster for it."""

import pytest

from people.models import Organization, User
from registrations.models import RosterDraft
from registrations.rosters import drafting, reading
from tests import make
from tests.registrations.roster_pages import SHEET


@pytest.fixture
def winter(provider):
    make.payee()
    return make.institute(
        code="LT27-01",
        registration_opens_at=make.datetime(2020, 1, 1, tzinfo=make.UTC),
        registration_closes_at=make.datetime(2120, 1, 1, tzinfo=make.UTC),
    )


@pytest.fixture
def draft(winter, alder_valley: Organization, dolores: User) -> RosterDraft:
    made = drafting.start(alder_valley, winter, by=dolores, at=make.NOW)
    drafting.lay(made, reading.read_text(SHEET), replacing=True, at=make.NOW)
    made.refresh_from_db()
    return made
