"""What can be done with folders, and by whom: as with files, under their own permissions."""

from collections.abc import Mapping, Sequence
from typing import Any

from halolight.core.access import CurrentUser
from halolight.core.db.listing import Page
from halolight.core.db.reads import Row
from halolight.extensions import db
from halolight.modules.files import service as files

from . import queries
from .queries import FOLDERS


def list_folders(user: CurrentUser, query: Mapping[str, Any]) -> Page:
    return FOLDERS.page(user, queries.FOLDER_LISTING, query, shown=queries.SHOWN_LISTING)


def folder_tree(user: CurrentUser) -> Sequence[dict[str, Any]]:
    """The folders of the user as a tree, sorted by name."""
    rows = db.rows(queries.TREE, caller=user.id)
    within: dict[int | None, list[dict[str, Any]]] = {None: [], **{row.id: [] for row in rows}}
    for row in rows:
        node = {**row._asdict(), "children": within[row.id]}
        if row.folder_id in within:  # else it is one of more than are shown
            within[row.folder_id].append(node)
    return within[None]


def get_folder(user: CurrentUser, folder_id: int) -> Row:
    return FOLDERS.get(user, queries.FOLDER, folder_id, shown=queries.SHOWN_ONE)


def create_folder(user: CurrentUser, data: Mapping[str, Any]) -> Row:
    return get_folder(user, files.add_folder(user, data, FOLDERS))


def update_folder(user: CurrentUser, folder_id: int, changes: dict[str, Any]) -> Row:
    files.rearrange(user, folder_id, changes, FOLDERS)
    db.session.commit()
    return get_folder(user, folder_id)


def delete_folder(user: CurrentUser, folder_id: int, *, recursive: bool) -> None:
    files.delete_files(user, [folder_id], recursive=recursive, of=FOLDERS)
