"""`flask files gc`: what interrupted uploads and removals have left behind.

It is safe from several machines at once and beside running uploads: rows are removed under their
lock (see `blobs`), and bytes without a row only when they are too old to get one.
"""

import dataclasses as dc
import datetime as dt

import sqlalchemy as sa

from halolight.core.clock import utcnow
from halolight.core.commands import tracked
from halolight.core.storage import stores
from halolight.core.storage.protocol import Storage
from halolight.extensions import db

from ..models import Blob
from . import blobs

# For what is being uploaded. It has to be longer than `uploads.LONGEST`, by more than the clocks
# of two machines differ.
GRACE = dt.timedelta(days=1)
ROWS_AT_ONCE = 1000  # that are looked up together
STEP = 100  # removals between two steps of the progress bar


@dc.dataclass(frozen=True)
class Collected:
    """What has been removed, and the bytes that some file should have but has not."""

    unused: int
    orphans: int
    stale: int
    missing: list[str]


def collect() -> Collected:
    """Remove what belongs to nothing, and find out what is missing."""
    store, before = stores.current(), utcnow() - GRACE
    unused = tracked(_batches(_unused(), STEP), "Removing unused data")
    removed = sum(map(blobs.release, unused))
    sizes, old = _stored(store, before)
    orphans = _orphans(old)
    for some in tracked(_batches(orphans, STEP), "Removing orphans"):
        blobs.delete_bytes(some)
    return Collected(
        unused=removed,
        orphans=len(orphans),
        stale=store.discard_stale(before),
        missing=_missing(store, sizes),
    )


def look() -> Collected:
    """What `collect` would remove, and what is missing; nothing is changed."""
    store, before = stores.current(), utcnow() - GRACE
    sizes, old = _stored(store, before)
    return Collected(
        unused=len(_unused()),
        orphans=len(_orphans(old)),
        stale=store.count_stale(before),
        missing=_missing(store, sizes),
    )


def _unused() -> list[str]:
    unused = list(blobs.unused())
    db.session.rollback()
    return unused


def _stored(store: Storage, before: dt.datetime) -> tuple[dict[str, int], set[str]]:
    """The size of everything in the storage, and the keys of what has been there since before."""
    sizes: dict[str, int] = {}
    old: set[str] = set()
    for each in tracked(store.stored(), "Listing the storage"):
        sizes[each.key] = each.size
        if each.stored_at < before:
            old.add(each.key[:64])
    return sizes, old


def _orphans(old: set[str]) -> list[str]:
    """Bytes without a row, and thumbnails without their bytes."""
    known: set[str] = set()
    for some in _batches(sorted(old)):
        rows = sa.select(Blob.storage_key).where(Blob.storage_key.in_(some))
        known |= set(db.session.scalars(rows))
        db.session.rollback()
    return sorted(old - known)


def _missing(store: Storage, sizes: dict[str, int]) -> list[str]:
    """Blobs whose bytes are not there, or not all of them."""
    rows = sa.select(Blob.checksum, Blob.storage_key, Blob.size).order_by(Blob.checksum)
    lacking = [row for row in db.session.execute(rows) if sizes.get(row.storage_key) != row.size]
    db.session.rollback()
    found = []
    for some in _batches([row.checksum for row in lacking]):
        # Looked at again: bytes may have come and rows may have gone meanwhile.
        there = db.session.execute(rows.where(Blob.checksum.in_(some))).all()
        db.session.rollback()
        found += [row.checksum for row in there if store.size(row.storage_key) != row.size]
    return found


def _batches(values: list[str], size: int = ROWS_AT_ONCE) -> list[list[str]]:
    return [values[start : start + size] for start in range(0, len(values), size)]
