"""Calls of the contract, made of the application itself on behalf of a front end's request.

Each passes through the whole application: authentication, permissions, limits, envelope.
"""

import dataclasses as dc
import io
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

import orjson
from flask import Request

from halolight.core.http import bodies

from .tables import JsonObject

Translate = Callable[[JsonObject], JsonObject]
JSON = "application/json"

# What a request says of its own body, or asks of its own answer.
OF_ONE_CALL = frozenset(
    (
        *("HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH", "HTTP_RANGE"),
        *("HTTP_CONTENT_ENCODING", "HTTP_TRANSFER_ENCODING", "HTTP_IDEMPOTENCY_KEY"),
    )
)


@dc.dataclass(slots=True)
class Reply:
    """An answer of the application. `close` it unless it is passed on."""

    status: str
    headers: list[tuple[str, str]]
    body: Iterable[bytes]

    @property
    def code(self) -> int:
        return int(self.status[:3])

    @property
    def succeeded(self) -> bool:
        return self.status.startswith("2")

    def json(self) -> Any:
        """The envelope, or None for what has none: the bytes of a file, a document of OpenAPI."""
        headers = {name.lower(): value for name, value in self.headers}
        is_file = "content-disposition" in headers  # of any type, JSON too
        if is_file or not headers.get("content-type", "").startswith(JSON):
            return None
        self.body = [b"".join(self._read())]
        try:
            envelope = orjson.loads(self.body[0])
        except ValueError:
            return None
        return envelope if isinstance(envelope, dict) and "success" in envelope else None

    def _read(self) -> list[bytes]:
        try:
            return list(self.body)
        finally:
            self.close()

    def close(self) -> None:
        if close := getattr(self.body, "close", None):
            close()


def call(app: WSGIApplication, environ: WSGIEnvironment) -> Reply:
    reply = Reply("500", [], ())

    def start(status: str, headers: list[tuple[str, str]], _: Any = None) -> Callable[..., Any]:
        reply.status, reply.headers = status, headers
        request = environ.get("werkzeug.request")
        if rule := getattr(request, "url_rule", None):
            environ["halolight.route"] = rule.rule
        return lambda _: None

    reply.body = app(environ, start)
    return reply


class TranslatedBody(io.RawIOBase):
    """A JSON body that is translated when the application reads it.

    That is when it knows the caller and how much it takes: until then nothing is read.
    """

    def __init__(
        self, outer: WSGIEnvironment, inner: WSGIEnvironment, translate: Translate
    ) -> None:
        self._outer, self._inner, self._translate = outer, inner, translate
        self._translated: io.BytesIO | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._translated is None:
            self._translated = io.BytesIO(self._translate_all())
        return self._translated.readinto(buffer)

    def _translate_all(self) -> bytes:
        sent = Request(self._outer, populate_request=False)
        sent.max_content_length = self._inner["werkzeug.request"].max_content_length
        raw = bodies.whole(sent)
        try:
            body = orjson.loads(raw or b"{}")
        except ValueError:
            return raw
        if not isinstance(body, dict):
            return raw
        translated = self._translate(body)
        return orjson.dumps(translated) if translated or raw else b""


def with_body(
    outer: WSGIEnvironment, inner: WSGIEnvironment, translate: Translate, *, made_up: bool
) -> None:
    """Let the application read the body of `outer` translated, if it is JSON.

    `made_up`: the front end may send none where the contract wants one. Anything else, as the form
    of an upload, passes as it is.
    """
    mimetype = outer.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    if made_up and not mimetype:
        inner["CONTENT_TYPE"] = mimetype = JSON
    if mimetype == JSON and "HTTP_CONTENT_ENCODING" not in outer:
        inner["wsgi.input"] = TranslatedBody(outer, inner, translate)
        inner["wsgi.input_terminated"] = True


def without_body(environ: WSGIEnvironment, method: str, path: str) -> WSGIEnvironment:
    """The environment of a further call for the same caller."""
    body = b"{}" if method != "GET" else b""
    kept = {name: value for name, value in environ.items() if name not in OF_ONE_CALL}
    return {
        **kept,
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "CONTENT_TYPE": JSON,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
