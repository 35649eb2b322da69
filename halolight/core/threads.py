"""Cooperating on the event loop, and threads for work that would block it."""

import threading
import time
from collections.abc import Callable
from functools import cache
from typing import Any, ParamSpec, TypeVar

import gevent
from gevent import monkey
from gevent.threadpool import ThreadPool

P = ParamSpec("P")
R = TypeVar("R")


TIME_SLICE = 0.001  # seconds that a request may compute before it yields to the event loop

_yielded = 0.0


def cooperate() -> None:
    """Yield to the event loop, at most once per time slice.

    A request that never blocks (without a database, or with SQLite) would starve the others.
    """
    global _yielded
    if time.perf_counter() - _yielded > TIME_SLICE and monkey.is_module_patched("threading"):
        gevent.sleep(0)
        _yielded = time.perf_counter()


def brief_lock() -> threading.Lock:
    """A lock in which nothing ever waits: that of the system, which costs less than gevent's."""
    lock: threading.Lock = monkey.get_original("threading", "Lock")()
    return lock


def run_in_cpu_thread(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a CPU-bound function in a thread while other requests continue.

    Without gevent's patches (tests, commands, `flask run`) it is an ordinary call.
    """
    if not monkey.is_module_patched("threading"):
        return function(*args, **kwargs)
    return _run_in(_cpu_thread(), function, *args, **kwargs)


def run_in_io_thread(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a function that waits for the disk in one of gevent's threads.

    Without gevent's patches it is an ordinary call.
    """
    if not monkey.is_module_patched("threading"):
        return function(*args, **kwargs)
    return _run_in(gevent.get_hub().threadpool, function, *args, **kwargs)


def _run_in(pool: ThreadPool, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """As `pool.apply`, which would also print the traceback of an error that is raised here."""

    def outcome() -> tuple[Any, Exception | None]:
        try:
            return function(*args, **kwargs), None
        except Exception as error:
            return None, error

    result, error = pool.apply(outcome)
    if error is not None:
        raise error
    return result  # type: ignore[no-any-return]


@cache
def _cpu_thread() -> ThreadPool:
    """A single thread: a worker has one core, and more threads would only compete with the loop.

    gevent's own pool of ten kept the memory of ten hashes (190 MB) and delayed /health by 180 ms.
    """
    return ThreadPool(1)
