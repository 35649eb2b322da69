"""`RATE_LIMIT_DEFAULT`: how often one user, or one address without a sign-in, may call.

Off unless set. The counts live in each worker, or in Redis for all of them (`REDIS_URL`).
The limits on failed logins are apart from this, always on and kept in the database.

The answer to a call that is counted says what is left (draft-ietf-httpapi-ratelimit-headers).
"""

import dataclasses as dc
import math
import time

import limits.storage
from flask import Flask, Response, current_app, g, request

from halolight.core.client_info import network_of
from halolight.core.errors import TooManyRequests


@dc.dataclass(frozen=True)
class RateLimit:
    """So many calls of a caller in a window that begins with the first of them."""

    item: limits.RateLimitItem
    storage: limits.storage.Storage

    def hit(self, caller: str) -> None:
        """Count one call. Raises `TooManyRequests` when the window is full."""
        key, most = self.item.key_for(caller), self.item.amount
        calls = self.storage.incr(key, self.item.get_expiry())
        seconds = max(0.0, self.storage.get_expiry(key) - time.time())
        g.rate_limit = f'"default";r={max(0, most - calls)};t={math.ceil(seconds)}'
        if calls > most:
            raise TooManyRequests(seconds, reason="rate")

    def describe(self, response: Response) -> Response:
        """Tell the caller of a counted call what is left until the window ends, in seconds."""
        if (left := g.get("rate_limit")) is not None:
            policy = f'"default";q={self.item.amount};w={self.item.get_expiry()}'
            response.headers["RateLimit-Policy"], response.headers["RateLimit"] = policy, left
        return response


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
        limit = RateLimit(limits.parse(text), storage)
        app.after_request(limit.describe)
    app.extensions["rate_limit"] = limit
