"""What comes in and goes out of the messages' endpoints."""

from typing import Any, ClassVar

import marshmallow as ma

from halolight.core.i18n import _
from halolight.core.schemas.base import PageQuery, Schema
from halolight.core.schemas.fields import (
    Choice,
    Embedded,
    Id,
    Search,
    UniqueList,
    UTCDateTimeField,
    sort_by,
    sort_order,
)
from halolight.core.schemas.validate import EMPTY, Length
from halolight.core.text import is_blank
from halolight.modules.users.schemas import PersonSchema

from .models import BOXES, TYPES

MAX_CONTENT = 10_000  # characters


class MessageSchema(Schema):
    id = ma.fields.Integer(required=True)
    conversation_id = ma.fields.Integer(required=True)
    sender = Embedded(PersonSchema)
    type = ma.fields.String(
        required=True,
        metadata={"description": "How front ends show `content`.", "enum": list(TYPES)},
    )
    content = ma.fields.String(required=True)
    read = ma.fields.Boolean(
        required=True,
        metadata={"description": "By the caller. Messages that you sent count as read."},
    )
    created_at = UTCDateTimeField(required=True)


class ConversationMessageQuery(PageQuery):
    search = Search(metadata={"description": "In the content, where a word begins with it."})
    unread = ma.fields.Boolean(
        metadata={
            "description": "`true`: only messages that you have not read; `false`: only the others."
        }
    )
    sort_by = sort_by("created_at")
    sort_order = sort_order()


class MessageQuery(ConversationMessageQuery):
    box = Choice(*BOXES, metadata={"description": "By default, both."})
    conversation_id = ma.fields.Integer(
        metadata={"description": "Only messages of this conversation."}
    )


def _refuse_blank(text: str) -> None:
    if is_blank(text):
        raise ma.ValidationError(EMPTY)


class MessageInput(Schema):
    """A message to the recipients that exactly one of the first three fields names."""

    EXAMPLE: ClassVar[dict[str, Any] | None] = {
        "recipientId": 2,
        "content": "Hello",
        "type": "text",
    }

    TO: ClassVar[tuple[str, ...]] = ("recipient_id", "recipient_ids", "conversation_id")

    recipient_id = Id(
        allow_none=True,
        metadata={"description": "One user. It goes to your private conversation."},
    )
    recipient_ids = UniqueList(
        Id(),
        allow_none=True,
        validate=Length(1, 100),
        metadata={
            "description": "Several users. It goes to the conversation of exactly these people."
        },
    )
    conversation_id = Id(
        allow_none=True, metadata={"description": "A conversation that you take part in."}
    )
    content = ma.fields.String(required=True, validate=[Length(1, MAX_CONTENT), _refuse_blank])
    type = Choice(
        *TYPES, load_default="text", metadata={"description": "How front ends show `content`."}
    )

    @ma.validates_schema
    def _check_to_whom(self, data: dict[str, Any], **kwargs: Any) -> None:
        if sum(data.get(name) is not None for name in self.TO) != 1:
            raise ma.ValidationError(
                _("Send one of recipientId, recipientIds and conversationId.", code="required"),
                "recipient_id",
            )


class UnreadCountSchema(Schema):
    count = ma.fields.Integer(required=True, metadata={"description": "Your unread messages."})
