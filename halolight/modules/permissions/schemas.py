"""What comes in and goes out of the permissions' endpoints."""

from typing import Any, ClassVar

import marshmallow as ma

from halolight.core.schemas.base import Schema
from halolight.core.schemas.fields import Line
from halolight.core.schemas.validate import Length


class PermissionSchema(Schema):
    key = ma.fields.String(
        required=True, metadata={"description": "`resource:action`.", "example": "documents:view"}
    )
    resource = ma.fields.String(
        required=True, metadata={"description": "The part of the key before the colon."}
    )
    action = ma.fields.String(
        required=True, metadata={"description": "The part of the key after the colon."}
    )
    label = ma.fields.String(
        required=True, metadata={"description": "The permission as people read it."}
    )
    group = ma.fields.String(
        required=True, metadata={"description": "Heading of a group of permissions."}
    )
    description = ma.fields.String(
        required=True, metadata={"description": "What the permission allows."}
    )


class CheckInput(Schema):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"permissions": ["documents:view", "users:delete"]}

    permissions = ma.fields.List(
        Line(validate=Length(max=100)),
        required=True,
        validate=Length(max=200),
        metadata={"description": "In any accepted spelling. Unknown permissions are `false`."},
    )


class ChecksSchema(Schema):
    """Each permission that was asked about, and whether the caller holds it."""

    def dump(self, obj: Any, *, many: bool | None = None) -> dict[str, bool]:
        return dict(obj)

    @staticmethod
    def as_field() -> ma.fields.Dict:
        """How it is documented: the fields of a schema have names."""
        return ma.fields.Dict(values=ma.fields.Boolean(), required=True)
