"""Contents of files, each stored once, and removed with the last file that has it.

An upload stores its bytes under a key of its own before its transaction begins. In the transaction
it inserts the row of the blob with this key, or locks the row that is there; then it discards its
own bytes. Who removes bytes locks the row, looks whether a file still refers to it, deletes it, and
only then the bytes. No file can refer to a row that is being deleted, because a foreign key locks
it, too; and no later upload can lose its bytes, because no key is used twice.

Whatever is interrupted leaves bytes without a row, never a row without bytes.
"""

import logging
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from gevent.pool import Pool

from halolight.core.clock import utcnow
from halolight.core.storage import stores
from halolight.core.storage.protocol import Storage
from halolight.core.threads import cooperate
from halolight.extensions import db

from ..models import Blob, File
from ..queries import BLOB

log = logging.getLogger(__name__)

DELETED_AT_ONCE = 10  # objects

COLUMNS = Blob.__table__.columns
_IN_USE = sa.exists().where(File.checksum == Blob.checksum)


class NewBlob(NamedTuple):
    """Bytes that an upload has stored."""

    checksum: str
    storage_key: str
    size: int
    mime_type: str
    has_thumbnail: bool


def thumbnail_key(key: str) -> str:
    return f"{key}.webp"


def incomplete_key(new: NewBlob) -> str | None:
    """The key under which the storage should have these bytes already, but has not all of them.

    It asks the storage, so do not call it within a transaction.
    """
    row = db.row(BLOB, checksum=new.checksum)
    if row is None:
        return None
    store, key = stores.current(), row.storage_key
    whole = store.size(key) == new.size
    if whole and new.has_thumbnail:
        whole = row.has_thumbnail and store.size(thumbnail_key(key)) is not None
    return None if whole else key


def hold(new: NewBlob, incomplete: str | None) -> bool:
    """Have a row for these bytes, and hold it until the transaction ends.

    Returns whether it has the key of the new bytes: if there is none yet, or only an incomplete
    one. The update locks an existing row, and sets a type that may be detected better today.
    """
    [[key]] = db.execute(_holding(db.engine.dialect.name), **new._asdict(), created_at=utcnow())
    if key == incomplete:
        repair = {"storage_key": new.storage_key, "has_thumbnail": new.has_thumbnail}
        db.session.execute(sa.update(Blob).filter_by(checksum=new.checksum).values(repair))
    return key in {new.storage_key, incomplete}


@cache
def _holding(_: str) -> Any:
    """The statement of `hold`, which each kind of database has in words of its own."""
    values = {column.name: sa.bindparam(column.name, type_=column.type) for column in COLUMNS}
    row = db.insert(Blob).values(values)
    detected = {"mime_type": row.excluded.mime_type}
    locking = row.on_conflict_do_update(index_elements=["checksum"], set_=detected)
    return locking.returning(Blob.storage_key)


def release(checksums: Iterable[str | None]) -> int:
    """Remove those contents that no file has any more; return their number.

    Call it after the commit that deleted or changed the files. It is a transaction for each, and
    what fails is left for `flask files gc`: the files are gone already.
    """
    keys: list[str] = []
    for checksum in sorted({each for each in checksums if each}):
        try:
            keys += _remove_unused(checksum)
        except Exception:
            db.session.rollback()
            log.exception("the blob %s is left behind", checksum)
        cooperate()
    delete_bytes(keys)
    return len(keys)


def _remove_unused(checksum: str) -> list[str]:
    """The key of the row, if it has been removed."""
    blob = db.session.scalar(sa.select(Blob).filter_by(checksum=checksum).with_for_update())
    # Asked only when the lock is there: a file that was added before it was is seen.
    used = sa.select(File.id).filter_by(checksum=checksum).limit(1)
    if blob is not None and not db.session.scalar(used):
        db.session.delete(blob)
        db.session.commit()
        return [blob.storage_key]
    db.session.rollback()
    return []


def delete_bytes(keys: Iterable[str]) -> None:
    """Delete bytes that have no row, and their thumbnails. What fails is logged."""
    store = stores.current()
    Pool(DELETED_AT_ONCE).map(lambda key: _delete(store, key), keys)


def _delete(store: Storage, key: str) -> None:
    try:
        for each in (thumbnail_key(key), key):
            store.delete(each)
    except Exception:
        log.exception("the bytes %s are left behind", key)


def unused() -> list[str]:
    """The blobs that no file has."""
    return list(db.session.scalars(sa.select(Blob.checksum).where(~_IN_USE)))
