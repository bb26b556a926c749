"""Printing on all cores: processes that make PDFs of plain data and know no database.

They are forked from a server that has loaded the site and has no threads (a fork of a process with threads may hang);
it is started with the first job and ends with the process that started it, also when that is killed.
"""

import multiprocessing
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

import django

from office import paper

Job = tuple[str, dict[str, Any], str]
"""Template, context, title."""

LOADED = ["config.wsgi"]
"""What the server loads once for all: a press is then ready in a moment."""


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def presses(jobs: int, *, worth: int = 20) -> Iterator["ProcessPoolExecutor | None"]:
    """Processes for so many jobs, or none where starting them would take longer than the work."""
    if jobs < worth or cores() == 1:
        yield None
        return
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload(LOADED)
    with ProcessPoolExecutor(min(cores(), 8), mp_context=server, initializer=_start) as pool:
        try:
            yield pool
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def press(jobs: Sequence[Job], pool: "ProcessPoolExecutor | None") -> Iterator["bytes | str"]:
    """The PDF of each job, in order; where one cannot be made, the sentence that says why."""
    return pool.map(draw, jobs, chunksize=5) if pool else map(draw, jobs)


def draw(job: Job) -> "bytes | str":
    template, context, title = job
    try:
        return paper.render(template, context, title=title)
    except paper.CannotRender as refusal:
        return str(refusal)


def _start() -> None:  # pragma: no cover - runs in the processes
    django.setup()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:  # pragma: no cover - runs in the processes
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
    os._exit(1)
