"""What comes in and goes out of the conversations' endpoints."""

from typing import Any, ClassVar

import marshmallow as ma

from halolight.core.schemas.base import PageQuery, Schema
from halolight.core.schemas.fields import (
    Embedded,
    Id,
    Line,
    Search,
    UniqueList,
    UTCDateTimeField,
    sort_by,
    sort_order,
)
from halolight.core.schemas.validate import Length
from halolight.modules.users.schemas import PersonSchema

from ..models import TYPES as MESSAGE_TYPES
from .models import TYPES


class LastMessageSchema(Schema):
    id = ma.fields.Integer(required=True)
    type = ma.fields.String(
        required=True,
        metadata={"description": "How front ends show `content`.", "enum": list(MESSAGE_TYPES)},
    )
    content = ma.fields.String(required=True)
    sender = Embedded(PersonSchema)
    created_at = UTCDateTimeField(required=True)


class ConversationSchema(Schema):
    """A conversation as the caller sees it."""

    id = ma.fields.Integer(required=True)
    type = ma.fields.String(
        required=True,
        metadata={
            "description": "`private` for two people, `group` for a group.",
            "enum": list(TYPES),
        },
    )
    name = ma.fields.String(
        required=True,
        metadata={"description": "By default, the names of the other members."},
    )
    avatar = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "In a private conversation, that of the other member."},
    )
    members = ma.fields.List(
        ma.fields.Nested(PersonSchema),
        required=True,
        metadata={"description": "At most 10 in a list."},
    )
    member_count = ma.fields.Integer(required=True)
    last_message = ma.fields.Nested(LastMessageSchema, required=True, allow_none=True)
    last_message_time = UTCDateTimeField(
        required=True, allow_none=True, metadata={"description": "Null while there is no message."}
    )
    unread_count = ma.fields.Integer(
        required=True, metadata={"description": "Messages that you have not read."}
    )
    created_at = UTCDateTimeField(required=True)
    updated_at = UTCDateTimeField(
        required=True, metadata={"description": "When it last changed for the caller."}
    )


class ConversationQuery(PageQuery):
    search = Search(metadata={"description": "In the name and in the names of the other members."})
    sort_by = sort_by("updated_at")
    sort_order = sort_order()


class ConversationInput(Schema):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {
        "participantIds": [2, 3],
        "name": "Lunch",
        "isGroup": True,
    }

    ALIASES: ClassVar[dict[str, str]] = {
        "userIds": "participantIds",
        "memberIds": "participantIds",
        "group": "isGroup",
    }

    participant_ids = UniqueList(
        Id(),
        required=True,
        validate=Length(1, 100),
        metadata={"description": "Also accepted as `userIds` and `memberIds`."},
    )
    name = Line(
        allow_none=True,
        load_default=None,
        validate=Length(max=100),
        metadata={"description": "With a name, a new group is created."},
    )
    is_group = ma.fields.Boolean(
        load_default=False, metadata={"description": "Also accepted as `group`."}
    )


class ParticipantsInput(Schema):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"userIds": [20]}

    ALIASES: ClassVar[dict[str, str]] = {"participantIds": "userIds", "memberIds": "userIds"}

    user_ids = UniqueList(
        Id(),
        required=True,
        validate=Length(1, 100),
        metadata={"description": "Also accepted as `participantIds` and `memberIds`."},
    )
