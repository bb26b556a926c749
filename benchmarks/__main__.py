"""`bin/bench [name …] [--json] [--size N] [--times N]`"""

import argparse
import contextlib
import importlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

# In this order: what is measured last is the memory that all of it left behind.
MEASURES = {
    "orders": "orders.measure",
    "race": "orders.race",
    "pages": "pages.measure",
    "rosters": "rosters.measure",
    "checkins": "checkins.measure",
    "certificates": "papers.certificates",
    "invoices": "papers.invoices",
    "lists": "lists.measure",
    "districts": "districts.measure",
    "exports": "exports.measure",
    "books": "books.measure",
    "memory": "start.memory",
    "directory": "directory.measure",
    "start": "start.measure",
}
ONCE = {"memory", "start"}


def main(words: Sequence[str] | None = None) -> int:
    asked = parser().parse_args(words)
    with a_database(asked.size):
        from benchmarks import tables  # noqa: PLC0415 - it reads the settings

        rows = measured(asked.names or list(MEASURES), size=asked.size, times=asked.times)
        print(tables.as_json(rows) if asked.json else tables.as_markdown(rows))
    return 0


def measured(names: Sequence[str], *, size: int, times: int) -> list[Any]:
    """The rows of these measures, in the order of MEASURES."""
    from benchmarks import site, tables, world  # noqa: PLC0415 - they read the settings

    world.prepare(size)
    rows: list[Any] = []
    with site.running() as running:
        for name in [name for name in MEASURES if name in names]:
            print(f"{name} …", file=sys.stderr, flush=True)
            rows += tables.best([measure(name)(running) for _time in range(1 if name in ONCE else times)])
    return rows


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="bin/bench", description="Measure how fast a running site is.")
    made.add_argument("names", nargs="*", choices=[[], *MEASURES], metavar="name", help=", ".join(MEASURES))
    made.add_argument("--json", action="store_true", help="print JSON instead of a table")
    made.add_argument("--size", type=int, default=20_000, help="registrations in the world (20,000; try 1,000,000)")
    made.add_argument("--times", type=int, default=3, help="how often each is measured; the best counts (3)")
    return made


def measure(name: str) -> Callable[..., Any]:
    module, _dot, function = MEASURES[name].partition(".")
    found: Callable[..., Any] = getattr(importlib.import_module(f"benchmarks.{module}"), function)
    return found


@contextlib.contextmanager
def a_database(size: int) -> Iterator[None]:
    """A database for each size, in CADRE_VAR, with Django set up on it; one that was started here is stopped again."""
    os.environ["CADRE_VAR"] = str(Path(os.environ["CADRE_VAR"]) / str(size))
    import django  # noqa: PLC0415 - after its place is known
    from django.conf import settings  # noqa: PLC0415

    from config import embedded  # noqa: PLC0415

    is_ours = embedded.ensure(settings.CADRE_VAR)
    try:
        django.setup()
        yield
    finally:
        if is_ours:
            embedded.stop(settings.CADRE_VAR)


if __name__ == "__main__":
    sys.exit(main())
