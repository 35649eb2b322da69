"""Documents: writing, sharing, versions."""

from collections.abc import Sequence
from typing import Any

from flask import Flask

from halolight.core.access import current_user
from halolight.core.db.listing import Page
from halolight.core.db.reads import Row
from halolight.core.http.api import Blueprint
from halolight.core.http.etags import IfMatch
from halolight.core.i18n import _
from halolight.core.schemas.base import page_of
from halolight.core.schemas.batch import DeletedSchema, IdsInput

from . import service, sharing
from .schemas import (
    MAX_BODY,
    DocumentInput,
    DocumentMoveInput,
    DocumentQuery,
    DocumentRecipientsInput,
    DocumentRenameInput,
    DocumentSchema,
    DocumentShareInput,
    DocumentShareSchema,
    DocumentSummarySchema,
    DocumentTagsInput,
    DocumentUpdate,
    DocumentVersionQuery,
    DocumentVersionSchema,
)

blp = Blueprint(
    "documents",
    __name__,
    url_prefix="/api/documents",
    description="Documents",
)


def init_app(app: Flask) -> None:
    service.VIEWS.init_app(app)


@blp.get("")
@blp.require("documents:view")
@blp.arguments(DocumentQuery, location="query")
@blp.response(200, page_of(DocumentSummarySchema))
def list_documents(query: dict[str, Any]) -> Page:
    """List documents

    Your documents and those shared with you; all documents with `documents:manage`.
    """
    return service.list_documents(current_user(), query)


@blp.get("/<int:document_id>")
@blp.require("documents:view")
@blp.conditional
@blp.response(200, DocumentSchema)
@blp.fails(404)
def get_document(document_id: int) -> Row:
    """Get a document"""
    return service.view_document(current_user(), document_id)


@blp.post("")
@blp.require("documents:create")
@blp.arguments(DocumentInput, max_body=MAX_BODY)
@blp.response(201, DocumentSchema, message=_("Document created"))
@blp.fails(409)
def create_document(data: dict[str, Any]) -> Row:
    """Create a document

    The signed-in user becomes its author. Its text counts towards their storage quota (413), and a
    user may have 10,000 documents (409).
    """
    return service.create_document(current_user(), data)


@blp.put_or_patch("/<int:document_id>")
@blp.require("documents:update")
@blp.arguments(DocumentUpdate, max_body=MAX_BODY)
@blp.response(200, DocumentSchema, message=_("Document updated"))
@blp.fails(404, 412)
def update_document(changes: dict[str, Any], document_id: int) -> Row:
    """Update a document

    Changes only the fields in the body. With the ETag of what you read in `If-Match` the update is
    refused if the document has changed since you read it.
    """
    return service.update_document(current_user(), document_id, changes, IfMatch())


@blp.delete("/<int:document_id>")
@blp.require("documents:delete")
@blp.response(200, message=_("Document deleted"))
@blp.fails(404, 412)
def delete_document(document_id: int) -> None:
    """Delete a document

    For its author and for users with `documents:manage`.
    """
    service.delete_documents(current_user(), [document_id], IfMatch())


@blp.post("/batch-delete")
@blp.require("documents:delete")
@blp.arguments(IdsInput)
@blp.response(200, DeletedSchema, message=_("Documents deleted"))
@blp.fails(404)
def batch_delete_documents(data: dict[str, Any]) -> dict[str, int]:
    """Delete several documents

    All of them or none.
    """
    return {"deleted": service.delete_documents(current_user(), data["ids"])}


@blp.patch("/<int:document_id>/rename")
@blp.require("documents:update")
@blp.arguments(DocumentRenameInput)
@blp.response(200, DocumentSchema, message=_("Document renamed"))
@blp.fails(404, 412)
def rename_document(changes: dict[str, Any], document_id: int) -> Row:
    """Rename a document"""
    return service.update_document(current_user(), document_id, changes, IfMatch())


@blp.post("/<int:document_id>/move")
@blp.require("documents:update")
@blp.arguments(DocumentMoveInput)
@blp.response(200, DocumentSchema, message=_("Document moved"))
@blp.fails(404, 412)
def move_document(changes: dict[str, Any], document_id: int) -> Row:
    """Move a document to another folder"""
    return service.update_document(current_user(), document_id, changes, IfMatch())


@blp.post("/<int:document_id>/tags")
@blp.require("documents:update")
@blp.arguments(DocumentTagsInput)
@blp.response(200, DocumentSchema, message=_("Tags updated"))
@blp.fails(404, 412)
def set_document_tags(changes: dict[str, Any], document_id: int) -> Row:
    """Replace the tags of a document"""
    return service.update_document(current_user(), document_id, changes, IfMatch())


@blp.get("/<int:document_id>/shares")
@blp.require("documents:view")
@blp.response(200, DocumentShareSchema(many=True))
@blp.fails(404)
def list_document_shares(document_id: int) -> Sequence[Row]:
    """List with whom a document is shared

    For its author and for users with `documents:manage`.
    """
    return sharing.list_shares(current_user(), document_id)


@blp.post("/<int:document_id>/share")
@blp.require("documents:update")
@blp.arguments(DocumentShareInput)
@blp.response(200, DocumentShareSchema(many=True), message=_("Document shared"))
@blp.fails(404, 412)
def share_document(data: dict[str, Any], document_id: int) -> Sequence[Row]:
    """Share a document with users or teams

    Returns all its shares. An existing share is updated.
    """
    return sharing.share_document(current_user(), document_id, **data, if_match=IfMatch())


@blp.post("/<int:document_id>/unshare")
@blp.require("documents:update")
@blp.arguments(DocumentRecipientsInput, required=False)
@blp.response(200, DocumentShareSchema(many=True), message=_("Document unshared"))
@blp.fails(404, 412)
def unshare_document(data: dict[str, Any], document_id: int) -> Sequence[Row]:
    """Stop sharing a document

    With the users and teams that are named, or with everybody when none is. Answers with the
    shares that remain.
    """
    return sharing.unshare_document(current_user(), document_id, **data, if_match=IfMatch())


@blp.get("/<int:document_id>/versions")
@blp.require("documents:view")
@blp.arguments(DocumentVersionQuery, location="query")
@blp.response(200, page_of(DocumentVersionSchema))
@blp.fails(404)
def list_document_versions(query: dict[str, Any], document_id: int) -> Page:
    """List the versions of a document

    Each text it has had, from whom and since when; the newest is the current one. The newest 100
    are kept, and count towards the storage quota of its author.
    """
    return service.list_versions(current_user(), document_id, query)


@blp.post("/<int:document_id>/versions/<int:number>/restore")
@blp.require("documents:update")
@blp.response(200, DocumentSchema, message=_("Version restored"))
@blp.fails(404, 412, 413)
def restore_document_version(document_id: int, number: int) -> Row:
    """Restore a version of a document

    Its text becomes the current one, as a new version.
    """
    return service.restore_version(current_user(), document_id, number, IfMatch())
