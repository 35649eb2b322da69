"""Work that must not hold up the event loop: hashing now, images later."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import gevent
from gevent import monkey

P = ParamSpec("P")
R = TypeVar("R")


def offload(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call a CPU-bound function in gevent's thread pool while other requests go on.

    Without gevent's patches (tests, commands, `flask run`) it is an ordinary call.
    """
    if not monkey.is_module_patched("threading"):
        return function(*args, **kwargs)
    result: R = gevent.get_hub().threadpool.apply(function, args, kwargs)
    return result
