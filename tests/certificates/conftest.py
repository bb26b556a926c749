import pytest

from certificates import issuing
from certificates.models import Certificate
from events.models import Institute
from people.models import Organization, Person, User
from tests.certificates import world


@pytest.fixture
def institute(omar: User) -> Institute:
    return world.institute()


@pytest.fixture
def certificate(institute: Institute, ana: Person, alder_valley: Organization, omar: User) -> Certificate:
    """Ana's, for all 19.5 hours."""
    world.attended(ana, institute, alder_valley)
    return issuing.issue_all(institute, by=omar, at=world.AFTER)[0]
