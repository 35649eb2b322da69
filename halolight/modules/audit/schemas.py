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
    name = ma.fields.String(required=True, metadata={"description": "As it was then."})


class AuditEntrySchema(Schema):
    id = ma.fields.Integer(required=True)
    actor = Embedded(ActorSchema)
    action = ma.fields.String(required=True, metadata={"example": "documents.update"})
    target_type = ma.fields.String(required=True, metadata={"example": "documents"})
    target_id = TargetId(required=True)
    target_name = ma.fields.String(required=True, allow_none=True)
    changes = ma.fields.Dict(
        required=True, metadata={"example": {"title": {"from": "Plan", "to": "Plan B"}}}
    )
    ip = ma.fields.String(required=True, allow_none=True)
    user_agent = ma.fields.String(required=True, allow_none=True)
    request_id = ma.fields.String(required=True, allow_none=True)
    created_at = UTCDateTimeField(required=True)


class AuditQuery(PageQuery):
    actor_id = ma.fields.Integer()
    action = LowerLine(metadata={"example": "documents.update"})
    target_type = LowerLine(metadata={"example": "documents"})
    target_id = Line()
    since = UTCDateTimeField(data_key="from", metadata={"description": "The first moment."})
    until = UTCDateTimeField(data_key="to", metadata={"description": "The moment after the last."})
    sort_by = sort_by("created_at")
    sort_order = sort_order()
