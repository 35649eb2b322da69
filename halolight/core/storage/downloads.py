"""Stored bytes that go out: in chunks, whole or in part, known again by their hash (RFC 9110)."""

import codecs
import re
from collections.abc import Iterator
from urllib.parse import quote

from flask import Response, request

from halolight.core.errors import NotFound, RangeNotSatisfiable
from halolight.core.http.etags import is_unchanged

from . import stores
from .protocol import Reader

CHUNK = 256 * 1024  # bytes

# A browser asks each time whether what it has is still right, and whether it may still have it.
CACHE_CONTROL = "private, no-cache"

# What may be shown in place of being saved: nothing in it can run, and of images those that every
# browser shows as a plain picture.
INLINE = frozenset(
    {
        *("image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/avif"),
        *("audio/mpeg", "audio/wav", "audio/flac", "audio/ogg", "audio/mp4"),
        *("video/mp4", "video/webm", "video/quicktime"),
        *("application/pdf", "text/plain"),
    }
)
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"

_RANGE = re.compile(r"bytes=(?=.*\d)(\d{0,18})-(\d{0,18})")


class Chunks:
    """So many bytes of a file, piece by piece."""

    def __init__(self, file: Reader, length: int) -> None:
        self._file = file
        self._length = length

    def __iter__(self) -> Iterator[bytes]:
        left = self._length
        while left and (chunk := self._file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk

    def close(self) -> None:
        self._file.close()


def send(
    key: str,
    *,
    etag: str,
    mime_type: str,
    size: int | None = None,
    name: str = "",
    inline: bool = False,
) -> Response:
    """What lies under the key, as far as the request asks for it.

    It is shown only where that is asked for and safe, else saved.
    """
    size = stores.current().size(key) if size is None else size
    if size is None:
        raise NotFound
    response = Response(content_type=mime_type)
    headers = response.headers
    headers["ETag"] = f'"{etag}"'
    headers["Cache-Control"] = CACHE_CONTROL
    headers["Accept-Ranges"] = "bytes"
    headers["Content-Disposition"] = _shown_as(name, mime_type, inline=inline)
    if not inline or mime_type not in INLINE:
        headers["Content-Security-Policy"] = SANDBOX
    if is_unchanged(etag):
        response.status_code = 304
        return response
    start, stop = 0, size
    if (part := _asked_part(size, etag)) is not None:
        start, stop = part
        response.status_code = 206
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    headers["Content-Type"] = _content_type(key, mime_type)
    headers["Content-Length"] = str(stop - start)
    if request.method != "HEAD":
        response.response = Chunks(_open(key, start, stop), stop - start)
    return response


def redirect(key: str, *, mime_type: str, name: str, inline: bool) -> Response | None:
    """To the storage itself, if it has links of its own: they are valid for a minute."""
    url = stores.current().link(
        key,
        request.method,
        mime_type=_content_type(key, mime_type),
        disposition=_shown_as(name, mime_type, inline=inline),
    )
    if url is None:
        return None
    return Response(status=302, headers={"Location": url, "Cache-Control": "private, no-store"})


def _shown_as(name: str, mime_type: str, *, inline: bool) -> str:
    return disposition(name, inline=inline and mime_type in INLINE)


def _open(key: str, start: int, stop: int) -> Reader:
    try:
        return stores.current().open(key, start, stop)
    except FileNotFoundError:  # deleted since its row was read
        raise NotFound from None


def _content_type(key: str, mime_type: str) -> str:
    """With the charset of a text, unless that is UTF-16: its byte order mark tells enough."""
    if mime_type != "text/plain":
        return mime_type
    with _open(key, 0, 2) as file:
        mark = file.read(2)
    utf_16 = mark in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}
    return mime_type if utf_16 else f"{mime_type}; charset=utf-8"


def _asked_part(size: int, etag: str) -> tuple[int, int] | None:
    """Where the part begins and ends that `Range` asks for; None for the whole (RFC 9110, 14).

    What is no range, and several of them at once, are answered with the whole, as a server may.
    """
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    fresh = request.headers.get("If-Range", f'"{etag}"') == f'"{etag}"'
    if request.method != "GET" or asked is None or not fresh:
        return None
    first, last = asked[1], asked[2]
    if first:
        start, stop = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None
    else:
        start, stop = max(0, size - int(last)), size
    if start >= size:
        raise RangeNotSatisfiable(size)
    return start, stop


def disposition(name: str, *, inline: bool) -> str:
    """`Content-Disposition` by RFC 6266: the name in ASCII for old clients, and as it is."""
    kind = "inline" if inline else "attachment"
    if not name:
        return kind
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in name)
    if plain == name:
        return f'{kind}; filename="{name}"'
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
