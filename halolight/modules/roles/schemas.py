"""What comes in and goes out of the roles' endpoints."""

from typing import Any, ClassVar

import marshmallow as ma

from halolight.core import permissions
from halolight.core.i18n import _
from halolight.core.schemas.base import Schema
from halolight.core.schemas.fields import Line, UniqueList, UTCDateTimeField
from halolight.core.schemas.validate import Length

NAME = ma.validate.Regexp(
    r"^[a-z][a-z0-9_]{1,49}$",
    error=_(
        "Use 2 to 50 lower-case letters, digits or underscores, a letter first.",
        code="invalid_format",
    ),
)


class Permission(Line):
    """A permission in any accepted spelling; read in the stored one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=Length(max=100), **kwargs)

    def _deserialize(self, value: object, *args: object, **kwargs: object) -> str:
        try:
            return permissions.normalise(super()._deserialize(value, *args, **kwargs))
        except ValueError:
            raise ma.ValidationError(
                _("Enter a permission, like documents:view.", code="invalid_format")
            ) from None


class RoleSchema(Schema):
    id = ma.fields.String(required=True, metadata={"description": "The name."})
    name = ma.fields.String(required=True)
    label = ma.fields.String(required=True, metadata={"description": "The name as people read it."})
    description = ma.fields.String(required=True, allow_none=True)
    system = ma.fields.Boolean(
        required=True, metadata={"description": "System roles cannot be deleted or renamed."}
    )
    permissions = ma.fields.List(
        ma.fields.String(),
        required=True,
        metadata={"description": "`resource:action`, `resource:*` or `*`."},
    )
    user_count = ma.fields.Integer(
        required=True, metadata={"description": "Users who have the role."}
    )
    created_at = UTCDateTimeField(required=True)
    updated_at = UTCDateTimeField(required=True)


class GrantsInput(Schema):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"permissions": ["dashboard:view", "documents:view"]}

    permissions = UniqueList(
        Permission(),
        required=True,
        validate=Length(max=200),
        metadata={
            "description": "Replace the current ones. You can only grant permissions that you have."
        },
    )


class RoleUpdate(Schema):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"label": "Visitor"}

    name = Line(
        validate=NAME,
        metadata={"description": "Also the id of the role. System roles keep theirs."},
    )
    label = Line(
        validate=Length(1, 100),
        metadata={"description": "The name as people read it. By default `name`."},
    )
    description = ma.fields.String(allow_none=True, validate=Length(max=500))
    permissions = UniqueList(
        Permission(),
        validate=Length(max=200),
        metadata={
            "description": "`resource:action`, `resource:*` or `*`. You can only grant permissions "
            "that you have."
        },
    )


class RoleInput(RoleUpdate):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {
        "name": "editor",
        "label": "Editor",
        "permissions": ["documents:view", "documents:update"],
    }

    name = Line(required=True, validate=NAME)
