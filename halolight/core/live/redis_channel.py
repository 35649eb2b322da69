"""A channel of Redis, on which ids of users are published.

A module of its own, because the library takes 9 MB that only installations with Redis need.
"""

import logging
from collections.abc import Iterator
from typing import Any

import redis

log = logging.getLogger(__name__)

TIMEOUT = 1.0  # seconds until a Redis that does not respond counts as unavailable
PROBE = 30.0  # seconds of silence after which the connection is tried


class RedisChannel:
    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._name = name

    def publish(self, payload: str) -> None:
        """Publish it. If Redis is unavailable, that is logged, and there is no retry."""
        try:
            self._client(TIMEOUT).publish(self._name, payload)
        except redis.RedisError as error:
            log.warning("live events are late, Redis is away: %s", error)

    def listen(self) -> Iterator[str]:
        """Yield an empty text, then what is published. Raises when Redis is lost."""
        with self._client(PROBE).pubsub(ignore_subscribe_messages=True) as channel:
            channel.subscribe(self._name)
            yield ""
            while True:
                message = channel.get_message(timeout=PROBE)
                if message is None:
                    channel.ping()
                elif message["type"] == "message":
                    yield message["data"].decode()

    def _client(self, timeout: float) -> Any:
        return redis.Redis.from_url(
            self._url, socket_timeout=timeout, socket_connect_timeout=TIMEOUT
        )
