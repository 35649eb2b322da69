"""Objects of a bucket, on their way in and out."""

import contextlib
import io
import logging
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, Self

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
        with unless_away():
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
        if not self._upload_id:
            yield io.BytesIO(self._buffer)
        elif not tail:
            yield io.BufferedReader(Ends(head, bytearray(), self._size))
        else:
            with _viewing:
                end = self._read_from(self._size - tail)
                yield io.BufferedReader(Ends(head, end, self._size))

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
        with unless_away():
            if not self._upload_id:
                self._upload_id = client.create_multipart_upload(**named)["UploadId"]
            number = len(self._parts) + 1
            sent = client.upload_part(
                **named, UploadId=self._upload_id, PartNumber=number, Body=self._buffer
            )
        self._parts.append({"PartNumber": number, "ETag": sent["ETag"]})
        self._buffer = bytearray()

    def _read_from(self, start: int) -> bytearray:
        found = bytearray()
        with self._bucket.open(self.key, start) as reader:
            while chunk := reader.read(CHUNK):
                found += chunk
        return found


class Ends(io.RawIOBase):
    """A file of which only the beginning and the end are at hand. The rest raises OSError."""

    def __init__(self, head: bytes, tail: bytearray, size: int) -> None:
        self._head, self._tail, self._size = head, tail, size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def readinto(self, buffer: Any) -> int:
        begins = self._size - len(self._tail)
        if self._at >= begins:
            found = memoryview(self._tail)[self._at - begins :][: len(buffer)]
        else:
            found = memoryview(self._head)[self._at :][: len(buffer)]
            if not found:
                raise OSError("this part of the file is not at hand")
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)


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
            with unless_away():
                data = self._body.read(amount)
        self._at += len(data)
        return data

    def close(self) -> None:
        self._body.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
