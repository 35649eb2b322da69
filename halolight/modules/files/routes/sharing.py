"""The shares of files, and public links to them."""

from collections.abc import Sequence
from typing import Any

from halolight.core.access import current_user
from halolight.core.db.reads import Row
from halolight.core.i18n import _

from ..schemas import (
    FileRevokeInput,
    FileShareInput,
    FileShareMadeSchema,
    FileShareSchema,
    LinkedFileSchema,
    LinkHeaders,
)
from ..sharing import links, shares
from . import blp


@blp.get("/<int:file_id>/shares")
@blp.require("files:view")
@blp.response(200, FileShareSchema(many=True))
@blp.fails(404)
def list_file_shares(file_id: int) -> Sequence[Row]:
    """List with whom a file or a folder is shared

    For its owner and for users with `files:manage`.
    """
    return shares.list_shares(current_user(), file_id)


@blp.post("/<int:file_id>/share")
@blp.require("files:update")
@blp.ignores_idempotency_key
@blp.arguments(FileShareInput)
@blp.response(200, FileShareMadeSchema(many=True), message=_("File shared"))
@blp.fails(404, 409)
def share_file(data: dict[str, Any], file_id: int) -> Sequence[dict[str, Any]]:
    """Share a file or a folder with users, with teams, or by a public link

    Returns all its shares. An existing share is updated; `public` makes a new link
    each time, whose `url` and `token` appear in this response only. A link shows the file as long
    as the account of its owner is active.
    """
    return shares.share_file(current_user(), file_id, **data)


@blp.post("/<int:file_id>/revoke-share")
@blp.require("files:update")
@blp.arguments(FileRevokeInput)
@blp.response(200, FileShareSchema(many=True), message=_("Share revoked"))
@blp.fails(404)
def revoke_file_share(data: dict[str, Any], file_id: int) -> Sequence[Row]:
    """End one share of a file or a folder

    Returns the remaining shares.
    """
    return shares.revoke_share(current_user(), file_id, data["share_id"])


@blp.get("/shared/<secret:token>")
@blp.public
@blp.arguments(LinkHeaders, location="headers")
@blp.response(200, LinkedFileSchema)
@blp.fails(403, 404)
def view_link(headers: dict[str, Any], token: str) -> dict[str, Any]:
    """Get a file by its public link

    If the link has a password, send it in the header `X-Share-Password`.
    """
    return links.view_link(token, headers.get("password"))
