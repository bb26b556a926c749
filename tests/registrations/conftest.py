"""A roster for an institute that is open as long as tests are run; and three people whose attendance is taken."""

from collections.abc import Callable

import pytest
from django.test import Client

from events.models import Institute
from people.models import Organization, User
from registrations.models import Registration, RosterDraft
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


@pytest.fixture
def institute(omar: User) -> Institute:
    made = make.institute()
    make.agenda(made)
    return made


@pytest.fixture
def people(institute: Institute, alder_valley: Organization) -> list[Registration]:
    names = ("Ana Torres", "Noor Haddad", "Tomas Wexler")
    return [make.registration(make.person(name), institute, alder_valley) for name in names]


@pytest.fixture
def staff(as_user: Callable[[User], Client], omar: User) -> Client:
    return as_user(omar)
