"""`RATE_LIMIT_DEFAULT`: how often one user, or one address without a sign-in, may call.

Off unless set. The counts live in each worker, or in Redis for all of them (`REDIS_URL`).
The limits on failed logins are apart from this, always on and kept in the database.
"""

import dataclasses as dc
import time

import limits.storage
import limits.strategies
from flask import Flask, current_app, g, request

from halolight.core.client_info import network_of
from halolight.core.errors import TooManyRequests


@dc.dataclass(frozen=True)
class RateLimit:
    item: limits.RateLimitItem
    counter: limits.strategies.FixedWindowRateLimiter

    def hit(self, caller: str) -> None:
        """Count one call. Raises `TooManyRequests` when the window is full."""
        if not self.counter.hit(self.item, caller):
            reset = self.counter.get_window_stats(self.item, caller).reset_time
            raise TooManyRequests(reset - time.time(), reason="rate")


def check() -> None:
    """Count a call of the API against its user or address, where a limit is set."""
    limit: RateLimit | None = current_app.extensions["rate_limit"]
    if limit is not None and request.path.startswith("/api/"):
        user = g.get("current_user")
        limit.hit(f"user:{user.id}" if user else f"address:{network_of(request.remote_addr)}")


def shared_storage(redis_url: str) -> limits.storage.Storage | None:
    """The counts in Redis. A Redis that is away fails within a second, with `StorageError`."""
    if not redis_url:
        return None
    return limits.storage.RedisStorage(
        redis_url, wrap_exceptions=True, socket_timeout=1, socket_connect_timeout=1
    )


def init_app(app: Flask) -> None:
    limit = None
    if text := app.config["RATE_LIMIT_DEFAULT"]:
        storage = shared_storage(app.config["REDIS_URL"]) or limits.storage.MemoryStorage()
        counter = limits.strategies.FixedWindowRateLimiter(storage)
        limit = RateLimit(limits.parse(text), counter)
    app.extensions["rate_limit"] = limit
