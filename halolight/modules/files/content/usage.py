"""How much somebody stores, and how much more they may."""

from typing import Any

from flask import current_app

from halolight.core.access import CurrentUser
from halolight.core.errors import PayloadTooLarge
from halolight.extensions import db

from ..queries import FILES, USED, USED_BY_TYPE
from ..tree.places import lock_trees

FULL = "There is not enough room left in the storage"

BREAKDOWN = {
    "image": "images",
    "video": "videos",
    "audio": "audio",
    "document": "documents",
    "archive": "archives",
    "other": "others",
}


def storage_usage(user: CurrentUser) -> dict[str, Any]:
    """What the caller's own files and the texts of their documents take, by type."""
    sizes = {row.type: int(row.size) for row in db.rows(USED_BY_TYPE, owner_id=user.id)}
    return {
        "used": sum(sizes.values()),
        "total": current_app.config["STORAGE_QUOTA"],
        "breakdown": {name: sizes.get(kind, 0) for kind, name in BREAKDOWN.items()},
    }


def room(owner_id: int) -> int:
    """How many bytes this owner may add, as it is now."""
    quota: int = current_app.config["STORAGE_QUOTA"]
    return max(0, quota - int(db.value(USED, owner_id=owner_id)))


def claim(owner_id: int, size: int, items: int = 1) -> None:
    """Refuse what the owner has no room for: bytes (413), or files and folders (409).

    It holds until the transaction ends: the owner's tree is locked first, so that no two can both
    take the last room.
    """
    lock_trees([], [owner_id])
    FILES.check_room(owner_id, items)
    check_bytes(owner_id, size)


def check_bytes(owner_id: int, size: int) -> None:
    """Refuse (413) more bytes than the owner has room for."""
    used = db.session.scalar(USED, {"owner_id": owner_id}) or 0
    if used + size > current_app.config["STORAGE_QUOTA"]:
        raise PayloadTooLarge(FULL)
