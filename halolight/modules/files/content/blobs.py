"""Contents of files, each stored once, and removed with the last file that has it.

The row of a blob is the lock on its bytes. An upload inserts the row, or locks the one that is
there, before it looks whether the bytes are, and publishes them under that lock. Who removes bytes
locks the row and then looks whether a file still refers to it. So neither can come between what the
other sees and what it does; and no file can refer to a row that is being deleted, because a foreign
key locks it, too. Were the bytes published before the row is locked, a removal could take them away
in between; were they removed after its row, it could take away those of the next upload.

Whatever is interrupted leaves bytes without a file, never a file without bytes.
"""

import logging
from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa

from halolight.core.storage import disk
from halolight.core.storage.disk import Incoming
from halolight.core.storage.uploads import Upload
from halolight.core.threads import cooperate, run_in_io_thread
from halolight.extensions import db

from ..models import Blob, File

log = logging.getLogger(__name__)

_IN_USE = sa.exists().where(File.checksum == Blob.checksum)


def thumbnail_key(checksum: str) -> str:
    return f"{checksum}.webp"


def lock_or_insert(checksum: str, size: int, mime_type: str) -> None:
    """Have a row for these bytes, and hold it until the transaction ends.

    An update is what locks a row that is there. Its type may be detected better today.
    """
    row = db.insert(Blob).values(checksum=checksum, size=size, mime_type=mime_type)
    detected = {"mime_type": mime_type}
    db.session.execute(row.on_conflict_do_update(index_elements=["checksum"], set_=detected))


def publish(upload: Upload, thumbnail: Incoming | None) -> None:
    """Put the bytes in their place, unless they are there. The row has to be held."""
    store, key = disk.current(), upload.checksum
    if store.size(key) != upload.size:
        _with_disk(store.publish, upload.incoming, key)
    if thumbnail:
        if store.size(thumbnail_key(key)) is None:
            _with_disk(store.publish, thumbnail, thumbnail_key(key))
        db.session.execute(sa.update(Blob).filter_by(checksum=key).values(has_thumbnail=True))


def release(checksums: Iterable[str | None]) -> int:
    """Remove those contents that no file has any more; return their number.

    Call it after the commit that deleted or changed the files. It is a transaction for each, and
    what fails is left for `flask files gc`: the files are gone already.
    """
    removed = 0
    for checksum in sorted({each for each in checksums if each}):
        try:
            removed += _remove_unused(checksum)
            db.session.commit()
        except Exception:
            db.session.rollback()
            log.exception("bytes %s are left behind", checksum)
        cooperate()
    return removed


def _remove_unused(checksum: str) -> bool:
    blob = db.session.scalar(sa.select(Blob).filter_by(checksum=checksum).with_for_update())
    # Asked only when the lock is there: a file that was added before it was is seen.
    if blob is None or db.session.scalar(sa.select(File.id).filter_by(checksum=checksum).limit(1)):
        return False
    db.session.delete(blob)
    db.session.flush()
    delete_bytes(checksum)
    return True


def delete_bytes(checksum: str) -> None:
    """Delete bytes and their thumbnail. The row has to be held."""
    store = disk.current()
    for key in (thumbnail_key(checksum), checksum):
        _with_disk(store.delete, key)


def remove_orphan(checksum: str) -> bool:
    """Remove bytes that have no row; whether they had none.

    The row that is inserted and taken back stands for the lock: an upload of the same bytes that
    is under way waits for it, or had it first.
    """
    row = db.insert(Blob).values(checksum=checksum, size=0, mime_type="")
    added = db.session.scalar(row.on_conflict_do_nothing().returning(Blob.checksum))
    if added:
        delete_bytes(checksum)
    db.session.rollback()
    return bool(added)


def unused() -> list[str]:
    """The blobs that no file has."""
    return list(db.session.scalars(sa.select(Blob.checksum).where(~_IN_USE)))


def _with_disk(function: Callable[..., None], *args: Any) -> None:
    """Work on the disk within a transaction.

    With SQLite nothing may give way there: the BEGIN of another request would hold up the one
    thread that they share, and wait for us.
    """
    if db.engine.dialect.name == "sqlite":
        function(*args)
    else:
        run_in_io_thread(function, *args)
