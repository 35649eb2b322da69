"""Objects of a bucket, on their way in and out."""

import contextlib
import logging
import os
import tempfile
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, Self, cast

import gevent

from .s3_client import FAILURES, unless_away

if TYPE_CHECKING:
    from .s3 import Bucket

log = logging.getLogger(__name__)

CHUNK = 256 * 1024  # bytes
DISCARD_SECONDS = 5  # that a client waits for what has failed to be tidied up

# Held while the larger part of a file is in memory: by one upload of a worker at a time.
_viewing = threading.Lock()


class IncomingObject:
    """Bytes that are uploaded in parts as they come; what fits in one part, in one request.

    The object exists only when S3 has put the parts together. It gets the key that it keeps, so
    nothing is copied.
    """

    def __init__(self, bucket: "Bucket", key: str) -> None:
        self.key = key
        self._bucket = bucket
        self._buffer = bytearray()
        self._size = 0
        self._upload_id = ""
        self._parts: list[dict[str, Any]] = []
        self._settled = False  # nothing is left to discard

    def write(self, data: bytes) -> None:
        self._size += len(data)
        rest = memoryview(data)
        while len(rest) > (room := self._bucket.part - len(self._buffer)):
            self._buffer += rest[:room]
            rest = rest[room:]
            self._send_part()
        self._buffer += rest

    def complete(self) -> None:
        client, named = self._bucket.client, self._bucket.named(self.key)
        with unless_away("complete"):
            if not self._upload_id:
                client.put_object(**named, Body=self._buffer)
                return
            self._send_part()
            upload = {"UploadId": self._upload_id, "MultipartUpload": {"Parts": self._parts}}
            try:
                client.complete_multipart_upload(**named, **upload)
            except Exception:
                # The response to a first attempt may have been lost.
                if self._bucket.size(self.key) != self._size:
                    raise

    @contextlib.contextmanager
    def view(self, head: bytes, tail: int) -> Iterator[BinaryIO]:
        turn = _viewing if tail and self._upload_id else contextlib.nullcontext()
        with turn, _memory_file() as (file, path):
            if self._upload_id:
                file.truncate(self._size)
                file.write(head)
                self._read_into(file, self._size - tail)
            else:
                file.write(self._buffer)
            file.flush()
            with open(path, "rb") as view:
                yield view

    def keep(self) -> None:
        self._settled = True
        self._buffer = bytearray()

    def discard(self) -> None:
        if self._settled:
            return
        self._settled = True
        self._buffer = bytearray()
        try:
            with gevent.Timeout(DISCARD_SECONDS):
                if self._upload_id:
                    name = self._bucket.named(self.key)["Key"]
                    self._bucket.abort(name, self._upload_id)
                self._bucket.delete(self.key)
        except (Exception, gevent.Timeout) as error:
            log.warning("%s is left to `flask files gc`: %s", self.key, error)

    def _send_part(self) -> None:
        client, named = self._bucket.client, self._bucket.named(self.key)
        with unless_away("write"):
            if not self._upload_id:
                self._upload_id = client.create_multipart_upload(**named)["UploadId"]
            number = len(self._parts) + 1
            sent = client.upload_part(
                **named, UploadId=self._upload_id, PartNumber=number, Body=self._buffer
            )
        self._parts.append({"PartNumber": number, "ETag": sent["ETag"]})
        self._buffer = bytearray()

    def _read_into(self, file: BinaryIO, start: int) -> None:
        if start == self._size:
            return
        file.seek(start)
        with self._bucket.open(self.key, start) as reader:
            while chunk := reader.read(CHUNK):
                file.write(chunk)


@contextlib.contextmanager
def _memory_file() -> Iterator[tuple[BinaryIO, str]]:
    """A file in memory, and the path by which other processes can open it.

    The parts of it that are not written take no memory.
    """
    if hasattr(os, "memfd_create"):
        with os.fdopen(os.memfd_create("halolight"), "wb") as file:
            yield file, f"/proc/{os.getpid()}/fd/{file.fileno()}"
    else:  # not Linux
        with tempfile.NamedTemporaryFile() as file:
            yield cast(BinaryIO, file), file.name


class ObjectReader:
    """A part of an object. Where the connection breaks, it goes on with another one."""

    def __init__(self, bucket: "Bucket", key: str, start: int, stop: int | None) -> None:
        self._bucket, self._key, self._at, self._stop = bucket, key, start, stop
        self._body = bucket.get(key, start, stop)

    def read(self, size: int = -1) -> bytes:
        amount = None if size < 0 else size
        try:
            data: bytes = self._body.read(amount)
        except FAILURES as error:
            log.warning("reading %s again from byte %d: %s", self._key, self._at, error)
            self._body.close()
            self._body = self._bucket.get(self._key, self._at, self._stop)
            with unless_away("open"):
                data = self._body.read(amount)
        self._at += len(data)
        return data

    def close(self) -> None:
        self._body.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
