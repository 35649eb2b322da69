"""What comes in and goes out of the endpoints that carry the bytes of files."""

import re
from typing import Any, ClassVar

import marshmallow as ma
from werkzeug.datastructures import FileStorage

from halolight.core.i18n import _
from halolight.core.schemas.base import Query, Schema
from halolight.core.schemas.fields import Id, UTCDateTimeField
from halolight.core.schemas.validate import Length

from ..schemas import PathText

_FILENAME = re.compile(r';\s*filename="((?:[^"\\]|\\.)*)"', re.IGNORECASE)


class FilePart(ma.fields.Field[Any]):
    """The file of a form, as the `core.storage.uploads.Upload` that took it in."""

    def __init__(self, **kwargs: Any) -> None:
        metadata = {"type": "string", "format": "binary"}
        super().__init__(metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(value, FileStorage):
            raise ma.ValidationError(_("Choose a file.", code="invalid_type"))
        upload: Any = value.stream
        upload.name = _sent_name(value)
        return upload


def _sent_name(part: FileStorage) -> str:
    """The name of a file as it was sent.

    Browsers send backslashes as they are, where the parser of the form takes them for escapes.
    """
    header = part.headers.get("Content-Disposition", "")
    quoted = _FILENAME.search(header)
    if quoted and "\\" in quoted[1] and "filename*" not in header:
        return quoted[1].replace('\\"', '"').replace("%22", '"')
    return part.filename or ""


class FormId(Id):
    """The id of a row in a form, where everything is text; an empty one names none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.strict = False

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        return None if value == "" else super().deserialize(value, *args, **kwargs)


class FileUploadInput(Schema):
    ALIASES: ClassVar[dict[str, str]] = {"folder_id": "folderId", "parentId": "folderId"}

    file = FilePart(required=True)
    path = PathText(
        metadata={
            "description": "The path of an existing folder of yours; `/` is the root.",
            "example": "/",
        }
    )
    folder_id = FormId(metadata={"description": "Instead of `path`."})


class FileDownloadQuery(Query):
    inline = ma.fields.Boolean(
        load_default=False,
        metadata={"description": "Show it instead of saving it, if it is of a safe type."},
    )


class SignedUrlQuery(FileDownloadQuery):
    ticket = ma.fields.String(
        required=True,
        validate=Length(1, 1024),
        metadata={"description": "From the `url` that `download-url` returns."},
    )


class SignedThumbnailQuery(Query):
    signed = ma.fields.String(
        required=True,
        validate=Length(max=1024),
        metadata={"description": "From a link that the API has returned."},
    )


class FileLinkSchema(Schema):
    url = ma.fields.String(
        required=True,
        metadata={"description": "Path of the download, which needs no token until `expiresAt`."},
    )
    expires_at = UTCDateTimeField(required=True)


class StorageBreakdownSchema(Schema):
    images = ma.fields.Integer(required=True, metadata={"description": "Bytes."})
    videos = ma.fields.Integer(required=True, metadata={"description": "Bytes."})
    audio = ma.fields.Integer(required=True, metadata={"description": "Bytes."})
    documents = ma.fields.Integer(
        required=True,
        metadata={
            "description": "Bytes of files of this type, and of the texts of your documents."
        },
    )
    archives = ma.fields.Integer(required=True, metadata={"description": "Bytes."})
    others = ma.fields.Integer(required=True, metadata={"description": "Bytes."})


class StorageUsageSchema(Schema):
    used = ma.fields.Integer(required=True, metadata={"description": "Bytes."})
    total = ma.fields.Integer(required=True, metadata={"description": "Bytes that you may store."})
    breakdown = ma.fields.Nested(StorageBreakdownSchema, required=True)
