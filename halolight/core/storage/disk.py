"""Where the bytes of files lie. No path leaves this page: others know keys, and nothing of disks.

A key is made of a hash, never of what people call their files. What is published under a key never
changes: it is there whole, or not at all.
"""

import contextlib
import datetime as dt
import logging
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from flask import current_app

from halolight.core.errors import ServiceUnavailable
from halolight.core.threads import run_in_io_thread

log = logging.getLogger(__name__)

# Bytes after which the disk is waited for: so the memory for what it has not written yet stays
# small, and the last wait short.
SYNC_EVERY = 16 * 1024**2

_KEY = re.compile(r"[0-9a-f]{64}(\.[a-z]+)?")


class Stored(NamedTuple):
    """What lies under a key, and since when."""

    key: str
    stored_at: dt.datetime


class Incoming:
    """An upload in progress, in a temporary file that becomes visible when it is published."""

    def __init__(self, path: Path) -> None:
        with _unless_away():
            path.parent.mkdir(parents=True, exist_ok=True)
            self.file: BinaryIO = path.open("xb+")  # to look at what has come, too
        self._path = path
        self._unsynced = 0

    def write(self, data: bytes) -> None:
        with _unless_away():
            self.file.write(data)
            self._unsynced += len(data)
            if self._unsynced >= SYNC_EVERY:
                self._sync()

    def complete(self) -> None:
        """Wait until the disk has all of it."""
        with _unless_away():
            self._sync()

    def _sync(self) -> None:
        self.file.flush()
        run_in_io_thread(os.fsync, self.file.fileno())
        self._unsynced = 0

    def move(self, target: Path) -> None:
        """Put the complete bytes where they stay."""
        with _unless_away():
            _ensure(target.parent)
            self._path.rename(target)
            _sync_folder(target.parent)

    def discard(self) -> None:
        """Forget the bytes, unless they have been published. Calling it again does nothing."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # of a disk that is full
            self.file.close()


class Storage(Protocol):
    """What keeps bytes. A `ServiceUnavailable` means that it is away, or full."""

    def receive(self) -> Incoming:
        """Begin to take bytes in."""

    def publish(self, incoming: Incoming, key: str) -> None:
        """Have the complete bytes lie under this key, at once and for good."""

    def open(self, key: str, start: int = 0) -> BinaryIO:
        """What lies under the key, from this byte on. Raises FileNotFoundError.

        Bytes that are deleted meanwhile can still be read to their end.
        """

    def size(self, key: str) -> int | None:
        """How many bytes lie under the key; None when nothing does."""

    def delete(self, key: str) -> None:
        """Have nothing lie under the key."""

    def stored(self) -> Iterator[Stored]:
        """Everything that is published."""

    def count_stale(self, before: dt.datetime) -> int:
        """How many uploads have not grown since then."""

    def discard_stale(self, before: dt.datetime) -> int:
        """Remove those uploads; return their number."""


class Disk:
    """A folder of this machine, or one that several machines share."""

    def __init__(self, folder: Path) -> None:
        self._incoming = folder / "incoming"
        self._objects = folder / "objects"

    def receive(self) -> Incoming:
        return Incoming(self._incoming / secrets.token_hex(16))

    def publish(self, incoming: Incoming, key: str) -> None:
        incoming.move(self._path(key))

    def open(self, key: str, start: int = 0) -> BinaryIO:
        with _unless_away():
            file = self._path(key).open("rb")
            file.seek(start)
            return file

    def size(self, key: str) -> int | None:
        with _unless_away():
            try:
                return self._path(key).stat().st_size
            except FileNotFoundError:
                return None

    def delete(self, key: str) -> None:
        with _unless_away():
            self._path(key).unlink(missing_ok=True)

    def stored(self) -> Iterator[Stored]:
        with _unless_away():
            for path in self._objects.glob("*/*/*"):
                # A network file system keeps files of its own there.
                if _KEY.fullmatch(path.name) and (moment := _changed_at(path)):
                    yield Stored(path.name, moment)

    def discard_stale(self, before: dt.datetime) -> int:
        with _unless_away():
            stale = self._stale(before)
            for path in stale:
                path.unlink(missing_ok=True)
        return len(stale)

    def count_stale(self, before: dt.datetime) -> int:
        with _unless_away():
            return len(self._stale(before))

    def _stale(self, before: dt.datetime) -> list[Path]:
        paths = self._incoming.glob("*")
        return [path for path in paths if (moment := _changed_at(path)) and moment < before]

    def _path(self, key: str) -> Path:
        """Two levels of folders, so that none of them gets very long."""
        if not _KEY.fullmatch(key):
            raise ValueError(f"{key!r} is not a key")
        return self._objects / key[:2] / key[2:4] / key


def current() -> Storage:
    """The storage that `STORAGE_URL` names."""
    return Disk(folder())


def folder() -> Path:
    """The folder that `STORAGE_URL` names; a relative one lies in `instance/`."""
    path: str = current_app.config["STORAGE_URL"].removeprefix("file:").removeprefix("//")
    return Path(current_app.instance_path) / path


@contextlib.contextmanager
def _unless_away() -> Iterator[None]:
    """A disk that is full or does not answer is no fault of the caller: 503."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        log.error("storage unavailable: %s", error)
        raise ServiceUnavailable from error


def _ensure(folder: Path) -> None:
    """Create the folder and sync its parent, so that it survives a power cut."""
    if not folder.is_dir():
        _ensure(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _changed_at(path: Path) -> dt.datetime | None:
    """When a file was last written; None when it has just gone."""
    try:
        return dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
    except FileNotFoundError:
        return None
