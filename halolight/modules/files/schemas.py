"""What comes in and goes out of the endpoints of files."""

import datetime as dt
from typing import Any, ClassVar

import marshmallow as ma

from halolight.core.clock import utcnow
from halolight.core.i18n import _
from halolight.core.schemas.base import PageQuery, Query, Schema
from halolight.core.schemas.batch import IdsInput
from halolight.core.schemas.fields import (
    Choice,
    Embedded,
    Id,
    Line,
    Search,
    TypedPassword,
    UTCDateTimeField,
    sort_by,
    sort_order,
)
from halolight.core.schemas.validate import Length, Range
from halolight.modules.teams.schemas import RecipientSchema, RecipientsInput, check_expiry
from halolight.modules.users.schemas import PersonSchema

from .models import MAX_NAME, MAX_PATH, TYPES
from .tree.paths import portable_name, tidy, validate_name

MAX_EXPIRES_IN = 10 * 366 * 24 * 3600  # seconds
# It travels in a header, which holds no other letters.
LINK_PASSWORD = ma.validate.Regexp(
    r"^[!-~]{4,128}$",
    error=_(
        "Use 4 to 128 letters, digits or punctuation marks of ASCII, without spaces.",
        code="invalid_format",
    ),
)


NAME_LENGTH = Length(1, MAX_NAME)


class PathText(Line):
    """The path of a folder: `/Projects/2026`; `/` is the root."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=Length(max=MAX_PATH), **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        return tidy(super()._deserialize(value, *args, **kwargs))


class NameText(Line):
    """What a file or a folder is called, by the rule for the names of uploads."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=[NAME_LENGTH, validate_name], **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        return portable_name(super()._deserialize(value, *args, **kwargs))


class FileEntrySchema(Schema):
    id = ma.fields.Integer(required=True)
    name = ma.fields.String(required=True)
    type = ma.fields.String(
        required=True,
        metadata={"description": "Detected from the content.", "enum": list(TYPES)},
    )
    size = ma.fields.Integer(required=True, metadata={"description": "Bytes; 0 for folders."})
    item_count = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Files and folders directly in a folder; null for files."},
    )
    mime_type = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Detected from the content; null for folders."},
    )
    path = ma.fields.String(
        required=True,
        metadata={"description": "Of files of other owners, only the name."},
    )
    folder_id = ma.fields.Integer(
        required=True, allow_none=True, metadata={"description": "Null for the root."}
    )
    thumbnail = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Path of the thumbnail, null if there is none."},
    )
    is_favorite = ma.fields.Boolean(
        required=True, metadata={"description": "Whether the caller has marked it as a favorite."}
    )
    checksum = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "SHA-256 of the bytes, in hex."}
    )
    url = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Path of the download; null for folders."},
    )
    shared = ma.fields.Boolean(
        required=True, metadata={"description": "Whether it is shared with anybody."}
    )
    owner = Embedded(PersonSchema)
    created_at = UTCDateTimeField(required=True)
    updated_at = UTCDateTimeField(required=True)


class FileQuery(PageQuery):
    path = PathText(
        metadata={"description": "Lists the content of this folder of yours; `/` is the root."}
    )
    folder_id = ma.fields.Integer(metadata={"description": "Lists the content of this folder."})
    type = Choice(
        *TYPES, metadata={"description": "Only files of this type; `folder` for folders."}
    )
    search = Search(metadata={"description": "Text in the name."})
    favorite = ma.fields.Boolean(
        metadata={"description": "`true`: only your favorites; `false`: only the others."}
    )
    sort_by = sort_by("updated_at", "created_at", "name", "size")
    sort_order = sort_order()


class FolderOfFilesInput(Schema):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"name": "Drawings", "path": "/"}

    ALIASES: ClassVar[dict[str, str]] = {"parentId": "folderId", "parentPath": "path"}

    name = NameText(required=True)
    folder_id = Id(allow_none=True, metadata={"description": "Also accepted as `parentId`."})
    path = PathText(
        metadata={"description": "Instead of `folderId`: the path of the folder around it."}
    )


class FileUpdate(Schema):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"isFavorite": True}

    name = NameText()
    folder_id = Id(allow_none=True, metadata={"description": "Null moves it to the root."})
    is_favorite = ma.fields.Boolean(metadata={"description": "Applies to you only."})


