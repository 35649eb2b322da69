"""Being fair to the other greenlets, and work that must not hold them up: hashing, say."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import gevent
from gevent import monkey

P = ParamSpec("P")
R = TypeVar("R")


def let_others_run() -> None:
    """Give way once, under gevent. A request that never waits (no database, or SQLite's) would else
    let a busy connection starve the others.
    """
    if monkey.is_module_patched("threading"):
        gevent.sleep(0)


def offload(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call a CPU-bound function in gevent's thread pool while other requests go on.

    Without gevent's patches (tests, commands, `flask run`) it is an ordinary call.
    """
    if not monkey.is_module_patched("threading"):
        return function(*args, **kwargs)
    result: R = gevent.get_hub().threadpool.apply(function, args, kwargs)
    return result
