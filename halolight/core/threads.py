"""Being fair to the other greenlets, and work that must not hold them up: hashing, say."""

import time
from collections.abc import Callable
from functools import cache
from typing import ParamSpec, TypeVar

import gevent
from gevent import monkey
from gevent.threadpool import ThreadPool

P = ParamSpec("P")
R = TypeVar("R")


SHARE = 0.001  # seconds for which requests that never wait may follow each other

_gave_way = 0.0


def let_others_run() -> None:
    """Give way to the other greenlets, if none did for a while.

    A request that never waits (without a database, or with SQLite's) would else let one busy
    connection starve all others.
    """
    global _gave_way
    if time.perf_counter() - _gave_way > SHARE and monkey.is_module_patched("threading"):
        gevent.sleep(0)
        _gave_way = time.perf_counter()


def offload(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call a CPU-bound function in a thread of its own while other requests go on.

    Without gevent's patches (tests, commands, `flask run`) it is an ordinary call.
    """
    return offload_to("", function, *args, **kwargs)


def offload_to(kind: str, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """The same, in the thread for this kind of work: a sign-in does not wait for pictures."""
    if not monkey.is_module_patched("threading"):
        return function(*args, **kwargs)
    result: R = _thread(kind).apply(function, args, kwargs)
    return result


def wait_for(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call a function that waits for the disk, in one of gevent's threads, as `offload` does."""
    if not monkey.is_module_patched("threading"):
        return function(*args, **kwargs)
    result: R = gevent.get_hub().threadpool.apply(function, args, kwargs)
    return result


@cache
def _thread(kind: str) -> ThreadPool:
    """One thread for all of a kind: a worker has one core, which more would only take from the
    loop.

    gevent's own pool of ten kept ten hashes' memory (190 MB) and had /health wait for 180 ms.
    """
    return ThreadPool(1)
