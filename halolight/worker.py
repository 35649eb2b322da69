"""gunicorn's gevent worker, made to stop without breaking a connection, and its logger."""

from types import FrameType
from typing import Any

import gevent
from gevent.server import StreamServer
from gunicorn import glogging
from gunicorn.workers import ggevent

from .core import logs

IDLE_GRACE = 2.0  # seconds in which a client that has not heard of the stop may still ask

BACKLOG = 2048  # connections, as many as gunicorn lets wait by default


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
            self.max_accept = BACKLOG
            self._do_read()  # type: ignore[attr-defined]
        super().close()


# The worker makes its servers by this name.
ggevent.StreamServer = DrainingServer  # type: ignore[attr-defined]


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

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        # Asked for nothing but its address, which the client's socket knows even when the
        # listener has been closed meanwhile.
        super().handle(client, client, addr)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGTERM: what is under way is finished; idle connections do not hold up the end."""
        super().handle_exit(sig, frame)
        gevent.spawn_later(IDLE_GRACE, self._end_idle)

    def _end_idle(self) -> None:
        for connection, idle in list(self.waiting.items()):
            gevent.get_hub().loop.run_callback(connection.throw, idle)
