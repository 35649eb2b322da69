"""The bytes behind the files."""

from collections.abc import Collection

import sqlalchemy as sa

from halolight.extensions import db

from .models import Blob, File


def release(checksums: Collection[str]) -> None:
    """Delete the rows of these bytes that no file has any more. In a transaction of its own."""
    if not checksums:
        return
    locked = db.session.scalars(
        sa.select(Blob.checksum)
        .where(Blob.checksum.in_(checksums))
        .order_by(Blob.checksum)
        .with_for_update()
    ).all()
    in_use = sa.select(File.checksum).where(File.checksum.in_(locked))
    unused = sorted({*locked} - {*db.session.scalars(in_use)})
    db.session.execute(sa.delete(Blob).where(Blob.checksum.in_(unused)))
    db.session.commit()
