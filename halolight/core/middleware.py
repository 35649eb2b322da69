"""One WSGI layer for what every request gets: an id, headers, a log line, its place in the metrics.

Outside Flask, because it costs a third there of what hooks would, and because it so covers
failures that Flask never sees.
"""

import logging
import re
import secrets
import time
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.wsgi import ClosingIterator

from . import logs, metrics

log = logging.getLogger("halolight.access")

# OWASP REST Security Cheat Sheet, Security Headers. An answer's own value wins.
HEADERS = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
]
NO_STORE = ("Cache-Control", "no-store")
HSTS = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

Headers = list[tuple[str, str]]


class Middleware:
    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        started = time.perf_counter()
        request_id = environ.get("HTTP_X_REQUEST_ID", "")
        if not _SANE_ID.fullmatch(request_id):
            request_id = secrets.token_hex(12)
        logs.request_id.set(request_id)
        sent: dict[str, Any] = {}

        def start(status: str, headers: Headers, exc_info: Any = None) -> Callable[..., Any]:
            sent["status"] = status[:3]
            # Flask takes its request out of the environment when it is done with it.
            sent["rule"] = getattr(environ.get("werkzeug.request"), "url_rule", None)
            _complete(headers, environ, request_id)
            return start_response(status, headers, exc_info)

        body = self._app(environ, start)

        def finish() -> None:
            route = sent["rule"].rule if sent.get("rule") else None
            seconds = time.perf_counter() - started
            _record(environ, route, sent.get("status", "500"), seconds, request_id)

        return ClosingIterator(body, finish)


def _complete(headers: Headers, environ: WSGIEnvironment, request_id: str) -> None:
    """Add what every answer carries and this one does not set itself."""
    names = {name.lower() for name, _ in headers}
    headers += [header for header in HEADERS if header[0].lower() not in names]
    if "cache-control" not in names and environ.get("PATH_INFO", "").startswith("/api/"):
        headers.append(NO_STORE)
    if environ.get("wsgi.url_scheme") == "https":
        headers.append(HSTS)
    headers.append(("X-Request-ID", request_id))


def _record(
    environ: WSGIEnvironment, route: str | None, status: str, seconds: float, request_id: str
) -> None:
    """Count and log one finished request: its path without the query, which may hold secrets."""
    method = environ["REQUEST_METHOD"]
    metrics.observe(method, route, status, seconds)
    if log.isEnabledFor(logging.INFO):
        logs.request_id.set(request_id)
        fields = {
            "method": method,
            "path": quote(environ.get("PATH_INFO", ""), errors="replace"),
            "status": int(status),
            "ms": round(seconds * 1000, 1),
            "address": environ.get("REMOTE_ADDR"),
            "user": environ.get("halolight.user"),
        }
        log.info("request", extra={"fields": fields})
