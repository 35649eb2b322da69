"""What can be done with folders, and by whom: as with files, under their own permissions."""

from collections.abc import Mapping, Sequence
from typing import Any

from halolight.core.access import CurrentUser
from halolight.core.listing import Page
from halolight.core.ownership import Owned
from halolight.core.reads import Row
from halolight.extensions import db
from halolight.modules.files import service as files
from halolight.modules.files.models import File
from halolight.modules.files.queries import IS_FOLDER, scope_params
from halolight.modules.files.trees import Kind

from . import queries

FOLDERS = Kind(
    "folders",
    Owned(db, File, "Folder"),
    IS_FOLDER,
    queries.ONE_FOLDER,
    queries.ONE_VISIBLE_FOLDER,
    place_field="parentId",
)


def list_folders(user: CurrentUser, query: Mapping[str, Any]) -> Page:
    if user.can(FOLDERS.manages):
        return queries.ALL_FOLDERS.page(query, IS_FOLDER, **scope_params(user))
    return queries.SHOWN_FOLDERS.page(query, queries.VISIBLE_FOLDER, **scope_params(user))


def folder_tree(user: CurrentUser) -> Sequence[dict[str, Any]]:
    """One's own folders, each with those in it; by name."""
    rows = db.rows(queries.TREE, caller=user.id)
    within: dict[int | None, list[dict[str, Any]]] = {None: [], **{row.id: [] for row in rows}}
    for row in rows:
        node = {"id": row.id, "name": row.name, "path": row.path, "children": within[row.id]}
        if row.folder_id in within:  # else it is one of more than are shown
            within[row.folder_id].append(node)
    return within[None]


def get_folder(user: CurrentUser, folder_id: int) -> Row:
    return files.get_file(user, folder_id, FOLDERS)


def create_folder(user: CurrentUser, data: Mapping[str, Any]) -> Row:
    return files.create_folder(user, data, FOLDERS)


def update_folder(user: CurrentUser, folder_id: int, changes: dict[str, Any]) -> Row:
    return files.update_file(user, folder_id, changes, FOLDERS)


def delete_folder(user: CurrentUser, folder_id: int, *, recursive: bool) -> None:
    files.delete_files(user, [folder_id], recursive=recursive, kind=FOLDERS)
