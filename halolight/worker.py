"""gunicorn's gevent worker, made to stop without breaking a connection, and its logger."""

import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from types import FrameType
from typing import Any

import gevent
import orjson
from gevent.server import StreamServer
from gunicorn import glogging, util
from gunicorn.http.errors import ParseException
from gunicorn.workers import ggevent

from halolight.core.i18n import _, caller_language

from .connections import HEADER_SECONDS, RESERVE, Connections, Header, Wait
from .core import logs
from .core.errors import ApiError, Invalid
from .core.http import bodies
from .core.http.envelope import failure
from .core.http.secure_headers import SECURE_HEADERS
from .core.threads import cooperate

IDLE_GRACE = 2.0  # seconds in which a client that has not heard of the stop may still ask

# How long the rest of a request is read, and thrown away, that was answered before its end.
LINGER = 20.0  # seconds in all; less than gunicorn's graceful_timeout

MOST_OF_CAUSE = 200  # characters of what gunicorn says, which may quote a long line

BACKLOG = 4096  # connections that may wait to be accepted, as in server.py


def refuse(client: Any, status: int, reason: str, message: str) -> None:
    """What gunicorn answers by itself (a line too long, headers it cannot read): the envelope.

    Its 501 is for a transfer coding that it does not know, which may be 400, too (RFC 9112, 6.1).
    """
    code, status = ("INTERNAL_ERROR", 500) if status == 500 else ("VALIDATION_ERROR", 400)
    cause = (message or reason)[:MOST_OF_CAUSE]
    text = (
        ApiError.message if status == 500 else _("The request cannot be read: {cause}", cause=cause)
    )
    body = orjson.dumps(failure(code, text, []))
    headers = {
        "Connection": "close",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Content-Language": caller_language(),
        "X-Request-ID": secrets.token_hex(12),
        **dict(SECURE_HEADERS.values()),
    }
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    client.sendall("\r\n".join([*lines, "", ""]).encode() + body)


util.write_error = refuse  # type: ignore[assignment] # called by the worker's handle_error


class Logger(glogging.Logger):
    """gunicorn's own lines, in the style of the application's; requests it logs itself."""

    def setup(self, cfg: Any) -> None:
        from .server import settings  # gunicorn has read it by now

        super().setup(cfg)
        self.error_log.handlers = [logs.handler(settings.LOG_FORMAT)]

    def access(self, *_: Any) -> None:
        pass


class DrainingServer(StreamServer):
    """Takes in the connections that are waiting before it closes; else they would be reset."""

    connections: Connections
    end_streams: Callable[[], None]

    def do_handle(self, client: Any, address: Any) -> None:
        """Serve a new connection, unless its client has too many."""
        if not self.connections.has_room_for(address):
            client.close()
            return
        pool: Any = self.pool
        if pool.free_count() < RESERVE * pool.size:
            self.connections.end_longest_waiting()
        super().do_handle(client, address)

    def close(self) -> None:
        if not self.closed:
            self.end_streams()
            with suppress(OSError):  # no file descriptor is left
                self._accept_waiting()
        super().close()

    def _accept_waiting(self) -> None:
        for _attempt in range(BACKLOG):
            if self.full() or not (accepted := self.do_read()):
                break
            self.do_handle(*accepted)


class RequestReader:
    """Reads a body in pieces, each within its deadline.

    What a client sends that cannot be read, ends too early or comes too slowly is its own fault.
    """

    def __init__(self, request: Any, waiting: dict[Any, Wait]) -> None:
        self._request = request
        self._reader = request.body.reader
        self._waiting = waiting
        self._ahead = b""
        request.unreader.max_body_chunk = bodies.PIECE  # the most that is read ahead

    @property
    def length(self) -> int | None:
        """How many bytes are still to come, if that is known."""
        left: int | None = getattr(self._reader, "length", None)
        return None if left is None else left + len(self._ahead)

    def read_ahead(self) -> None:
        """Read a body of one piece before the application is called.

        It costs much more than a connection that waits, of which there may be thousands.
        """
        expected = any(name == "EXPECT" for name, _ in self._request.headers)
        if not expected and 0 < (self.length or 0) <= bodies.PIECE:
            self._ahead = self.read(bodies.PIECE)

    def read(self, size: int) -> bytes:
        if ahead := self._ahead[:size]:
            self._ahead = self._ahead[size:]
            return ahead
        if self.length == 0:
            return b""
        try:
            with Wait(self._waiting, bodies.patience.get()):
                data: bytes = self._reader.read(min(size, bodies.PIECE))
                return data
        except Wait:
            self._request.force_close()
            raise Invalid(_("The request did not arrive in time. Please try again.")) from None
        except (OSError, ParseException) as error:
            self._request.force_close()
            raise Invalid(_("The request cannot be read.")) from error


def finish_reading(body: Any) -> bool:
    """Read what has not been read of a request; whether the connection can take another.

    A body that is refused (too large, not allowed) is still being sent. If the connection were
    closed now, the client would get a reset instead of the answer (RFC 9112, 9.6).
    """
    if body.failed:
        return False
    if getattr(body.reader, "length", None) == 0:  # as nearly always: all of it has been read
        return True
    bodies.patience.set(bodies.SECONDS)
    end = time.monotonic() + LINGER
    with suppress(Invalid):
        while time.monotonic() < end:
            if len(body.read(bodies.PIECE)) < bodies.PIECE:
                return True
            cooperate()
    return False


class Worker(ggevent.GeventWorker):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        from .server import settings

        super().__init__(*args, **kwargs)
        # The connections of a proxy are those of many clients.
        per_address = None if settings.TRUSTED_PROXIES else settings.CONNECTIONS_PER_ADDRESS
        self.connections = Connections(per_address)

    def timeout_ctx(self) -> Header:  # type: ignore[override]
        connection = self.connections.current()
        keepalive = float(self.cfg.keepalive)
        return connection.reading_header(keepalive if connection.requests else HEADER_SECONDS)

    def server_class(  # type: ignore[override]
        self, listener: Any, *, spawn: Any, **_: Any
    ) -> DrainingServer:
        server = DrainingServer(listener, handle=self.handle_client, spawn=spawn)
        server.connections = self.connections
        server.end_streams = self.end_streams
        if self.cfg.workers > 1:
            server.max_accept = 1  # as gunicorn's own: the other workers take the next
        return server

    def end_streams(self) -> None:
        """Tell the clients of live events to reconnect, to another worker."""
        application: Any = self.wsgi
        application.extensions["live"].hub.stop()

    def handle_client(self, client: Any, addr: Any) -> None:
        # The listener is asked for nothing but its address, which the client's socket knows even
        # when the listener has been closed meanwhile.
        with self.connections.opened(client, addr) as connection:
            socket: Any = connection
            self.handle(socket, socket, addr)

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> bool:
        bodies.patience.set(bodies.SECONDS)
        reader = req.body.reader = RequestReader(req, self.connections.waiting)
        try:
            reader.read_ahead()
        except Invalid as error:
            self.log.debug("Closing connection. %s", error)
            raise StopIteration from None
        ends = False
        try:
            super().handle_request(listener_name, req, sock, addr)
        except StopIteration:
            ends = True
        if not finish_reading(req.body) or ends:
            raise StopIteration
        return True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGTERM: what is under way is finished; idle connections do not hold up the end."""
        super().handle_exit(sig, frame)
        gevent.spawn_later(IDLE_GRACE, self.connections.end_idle)
