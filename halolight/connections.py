"""The connections of a worker: how long a client may keep it waiting, and how many there may be.

A connection that waits for its client costs little, but a worker can have only so many. When most
are in use, those that have waited longest are closed for new ones.
"""

import errno
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gevent
from gunicorn.http.errors import LimitRequestHeaders

from .core.client_info import is_this_machine, network_of
from .core.http.bodies import PIECE

HEADER_SECONDS = 10.0  # for the first header of a connection, and for any that has begun
MAX_HEADER = 64 * 1024  # bytes of a header that has not ended
SEND_SECONDS = 30.0  # in which the client takes the next 64 KB of a response
RESERVE = 0.1  # the part of a worker's connections that is kept free


class Wait(gevent.Timeout):
    """The time in which a connection waits for its client. The worker can cut it short."""

    def __init__(self, waiting: dict[Any, "Wait"], seconds: float, *, idle: bool = False) -> None:
        nothing: Any = False
        super().__init__(seconds, nothing if idle else None)
        self._waiting = waiting
        self._outer: Wait | None = None  # the one in which it is
        self.idle = idle  # between two requests: at its end nothing is raised

    def __enter__(self) -> "Wait":
        greenlet = gevent.getcurrent()
        self._outer = self._waiting.pop(greenlet, None)
        self._waiting[greenlet] = self  # the last: it has waited least
        entered: Wait = super().__enter__()
        return entered

    def __exit__(self, *error: Any) -> Any:
        greenlet = gevent.getcurrent()
        self._waiting.pop(greenlet, None)
        if self._outer is not None:
            self._waiting[greenlet] = self._outer
        return super().__exit__(*error)


class Connection:
    """The socket of a client, with limits for what gunicorn reads of a header and sends."""

    def __init__(self, socket: Any, waiting: dict[Any, Wait]) -> None:
        self._socket = socket
        self._waiting = waiting
        self._header: bytearray | None = None  # what has come of it, while it is read
        self._began = 0.0
        self.requests = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)

    def reading_header(self, seconds: float) -> "Header":
        """Wait for the next request. When it does not come, nothing is raised."""
        return Header(self, self._waiting, seconds)

    def begin_header(self) -> None:
        self._header = bytearray()

    def end_header(self) -> None:
        self._header = None
        self.requests += 1

    def recv(self, size: int) -> bytes:
        if self._header is None:
            data: bytes = self._socket.recv(size)
        elif self._header:
            data = self._recv_in_time(size)
            self._check(self._header, data)
        else:
            data = self._socket.recv(size)
            self._began = time.monotonic()
            self._check(self._header, data)
        return data

    def _recv_in_time(self, size: int) -> bytes:
        """The next part of a header that has begun; nothing, as of a client that has gone."""
        left = max(0.001, self._began + HEADER_SECONDS - time.monotonic())
        nothing: Any = False
        with gevent.Timeout(left, nothing):
            data: bytes = self._socket.recv(size)
            return data
        return b""

    def _check(self, header: bytearray, data: bytes) -> None:
        """Refuse at once what gunicorn would wait for the end of."""
        seen = len(header)
        header += data
        if header.find(b"\r\n\r\n", max(0, seen - 3)) >= 0:
            return
        if len(header) > MAX_HEADER:
            raise LimitRequestHeaders("limit request headers")

    def sendall(self, data: bytes) -> None:
        """Send all of it. Raises ConnectionResetError for a client that does not take it."""
        try:
            sent = self._socket.send(data, 0, 0.0)  # as nearly always: the system takes it at once
        except BlockingIOError:
            sent = 0
        if sent < len(data):
            self._send_in_time(memoryview(data)[sent:])

    def _send_in_time(self, data: memoryview) -> None:
        for start in range(0, len(data), PIECE):
            try:
                with Wait(self._waiting, SEND_SECONDS):
                    self._socket.sendall(data[start : start + PIECE])
            except Wait:
                reason = "the client does not take the response"
                raise ConnectionResetError(errno.ECONNRESET, reason) from None


class Header(Wait):
    """The time in which a connection waits for its next request, and reads its header."""

    def __init__(self, connection: Connection, waiting: dict[Any, Wait], seconds: float) -> None:
        super().__init__(waiting, seconds, idle=True)
        self._connection = connection

    def __enter__(self) -> "Header":
        self._connection.begin_header()
        super().__enter__()
        return self

    def __exit__(self, *error: Any) -> Any:
        self._connection.end_header()
        return super().__exit__(*error)


class Connections:
    """All connections of a worker: `waiting` has those that wait for their client, oldest first."""

    def __init__(self, per_address: int | None) -> None:
        self.waiting: dict[Any, Wait] = {}
        self._open: dict[Any, Connection] = {}
        self._per_address = per_address
        self._of_address: Counter[str] = Counter()

    def current(self) -> Connection:
        """The connection that the running greenlet serves."""
        return self._open[gevent.getcurrent()]

    def has_room_for(self, address: Any) -> bool:
        """Whether this client may have one more connection."""
        network = _network(address)
        if self._per_address is None or network is None:
            return True
        return self._of_address[network] < self._per_address

    @contextmanager
    def opened(self, socket: Any, address: Any) -> Iterator[Connection]:
        """A new connection, until it is closed."""
        greenlet, network = gevent.getcurrent(), _network(address)
        connection = self._open[greenlet] = Connection(socket, self.waiting)
        if network is not None:
            self._of_address[network] += 1
        try:
            yield connection
        finally:
            del self._open[greenlet]
            if network is not None:
                self._of_address[network] -= 1
                if not self._of_address[network]:
                    del self._of_address[network]

    def end_longest_waiting(self) -> None:
        """Close the connection that has waited longest for its client."""
        for greenlet, wait in self.waiting.items():
            self._end(greenlet, wait)
            return

    def end_idle(self) -> None:
        """Close all connections that wait for their next request."""
        for greenlet, wait in list(self.waiting.items()):
            if wait.idle:
                self._end(greenlet, wait)

    def _end(self, greenlet: Any, wait: Wait) -> None:
        self.waiting.pop(greenlet, None)
        gevent.get_hub().loop.run_callback(self._end_if_waiting, greenlet, wait)

    def _end_if_waiting(self, greenlet: Any, wait: Wait) -> None:
        """Between the decision and this call the connection may have got a request."""
        if wait.pending:
            greenlet.throw(wait)


def _network(address: Any) -> str | None:
    """Which client it is; None for this machine, and for a socket that has no address."""
    if not isinstance(address, tuple) or is_this_machine(address[0]):
        return None
    return network_of(address[0])
