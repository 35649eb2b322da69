"""Copying: a file, or a folder with all in it. Copies share their bytes."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from halolight.core.access import CurrentUser
from halolight.core.db.reads import Row
from halolight.core.errors import Invalid
from halolight.core.i18n import _
from halolight.core.text import fold
from halolight.extensions import db
from halolight.modules.audit import trail

from .. import queries
from ..content.usage import claim
from ..models import FOLDER, File, fold_path
from ..service import check_below, get_file, write_named
from .paths import free_name
from .places import Place, find_place, lock_trees, place_of

MAX_ITEMS = 10_000  # of one copy


def copy_file(user: CurrentUser, file_id: int, data: Mapping[str, Any]) -> Row:
    """Copy a file or folder that the user sees into a folder that the user may change.

    Without a folder, own files are copied beside the original, others to the root. Without a
    name it keeps its own, with a number where that is taken.
    """
    lock_trees([file_id], [user.id, find_place(user, data, user.id).owner_id])
    [source] = queries.FILES.lock(user, [file_id], to="view")
    elsewhere = "folder_id" in data or "path" in data or source.owner_id != user.id
    place = find_place(user, data, user.id) if elsewhere else place_of(source)
    copy = File(
        name=data.get("name") or free_name(source.name, _names_like(source.name, place)),
        type=source.type,
        size=source.size,
        checksum=source.checksum,
        owner_id=place.owner_id,
        folder_id=place.folder_id,
    )
    copy.path = place.path_of(copy.name)
    items, size = 0, source.size
    if source.type == FOLDER:
        place.check_not_within(source)
        within = check_below(source, copy.path)
        items, size = within.number, within.size
    if items > MAX_ITEMS:
        raise Invalid(
            _(
                "A folder with more than {max} files and folders is too large to copy.",
                max=MAX_ITEMS,
            )
        )
    claim(place.owner_id, size, 1 + items)
    write_named(copy)
    if items:
        _copy_below(source, copy)
    trail.record(user, "files.copy", copy, copied_from=(None, source.id), items=(None, items))
    db.session.commit()
    return get_file(user, copy.id)


def _names_like(name: str, place: Place) -> set[str]:
    """The folded names that are taken in a folder."""
    beginning = fold(name.rpartition(".")[0][:200] or name[:200])
    in_folder = (
        File.folder_id.is_(None) if place.folder_id is None else File.folder_id == place.folder_id
    )
    return set(
        db.session.scalars(
            sa.select(File.name_key).where(
                File.owner_id == place.owner_id,
                in_folder,
                File.name_key.startswith(beginning, autoescape=True),
            )
        )
    )


def _copy_below(source: File, copy: File) -> None:
    """Copy all in a folder: first into the copy itself, then each into the folder of its path."""
    rest = sa.func.substr(File.path, len(source.path) + 1)
    rest_of_key = sa.func.substr(File.path_key, len(fold_path(source.path)) + 1)
    moment = sa.literal(copy.created_at, File.created_at.type)
    columns = {
        "name": File.name,
        "name_key": File.name_key,
        "search_key": File.search_key,
        "path": sa.literal(copy.path) + rest,
        "path_key": sa.literal(fold_path(copy.path), sa.String) + rest_of_key,
        "type": File.type,
        "size": File.size,
        "checksum": File.checksum,
        "owner_id": sa.literal(copy.owner_id),
        "folder_id": sa.literal(copy.id),
        "created_at": moment.label("created_at"),
        "updated_at": moment.label("updated_at"),
    }
    rows = sa.select(*columns.values()).where(queries.is_below(source.id))
    db.session.execute(sa.insert(File).from_select(list(columns), rows))
    folder = aliased(File)
    folder_path = sa.func.substr(
        File.path, 1, sa.func.length(File.path) - sa.func.length(File.name) - 1
    )
    folder_id = sa.select(folder.id).where(
        folder.owner_id == copy.owner_id, folder.path == folder_path
    )
    db.session.execute(
        sa.update(File)
        .where(File.folder_id == copy.id)
        .values(folder_id=folder_id.scalar_subquery(), updated_at=File.updated_at)
        .execution_options(synchronize_session=False)
    )
