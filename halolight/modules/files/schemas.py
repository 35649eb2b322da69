"""What comes in and goes out of the files' endpoints."""

from typing import Any, ClassVar

import marshmallow as ma
from werkzeug.datastructures import FileStorage

from halolight.core.fields import Embedded, Moment, Text
from halolight.core.schema import MAX_INTEGER, Query, Schema
from halolight.modules.users.schemas import PersonSchema

from .models import MAX_PATH, TYPES


class FileSchema(Schema):
    id = ma.fields.Integer(required=True)
    name = ma.fields.String(required=True)
    type = ma.fields.String(required=True, metadata={"enum": list(TYPES)})
    size = ma.fields.Integer(required=True, metadata={"description": "Bytes."})
    mime_type = ma.fields.String(required=True, allow_none=True)
    path = ma.fields.String(required=True)
    folder_id = ma.fields.Integer(required=True, allow_none=True)
    thumbnail = ma.fields.Function(
        lambda file: f"/api/files/{file.id}/thumbnail" if file.has_thumbnail else None,
        required=True,
        allow_none=True,
        metadata={"type": "string"},
    )
    is_favorite = ma.fields.Boolean(required=True)
    checksum = ma.fields.String(required=True, allow_none=True)
    url = ma.fields.Function(
        lambda file: f"/api/files/{file.id}/download" if file.checksum else None,
        required=True,
        allow_none=True,
        metadata={"type": "string"},
    )
    owner = Embedded(PersonSchema)
    created_at = Moment(required=True)
    updated_at = Moment(required=True)


# The bytes of files.


class FilePart(ma.fields.Field[Any]):
    """The file of a form, as the `core.uploads.Upload` that took it in."""

    def __init__(self, **kwargs: Any) -> None:
        metadata = {"type": "string", "format": "binary"}
        super().__init__(metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        if not isinstance(value, FileStorage):
            raise ma.ValidationError("Must be a file.")
        return value.stream


class FileUploadInput(Schema):
    ALIASES: ClassVar[dict[str, str]] = {"folder_id": "folderId", "parentId": "folderId"}

    file = FilePart(required=True)
    path = Text(
        validate=ma.validate.Length(max=MAX_PATH),
        metadata={"description": "Of an existing folder of one's own; `/` is the top."},
    )
    folder_id = ma.fields.Integer(
        validate=ma.validate.Range(1, MAX_INTEGER), metadata={"description": "Instead of `path`."}
    )


class FileDownloadQuery(Query):
    inline = ma.fields.Boolean(
        load_default=False,
        metadata={"description": "Show it instead of saving it, if it is of a safe type."},
    )


class FileTicketQuery(FileDownloadQuery):
    ticket = ma.fields.String(required=True)


class FileLinkSchema(Schema):
    url = ma.fields.String(required=True)
    expires_at = Moment(required=True)


class StorageBreakdownSchema(Schema):
    images = ma.fields.Integer(required=True)
    videos = ma.fields.Integer(required=True)
    audio = ma.fields.Integer(required=True)
    documents = ma.fields.Integer(required=True)
    archives = ma.fields.Integer(required=True)
    others = ma.fields.Integer(required=True)


class StorageUsageSchema(Schema):
    used = ma.fields.Integer(required=True, metadata={"description": "Bytes."})
    total = ma.fields.Integer(required=True, metadata={"description": "Bytes one may store."})
    breakdown = ma.fields.Nested(StorageBreakdownSchema, required=True)
