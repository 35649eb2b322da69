"""How many requests one user, or one address without a sign-in, may have under way in a worker.

Without a bound one user's searches could take all connections to the database. The requests of a
front end are far below it; what is above waits for its turn.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import g, request

from halolight.core.client_info import network_of
from halolight.core.errors import TooManyRequests

MOST_OF_USER = 8
MOST_UPLOADS = 8  # of a user; they take long, and so count apart from other requests
MOST_OF_ADDRESS = 32  # behind which many people may be
PATIENCE = 10.0  # seconds until a request that waits for its turn is refused
RETRY_AFTER = 1.0  # seconds


class Bound:
    """At most so many at once for each caller."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._callers: dict[object, Caller] = {}

    @contextmanager
    def turn(self, caller: object) -> Iterator[None]:
        """Wait for a turn, and have it. Raises `TooManyRequests` when it takes too long."""
        turns = self._callers.get(caller)
        if turns is None:
            turns = self._callers[caller] = Caller(self._most)
        turns.requests += 1
        try:
            if not turns.free.acquire(timeout=PATIENCE):
                raise TooManyRequests(RETRY_AFTER)
            try:
                yield
            finally:
                turns.free.release()
        finally:
            turns.requests -= 1
            if not turns.requests:
                self._callers.pop(caller, None)


class Caller:
    """Who has requests under way, or waiting."""

    def __init__(self, most: int) -> None:
        self.free = threading.Semaphore(most)
        self.requests = 0


_of_users, _of_addresses = Bound(MOST_OF_USER), Bound(MOST_OF_ADDRESS)
_uploads = Bound(MOST_UPLOADS)


@contextmanager
def turn(*, upload: bool) -> Iterator[None]:
    """Let a call of the API wait until its caller has less than the bound under way."""
    if not request.path.startswith("/api/"):
        yield
        return
    if user := g.get("current_user"):
        bound, caller = _uploads if upload else _of_users, user.id
    else:
        address = request.remote_addr or ""
        bound, caller = _of_addresses, network_of(address) or address
    with bound.turn(caller):
        yield
