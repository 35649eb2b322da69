"""Bytes in a bucket of Amazon S3, or of a server that speaks its protocol, through boto3.

It is imported only where `STORAGE_URL` names a bucket. boto3 waits on gevent's event loop, because
the server has replaced its sockets; so nothing here runs in a thread.
"""

import datetime as dt
import io
from collections.abc import Iterator
from typing import Any

import gevent
from botocore.exceptions import ClientError

from .location import Location
from .protocol import Stored, is_key, new_key, path_of
from .s3_client import FAILURES, advice, client, code, unless_away
from .s3_objects import IncomingObject, ObjectReader

PART = 8 * 1024**2  # bytes of a part of an upload: what is held in memory of it
MAX_PARTS = 10_000  # of one object, by the limits of S3
CHECK_SECONDS = 3
LINK_SECONDS = 60  # that a link to the bucket is valid


class Bucket:
    """The objects of a bucket below a prefix, laid out as in the folder of a disk."""

    def __init__(self, location: Location, largest: int = 0) -> None:
        """`largest` is the size in bytes of the largest object that will be received."""
        self.name = location.bucket
        self.part = max(PART, -(-largest // MAX_PARTS))
        self._objects = f"{location.prefix}objects/"
        self._server = location.region, location.addressing
        self._public = location.public_endpoint or location.endpoint
        self.client = client(location.endpoint, *self._server)

    def named(self, key: str) -> dict[str, str]:
        """How requests name the object."""
        return {"Bucket": self.name, "Key": self._objects + path_of(key)}

    def receive(self, key: str = "") -> IncomingObject:
        return IncomingObject(self, key or new_key())

    def open(self, key: str, start: int = 0, stop: int | None = None) -> ObjectReader:
        return ObjectReader(self, key, start, stop)

    def get(self, key: str, start: int, stop: int | None) -> Any:
        """The body of an object from one byte to another. Raises FileNotFoundError."""
        if stop is not None and stop <= start:
            return io.BytesIO()
        part = {} if (start, stop) == (0, None) else {"Range": f"bytes={start}-{_last(stop)}"}
        with unless_away("open"):
            try:
                return self.client.get_object(**self.named(key), **part)["Body"]
            except ClientError as error:
                if code(error) in {"InvalidRange", "416"}:
                    return io.BytesIO()
                raise

    def size(self, key: str) -> int | None:
        try:
            with unless_away("size"):
                size: int = self.client.head_object(**self.named(key))["ContentLength"]
                return size
        except FileNotFoundError:
            return None

    def delete(self, key: str) -> None:
        with unless_away("delete"):
            self.client.delete_object(**self.named(key))

    def stored(self) -> Iterator[Stored]:
        with unless_away("list"):
            for each in self._listed("list_objects_v2", "Contents"):
                name = each["Key"].rpartition("/")[2]
                if is_key(name):
                    yield Stored(name, each["Size"], each["LastModified"])

    def discard_stale(self, before: dt.datetime) -> int:
        with unless_away("discard"):
            stale = list(self._stale(before))
            for each in stale:
                self.abort(each["Key"], each["UploadId"])
        return len(stale)

    def count_stale(self, before: dt.datetime) -> int:
        with unless_away("list"):
            return sum(1 for _ in self._stale(before))

    def _stale(self, before: dt.datetime) -> Iterator[dict[str, Any]]:
        for each in self._listed("list_multipart_uploads", "Uploads"):
            ours = is_key(each["Key"].rpartition("/")[2])
            if ours and each["Initiated"] < before and not self._grows(each, before):
                yield each

    def _grows(self, upload: dict[str, Any], since: dt.datetime) -> bool:
        """Whether a part of an upload has come since then."""
        named = {name: upload[name] for name in ("Key", "UploadId")}
        pages = self.client.get_paginator("list_parts").paginate(Bucket=self.name, **named)
        parts = (part for page in pages for part in page.get("Parts", ()))
        return any(part["LastModified"] >= since for part in parts)

    def abort(self, name: str, upload_id: str) -> None:
        """Delete the parts of an upload, unless they are gone or have become an object."""
        try:
            self.client.abort_multipart_upload(Bucket=self.name, Key=name, UploadId=upload_id)
        except ClientError as error:
            if code(error) != "NoSuchUpload":
                raise

    def check(self) -> None:
        try:
            with gevent.Timeout(CHECK_SECONDS):
                self.client.head_bucket(Bucket=self.name)
        except gevent.Timeout:
            raise OSError("the server does not answer") from None
        except FAILURES as error:
            raise OSError(str(error)) from error

    def advice(self, error: BaseException) -> str:
        return advice(error, self.name)

    def link(self, key: str, method: str, *, mime_type: str, disposition: str) -> str:
        signer = client(self._public, *self._server)
        shown = {"ResponseContentType": mime_type, "ResponseContentDisposition": disposition}
        operation = "head_object" if method == "HEAD" else "get_object"
        url: str = signer.generate_presigned_url(
            operation, Params=self.named(key) | shown, ExpiresIn=LINK_SECONDS
        )
        return url

    def _listed(self, operation: str, what: str) -> Iterator[dict[str, Any]]:
        pages = self.client.get_paginator(operation)
        for page in pages.paginate(Bucket=self.name, Prefix=self._objects):
            yield from page.get(what, ())


def _last(stop: int | None) -> str:
    """The last byte of a part that ends before `stop`, as `Range` names it."""
    return "" if stop is None else str(stop - 1)
