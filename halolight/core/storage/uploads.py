"""Files that come in: from the socket to the storage, chunk by chunk, never held in memory.

Only a route that asks for it (`accept`) gets a file, and so only after its access rule has let the
caller in.
"""

import hashlib
import time
from typing import Any

import flask
from werkzeug.formparser import FormDataParser

from halolight.core.errors import Invalid, PayloadTooLarge, UnsupportedMediaType
from halolight.core.http import bodies
from halolight.core.i18n import Message, _
from halolight.core.threads import cooperate

from . import stores

FRAME = 64 * 1024  # bytes of a form besides its file: boundaries, headers, short fields
MOST_PARTS = 20
MAX_FIELD = 500_000  # bytes of a form's other fields; the parser also asks that of each chunk
LONGEST = 12 * 3600.0  # seconds that an upload may take; half of what `flask files gc` waits
HEAD = 36_864  # bytes that are kept to tell the type of the file


class Upload:
    """One file that comes in: counted, hashed and written as it does. The parser sees a stream."""

    def __init__(self, name: str, limit: int, refusal: Message = PayloadTooLarge.message) -> None:
        self.name = name
        self.size = 0
        self.head = b""
        self.incoming = stores.current().receive()
        self._limit = limit
        self._refusal = refusal
        self._hash = hashlib.sha256()
        self._began = time.monotonic()

    @property
    def checksum(self) -> str:
        """SHA-256 in hexadecimal, of what has come so far."""
        return self._hash.hexdigest()

    def write(self, data: bytes) -> None:
        self.size += len(data)
        if self.size > self._limit:
            raise PayloadTooLarge(self._refusal)
        if len(self.head) < HEAD:
            self.head = (self.head + data)[:HEAD]
        self._hash.update(data)
        self.incoming.write(data)
        cooperate()

    def complete(self) -> None:
        """Store all of it. It takes too long if `flask files gc` could take it for abandoned."""
        if time.monotonic() - self._began > LONGEST:
            raise Invalid(_("The upload has taken too long. Please try again."), field="file")
        self.incoming.complete()

    def seek(self, _: int) -> None:
        """The parser rewinds a stream at its end: all bytes are there."""
        self.complete()

    def close(self) -> None:
        """Forget the bytes, unless a file has them now."""
        self.incoming.discard()


class Request(flask.Request):
    """Flask's request, whose forms may hold one file where a route accepts one."""

    _limit: int | None = None
    _refusal: Message = PayloadTooLarge.message
    _upload: Upload | None = None

    def accept(self, limit: int, refusal: Message) -> None:
        """Let one file in. A body that says it is too large is refused before it is read."""
        self._limit, self._refusal = limit, refusal
        self.max_content_length = limit + FRAME
        self.max_form_parts, self.max_form_memory_size = MOST_PARTS, MAX_FIELD
        bodies.patience.set(bodies.UPLOAD_SECONDS)
        if (self.content_length or 0) > limit + FRAME:
            raise PayloadTooLarge(self._refusal)

    def _get_file_stream(self, *args: Any, filename: str | None = None, **__: Any) -> Any:
        if self._limit is None:
            raise UnsupportedMediaType(_("This URL does not accept files."))
        if self._upload:
            raise Invalid(_("Send one file at a time.", code="too_many"), field="file")
        self._upload = Upload(filename or "", self._limit, self._refusal)
        return self._upload

    def make_form_data_parser(self) -> FormDataParser:
        parser = super().make_form_data_parser()
        parser.silent = False
        return parser

    def _load_form_data(self) -> None:
        try:
            super()._load_form_data()
        except (ValueError, OSError) as error:  # what was sent is no form, or ends too early
            raise Invalid(_("The form cannot be read.")) from error

    def close(self) -> None:
        """Called when the request is over, however it ended."""
        super().close()
        if self._upload:
            self._upload.close()


def accept(limit: int, refusal: Message) -> None:
    """Let one file of at most so many bytes in with the request that is being answered.

    `refusal` is what is said of a larger one.
    """
    current: Any = flask.request
    current.accept(limit, refusal)
