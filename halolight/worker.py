"""gunicorn's gevent worker, made to stop without breaking a connection, and its logger."""

import secrets
import time
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
from werkzeug.exceptions import BadRequest

from .core import logs
from .core.http.envelope import failure
from .core.http.middleware import HEADERS
from .core.threads import cooperate

IDLE_GRACE = 2.0  # seconds in which a client that has not heard of the stop may still ask

# How long the rest of a request is read, and thrown away, that was answered before its end.
LINGER = 20.0  # seconds in all; less than gunicorn's graceful_timeout
SILENCE = 5.0  # seconds for the next 64 KB of it
DISCARDED_AT_ONCE = 64 * 1024  # bytes

BACKLOG = 2048  # connections, as many as gunicorn lets wait by default


def refuse(client: Any, status: int, reason: str, message: str) -> None:
    """What gunicorn answers by itself (a line too long, headers it cannot read): the envelope."""
    code, status = ("INTERNAL_ERROR", 500) if status >= 500 else ("VALIDATION_ERROR", 400)
    text = "Something went wrong" if status == 500 else f"The request cannot be read: {reason}"
    body = orjson.dumps(failure(code, text, []))
    headers = {
        "Connection": "close",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "X-Request-ID": secrets.token_hex(12),
        **dict(HEADERS.values()),
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

    def close(self) -> None:
        if not self.closed:
            with suppress(OSError):  # no file descriptor is left
                self._accept_waiting()
        super().close()

    def _accept_waiting(self) -> None:
        for _ in range(BACKLOG):
            if self.full() or not (accepted := self.do_read()):
                break
            self.do_handle(*accepted)


class RequestReader:
    """What a client sends that cannot be read, or ends too early, is its own fault: 400."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)  # its `length`, of which `finish_reading` asks

    def read(self, size: int) -> Any:
        try:
            return self._reader.read(size)
        except (OSError, ParseException) as error:
            raise BadRequest from error


def finish_reading(body: Any) -> bool:
    """Read what has not been read of a request; whether the connection can take another.

    A body that is refused (too large, not allowed) is still being sent. If the connection were
    closed now, the client would get a reset instead of the answer (RFC 9112, 9.6).
    """
    if body.failed:
        return False
    if getattr(body.reader, "length", None) == 0:  # as nearly always: all of it has been read
        return True
    end = time.monotonic() + LINGER
    try:
        while time.monotonic() < end:
            with gevent.Timeout(SILENCE):
                if len(body.read(DISCARDED_AT_ONCE)) < DISCARDED_AT_ONCE:
                    return True
            cooperate()
    except (BadRequest, gevent.Timeout):
        pass
    return False


class Idle(gevent.Timeout):
    """The time in which a connection waits for its next request. The worker can cut it short."""

    def __init__(self, worker: "Worker") -> None:
        super().__init__(worker.cfg.keepalive, False)  # type: ignore[arg-type]
        self._waiting = worker.waiting

    def __enter__(self) -> "Idle":
        self._waiting[gevent.getcurrent()] = self
        entered: Idle = super().__enter__()
        return entered

    def __exit__(self, *error: Any) -> Any:
        self._waiting.pop(gevent.getcurrent(), None)
        return super().__exit__(*error)


class Worker(ggevent.GeventWorker):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.waiting: dict[Any, Idle] = {}

    def timeout_ctx(self) -> Idle:  # type: ignore[override]
        return Idle(self)

    def server_class(  # type: ignore[override]
        self, listener: Any, *, spawn: Any, **_: Any
    ) -> DrainingServer:
        server = DrainingServer(listener, handle=self.handle_client, spawn=spawn)
        if self.cfg.workers > 1:
            server.max_accept = 1  # as gunicorn's own: the other workers take the next
        return server

    def handle_client(self, client: Any, addr: Any) -> None:
        # The listener is asked for nothing but its address, which the client's socket knows even
        # when the listener has been closed meanwhile.
        self.handle(client, client, addr)

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> bool:
        req.body.reader = RequestReader(req.body.reader)
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
        gevent.spawn_later(IDLE_GRACE, self._end_idle)

    def _end_idle(self) -> None:
        for connection in list(self.waiting):
            gevent.get_hub().loop.run_callback(self._end_if_idle, connection)

    def _end_if_idle(self, connection: Any) -> None:
        """Between the look at the list and this call the connection may have got a request."""
        if idle := self.waiting.get(connection):
            connection.throw(idle)
