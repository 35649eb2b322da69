"""The statements that read folders. Folders are rows of the files table, with its access rules."""

import dataclasses as dc
from typing import Any

import sqlalchemy as sa

from halolight.core.db.listing import Listing, Search
from halolight.core.db.paging import Condition
from halolight.core.i18n import _
from halolight.core.search.listing import indexed_search
from halolight.extensions import db
from halolight.modules.files.models import File
from halolight.modules.files.queries import (
    FILES,
    IS_FOLDER,
    ITEM_COUNT,
    ONE_SHOWN_FOLDER,
    OWN,
    SHOWN_FOLDER,
    SHOWN_PATH,
)
from halolight.modules.users.models import User

FOLDERS = dc.replace(
    FILES, noun=_("Folder"), nouns=_("folders"), permission="folders", where=IS_FOLDER
)

MAX_TREE = 10_000  # folders


def _folder(path: Any, parent_id: Any) -> sa.Select[*tuple[Any, ...]]:
    return sa.select(
        File.id,
        File.name,
        parent_id.label("parent_id"),
        path.label("path"),
        ITEM_COUNT,
        File.owner_id,
        User.name.label("owner_name"),
        User.avatar.label("owner_avatar"),
        File.created_at,
        File.updated_at,
    ).outerjoin(User, User.id == File.owner_id)


FOLDER = _folder(File.path, File.folder_id)
SHOWN_ONE = _folder(SHOWN_PATH, ONE_SHOWN_FOLDER)  # to users who do not manage folders

_FILTERS: dict[str, Condition | Search] = {
    "search": indexed_search(File, File.name),
    "parent_id": File.folder_id == sa.bindparam("parent_id"),
}
FOLDER_LISTING = Listing(db, File, FOLDER, _FILTERS)
SHOWN_LISTING = Listing(db, File, _folder(SHOWN_PATH, SHOWN_FOLDER), _FILTERS)

TREE = (
    sa.select(File.id, File.name, File.path, File.folder_id, ITEM_COUNT)
    .where(OWN, IS_FOLDER)
    .order_by(File.path_key)
    .limit(MAX_TREE)
)
