"""What is read of files: who sees which, and the columns each answer shows."""

from typing import Any

import sqlalchemy as sa

from halolight.core.access import CurrentUser
from halolight.core.clock import utcnow
from halolight.core.listing import EVERYTHING, Condition
from halolight.modules.users.models import User

from .models import Blob, File, FileFavorite

CALLER = sa.bindparam("caller", type_=sa.Integer)
VISIBLE = File.owner_id == CALLER

FAVORITE = sa.exists().where(FileFavorite.file_id == File.id, FileFavorite.user_id == CALLER)

FILE = (
    sa.select(
        *(File.id, File.name, File.type, File.size, Blob.mime_type, File.path, File.folder_id),
        sa.case((FAVORITE, sa.true()), else_=sa.false()).label("is_favorite"),
        *(File.checksum, Blob.has_thumbnail, File.owner_id),
        *(User.name.label("owner_name"), User.avatar.label("owner_avatar")),
        *(File.created_at, File.updated_at),
    )
    .outerjoin(Blob, Blob.checksum == File.checksum)
    .outerjoin(User, User.id == File.owner_id)
)
ONE_FILE = FILE.where(File.id == sa.bindparam("id"))
ONE_VISIBLE_FILE = ONE_FILE.where(VISIBLE)


def scope(user: CurrentUser) -> Condition:
    """Which files there are for this user. Every read starts here."""
    return EVERYTHING if user.can("files:manage") else VISIBLE


def scope_params(user: CurrentUser) -> dict[str, Any]:
    """What the conditions of this page ask: who reads, and when."""
    return {"caller": user.id, "now": utcnow()}
