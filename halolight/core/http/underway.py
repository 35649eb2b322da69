"""How many requests one user, or one address without a sign-in, may have under way in a worker.

Without a bound one user's searches could take all connections to the database. The requests of a
front end are far below it; what is above waits for its turn.
"""

import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from flask import g, request

from halolight.core.client_info import network_of
from halolight.core.errors import TooManyRequests
from halolight.core.threads import brief_lock

T = TypeVar("T")

MOST_OF_USER = 8
MOST_SEARCHES = 2  # of a user; each may keep a core of PostgreSQL busy for seconds
MOST_UPLOADS = 8  # of a user; they take long, and so count apart from other requests
MOST_OF_ADDRESS = 32  # behind which many people may be
PATIENCE = 10.0  # seconds until a request that waits for its turn is refused
RETRY_AFTER = 1.0  # seconds


class Bound:
    """At most so many at once for each caller. The others wait for their turn, in their order."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = brief_lock()
        self._taken: dict[object, int] = {}
        self._waiting: dict[object, deque[threading.Event]] = {}

    def run(self, caller: object, function: Callable[[], T]) -> T:
        """The result of the function, which runs when the caller has a turn."""
        self.take(caller)
        try:
            return function()
        finally:
            self.leave(caller)

    def take(self, caller: object) -> None:
        """Have a turn, until `leave`. Raises `TooManyRequests` when it takes too long."""
        with self._lock:
            taken = self._taken.get(caller, 0)
            if taken < self._most:
                self._taken[caller] = taken + 1
                return
            turn = threading.Event()
            self._waiting.setdefault(caller, deque()).append(turn)
        if not turn.wait(PATIENCE):
            self._give_up(caller, turn)

    def leave(self, caller: object) -> None:
        """Give the turn to who has waited longest for it, if anybody has."""
        with self._lock:
            if waiting := self._waiting.get(caller):
                waiting.popleft().set()
                if not waiting:
                    del self._waiting[caller]
            elif self._taken[caller] == 1:
                del self._taken[caller]
            else:
                self._taken[caller] -= 1

    def _give_up(self, caller: object, turn: threading.Event) -> None:
        with self._lock:
            if turn.is_set():  # just now
                return
            waiting = self._waiting[caller]
            waiting.remove(turn)
            if not waiting:
                del self._waiting[caller]
        raise TooManyRequests(RETRY_AFTER, reason="in_progress")


_of_users, _of_addresses = Bound(MOST_OF_USER), Bound(MOST_OF_ADDRESS)
_uploads, _searches = Bound(MOST_UPLOADS), Bound(MOST_SEARCHES)
SEARCHES = frozenset({"search", "keyword", "q"})  # parameters


def in_turn(function: Callable[[], T], *, upload: bool) -> T:
    """The result of a call of the API, as soon as its caller has less than the bound under way."""
    if not request.path.startswith("/api/"):
        return function()
    user = g.get("current_user")
    if user is None:
        return _of_addresses.run(network_of(request.remote_addr), function)
    call = partial((_uploads if upload else _of_users).run, user.id, function)
    if request.query_string and not SEARCHES.isdisjoint(request.args):
        return _searches.run(user.id, call)
    return call()
