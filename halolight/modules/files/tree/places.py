"""The trees of files and folders: who may change them, and where a file goes.

A tree has one owner, and its shape changes one transaction at a time, which locks the row
of its owner first. So no two moves together make a circle, and no quota is exceeded by two.
"""

import dataclasses as dc
from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from halolight.core.access import CurrentUser
from halolight.core.db.among import Among
from halolight.core.db.arrays import InArray
from halolight.core.db.resource import Resource
from halolight.core.errors import Conflict, Forbidden, Invalid
from halolight.core.i18n import _
from halolight.extensions import db
from halolight.modules.users.models import User

from .. import queries
from ..models import File, fold_path
from ..queries import FILES
from .paths import ROOT, check_path

PLACE_FIELDS = {"files": "folderId", "folders": "parentId"}  # of a body, by permission
FOLDER_READ_ONLY = _("You may view this folder, but not change it.")
NOT_A_TREE = _("The owner of this was deleted. To change it, copy it first.")


@dc.dataclass(frozen=True)
class Place:
    """Where something lies: in this folder of this owner, or at the root of the tree."""

    owner_id: int
    folder_id: int | None = None
    path: str = ""  # of the folder

    def path_of(self, name: str) -> str:
        """The path of what is called so here. Raises `Invalid` when that is too long or deep."""
        path = f"{self.path}/{name}"
        check_path(max(len(path), len(fold_path(path))), path.count("/"))
        return path

    def check_not_within(self, file: File) -> None:
        """Refuse (409) to put a folder into itself."""
        if self.owner_id == file.owner_id and f"{self.path}/".startswith(f"{file.path}/"):
            raise Conflict(
                _("A folder cannot be moved or copied into itself or one of its subfolders.")
            )


def _locking(owners: Any) -> Any:
    ordered = sa.select(User.id).where(owners).order_by(User.id)
    return ordered.with_for_update(key_share=True)  # what only refers to the user need not wait


_OF_FILES = sa.select(File.owner_id).where(Among(File.id, "file_ids"), File.owner_id.is_not(None))
_LOCK_OWNERS = _locking(Among(User.id, "owner_ids"))
_LOCK_TREES = _locking(sa.or_(InArray(User.id, _OF_FILES), Among(User.id, "owner_ids")))


def lock_trees(file_ids: Collection[int], owner_ids: Collection[int] = ()) -> None:
    """Lock the trees of these owners and the trees of these files."""
    if file_ids:
        db.later(_LOCK_TREES, file_ids=file_ids, owner_ids=owner_ids)
    else:
        db.later(_LOCK_OWNERS, owner_ids=owner_ids)


def owner_of(file: File) -> int:
    """The owner of a file. A file without an owner cannot be moved."""
    if file.owner_id is None:
        raise Conflict(NOT_A_TREE)
    return file.owner_id


def place_of(file: File) -> Place:
    """Where it lies."""
    return Place(owner_of(file), file.folder_id, file.path.removesuffix(f"/{file.name}"))


def find_place(
    user: CurrentUser, where: Mapping[str, Any], owner_id: int, of: Resource[File] = FILES
) -> Place:
    """The folder that `folder_id` or `path` names; neither or the root: the root of the tree.

    A path is one of the tree of `owner_id`. An id may name a folder of another owner, where the
    user may change that, too.
    """
    if where.get("folder_id") is not None:
        field, named = PLACE_FIELDS[str(of.permission)], File.id == where["folder_id"]
    elif where.get("path", ROOT) != ROOT:
        field, named = "path", sa.and_(File.owner_id == owner_id, File.path_key == where["path"])
    else:
        return Place(owner_id)
    folder = db.session.execute(
        sa.select(File.id, File.owner_id, File.path).where(
            queries.IS_FOLDER, named, of.seen_by(user)
        ),
        of.params(user),
    ).one_or_none()
    if folder is None:
        raise Invalid(_("There is no such folder.", code="not_found"), field=field)
    if folder.owner_id is None:
        raise Conflict(NOT_A_TREE)
    if not of.owns(user, folder.owner_id):
        raise Forbidden(FOLDER_READ_ONLY)
    return Place(folder.owner_id, folder.id, folder.path)


def lock_place(
    user: CurrentUser, where: Mapping[str, Any], owner_id: int, of: Resource[File] = FILES
) -> Place:
    """As `find_place`, and the tree that it is in stays as it is until the transaction ends."""
    lock_trees([], [find_place(user, where, owner_id, of).owner_id])
    return find_place(user, where, owner_id, of)  # it may have moved or gone in between
