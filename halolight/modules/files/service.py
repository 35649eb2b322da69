"""What can be done with files and folders, and by whom. Each change is one transaction.

The folders' endpoints are served from here, too: they pass the `FOLDERS` that it is a change of.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import sqlalchemy as sa

from halolight.core.access import CurrentUser
from halolight.core.db.listing import Page
from halolight.core.db.reads import Row
from halolight.core.db.resource import Resource
from halolight.core.errors import Conflict
from halolight.core.i18n import _
from halolight.extensions import db
from halolight.modules.audit import trail

from . import queries
from .content import blobs
from .models import FOLDER, File, FileFavorite, fold_path
from .queries import FILES
from .tree.paths import ROOT, check_path
from .tree.places import find_place, lock_place, lock_trees, owner_of, place_of


def list_files(user: CurrentUser, query: dict[str, Any]) -> Page:
    """Files and folders together; a path is one of the caller's own tree, an id any folder's."""
    path, favorite = query.pop("path", None), query.pop("favorite", None)
    if favorite is not None:
        query["marked" if favorite else "unmarked"] = True
    if path is not None:
        query["at_root" if path == ROOT else "path"] = path
        return queries.SHOWN_LISTING.page(query, queries.OWN, **FILES.params(user))
    return FILES.page(user, queries.FILE_LISTING, query, shown=queries.SHOWN_LISTING)


def get_file(user: CurrentUser, file_id: int) -> Row:
    return FILES.get(user, queries.FILE, file_id, shown=queries.SHOWN_FILE)


def create_folder(user: CurrentUser, data: Mapping[str, Any]) -> Row:
    return get_file(user, add_folder(user, data))


def add_folder(user: CurrentUser, data: Mapping[str, Any], of: Resource[File] = FILES) -> int:
    """Make a folder, and return its id. It belongs to whom the folder around it does."""
    place = lock_place(user, data, user.id, of)
    FILES.check_room(place.owner_id)
    folder = File(
        name=data["name"],
        path=place.path_of(data["name"]),
        type=FOLDER,
        owner_id=place.owner_id,
        folder_id=place.folder_id,
    )
    write_named(folder)
    trail.record(user, f"{of.permission}.create", folder)
    db.session.commit()
    return folder.id


def update_file(user: CurrentUser, file_id: int, changes: dict[str, Any]) -> Row:
    """Give it another name, another place, the caller's mark, or all of that."""
    marked = changes.pop("is_favorite", None)
    if changes or marked is None:
        rearrange(user, file_id, changes)
    if marked is not None:
        _mark(user, file_id, marked)
    db.session.commit()
    return get_file(user, file_id)


def mark_file(user: CurrentUser, file_id: int, marked: bool | None) -> Row:
    """Set or take away the caller's own mark; without a value the other of the two."""
    _mark(user, file_id, marked)
    db.session.commit()
    return get_file(user, file_id)


def delete_files(
    user: CurrentUser, file_ids: Sequence[int], *, recursive: bool, of: Resource[File] = FILES
) -> int:
    """Delete all of these or none, folders with their contents; return the number of ids."""
    lock_trees(file_ids)
    files = of.lock(user, file_ids, to="delete")
    checksums = {file.checksum for file in files if file.checksum}
    for file in files:
        within = _contents(file)
        if within and not recursive:
            raise Conflict(
                _(
                    "The folder “{name}” is not empty. To delete it anyway, send recursive=true.",
                    name=file.name,
                )
            )
        checksums |= {row.checksum for row in within if row.checksum}
        items = {"items": (len(within), None)} if within else {}
        trail.record(user, f"{of.permission}.delete", file, **items)
    db.session.execute(sa.delete(File).where(File.id.in_(file_ids)))
    db.session.commit()
    db.after_commit(partial(blobs.release, checksums))
    return len(files)


