"""What comes in and goes out of the audit's endpoint."""

from typing import Any

import marshmallow as ma

from halolight.core.schemas.base import PageQuery, Schema
from halolight.core.schemas.fields import (
    Embedded,
    Line,
    LowerLine,
    UTCDateTimeField,
    sort_by,
    sort_order,
)


class TargetId(ma.fields.Field[Any]):
    """The id of what was changed: a number, or the name of a role."""

    def __init__(self, **kwargs: Any) -> None:
        # No `oneOf`: generators of clients write classes for it, even of numbers and texts.
        super().__init__(metadata={"type": ["integer", "string", "null"]}, **kwargs)

    def _serialize(self, value: str | None, attr: str | None, obj: Any, **_: Any) -> Any:
        return int(value) if value and value.isascii() and value.isdecimal() else value


class ActorSchema(Schema):
    id = ma.fields.Integer(required=True)
    name = ma.fields.String(
        required=True, metadata={"description": "Name of the user at that time."}
    )


class AuditEntrySchema(Schema):
    id = ma.fields.Integer(required=True)
    actor = Embedded(ActorSchema)
    action = ma.fields.String(
        required=True, metadata={"description": "`resource.action`.", "example": "documents.update"}
    )
    target_type = ma.fields.String(
        required=True,
        metadata={"description": "Type of the changed object.", "example": "documents"},
    )
    target_id = TargetId(required=True)
    target_name = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "Name of the object at that time."}
    )
    changes = ma.fields.Dict(
        required=True,
        metadata={
            "description": "Each changed field with its values, but for secrets and private texts.",
            "example": {"title": {"from": "Plan", "to": "Plan B"}},
        },
    )
    ip = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "IP address of the request; null for commands."},
    )
    user_agent = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Browser or program of the request."},
    )
    request_id = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "`X-Request-ID` of the request."}
    )
    created_at = UTCDateTimeField(required=True)


class AuditQuery(PageQuery):
    actor_id = ma.fields.Integer(metadata={"description": "Only changes by this user."})
    action = LowerLine(metadata={"description": "Only this action.", "example": "documents.update"})
    target_type = LowerLine(
        metadata={"description": "Only changes of objects of this type.", "example": "documents"}
    )
    target_id = Line(metadata={"description": "Only changes of the object with this id."})
    since = UTCDateTimeField(
        data_key="from", metadata={"description": "Only changes from this time on."}
    )
    until = UTCDateTimeField(
        data_key="to", metadata={"description": "Only changes before this time."}
    )
    sort_by = sort_by("created_at")
    sort_order = sort_order()
