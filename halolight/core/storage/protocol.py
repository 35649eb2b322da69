"""What every storage can do. Two implement it: a folder (`disk`) and an S3 bucket (`s3`).

A key is random, or was a checksum in earlier versions; it says nothing about the file. What lies
under a key is there completely or not at all, and never changes: no key is used twice.
"""

import datetime as dt
import re
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import BinaryIO, NamedTuple, Protocol, Self

_KEY = re.compile(r"[0-9a-f]{64}(\.[a-z]+)?")


def new_key() -> str:
    return secrets.token_hex(32)


def is_key(text: str) -> bool:
    return _KEY.fullmatch(text) is not None


def path_of(key: str) -> str:
    """Where the bytes lie, the same in a folder and in a bucket: `ab/cd/abcd...`.

    Raises ValueError for what is no key.
    """
    if not is_key(key):
        raise ValueError(f"{key!r} is not a key")
    return f"{key[:2]}/{key[2:4]}/{key}"


class Stored(NamedTuple):
    """An object that is stored completely; `size` is in bytes.

    `stored_at` may be when its upload began: S3 stores that for an object of several parts.
    """

    key: str
    size: int
    stored_at: dt.datetime


class Reader(Protocol):
    """An open object. Reading it lets other requests continue; do not read it in a thread."""

    def read(self, size: int = -1) -> bytes: ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


class Incoming(Protocol):
    """Bytes that are being received."""

    key: str

    def write(self, data: bytes) -> None: ...

    def complete(self) -> None:
        """Store all of it under the key, durably."""

    def view(self, head: bytes, tail: int) -> AbstractContextManager[BinaryIO]:
        """The complete bytes as a file, which other processes can open by its `name`.

        Of a large one it may have only the `tail` last bytes, and `head`, what it begins with.
        """

    def keep(self) -> None:
        """Make `discard` do nothing."""

    def discard(self) -> None:
        """Delete what has been received, unless it is kept. Raises nothing."""


class Storage(Protocol):
    """Stores bytes. Every method raises `ServiceUnavailable` if it is away, or full."""

    def receive(self, key: str = "") -> Incoming:
        """Begin to receive bytes, for a new key unless one is given."""

    def open(self, key: str, start: int = 0, stop: int | None = None) -> Reader:
        """The bytes under the key in this range. Raises FileNotFoundError."""

    def size(self, key: str) -> int | None:
        """How many bytes are stored under the key; None if there is no such object."""

    def delete(self, key: str) -> None:
        """Delete what is stored under the key, if there is anything."""

    def stored(self) -> Iterator[Stored]:
        """All objects."""

    def discard_stale(self, before: dt.datetime) -> int:
        """Delete the parts of uploads that have not been completed; returns how many uploads."""

    def count_stale(self, before: dt.datetime) -> int:
        """How many uploads `discard_stale` would delete."""

    def check(self) -> None:
        """Raise OSError with the cause, for operators, if it cannot be used."""

    def advice(self, error: BaseException) -> str:
        """What operators can do about an error of `check`, or about the cause of a 503."""

    def link(self, key: str, method: str, *, mime_type: str, disposition: str) -> str | None:
        """A URL that serves the bytes for a minute, if the storage has any."""
