"""Clients that ask all at once, or again and again, and remember what came of it."""

import http.client
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from tests.server.running_server import PATIENCE, Answer

T = TypeVar("T")
Call = Callable[[], Answer]
Outcome = int | str  # the status of an answer, or why there was none

MOST = 10_000  # calls of one client


def at_once(calls: Sequence[Callable[[], T]]) -> list[T]:
    """The results of all calls, which begin together, each on a thread."""
    barrier = threading.Barrier(len(calls))

    def start(call: Callable[[], T]) -> T:
        barrier.wait(PATIENCE)
        return call()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(start, calls))


def outcome(call: Call) -> Outcome:
    try:
        return call().status
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__


@contextmanager
def keep_asking(calls: Sequence[Call]) -> Iterator[list[Outcome]]:
    """Repeat each call on a thread of its own, until the block ends or it is refused."""
    outcomes: list[Outcome] = []
    done = threading.Event()

    def repeat(call: Call) -> None:
        for _ in range(MOST):
            came = outcome(call)
            if came == "ConnectionRefusedError":
                return
            outcomes.append(came)
            if done.wait(0.005):
                return

    with ThreadPoolExecutor(len(calls)) as threads:
        asking = [threads.submit(repeat, call) for call in calls]
        try:
            yield outcomes
        finally:
            done.set()
    for client in asking:
        client.result()
