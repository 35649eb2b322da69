"""The translator: it takes a front end's request, calls the contract, and writes the answer.

It is a WSGI application in front of the other. What is not below a mount passes it by.
"""

import dataclasses as dc
import logging
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import orjson

from halolight.core.client_info import client_info
from halolight.core.errors import ApiError, Forbidden, NotFound
from halolight.core.http.envelope import failure
from halolight.core.http.json import VARY
from halolight.core.http.middleware import NO_STORE
from halolight.core.i18n import _, caller_language
from halolight.core.threads import cooperate

from . import cookies, internal
from .requests import Query, translate_body, translate_query
from .tables import WHOLE, Call, Caller, Dialect, JsonObject, fill
from .writers import Page, Writer

log = logging.getLogger(__name__)

CHUNK = 200  # rows that are mapped before other requests get their turn
CROSS_SITE = _("A request that is signed in by a cookie must come from the pages of this site.")

SignThumbnail = Callable[[int, int], str]


class Mounts:
    """The front ends' mounts, and everything else as it was.

    `sign_thumbnail` makes a link that needs no token, of the ids of a user and of a file.
    """

    def __init__(
        self, app: WSGIApplication, dialects: Iterable[Dialect], sign_thumbnail: SignThumbnail
    ) -> None:
        self._app = app
        self._dialects = {dialect.mount: dialect for dialect in dialects}
        self._sign_thumbnail = sign_thumbnail

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        mount, _, path = environ.get("PATH_INFO", "")[1:].partition("/")
        dialect = self._dialects.get(mount)
        if dialect is None or path.partition("/")[0] != "api":
            return self._app(environ, start_response)
        exchange = Exchange(self._app, dialect, environ, self._sign_thumbnail)
        return exchange.answer(path.removeprefix("api"), start_response)


