"""Everything a site needs before it serves: tables, cache, static files, and in a demo its world."""

import hashlib
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = __doc__

    def handle(self, *_args: Any, **_options: Any) -> None:
        self._step("database", lambda: call_command("migrate", verbosity=0, interactive=False))
        self._step("cache", lambda: call_command("createcachetable", verbosity=0))
        self._step("static files", _collect)
        if settings.DEMO and "seed_demo" in get_commands():
            self._step("demo world", lambda: call_command("seed_demo", verbosity=0))

    def _step(self, name: str, work: Callable[[], object]) -> None:
        started = time.monotonic()
        work()
        self.stdout.write(f"{name:<20} ready in {time.monotonic() - started:.1f} s")
        self.stdout.flush()


def _collect() -> None:
    """Only when a file changed: hashing and compressing them all takes seconds."""
    stamp = settings.STATIC_ROOT / ".collected"
    now = hashlib.sha256("\n".join(_static_files()).encode()).hexdigest()
    if stamp.is_file() and stamp.read_text() == now:
        return
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(now)


def _static_files() -> list[str]:
    found = []
    for finder in get_finders():
        for path, storage in finder.list([]):
            found.append(f"{path} {storage.size(path)} {storage.get_modified_time(path)}")
    return sorted(found)
