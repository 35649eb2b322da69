"""Request bodies: how large they may be, how long they may take, and how much memory they may take.

The limits of all endpoints are decided here. `Blueprint` and `uploads.accept` apply the sizes, the
worker (halolight/worker.py) applies the times, and the OpenAPI document describes both.
"""

from contextlib import closing
from contextvars import ContextVar
from io import BytesIO
from typing import Any

from flask import Request
from werkzeug.exceptions import HTTPException
from werkzeug.formparser import FormDataParser

from halolight.core.errors import Invalid, PayloadTooLarge, ServiceUnavailable
from halolight.core.i18n import _
from halolight.core.schemas.base import Schema
from halolight.core.units import readable_size

# Bytes of a body, which unlike an upload is held in memory. An endpoint that needs more says so
# with `@blp.arguments(..., max_body=...)`.
MAX_BODY = 1024**2
MAX_FORM_PARTS = 20
MAX_PUBLIC_BODY = 64 * 1024  # where nobody is signed in

# A body arrives in pieces, and each has a deadline: so a small body has one as a whole, and a
# large one has a least rate, measured again and again.
PIECE = 64 * 1024  # bytes
SECONDS = 5.0  # for a piece of a body that is held in memory
UPLOAD_SECONDS = 30.0  # for a piece of a file

# Bytes of all unfinished bodies of a worker together, beside the first piece of each.
MAX_UNFINISHED = 64 * 1024**2

# How long the worker waits for the next piece of the request that it is answering.
patience: ContextVar[float] = ContextVar("patience", default=SECONDS)


class Memory:
    """A part of the worker's memory that many requests share."""

    def __init__(self, size: int) -> None:
        self._free = size

    def take(self, size: int) -> None:
        """Raises `ServiceUnavailable` when there is not enough left."""
        if size > self._free:
            raise ServiceUnavailable
        self._free -= size

    def give_back(self, size: int) -> None:
        self._free += size


_unfinished = Memory(MAX_UNFINISHED)


def limit(request: Request, size: int) -> None:
    """Let no more than so many bytes of the body in."""
    # One more is read of a body that does not say how long it is, to know that it is too long.
    request.max_content_length = size + 1


def whole(request: Request) -> bytes:
    """The body, which may be asked for again.

    Raises `PayloadTooLarge`: before it is read, if the body says how large it is.
    """
    body: bytes | None = request.environ.get("halolight.body")
    if body is None:
        body = request.environ["halolight.body"] = _read(request)
    return body


def _read(request: Request) -> bytes:
    most = (request.max_content_length or MAX_BODY) - 1
    refusal = PayloadTooLarge(_("The request can have at most {size}.", size=readable_size(most)))
    if (request.content_length or 0) > most:
        raise refusal
    pieces: list[bytes] = []
    size = taken = 0
    try:
        while size <= most and (piece := request.stream.read(PIECE)):
            size += len(piece)
            if pieces:
                _unfinished.take(len(piece))
                taken += len(piece)
            pieces.append(piece)
    finally:
        _unfinished.give_back(taken)
    if size > most:
        raise refusal
    return b"".join(pieces)


def only_file(request: Request, body: bytes) -> bytes:
    """The `file` of a form that is held in memory. Raises `Invalid`."""
    try:
        parser = FormDataParser(max_form_parts=MAX_FORM_PARTS, silent=False)
        options = request.mimetype_params
        files = parser.parse(BytesIO(body), request.mimetype, len(body), options)[2]
    except (ValueError, HTTPException) as error:
        raise Invalid(_("The form cannot be read.")) from error
    if "file" not in files:
        raise Invalid(_("Choose a file.", code="required"), field="file")
    with closing(files["file"]) as file:
        content: bytes = file.read()
    return content


def described(size: str, seconds: float = SECONDS) -> str:
    """The limits of a body as the OpenAPI document states them."""
    pieces = readable_size(PIECE)
    return f"At most {size}. Each {pieces} must arrive within {seconds:.0f} seconds."


def documented(taken: tuple[str, type[Schema]], size: int) -> dict[str, Any]:
    """How the OpenAPI document describes a body of a type, alone or in a form."""
    mime_type, form = taken
    file = {"type": "string", "format": "binary"}
    return {
        "required": True,
        "description": described(readable_size(size)),
        "content": {mime_type: {"schema": file}, "multipart/form-data": {"schema": form}},
    }
