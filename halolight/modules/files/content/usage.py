"""How many bytes a user stores, and how many more fit in the quota."""

import datetime as dt
from functools import cache
from typing import Any

from flask import current_app

from halolight.core.access import CurrentUser
from halolight.core.db.reads import Row, Statement
from halolight.core.db.resource import Resource
from halolight.core.errors import PayloadTooLarge
from halolight.core.i18n import _
from halolight.extensions import db

from ..queries import FILES, USED, USED_BY_TYPE
from ..tree.places import lock_trees

FULL = _("There is not enough storage space left. Delete some files first.")

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
    rows = db.rows(USED_BY_TYPE, owner_id=user.id)
    sizes = {row.type: int(row.used) for row in rows}
    return {
        "used": sum(sizes.values()),
        "total": _quota(rows[0].email_verified_at) if rows else 0,
        "breakdown": {name: sizes.get(kind, 0) for kind, name in BREAKDOWN.items()},
    }


def room(owner_id: int) -> int:
    """How many bytes this owner may add, as it is now."""
    owner = db.row(USED, owner_id=owner_id)
    return max(0, _quota(owner.email_verified_at) - int(owner.used)) if owner else 0


def claim(owner_id: int, size: int, items: int = 1) -> None:
    """Refuse what the owner has no room for: bytes (413), or files and folders (409).

    It holds until the transaction ends: the owner's tree is locked first, so that no two can both
    take the last room.
    """
    lock_trees([], [owner_id])
    check_room(FILES, owner_id, size, items)


def check_room(of: Resource[Any], owner_id: int, size: int, items: int = 1) -> None:
    """Refuse more such things (409) or bytes (413) than the owner has room for."""
    owner = next(iter(db.execute(_used_and_owned(of), owner_id=owner_id)), None)
    if owner:
        of.check_number(owner.owned, items)
    _check_bytes(owner, size)


def check_bytes(owner_id: int, size: int) -> None:
    """Refuse (413) more bytes than the owner has room for."""
    _check_bytes(next(iter(db.execute(USED, owner_id=owner_id)), None), size)


@cache
def _used_and_owned(of: Resource[Any]) -> Statement:
    return USED.add_columns(of.owned.scalar_subquery().label("owned"))


def _check_bytes(owner: Row | None, size: int) -> None:
    if owner is None or owner.used + size > _quota(owner.email_verified_at):
        raise PayloadTooLarge(FULL)


def _quota(email_verified_at: dt.datetime | None) -> int:
    """How many bytes an owner may have; few while it is not known whose address theirs is."""
    unverified = current_app.config["EMAIL_VERIFICATION"] and email_verified_at is None
    quota: int = current_app.config["UNVERIFIED_STORAGE_QUOTA" if unverified else "STORAGE_QUOTA"]
    return quota
