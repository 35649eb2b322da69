"""Folders: the tree that files lie in."""

from collections.abc import Sequence
from typing import Any

from halolight.core.access import current_user
from halolight.core.db.listing import Page
from halolight.core.db.reads import Row
from halolight.core.http.api import Blueprint
from halolight.core.i18n import _
from halolight.core.schemas.base import page_of
from halolight.modules.files.schemas import FileDeleteQuery

from . import service
from .schemas import FolderInput, FolderNodeSchema, FolderQuery, FolderSchema, FolderUpdate

blp = Blueprint("folders", __name__, url_prefix="/api/folders", description="Folders")


@blp.get("")
@blp.require("folders:view")
@blp.arguments(FolderQuery, location="query")
@blp.response(200, page_of(FolderSchema))
def list_folders(query: dict[str, Any]) -> Page:
    """List folders

    Your folders and those shared with you, with the folders in them; everyone's with
    `folders:manage`. With `parentId` only those directly in that folder.
    """
    return service.list_folders(current_user(), query)


@blp.get("/tree")
@blp.require("folders:view")
@blp.response(200, FolderNodeSchema(many=True))
def folder_tree() -> Sequence[dict[str, Any]]:
    """Get your folders as a tree

    The first 10,000 of them.
    """
    return service.folder_tree(current_user())


@blp.get("/<int:folder_id>")
@blp.require("folders:view")
@blp.response(200, FolderSchema)
@blp.fails(404)
def get_folder(folder_id: int) -> Row:
    """Get a folder"""
    return service.get_folder(current_user(), folder_id)


@blp.post("")
@blp.require("folders:create")
@blp.arguments(FolderInput)
@blp.response(201, FolderSchema, message=_("Folder created"))
@blp.fails(409)
def create_folder(data: dict[str, Any]) -> Row:
    """Create a folder

    In the folder `parentId`, by default at the root.
    """
    return service.create_folder(current_user(), data)


@blp.put_or_patch("/<int:folder_id>")
@blp.require("folders:update")
@blp.arguments(FolderUpdate)
@blp.response(200, FolderSchema, message=_("Folder updated"))
@blp.fails(404, 409)
def update_folder(changes: dict[str, Any], folder_id: int) -> Row:
    """Rename or move a folder

    Changes only the fields in the body. The content moves with the folder.
    """
    return service.update_folder(current_user(), folder_id, changes)


@blp.delete("/<int:folder_id>")
@blp.require("folders:delete")
@blp.arguments(FileDeleteQuery, location="query")
@blp.response(200, message=_("Folder deleted"))
@blp.fails(404, 409)
def delete_folder(query: dict[str, Any], folder_id: int) -> None:
    """Delete a folder

    A folder that is not empty is deleted only with `recursive=true`, with its content.
    """
    service.delete_folder(current_user(), folder_id, recursive=query["recursive"])
