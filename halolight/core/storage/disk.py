"""Bytes in a folder: of this machine, or one that several machines share."""

import contextlib
import datetime as dt
import logging
import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Self

from halolight.core.errors import ServiceUnavailable
from halolight.core.metric_families import storage_operation
from halolight.core.threads import run_in_io_thread

from .protocol import Stored, is_key, new_key, path_of

log = logging.getLogger(__name__)

# Bytes after which the disk is waited for: so the memory for what it has not written yet stays
# small, and the last wait short.
SYNC_EVERY = 16 * 1024**2
PROBE = b"\0" * 64 * 1024  # on a full disk an empty file could still be made


class IncomingFile:
    """Bytes on their way in, in a file of their own until all of them are there."""

    def __init__(self, path: Path, key: str, target: Path) -> None:
        self.key = key
        self._path, self._target = path, target  # where it lies now, and where it will stay
        self._unsynced = 0
        self._kept = False
        with _unless_away("create"):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file: BinaryIO = path.open("xb+")

    def write(self, data: bytes) -> None:
        with _unless_away("write"):
            self._file.write(data)
            self._unsynced += len(data)
            if self._unsynced >= SYNC_EVERY:
                self._sync()

    def complete(self) -> None:
        with _unless_away("complete"):
            self._sync()
            run_in_io_thread(self._move)

    @contextlib.contextmanager
    def view(self, head: bytes, tail: int) -> Iterator[BinaryIO]:
        with self._path.open("rb") as file:
            yield file

    def keep(self) -> None:
        self._kept = True

    def discard(self) -> None:
        if not self._kept:
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # of a disk that is full
            self._file.close()

    def _sync(self) -> None:
        self._file.flush()
        run_in_io_thread(os.fsync, self._file.fileno())
        self._unsynced = 0

    def _move(self) -> None:
        _ensure(self._target.parent)
        self._path = self._path.rename(self._target)
        _sync_folder(self._target.parent)


class OpenFile:
    """A part of a file, read in a thread. It can be read to its end after it was deleted."""

    def __init__(self, file: BinaryIO, left: int | None) -> None:
        self._file, self._left = file, left

    def read(self, size: int = -1) -> bytes:
        if self._left is not None:
            size = self._left if size < 0 else min(size, self._left)
        data = run_in_io_thread(self._file.read, size)
        if self._left is not None:
            self._left -= len(data)
        return data

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Disk:
    """A folder: `objects` for what is complete, `incoming` for the rest."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._incoming = folder / "incoming"
        self._objects = folder / "objects"

    def receive(self, key: str = "") -> IncomingFile:
        key = key or new_key()
        return IncomingFile(self._incoming / secrets.token_hex(16), key, self._path(key))

    def open(self, key: str, start: int = 0, stop: int | None = None) -> OpenFile:
        with _unless_away("open"):
            file = self._path(key).open("rb")
            file.seek(start)
            return OpenFile(file, None if stop is None else stop - start)

    def size(self, key: str) -> int | None:
        with _unless_away("size"):
            try:
                return self._path(key).stat().st_size
            except FileNotFoundError:
                return None

    def delete(self, key: str) -> None:
        with _unless_away("delete"):
            run_in_io_thread(self._path(key).unlink, missing_ok=True)

    def stored(self) -> Iterator[Stored]:
        with _unless_away("list"):
            for path in self._objects.glob("*/*/*"):
                # A network file system keeps files of its own there.
                if is_key(path.name) and (state := _state(path)):
                    yield Stored(path.name, state.st_size, _time(state.st_mtime))

    def discard_stale(self, before: dt.datetime) -> int:
        with _unless_away("discard"):
            stale = self._stale(before)
            for path in stale:
                path.unlink(missing_ok=True)
        return len(stale)

    def count_stale(self, before: dt.datetime) -> int:
        with _unless_away("list"):
            return len(self._stale(before))

    def _stale(self, before: dt.datetime) -> list[Path]:
        paths = self._incoming.glob("*")
        return [p for p in paths if (state := _state(p)) and _time(state.st_mtime) < before]

    def check(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        check_disk(self._folder)

    def advice(self, error: BaseException) -> str:
        return "make the folder of STORAGE_URL writable"

    def link(self, key: str, method: str, *, mime_type: str, disposition: str) -> None:
        return None

    def _path(self, key: str) -> Path:
        """Two levels of folders, so that none of them gets very long."""
        return self._objects / path_of(key)


def check_disk(folder: Path) -> None:
    """Whether a file can be written there."""
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(PROBE)
        file.flush()
        run_in_io_thread(os.fsync, file.fileno())


@contextlib.contextmanager
def _unless_away(operation: str) -> Iterator[None]:
    """A disk that is full or does not answer is no fault of the caller: 503."""
    try:
        with storage_operation(operation):
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


def _state(path: Path) -> os.stat_result | None:
    """None when the file has just gone."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _time(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
