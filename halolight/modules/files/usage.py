"""How much somebody may keep, and that it is not exceeded."""

import sqlalchemy as sa
from flask import current_app

from halolight.core.errors import PayloadTooLarge
from halolight.extensions import db

from .models import File
from .trees import lock_trees


def claim(owner_id: int, size: int) -> None:
    """Refuse (413) what would exceed the owner's `STORAGE_QUOTA`.

    The sum is exact, and stays so until the transaction ends: the owner's tree is locked.
    """
    lock_trees([], [owner_id])
    used = db.session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(File.size), 0)).where(File.owner_id == owner_id)
    )
    if (used or 0) + size > current_app.config["STORAGE_QUOTA"]:
        raise PayloadTooLarge("There is not enough room left in the storage")
