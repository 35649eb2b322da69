"""One WSGI layer for what every request gets: an id, headers, a log line, its place in the metrics.

Outside Flask, because it costs a third there of what hooks would, and because it so covers
failures that Flask never sees.
"""

import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.routing import Map

from halolight.core import logs, metrics
from halolight.core.client_info import ClientInfo, client_info
from halolight.core.threads import cooperate

from .events import EVENT_STREAM
from .secure_headers import SECURE_HEADERS

NO_STORE = ("Cache-Control", "no-store")
HSTS = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_PLAIN = re.compile(r"[A-Za-z0-9/._~-]*")  # a path that quoting would leave as it is

Headers = list[tuple[str, str]]
Shortcut = Callable[[], bytes]
Log = Callable[[Mapping[str, Any]], None]


class Middleware:
    """`shortcuts` answer a plain GET of their path with JSON, without the cost of Flask.

    `log` gets what is known of each request when it is over, but what follows one of the `secret`
    beginnings of an address.
    """

    def __init__(
        self,
        app: WSGIApplication,
        shortcuts: Mapping[str, Shortcut],
        log: Log | None,
        secret: tuple[str, ...] = (),
    ) -> None:
        self._app = app
        self._shortcuts = shortcuts
        self._log = log
        self._secret = secret

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        cooperate()
        record = RequestRecord(environ, start_response, self._log, self._secret)
        path = environ.get("PATH_INFO", "")
        simple = environ["REQUEST_METHOD"] == "GET" and "HTTP_ORIGIN" not in environ
        if simple and path in self._shortcuts:
            record.route = path
            body = self._shortcuts[path]()
            headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
            record.start("200 OK", headers)
            record.body = [body]
        else:
            record.body = self._app(environ, record.start)
        return record


class RequestRecord:
    """One request and its answer: the answer's body, and what is recorded when it has been sent."""

    body: Iterable[bytes]

    def __init__(
        self,
        environ: WSGIEnvironment,
        start_response: StartResponse,
        log: Log | None,
        secret: tuple[str, ...],
    ) -> None:
        self._started = time.perf_counter()
        self._environ = environ
        self._start_response = start_response
        self._log = log
        self._secret = secret
        self._status = "500"
        self._began: float | None = None  # when a stream was opened, whose length says nothing
        self.route: str | None = None
        request_id = environ.get("HTTP_X_REQUEST_ID", "")
        self._id = request_id if _SANE_ID.fullmatch(request_id) else secrets.token_hex(12)
        logs.request_id.set(self._id)
        agent = environ.get("HTTP_USER_AGENT", "")
        languages = environ.get("HTTP_ACCEPT_LANGUAGE", "")
        client_info.set(ClientInfo(environ.get("REMOTE_ADDR"), agent, self._id, languages))

    def start(self, status: str, headers: Headers, exc_info: Any = None) -> Callable[..., Any]:
        """WSGI's start_response, with the headers of every answer that this one does not set."""
        environ = self._environ
        self._status = status[:3]
        # Flask takes its request out of the environment when it is done with it.
        if rule := getattr(environ.get("werkzeug.request"), "url_rule", None):
            self.route = rule.rule
        elif "halolight.route" in environ:  # of a call that was made on behalf of this request
            self.route = environ["halolight.route"]
        if ("Content-Type", EVENT_STREAM) in headers:
            self._began = time.perf_counter()
        names = {name.lower() for name, _ in headers}
        headers += [header for name, header in SECURE_HEADERS.items() if name not in names]
        if "cache-control" not in names and environ.get("PATH_INFO", "").startswith("/api/"):
            headers.append(NO_STORE)
        if environ.get("wsgi.url_scheme") == "https":
            headers.append(HSTS)
        headers.append(("X-Request-ID", self._id))
        return self._start_response(status, headers, exc_info)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.body)

    def close(self) -> None:
        """Called by the server when the answer has been sent: count it and log it.

        The path goes into the log without the query, which may hold secrets.
        """
        if close := getattr(self.body, "close", None):
            close()
        now = time.perf_counter()
        seconds = now - self._started
        method = self._environ["REQUEST_METHOD"]
        metrics.observe(method, self.route, self._status, (self._began or now) - self._started)
        if self._log:
            self._log(
                {
                    "method": method,
                    "path": self._told_path(),
                    "status": int(self._status),
                    "ms": round(seconds * 1000, 1),
                    "address": self._environ.get("REMOTE_ADDR"),
                    "user": self._environ.get("halolight.user"),
                }
            )

    def _told_path(self) -> str:
        """The path as the log has it, also where nothing is at it or the method is a wrong one."""
        path = self._environ.get("PATH_INFO", "")
        if path.startswith(self._secret):
            beginning = next(each for each in self._secret if path.startswith(each))
            return f"{beginning}<secret>"
        # Asked first, because quoting takes longer than writing the line.
        return path if _PLAIN.fullmatch(path) else quote(path, errors="replace")


def secret_addresses(routes: Map) -> tuple[str, ...]:
    """How the addresses begin in which something secret follows: `<secret:...>` in their rule."""
    rules = (rule.rule for rule in routes.iter_rules())
    return tuple({rule.partition("<secret:")[0] for rule in rules if "<secret:" in rule})
