"""What comes in and goes out of the documents' endpoints."""

from typing import Any, ClassVar

import marshmallow as ma

from halolight.core.i18n import _
from halolight.core.schemas.base import PageQuery, Schema
from halolight.core.schemas.fields import (
    Choice,
    Embedded,
    Line,
    LowerLine,
    Search,
    UniqueList,
    UTCDateTimeField,
    sort_by,
    sort_order,
)
from halolight.core.schemas.validate import Length, Range
from halolight.modules.teams.schemas import RecipientSchema, RecipientsInput, check_expiry
from halolight.modules.users.schemas import PersonSchema

from .models import SHARE_PERMISSIONS

MAX_CONTENT = 1_000_000  # characters
MAX_BODY = 4 * 1024**2  # bytes: a character takes up to 4 in UTF-8, and the rest is small
TITLE = Length(1, 200)
FOLDER = Length(max=200)


def tags(**kwargs: Any) -> UniqueList:
    """At most 50 tags, each a line of at most 50 characters."""
    tag = Line(validate=Length(1, 50))
    return UniqueList(tag, validate=Length(max=50), **kwargs)


class DocumentSummarySchema(Schema):
    """A document in a list: everything but its text."""

    id = ma.fields.Integer(required=True)
    title = ma.fields.String(required=True)
    type = ma.fields.String(
        required=True, metadata={"description": "Any word, for example `document` or `markdown`."}
    )
    size = ma.fields.Integer(required=True, metadata={"description": "Bytes of UTF-8."})
    folder = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Name of a folder for documents only, null for none."},
    )
    tags = ma.fields.List(ma.fields.String(), required=True)
    views = ma.fields.Integer(
        required=True, metadata={"description": "Number of times it was opened."}
    )
    shared = ma.fields.Boolean(
        required=True, metadata={"description": "Whether it is shared with anybody."}
    )
    author = Embedded(PersonSchema)
    created_at = UTCDateTimeField(required=True)
    updated_at = UTCDateTimeField(required=True)


class DocumentSchema(DocumentSummarySchema):
    content = ma.fields.String(required=True)


class DocumentUpdate(Schema):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"title": "Plan B", "content": "Second, ..."}

    ALIASES: ClassVar[dict[str, str]] = {"name": "title"}

    title = Line(validate=TITLE, metadata={"description": "Also accepted as `name`."})
    content = ma.fields.String(validate=Length(max=MAX_CONTENT))
    type = LowerLine(
        validate=Length(1, 50),
        metadata={"description": "Any word, stored in lower case. By default `document`."},
    )
    folder = Line(
        allow_none=True,
        validate=FOLDER,
        metadata={
            "description": "Name of a folder for documents only, null for none. It need not exist."
        },
    )
    tags = tags(metadata={"description": "Replace all tags."})


class DocumentInput(DocumentUpdate):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {
        "title": "Plan",
        "content": "First, ...",
        "type": "markdown",
        "tags": ["plan"],
    }

    title = Line(required=True, validate=TITLE)


class DocumentQuery(PageQuery):
    search = Search(
        metadata={
            "description": (
                "Anywhere in the title; in the first 200,000 characters of the content, where a"
                " word begins with it."
            )
        }
    )
    type = Line(metadata={"description": "Only documents of this type."})
    folder = Line(metadata={"description": "Only documents in the folder with this name."})
    tag = Line(metadata={"description": "Only documents with this tag."})
    author_id = ma.fields.Integer(metadata={"description": "Only documents of this user."})
    shared = ma.fields.Boolean(
        metadata={
            "description": "`true`: only documents that are shared; `false`: only the others."
        }
    )
    sort_by = sort_by("updated_at", "created_at", "title")
    sort_order = sort_order()


class DocumentRenameInput(Schema):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"title": "Plan C"}

    ALIASES: ClassVar[dict[str, str]] = {"name": "title"}

    title = Line(
        required=True, validate=TITLE, metadata={"description": "Also accepted as `name`."}
    )


class DocumentMoveInput(Schema):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"folder": "Archive"}

    folder = Line(
        required=True,
        allow_none=True,
        validate=FOLDER,
        metadata={"description": "Name of the folder, null for none. It need not exist."},
    )


class DocumentTagsInput(Schema):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"tags": ["plan", "2030"]}

    tags = tags(
        required=True, metadata={"description": "Replace all tags; an empty list removes them."}
    )


class DocumentRecipientsInput(RecipientsInput):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"userIds": [3]}


class DocumentShareInput(DocumentRecipientsInput):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"userIds": [3], "permission": "EDIT"}

    permission = Choice(
        *SHARE_PERMISSIONS,
        load_default="VIEW",
        metadata={"description": "`VIEW` to read, `EDIT` also to change."},
    )
    expires_at = UTCDateTimeField(
        allow_none=True,
        load_default=None,
        metadata={"description": "When the share ends; null for never."},
    )

    @ma.validates_schema
    def _check(self, data: dict[str, Any], **kwargs: Any) -> None:
        if not data["user_ids"] and not data["team_ids"]:
            raise ma.ValidationError(
                _("Choose at least one user or team.", code="required"), "user_ids"
            )
        check_expiry(data)


class DocumentShareSchema(RecipientSchema):
    permission = ma.fields.String(
        required=True,
        metadata={
            "description": "`VIEW` to read, `EDIT` also to change.",
            "enum": list(SHARE_PERMISSIONS),
        },
    )
    expires_at = UTCDateTimeField(
        required=True,
        allow_none=True,
        metadata={"description": "When the share ends; null for never."},
    )
    created_at = UTCDateTimeField(required=True)


class DocumentVersionQuery(PageQuery):
    # Each carries its whole text.
    page_size = ma.fields.Integer(
        load_default=10,
        validate=Range(min=1, max=10),
        metadata={"description": "At most 10, because each version has its whole text."},
    )
    sort_by = sort_by("number")
    sort_order = sort_order()


class DocumentVersionSchema(Schema):
    number = ma.fields.Integer(
        required=True,
        metadata={"description": "Counts from 1. The highest is the current version."},
    )
    content = ma.fields.String(required=True)
    size = ma.fields.Integer(required=True, metadata={"description": "Bytes of UTF-8."})
    author = Embedded(PersonSchema)
    created_at = UTCDateTimeField(required=True)
