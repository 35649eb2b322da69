"""What is read of folders. Who sees which, the files tell: folders are among them."""

from typing import Any

import sqlalchemy as sa

from halolight.core.listing import Condition, Listing, contains
from halolight.extensions import db
from halolight.modules.files.models import File
from halolight.modules.files.queries import (
    ID,
    IS_FOLDER,
    ONE_SHOWN_FOLDER,
    ONE_VISIBLE,
    OWN,
    SHOWN_FOLDER,
    SHOWN_PATH,
    VISIBLE,
)
from halolight.modules.users.models import User

MAX_TREE = 10_000  # folders


def _folder(path: Any, parent_id: Any) -> sa.Select[*tuple[Any, ...]]:
    return sa.select(
        File.id,
        File.name,
        parent_id.label("parent_id"),
        path.label("path"),
        File.owner_id,
        User.name.label("owner_name"),
        User.avatar.label("owner_avatar"),
        File.created_at,
        File.updated_at,
    ).outerjoin(User, User.id == File.owner_id)


_ANY_FOLDER = _folder(File.path, File.folder_id)  # for who manages folders

ONE_FOLDER = _ANY_FOLDER.where(File.id == ID, IS_FOLDER)
ONE_VISIBLE_FOLDER = _folder(SHOWN_PATH, ONE_SHOWN_FOLDER).where(ONE_VISIBLE, IS_FOLDER)

_FILTERS: dict[str, Condition] = {
    "search": contains("search", File.name),
    "parent_id": File.folder_id == sa.bindparam("parent_id"),
}
ALL_FOLDERS = Listing(db, File, _ANY_FOLDER, _FILTERS)
SHOWN_FOLDERS = Listing(db, File, _folder(SHOWN_PATH, SHOWN_FOLDER), _FILTERS)
VISIBLE_FOLDER = sa.and_(IS_FOLDER, VISIBLE)

TREE = (
    sa.select(File.id, File.name, File.path, File.folder_id)
    .where(OWN, IS_FOLDER)
    .order_by(File.path)
    .limit(MAX_TREE)
)
