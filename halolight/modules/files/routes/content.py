"""The bytes of files: uploads, downloads, and links to them."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from flask import Response, current_app

from halolight.core.access import current_user
from halolight.core.db.reads import Row
from halolight.core.i18n import _
from halolight.core.media import thumbnails
from halolight.core.storage import downloads, uploads

from ..content import blobs, downloading, signed_urls, uploading, usage
from ..content.schemas import (
    FileDownloadQuery,
    FileLinkSchema,
    FileUploadInput,
    SignedThumbnailQuery,
    SignedUrlQuery,
    StorageUsageSchema,
)
from ..schemas import FileEntrySchema, LinkHeaders
from ..sharing import links
from . import blp


def takes_a_file(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let the file of a form in, as far as the caller has room for it."""

    @wraps(view)
    def accepting(*args: Any, **kwargs: Any) -> Any:
        uploads.accept(*uploading.acceptable_size(current_user()))
        return view(*args, **kwargs)

    return accepting


def _send(file: Row, *, inline: bool) -> Response:
    return downloads.send(
        file.storage_key,
        etag=file.checksum,
        size=file.size,
        mime_type=file.mime_type,
        name=file.name,
        inline=inline,
    )


def _redirect(file: Row, *, inline: bool) -> Response | None:
    if current_app.config["STORAGE_LINKS"] != "bucket":
        return None
    return downloads.redirect(
        file.storage_key, mime_type=file.mime_type, name=file.name, inline=inline
    )


def _send_thumbnail(file: Row) -> Response:
    return downloads.send(
        blobs.thumbnail_key(file.storage_key),
        etag=blobs.thumbnail_key(file.checksum),
        mime_type=thumbnails.THUMBNAIL_TYPE,
        inline=True,
    )


@blp.post("/upload")
@blp.require("files:create")
@takes_a_file
@blp.arguments(FileUploadInput, location="form", content_type="multipart/form-data")
@blp.response(201, FileEntrySchema, message=_("File uploaded"))
@blp.fails(409)
def upload_file(data: dict[str, Any]) -> Row:
    """Upload a file

    Into the folder `path` or `folderId`, by default at the root. The type is detected from the
    content. The file becomes visible when it is stored completely.
    """
    return uploading.upload_file(current_user(), data.pop("file"), **data)


@blp.get("/storage")
@blp.require("files:view")
@blp.response(200, StorageUsageSchema)
def get_storage_usage() -> dict[str, Any]:
    """Get your storage usage

    The size of your files by type, and your quota.
    """
    return usage.storage_usage(current_user())


@blp.get("/<int:file_id>/download")
@blp.require("files:view")
@blp.arguments(FileDownloadQuery, location="query")
@blp.sends_bytes()
def download_file(query: dict[str, Any], file_id: int) -> Response:
    """Download a file

    Whole, or the part that `Range` asks for. The `ETag` is its checksum. Files that
    a browser could execute are always sent as attachments.
    """
    return _send(downloading.downloadable(current_user(), file_id), **query)


@blp.get("/<int:file_id>/thumbnail")
@blp.require("files:view")
@blp.sends_bytes(thumbnails.THUMBNAIL_TYPE)
def get_thumbnail(file_id: int) -> Response:
    """Get the thumbnail of an image

    At most 256 pixels wide and high.
    """
    return _send_thumbnail(downloading.with_thumbnail(current_user(), file_id))


@blp.get("/<int:file_id>/download-url")
@blp.require("files:view")
@blp.response(200, FileLinkSchema)
@blp.fails(404)
def get_download_url(file_id: int) -> dict[str, Any]:
    """Get a link to download a file without a token

    It is a path on this server, valid for 5 minutes, as long as you may see the file and its bytes
    do not change.
    """
    ticket, expires_at = signed_urls.sign_url(current_user(), file_id)
    return {
        "url": f"/api/files/signed?{urlencode({'ticket': ticket})}",
        "expires_at": expires_at,
    }


@blp.get("/signed")
@blp.public
@blp.arguments(SignedUrlQuery, location="query")
@blp.sends_bytes(redirects=True)
@blp.fails(403)
def download_signed(query: dict[str, Any]) -> Response:
    """Download a file by a link from `download-url`

    With `STORAGE_LINKS=bucket`, this redirects to the bucket.
    """
    file = signed_urls.redeem(query.pop("ticket"))
    return _redirect(file, **query) or _send(file, **query)


@blp.get("/thumbnail")
@blp.public
@blp.arguments(SignedThumbnailQuery, location="query")
@blp.sends_bytes(thumbnails.THUMBNAIL_TYPE)
@blp.fails(403)
def get_signed_thumbnail(query: dict[str, Any]) -> Response:
    """Get the thumbnail of an image by a link

    The mounts of the front ends show such links, for elements that send no token.
    """
    return _send_thumbnail(signed_urls.redeem_thumbnail(query["signed"]))


@blp.get("/shared/<secret:token>/download")
@blp.public
@blp.arguments(LinkHeaders, location="headers")
@blp.arguments(FileDownloadQuery, location="query")
@blp.sends_bytes()
@blp.fails(403)
def download_linked(headers: dict[str, Any], query: dict[str, Any], token: str) -> Response:
    """Download a file by its public link

    If the link has a password, send it in the header `X-Share-Password`.
    """
    return _send(links.open_link(token, headers.get("password")), **query)
