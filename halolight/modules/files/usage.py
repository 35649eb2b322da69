"""How much somebody stores, and how much more they may."""

from typing import Any

import sqlalchemy as sa
from flask import current_app

from halolight.core.access import CurrentUser
from halolight.core.errors import PayloadTooLarge
from halolight.extensions import db

from .models import FOLDER, File
from .trees import lock_trees

FULL = "There is not enough room left in the storage"

BREAKDOWN = {
    "image": "images",
    "video": "videos",
    "audio": "audio",
    "document": "documents",
    "archive": "archives",
    "other": "others",
}

# Every file counts whole for its owner, though equal bytes are stored once: what somebody else
# does with theirs changes nothing for them.
_USED = sa.select(sa.func.coalesce(sa.func.sum(File.size), 0).label("used")).where(
    File.owner_id == sa.bindparam("owner_id")
)
_BY_TYPE = (
    sa.select(File.type, sa.func.sum(File.size).label("size"))
    .where(File.owner_id == sa.bindparam("owner_id"), File.type != FOLDER)
    .group_by(File.type)
)


def storage_usage(user: CurrentUser) -> dict[str, Any]:
    """What the caller's own files take, by type."""
    sizes = {row.type: int(row.size) for row in db.rows(_BY_TYPE, owner_id=user.id)}
    return {
        "used": sum(sizes.values()),
        "total": current_app.config["STORAGE_QUOTA"],
        "breakdown": {name: sizes.get(kind, 0) for kind, name in BREAKDOWN.items()},
    }


def room(owner_id: int) -> int:
    """How many bytes this owner may add, as it is now."""
    quota: int = current_app.config["STORAGE_QUOTA"]
    return max(0, quota - int(db.value(_USED, owner_id=owner_id)))


def claim(owner_id: int, size: int) -> None:
    """Refuse (413) what the owner has no room for. It holds until the transaction ends.

    The owner's tree is locked first, so that no two can both take the last room.
    """
    lock_trees([], [owner_id])
    used = db.session.scalar(_USED, {"owner_id": owner_id}) or 0
    if used + size > current_app.config["STORAGE_QUOTA"]:
        raise PayloadTooLarge(FULL)
