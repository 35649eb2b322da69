"""Stored bytes that go out: in chunks, whole or in part, known again by their hash (RFC 9110)."""

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import quote

from flask import Response, request

from halolight.core.errors import NotFound, RangeNotSatisfiable
from halolight.core.http.etags import is_unchanged
from halolight.core.threads import run_in_io_thread

from . import disk

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
    """Read bytes of a file on a thread, so that the disk does not block other requests."""

    def __init__(self, file: BinaryIO, length: int) -> None:
        self._file = file
        self._length = length

    def __iter__(self) -> Iterator[bytes]:
        left = self._length
        while left and (chunk := run_in_io_thread(self._file.read, min(CHUNK, left))):
            left -= len(chunk)
            yield chunk

    def close(self) -> None:
        self._file.close()


def send(
    key: str, *, mime_type: str, size: int | None = None, name: str = "", inline: bool = False
) -> Response:
    """What lies under the key, as far as the request asks for it; the key is its `ETag`, too.

    It is shown only where that is asked for and safe, else saved.
    """
    size = disk.current().size(key) if size is None else size
    if size is None:
        raise NotFound
    response = Response(content_type=mime_type)
    headers = response.headers
    headers["ETag"] = f'"{key}"'
    headers["Cache-Control"] = CACHE_CONTROL
    headers["Accept-Ranges"] = "bytes"
    headers["Content-Disposition"] = disposition(name, inline=inline and mime_type in INLINE)
    if not inline or mime_type not in INLINE:
        headers["Content-Security-Policy"] = SANDBOX
    if is_unchanged(key):
        response.status_code = 304
        return response
    start, stop = 0, size
    if (part := _asked_part(size, key)) is not None:
        start, stop = part
        response.status_code = 206
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    if mime_type == "text/plain" and not _is_utf_16(key):
        headers["Content-Type"] = "text/plain; charset=utf-8"
    headers["Content-Length"] = str(stop - start)
    if request.method != "HEAD":
        response.response = Chunks(_open(key, start), stop - start)
    return response


def _open(key: str, start: int = 0) -> BinaryIO:
    try:
        return disk.current().open(key, start)
    except FileNotFoundError:  # deleted since its row was read
        raise NotFound from None


def _is_utf_16(key: str) -> bool:
    """Whether a text begins with the byte order mark of UTF-16, which tells browsers enough."""
    with _open(key) as file:
        mark = run_in_io_thread(file.read, 2)
    return mark in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}


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
