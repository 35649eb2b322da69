"""What comes in and goes out of the endpoint of the search."""

from typing import Any, ClassVar

import marshmallow as ma

from halolight.core.schemas.base import Query, Schema
from halolight.core.schemas.fields import Choice, Embedded, Search, UTCDateTimeField
from halolight.core.schemas.validate import Length, Range
from halolight.modules.users.schemas import PersonSchema

from .kinds import NAMES

MAX_QUERY = 100  # characters
MAX_PAGE_SIZE = 20  # of each type


class TypeList(ma.fields.String):
    """Types, with commas between them."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        names = super()._deserialize(value, *args, **kwargs).split(",")
        choice = Choice(*NAMES)
        return tuple(dict.fromkeys(choice.deserialize(name.strip()) for name in names))


class SearchQuery(Query):
    ALIASES: ClassVar[dict[str, str]] = {
        "search": "q",
        "keyword": "q",
        "type": "types",
        "limit": "pageSize",
        "page_size": "pageSize",
    }

    q = Search(
        required=True,
        validate=Length(max=MAX_QUERY),
        metadata={
            "description": "All words have to be found, each as the beginning of a word; in names "
            "and addresses, anywhere in a word. Also accepted as `search` and `keyword`.",
            "example": "plan",
        },
    )
    types = TypeList(
        metadata={
            "description": f"Types separated by commas: {', '.join(f'`{n}`' for n in NAMES)}. By "
            "default, all that you may view.",
            "example": "documents,files",
        }
    )
    page = ma.fields.Integer(
        load_default=1, validate=Range(min=1), metadata={"description": "Number of the page."}
    )
    page_size = ma.fields.Integer(
        load_default=10,
        validate=Range(1, MAX_PAGE_SIZE),
        metadata={
            "description": "Items per type. Also accepted as `limit` and `page_size`.",
        },
    )


class SegmentSchema(Schema):
    text = ma.fields.String(required=True, metadata={"description": "Plain text, not HTML."})
    match = ma.fields.Boolean(
        required=True, metadata={"description": "Whether it is what was searched for."}
    )


def _segments(description: str) -> ma.fields.List[Any]:
    return ma.fields.List(
        ma.fields.Nested(SegmentSchema), required=True, metadata={"description": description}
    )


class SearchItemSchema(Schema):
    # Without a type, as the id of an event.
    id = ma.fields.Raw(
        required=True,
        metadata={
            "description": "A number; of a changed occurrence of an event, a string like "
            "12_20260511T090000Z."
        },
    )
    title = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Title or name; null for messages."},
    )
    title_segments = _segments("The title, with its matches.")
    text_segments = _segments(
        "About 160 characters around the first match, or from the beginning: of a document, "
        "message or event, of a team's description, or a person's email address with `users:view`."
    )
    person = Embedded(
        PersonSchema,
        metadata={
            "description": "The author, owner or sender; of people, the person. "
            "Null if the account was deleted."
        },
    )
    conversation_id = ma.fields.Integer(
        required=True, allow_none=True, metadata={"description": "For messages only."}
    )
    updated_at = UTCDateTimeField(
        required=True,
        allow_none=True,
        metadata={"description": "When it changed, or was sent; null for people."},
    )


class SearchResultSchema(Schema):
    """One page of one type."""

    type = ma.fields.String(required=True, metadata={"enum": list(NAMES)})
    items = ma.fields.List(ma.fields.Nested(SearchItemSchema), required=True)
    total = ma.fields.Integer(
        required=True, metadata={"description": "Items of this type on all pages.", "example": 100}
    )
    total_is_exact = ma.fields.Boolean(
        required=True,
        metadata={
            "description": "Whether `total` is all: of very many, 10,000 or some more are counted."
        },
    )
    page = ma.fields.Integer(required=True, metadata={"example": 1})
    page_size = ma.fields.Integer(required=True, metadata={"example": 10})
    total_pages = ma.fields.Integer(required=True, metadata={"example": 10})