def write_named(file: File, field: str = "name") -> None:
    """Write it, unless its folder has the name already."""
    db.session.add(file)
    with naming(file.name, field):
        db.session.flush()


@contextmanager
def naming(name: str, field: str = "name") -> Iterator[None]:
    """Refuse (409) a name that the folder has already. The database decides, races included."""
    try:
        yield
    except sa.exc.IntegrityError as error:
        if "path" not in str(error.orig).partition("\n")[0]:  # the constraint's, or its columns'
            raise
        raise Conflict(
            _("There is already a “{name}” in this folder.", code="taken", name=name), field=field
        ) from None


def check_below(folder: File, path: str) -> Row:
    """Check that the contents of a folder fit below this path; return their number."""
    slashes = sa.func.length(File.path) - sa.func.length(sa.func.replace(File.path, "/", ""))
    found = db.session.execute(
        sa.select(
            sa.func.count().label("number"),
            sa.func.coalesce(sa.func.sum(File.size), 0).label("size"),
            sa.func.coalesce(sa.func.max(sa.func.length(File.path)), 0).label("length"),
            sa.func.coalesce(sa.func.max(sa.func.length(File.path_key)), 0).label("key_length"),
            sa.func.coalesce(sa.func.max(slashes), 0).label("levels"),
        ).where(queries.is_below(folder.id))
    ).one()
    longer = len(path) - len(folder.path)
    longer_key = len(fold_path(path)) - len(fold_path(folder.path))
    check_path(
        max(found.length + longer, found.key_length + longer_key),
        found.levels + path.count("/") - folder.path.count("/"),
    )
    return found


def rearrange(
    user: CurrentUser, file_id: int, changes: Mapping[str, Any], of: Resource[File] = FILES
) -> None:
    """Change the name and the place, and with them the paths of all below. Not yet committed."""
    lock_trees([file_id])
    [file] = of.lock(user, [file_id], to="edit")
    owner_id, old = owner_of(file), file.path
    place = place_of(file)
    if "folder_id" in changes or "path" in changes:
        place = find_place(user, changes, owner_id, of)
        if place.owner_id != owner_id:
            raise Conflict(_("This cannot be moved to another owner. Copy it instead."))
        place.check_not_within(file)
    name = changes.get("name", file.name)
    path = place.path_of(name)
    moves_others = file.type == FOLDER and path != old
    if moves_others:
        check_below(file, path)
    file.assign({"name": name, "path": path, "folder_id": place.folder_id})
    write_named(file)
    if moves_others:
        _move_below(file, old)
    trail.record(user, f"{of.permission}.update", file)


def _move_below(folder: File, old: str) -> None:
    """The folder's new path is now the beginning of the paths of all in it, which else stay."""
    rest = sa.func.substr(File.path, len(old) + 1)
    rest_of_key = sa.func.substr(File.path_key, len(fold_path(old)) + 1)
    db.session.execute(
        sa.update(File)
        .where(queries.is_below(folder.id))
        .values(
            path=sa.literal(folder.path) + rest,
            path_key=sa.literal(fold_path(folder.path), sa.String) + rest_of_key,
            updated_at=File.updated_at,
        )
        .execution_options(synchronize_session=False)
    )


def _mark(user: CurrentUser, file_id: int, marked: bool | None) -> None:
    [file] = FILES.lock(user, [file_id], to="view")
    mark = db.session.get(FileFavorite, (user.id, file_id))
    wanted = mark is None if marked is None else marked
    if wanted == (mark is not None):
        return
    if mark is None:
        db.session.add(FileFavorite(user_id=user.id, file_id=file_id))
    else:
        db.session.delete(mark)
    trail.record(user, "files.favorite", file, favorite=(not wanted, wanted))


def _contents(file: File) -> Sequence[Row]:
    """The checksums of all that lies in a folder, however deep."""
    if file.type != FOLDER:
        return []
    return db.session.execute(sa.select(File.checksum).where(queries.is_below(file.id))).all()
