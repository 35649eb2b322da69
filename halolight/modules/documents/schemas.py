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
    type = ma.fields.String(required=True)
    size = ma.fields.Integer(required=True, metadata={"description": "Bytes of UTF-8."})
    folder = ma.fields.String(required=True, allow_none=True)
    tags = ma.fields.List(ma.fields.String(), required=True)
    views = ma.fields.Integer(required=True)
    shared = ma.fields.Boolean(required=True)
    author = Embedded(PersonSchema)
    created_at = UTCDateTimeField(required=True)
    updated_at = UTCDateTimeField(required=True)


class DocumentSchema(DocumentSummarySchema):
    content = ma.fields.String(required=True)


class DocumentUpdate(Schema):
    ALIASES: ClassVar[dict[str, str]] = {"name": "title"}

    title = Line(validate=TITLE, metadata={"description": "Also accepted as `name`."})
    content = ma.fields.String(validate=Length(max=MAX_CONTENT))
    type = LowerLine(validate=Length(1, 50))
    folder = Line(allow_none=True, validate=FOLDER)
    tags = tags()


class DocumentInput(DocumentUpdate):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {
        "title": "Plan",
        "content": "First, ...",
        "type": "markdown",
        "tags": ["plan"],
    }

    title = Line(required=True, validate=TITLE)


class DocumentQuery(PageQuery):
    search = Search(metadata={"description": "In title and content."})
    type = Line()
    folder = Line()
    tag = Line()
    author_id = ma.fields.Integer()
    shared = ma.fields.Boolean()
    sort_by = sort_by("updated_at", "created_at", "title")
    sort_order = sort_order()


class DocumentRenameInput(Schema):
    ALIASES: ClassVar[dict[str, str]] = {"name": "title"}

    title = Line(required=True, validate=TITLE)


class DocumentMoveInput(Schema):
    folder = Line(required=True, allow_none=True, validate=FOLDER)


class DocumentTagsInput(Schema):
    tags = tags(required=True)


class DocumentRecipientsInput(RecipientsInput):
    pass


class DocumentShareInput(DocumentRecipientsInput):
    permission = Choice(*SHARE_PERMISSIONS, load_default="VIEW")
    expires_at = UTCDateTimeField(allow_none=True, load_default=None)

    @ma.validates_schema
    def _check(self, data: dict[str, Any], **kwargs: Any) -> None:
        if not data["user_ids"] and not data["team_ids"]:
            raise ma.ValidationError(
                _("Choose at least one user or team.", code="required"), "user_ids"
            )
        check_expiry(data)


class DocumentShareSchema(RecipientSchema):
    permission = ma.fields.String(required=True, metadata={"enum": list(SHARE_PERMISSIONS)})
    expires_at = UTCDateTimeField(required=True, allow_none=True)
    created_at = UTCDateTimeField(required=True)


class DocumentVersionQuery(PageQuery):
    # Each carries its whole text.
    page_size = ma.fields.Integer(load_default=10, validate=Range(min=1, max=10))
    sort_by = sort_by("number")
    sort_order = sort_order()


class DocumentVersionSchema(Schema):
    number = ma.fields.Integer(required=True)
    content = ma.fields.String(required=True)
    size = ma.fields.Integer(required=True)
    author = Embedded(PersonSchema)
    created_at = UTCDateTimeField(required=True)
