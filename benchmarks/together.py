"""Several clients at once: threads that start at one barrier."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

SECONDS = 300


def run(calls: Sequence[tuple[Callable[..., Any], Any, Any]]) -> list[Any]:
    """Call each with its two arguments, all at once; their answers in order."""
    gate = Barrier(len(calls))

    def one(call: Callable[..., Any], *subject: Any) -> Any:
        gate.wait(SECONDS)
        return call(*subject)

    with ThreadPoolExecutor(len(calls)) as pool:
        waiting = [pool.submit(one, *call) for call in calls]
        return [answer.result(SECONDS) for answer in waiting]
