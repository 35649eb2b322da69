"""`flask files gc`: what interrupted uploads and removals have left behind.

Safe from several machines at once and beside running uploads: everything is removed under the lock
that uploads take (see `blobs`); uploads in progress are recognized by their age.
"""

import dataclasses as dc
import datetime as dt

import sqlalchemy as sa

from halolight.core.clock import utcnow
from halolight.core.storage import disk
from halolight.extensions import db

from ..models import Blob
from . import blobs

GRACE = dt.timedelta(hours=1)  # for what is being written
MISSING_AT_ONCE = 1000  # rows that are looked up together


@dc.dataclass(frozen=True)
class Collected:
    """What has been removed, and the bytes that some file should have but has not."""

    unused: int
    orphans: int
    stale: int
    missing: list[str]


def collect() -> Collected:
    """Remove what belongs to nothing, and find out what is missing."""
    store = disk.current()
    unused = blobs.unused()
    db.session.rollback()
    return Collected(
        unused=blobs.release(unused),
        orphans=sum(map(blobs.remove_orphan, _orphans(store))),
        stale=store.discard_stale(utcnow() - GRACE),
        missing=_missing(store),
    )


def look() -> Collected:
    """What `collect` would remove, and what is missing; nothing is changed."""
    store = disk.current()
    unused = blobs.unused()
    db.session.rollback()
    return Collected(
        unused=len(unused),
        orphans=len(_orphans(store)),
        stale=store.count_stale(utcnow() - GRACE),
        missing=_missing(store),
    )


def _orphans(store: disk.Storage) -> list[str]:
    """Bytes without a row, and thumbnails without their bytes."""
    before = utcnow() - GRACE
    old = {each.key[:64] for each in store.stored() if each.stored_at < before}
    known: set[str] = set()
    for some in _batches(sorted(old)):
        known |= set(db.session.scalars(sa.select(Blob.checksum).where(Blob.checksum.in_(some))))
        db.session.rollback()
    return sorted(old - known)


def _missing(store: disk.Storage) -> list[str]:
    """Blobs whose bytes are not there, or not all of them."""
    every = sa.select(Blob.checksum, Blob.size).order_by(Blob.checksum)
    # Looked at again: bytes that have just been removed have no row any more.
    return [
        checksum
        for some in _batches(_lacking(store, every))
        for checksum in _lacking(store, every.where(Blob.checksum.in_(some)))
    ]


def _lacking(store: disk.Storage, statement: sa.Select[str, int]) -> list[str]:
    rows = db.session.execute(statement).all()
    db.session.rollback()
    return [checksum for checksum, size in rows if store.size(checksum) != size]


def _batches(checksums: list[str]) -> list[list[str]]:
    starts = range(0, len(checksums), MISSING_AT_ONCE)
    return [checksums[start : start + MISSING_AT_ONCE] for start in starts]