class FileRenameInput(Schema):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"name": "Q4 report.pdf"}

    name = NameText(required=True)


class FilePlaceInput(Schema):
    ALIASES: ClassVar[dict[str, str]] = {"targetPath": "path"}

    folder_id = Id(allow_none=True, metadata={"description": "Null for the root."})
    path = PathText(
        metadata={"description": "Instead of `folderId`; also accepted as `targetPath`."}
    )


class FileMoveInput(FilePlaceInput):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"path": "/"}

    @ma.validates_schema
    def _check(self, data: dict[str, Any], **kwargs: Any) -> None:
        if not data:
            raise ma.ValidationError(_("Send folderId or path.", code="required"), "folder_id")


class FileCopyInput(FilePlaceInput):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"name": "Copy of the report.pdf", "path": "/"}

    name = NameText(
        metadata={"description": "By default that of the original, with a number if it is taken."}
    )


class FileFavoriteInput(Schema):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"favorite": True}

    ALIASES: ClassVar[dict[str, str]] = {"isFavorite": "favorite"}

    favorite = ma.fields.Boolean(
        load_default=None, metadata={"description": "By default, it is toggled."}
    )


class FileDeleteQuery(Query):
    recursive = ma.fields.Boolean(
        load_default=False,
        metadata={"description": "Also delete a folder that is not empty (otherwise 409)."},
    )


class FileIdsInput(IdsInput):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"ids": [15, 16], "recursive": True}

    recursive = ma.fields.Boolean(
        load_default=False,
        metadata={"description": "Also delete folders that are not empty (otherwise 409)."},
    )


class FileShareInput(RecipientsInput):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"public": True, "expiresIn": 86400}

    public = ma.fields.Boolean(
        load_default=False, metadata={"description": "Create a public link."}
    )
    password = Line(
        allow_none=True,
        load_default=None,
        validate=LINK_PASSWORD,
        metadata={"description": "Password of the link."},
    )
    expires_at = UTCDateTimeField(
        allow_none=True,
        load_default=None,
        metadata={"description": "When the shares end; null for never."},
    )
    expires_in = ma.fields.Integer(
        allow_none=True,
        strict=True,
        validate=Range(1, MAX_EXPIRES_IN),
        metadata={"description": "Instead of `expiresAt`: seconds from now."},
    )

    @ma.validates_schema
    def _check(self, data: dict[str, Any], **kwargs: Any) -> None:
        if not data["user_ids"] and not data["team_ids"] and not data["public"]:
            raise ma.ValidationError(
                _("Choose at least one user or team, or send public.", code="required"), "user_ids"
            )
        if data["password"] and not data["public"]:
            raise ma.ValidationError(_("Only a public link can have a password."), "password")
        check_expiry(data)

    @ma.post_load
    def _expire(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        if seconds := data.pop("expires_in", None):
            data["expires_at"] = utcnow() + dt.timedelta(seconds=seconds)
        return data


class FileShareSchema(RecipientSchema):
    public = ma.fields.Boolean(
        required=True, metadata={"description": "Whether it is a public link."}
    )
    has_password = ma.fields.Boolean(required=True)
    expires_at = UTCDateTimeField(
        required=True, allow_none=True, metadata={"description": "Null for never."}
    )
    created_at = UTCDateTimeField(required=True)


class FileShareMadeSchema(FileShareSchema):
    """A new share. Only this answer contains the address of a link."""

    token = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "Of a new link, or null."}
    )
    url = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Path of the link; null for other shares."},
    )


class FileRevokeInput(Schema):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"shareId": 2}

    share_id = Id(required=True, metadata={"description": "From the list of shares."})


class LinkHeaders(Schema):
    password = TypedPassword(
        data_key="X-Share-Password",
        validate=Length(max=128),
        metadata={"description": "The password of the link, if it has one."},
    )


class LinkedFileSchema(Schema):
    name = ma.fields.String(required=True)
    type = ma.fields.String(required=True, metadata={"enum": list(TYPES)})
    size = ma.fields.Integer(required=True, metadata={"description": "Bytes."})
    mime_type = ma.fields.String(required=True, allow_none=True)
    owner_name = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "Null if the owner was deleted."}
    )
    expires_at = UTCDateTimeField(
        required=True, allow_none=True, metadata={"description": "Null for never."}
    )
    download_url = ma.fields.String(
        required=True, metadata={"description": "Path of the download, which needs no token."}
    )