class Exchange:
    """One request of a front end and its answer."""

    def __init__(
        self,
        app: WSGIApplication,
        dialect: Dialect,
        environ: WSGIEnvironment,
        sign_thumbnail: SignThumbnail,
    ) -> None:
        self._app = app
        self._dialect = dialect
        self._environ = environ
        self._sign_thumbnail = sign_thumbnail
        self._writer: Writer = dialect.writer
        self._signed_in: WSGIEnvironment = {**environ}  # what each call begins with
        self._user_id: int | None = None

    def answer(self, path: str, start_response: StartResponse) -> Iterable[bytes]:
        # No header of a client can say this.
        before = client_info.set(dc.replace(client_info.get(), renews_tokens=False))
        try:
            self._sign_in_by_cookie()
            return self._translate(path, start_response)
        except ApiError as error:
            return self._refuse(error, start_response)
        except Exception:
            log.exception("unhandled error in a dialect")
            return self._refuse(ApiError(), start_response)
        finally:
            client_info.reset(before)

    def _sign_in_by_cookie(self) -> None:
        """Without an `Authorization` header, where the front end has such a cookie.

        Raises `Forbidden` for what another site may have caused.
        """
        dialect, environ = self._dialect, self._environ
        if not dialect.cookie or "HTTP_AUTHORIZATION" in environ:
            return
        self._writer = dialect.cookie_writer or dialect.writer
        if token := cookies.token(environ, dialect.cookie):
            if not cookies.may_count(environ):
                raise Forbidden(CROSS_SITE)
            self._signed_in["HTTP_AUTHORIZATION"] = f"Bearer {token}"

    def _translate(self, path: str, start_response: StartResponse) -> Iterable[bytes]:
        call, params = self._dialect.find(self._method, path)
        query = translate_query(call, self._environ.get("QUERY_STRING", ""))
        reply = self._first_call(call, params, query)
        envelope = reply.json()
        if envelope is None:
            return self._pass_on(reply, start_response)
        status = reply.code
        if envelope["success"]:
            written = self._write(call, {**query.pairs, **params}, query, envelope)
            if written is None:
                raise NotFound
        else:
            written = self._writer.failure(status, envelope["error"])
        return self._send(reply.status, reply.headers, written, start_response)

    def _pass_on(self, reply: internal.Reply, start_response: StartResponse) -> Iterable[bytes]:
        """Bytes of files, documents of OpenAPI: what has no envelope stays as it is."""
        start_response(reply.status, [*reply.headers, *self._no_store(reply.headers)])
        if self._environ["REQUEST_METHOD"] != "HEAD":
            return reply.body
        reply.close()
        return []

    @property
    def _method(self) -> str:
        """A preflight asks about another method, and HEAD is answered as GET is."""
        environ = self._environ
        method: str = environ["REQUEST_METHOD"]
        if method == "OPTIONS":
            method = environ.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD", "GET")
        return "GET" if method == "HEAD" else method

    def _first_call(self, call: Call, params: JsonObject, query: Query) -> internal.Reply:
        inner = {**self._signed_in}
        method, inner["PATH_INFO"] = call.target(params)
        inner["QUERY_STRING"] = query.text
        if inner["REQUEST_METHOD"] == "HEAD":
            inner.pop("HTTP_RANGE", None)  # which it has none of (RFC 9110, 14.2)
        if inner["REQUEST_METHOD"] != "OPTIONS":
            inner["REQUEST_METHOD"] = method
        if method != "GET":
            made_up = call.body is not None
            internal.with_body(self._environ, inner, partial(translate_body, call), made_up=made_up)
        if query.whole:
            client_info.set(dc.replace(client_info.get(), max_page=WHOLE))
        reply = internal.call(self._app, inner)
        for name in ("halolight.user", "halolight.route"):  # for the log and the metrics
            if name in inner:
                self._environ[name] = inner[name]
        self._user_id = inner.get("halolight.user")
        return reply

    def _write(self, call: Call, params: JsonObject, query: Query, envelope: JsonObject) -> Any:
        data, message = envelope["data"], envelope["message"]
        if call.combine:
            data = call.combine(self._gathered(call, params, data))
        if data is None:
            return self._writer.nothing(message)
        if isinstance(data, list):
            return self._write_list(call, params, query, data, message)
        if "items" in data and "totalPages" in data:
            rows = self._mapped(call, data["items"])
            if call.bare and query.page is None:
                return self._writer.list(rows, message)
            page = Page(rows, data["total"], data["page"], data["pageSize"])
            return self._writer.page(page, message, call.asked)
        return self._writer.object(self._mapped(call, [data])[0], message)

    def _write_list(
        self, call: Call, params: JsonObject, query: Query, data: list[Any], message: str
    ) -> Any:
        rows = self._mapped(call, data)
        if call.select:
            chosen = call.select(rows, params)
            if not isinstance(chosen, list):
                return self._writer.object(chosen, message) if chosen else None
            rows = chosen
        if query.page is None:
            return self._writer.list(rows, message)
        start = (query.page - 1) * query.size
        page = Page(rows[start : start + query.size], len(rows), query.page, query.size)
        return self._writer.page(page, message, call.asked)

    def _gathered(self, call: Call, params: Mapping[str, Any], data: Any) -> list[Any]:
        """The data of the first call and of those that follow; None for one that fails."""
        known = {**data, **params} if isinstance(data, dict) else params
        parts = [data]
        for each in call.follow:
            environ = internal.without_body(self._signed_in, *fill(each, dict(known)))
            reply = internal.call(self._app, environ)
            envelope = reply.json()
            parts.append(envelope["data"] if envelope and envelope["success"] else None)
        return parts

    def _mapped(self, call: Call, rows: list[JsonObject]) -> list[JsonObject]:
        entity = call.entity
        if entity is None:
            return rows
        caller = Caller(self._user_id, partial(self._sign_thumbnail, self._user_id or 0))
        mapped: list[JsonObject] = []
        for start in range(0, len(rows), CHUNK):
            mapped += [entity(row, caller) for row in rows[start : start + CHUNK]]
            cooperate()
        return mapped

    def _refuse(self, error: ApiError, start_response: StartResponse) -> Iterable[bytes]:
        status = int(error.status)
        body = failure(error.code, error.message, error.details)["error"]
        written = self._writer.failure(status, body)
        headers = [("Content-Language", caller_language()), ("Vary", VARY)]
        return self._send(f"{status} {error.status.phrase}", headers, written, start_response)

    def _send(
        self,
        status: str,
        headers: list[tuple[str, str]],
        written: Any,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        body = orjson.dumps(written)
        own = {"content-length", "content-type", "link"}  # whose query is that of the contract
        kept = [(name, value) for name, value in headers if name.lower() not in own]
        kept += [("Content-Type", internal.JSON), ("Content-Length", str(len(body)))]
        start_response(status, kept + self._no_store(headers))
        return [] if self._environ["REQUEST_METHOD"] == "HEAD" else [body]

    @staticmethod
    def _no_store(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
        return [] if any(name.lower() == "cache-control" for name, _ in headers) else [NO_STORE]
