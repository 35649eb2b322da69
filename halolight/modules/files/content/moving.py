"""`flask files move-storage`: all bytes from one storage to another, under the same keys.

It can be interrupted and run again: an object is there completely or not at all, so what the
target has with the right size is not copied again. The source stays as it is.
"""

import hashlib
import logging
from collections.abc import Callable, Iterator
from typing import NamedTuple

import sqlalchemy as sa

from halolight.core.commands import tracked
from halolight.core.errors import ApiError
from halolight.core.storage.protocol import Reader, Storage
from halolight.extensions import db

from ..models import Blob
from .blobs import thumbnail_key

log = logging.getLogger(__name__)

CHUNK = 1024**2  # bytes
ROWS_AT_ONCE = 500


class Moved(NamedTuple):
    """How many objects were copied or were there already, and the keys of those that failed."""

    copied: int
    present: int
    failed: list[str]


class _Object(NamedTuple):
    key: str
    checksum: str | None  # of a thumbnail none is known


def move(source: Storage, target: Storage) -> Moved:
    """Copy what the blobs have. Each copy is read again, and deleted if its checksum is wrong."""
    copied = present = 0
    failed: list[str] = []
    for each in tracked(_objects(), "Copying", length=_number_of_objects()):
        try:
            if _copy(source, target, each):
                copied += 1
            else:
                present += 1
        except (ApiError, FileNotFoundError, ValueError) as error:
            log.error("%s: %s", each.key, error.__cause__ or error or "not found")
            failed.append(each.key)
    return Moved(copied, present, failed)


def _number_of_objects() -> int:
    with_thumbnail = sa.func.count(sa.case((Blob.has_thumbnail, 1)))
    number = db.session.scalar(sa.select(sa.func.count() + with_thumbnail).select_from(Blob))
    db.session.rollback()
    return number or 0


def _objects() -> Iterator[_Object]:
    """Some rows at a time, so that no transaction is open while bytes are copied."""
    last = ""
    columns = Blob.checksum, Blob.storage_key, Blob.has_thumbnail
    while True:
        some = sa.select(*columns).where(Blob.checksum > last).order_by(Blob.checksum)
        rows = db.session.execute(some.limit(ROWS_AT_ONCE)).all()
        db.session.rollback()
        if not rows:
            return
        for row in rows:
            yield _Object(row.storage_key, row.checksum)
            if row.has_thumbnail:
                yield _Object(thumbnail_key(row.storage_key), None)
        last = rows[-1].checksum


def _copy(source: Storage, target: Storage, each: _Object) -> bool:
    """Whether it had to be copied. Raises ValueError if a checksum is wrong."""
    size = source.size(each.key)
    there = target.size(each.key)
    if size is None and there is None:
        raise FileNotFoundError(each.key)
    if there is not None and size in {there, None}:
        return False
    incoming = target.receive(each.key)
    try:
        with source.open(each.key) as reader:
            checksum = _pass_on(reader, incoming.write)
        if each.checksum not in {checksum, None}:
            raise ValueError("its bytes are damaged in the source")
        incoming.complete()
        with target.open(each.key) as reader:
            if _pass_on(reader, lambda _: None) != checksum:
                raise ValueError("its bytes did not arrive undamaged")
        incoming.keep()
    finally:
        incoming.discard()
    return True


def _pass_on(reader: Reader, write: Callable[[bytes], None]) -> str:
    """The checksum of all that is read."""
    hashed = hashlib.sha256()
    while chunk := reader.read(CHUNK):
        hashed.update(chunk)
        write(chunk)
    return hashed.hexdigest()
