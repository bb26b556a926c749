"""The cast: five people whose names say what each may see. Imported by conftest.py."""

from collections.abc import Callable

import pytest
from django.test import Client

from people.access import Role
from people.models import Organization, Person, Provider, User
from tests import make


@pytest.fixture
def provider(db: None) -> Provider:
    """Sierra Science Collaborative, which runs this installation."""
    return make.provider()


@pytest.fixture
def alder_valley(db: None) -> Organization:
    return make.organization("Alder Valley Unified", "99001010000000")


@pytest.fixture
def bristlecone(db: None) -> Organization:
    return make.organization("Bristlecone Joint Union Elementary", "99001020000000")


@pytest.fixture
def dolores(alder_valley: Organization) -> User:
    """Coordinator of Alder Valley."""
    return make.user("dolores@avusd.example.test", Role.COORDINATOR, at=alder_valley, name="Dolores Quintero")


@pytest.fixture
def bea(alder_valley: Organization) -> User:
    """Business office of Alder Valley."""
    return make.user("bea@avusd.example.test", Role.BUSINESS_OFFICE, at=alder_valley, name="Bea Lindqvist")


@pytest.fixture
def hal(bristlecone: Organization) -> User:
    """Coordinator of Bristlecone: must see nothing of Alder Valley."""
    return make.user("hal@bristlecone.example.test", Role.COORDINATOR, at=bristlecone, name="Hal Nakamura")


@pytest.fixture
def omar(provider: Provider) -> User:
    """On the provider's staff, money included."""
    return make.user("omar@ssc.example.test", Role.STAFF, Role.FINANCE, name="Omar Haddad")


@pytest.fixture
def ana(alder_valley: Organization) -> Person:
    """A teacher of Alder Valley, with no login."""
    return make.person("Ana Torres", "ana.torres@avusd.example.test", at=alder_valley)


@pytest.fixture
def as_user(client: Client) -> Callable[[User], Client]:
    """`as_user(dolores).get(...)`"""

    def sign_in(user: User) -> Client:
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return sign_in
