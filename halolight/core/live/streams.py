"""One open stream: server-sent events (WHATWG HTML, 9.2) for one session of a user."""

import select
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from secrets import randbelow
from typing import Any

import orjson
from gevent import monkey

HEARTBEAT = 15.0  # seconds without an event, after which a comment keeps proxies from closing it
MOST_WAITING = 2_000  # events that wait for a client before its stream ends

# Milliseconds after which a client reconnects: random, so that not all do at once.
RETRY, RETRY_SPREAD = 1_000, 4_000

UNACKNOWLEDGED = 30_000  # milliseconds in which TCP has to confirm what was sent

_COMMENT = b":\n\n"
_HUNG_UP = select.POLLERR | select.POLLHUP | getattr(select, "POLLRDHUP", 0)
_poll: Any = monkey.get_original("select", "poll")  # it does not wait here


class Stream:
    """The body of a response, as WSGI iterates it.

    `after` is the number of the last event that is in it. `counts` are the last unread counts that
    were sent.
    """

    def __init__(
        self,
        *,
        user_id: int,
        session_id: int,
        permissions: frozenset[str],
        after: int,
        client: Any = None,
        lifetime: float,
    ) -> None:
        self.user_id = user_id
        self.session_id = session_id
        self.permissions = permissions
        self.after = after
        self.counts: dict[str, int] | None = None
        self.closed: Callable[[Stream], None] | None = None  # called when it has ended
        self.ended = False
        self._client = client
        self._end = time.monotonic() + lifetime
        self._waiting: SimpleQueue[bytes | None] = SimpleQueue()
        if client is not None:
            with suppress(OSError, AttributeError):  # a Unix socket; another system
                option = socket.TCP_USER_TIMEOUT
                client.setsockopt(socket.IPPROTO_TCP, option, UNACKNOWLEDGED)

    def send(self, event: bytes) -> None:
        """Queue an event. The stream of a client that does not read its events ends."""
        if self._waiting.qsize() < MOST_WAITING:
            self._waiting.put(event)
        else:
            self.end(b"")

    def end(self, last: bytes) -> None:
        """Send a last event and end the stream."""
        if not self.ended:
            self.ended = True
            self._waiting.put(last + retry())
            self._waiting.put(None)

    def has_gone(self) -> bool:
        """Whether the client has closed the connection. Does not block."""
        if self._client is None:
            return False
        if (descriptor := self._client.fileno()) < 0:
            return True
        poll = _poll()
        poll.register(descriptor, _HUNG_UP)
        return bool(poll.poll(0))

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        left = self._end - time.monotonic()
        try:
            chunk = self._waiting.get(timeout=max(0.0, min(HEARTBEAT, left)))
        except Empty:
            if left <= HEARTBEAT:
                self.end(reconnect("lifetime"))
                return self.__next__()
            return _COMMENT
        if chunk is None:
            raise StopIteration
        return chunk

    def close(self) -> None:
        """Called by the server when the client has disconnected or the stream has ended."""
        if not self.ended:
            self.ended = True
            self._waiting.put(None)
        if self.closed:
            self.closed(self)


def event(kind: str, data: Any, id_: str | None = None) -> bytes:
    """An event as it is sent. JSON has no line break in it."""
    head = f"event: {kind}\n" + (f"id: {id_}\n" if id_ else "")
    return head.encode() + b"data: " + orjson.dumps(data, option=orjson.OPT_UTC_Z) + b"\n\n"


def retry() -> bytes:
    """The random delay after which the client reconnects."""
    return f"retry: {RETRY + randbelow(RETRY_SPREAD)}\n\n".encode()


def reconnect(reason: str) -> bytes:
    return event("reconnect", {"reason": reason})


def event_id(user_id: int, number: int) -> str:
    return f"{user_id}-{number}"


def number_of(event_id: str, user_id: int) -> int | None:
    """The number in an event id of this user, otherwise None."""
    owner, _, number = event_id.partition("-")
    sane = owner == str(user_id) and number.isascii() and number.isdigit() and len(number) < 19
    return int(number) if sane else None
