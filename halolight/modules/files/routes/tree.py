"""Files and folders as a tree: listing, making, naming, placing, marking, deleting.

Their shares are in `sharing.py`, their bytes in `content.py`.
"""

from typing import Any

from halolight.core.access import current_user
from halolight.core.db.listing import Page
from halolight.core.db.reads import Row
from halolight.core.i18n import _
from halolight.core.schemas.base import page_of
from halolight.core.schemas.batch import DeletedSchema

from .. import service
from ..schemas import (
    FileCopyInput,
    FileDeleteQuery,
    FileEntrySchema,
    FileFavoriteInput,
    FileIdsInput,
    FileMoveInput,
    FileQuery,
    FileRenameInput,
    FileUpdate,
    FolderOfFilesInput,
)
from ..tree import copying
from . import blp


@blp.get("")
@blp.require("files:view")
@blp.arguments(FileQuery, location="query")
@blp.response(200, page_of(FileEntrySchema))
def list_files(query: dict[str, Any]) -> Page:
    """List files and folders

    Your files and those shared with you, with the content of shared folders; everyone's with
    `files:manage`. With `path` or `folderId` only the direct content of that folder.
    """
    return service.list_files(current_user(), query)


@blp.get("/<int:file_id>")
@blp.require("files:view")
@blp.response(200, FileEntrySchema)
@blp.fails(404)
def get_file(file_id: int) -> Row:
    """Get a file or a folder"""
    return service.get_file(current_user(), file_id)


@blp.post("/folder")
@blp.require("files:create")
@blp.arguments(FolderOfFilesInput)
@blp.response(201, FileEntrySchema, message=_("Folder created"))
@blp.fails(409)
def create_folder_of_files(data: dict[str, Any]) -> Row:
    """Create a folder

    In the folder `folderId` or `path`, by default at the root.
    """
    return service.create_folder(current_user(), data)


@blp.put_or_patch("/<int:file_id>")
@blp.require("files:update")
@blp.arguments(FileUpdate)
@blp.response(200, FileEntrySchema, message=_("File updated"))
@blp.fails(404, 409)
def update_file(changes: dict[str, Any], file_id: int) -> Row:
    """Update a file or a folder

    Changes only the fields in the body. Only the owner, or `files:manage`, changes name and folder;
    each user has their own favorites.
    """
    return service.update_file(current_user(), file_id, changes)


@blp.put_or_patch("/<int:file_id>/rename")
@blp.require("files:update")
@blp.arguments(FileRenameInput)
@blp.response(200, FileEntrySchema, message=_("File renamed"))
@blp.fails(404, 409)
def rename_file(changes: dict[str, Any], file_id: int) -> Row:
    """Rename a file or a folder"""
    return service.update_file(current_user(), file_id, changes)


@blp.route("/<int:file_id>/move", methods=["POST", "PUT"])
@blp.require("files:update")
@blp.arguments(FileMoveInput)
@blp.response(200, FileEntrySchema, message=_("File moved"))
@blp.fails(404, 409)
def move_file(changes: dict[str, Any], file_id: int) -> Row:
    """Move a file or a folder to another folder

    Both must have the same owner. The content of a folder moves with it.
    """
    return service.update_file(current_user(), file_id, changes)


@blp.post("/<int:file_id>/copy")
@blp.require("files:create")
@blp.arguments(FileCopyInput, required=False)
@blp.response(201, FileEntrySchema, message=_("File copied"))
@blp.fails(404, 409, 413)
def copy_file(data: dict[str, Any], file_id: int) -> Row:
    """Copy a file, or a folder with its content

    Without a target folder, your own file is copied into its folder, and a file that is shared with
    you into your root folder. Without a name, the copy has the name of the original, with a number
    if it is taken.
    """
    return copying.copy_file(current_user(), file_id, data)


@blp.put_or_patch("/<int:file_id>/favorite")
@blp.require("files:view")
@blp.arguments(FileFavoriteInput, required=False)
@blp.response(200, FileEntrySchema, message=_("Favorite updated"))
@blp.fails(404)
def mark_file(data: dict[str, Any], file_id: int) -> Row:
    """Mark a file or a folder as a favorite

    Only for you. Without a body, it is toggled.
    """
    return service.mark_file(current_user(), file_id, data["favorite"])


@blp.delete("/<int:file_id>")
@blp.require("files:delete")
@blp.arguments(FileDeleteQuery, location="query")
@blp.response(200, message=_("File deleted"))
@blp.fails(404, 409)
def delete_file(query: dict[str, Any], file_id: int) -> None:
    """Delete a file or a folder

    A folder that is not empty is deleted only with `recursive=true`, with its content.
    """
    service.delete_files(current_user(), [file_id], recursive=query["recursive"])


@blp.post("/batch-delete")
@blp.require("files:delete")
@blp.arguments(FileIdsInput)
@blp.response(200, DeletedSchema, message=_("Files deleted"))
@blp.fails(404, 409)
def batch_delete_files(data: dict[str, Any]) -> dict[str, int]:
    """Delete several files and folders

    All of them or none; folders that are not empty only with `recursive`.
    """
    deleted = service.delete_files(current_user(), data["ids"], recursive=data["recursive"])
    return {"deleted": deleted}


# What follows in the documentation.
