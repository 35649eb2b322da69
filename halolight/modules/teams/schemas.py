"""What comes in and goes out of the teams' endpoints, and of those that share things."""

from collections.abc import Mapping
from typing import Any, ClassVar

import marshmallow as ma

from halolight.core.clock import utcnow
from halolight.core.i18n import _
from halolight.core.schemas.base import PageQuery, Schema
from halolight.core.schemas.fields import (
    Choice,
    Embedded,
    Id,
    Line,
    Search,
    UniqueList,
    Url,
    UTCDateTimeField,
    sort_by,
    sort_order,
)
from halolight.core.schemas.validate import Length
from halolight.modules.users.schemas import PersonSchema

from .models import ROLES


class TeamNameSchema(Schema):
    id = ma.fields.Integer(required=True)
    name = ma.fields.String(required=True)


class RecipientsInput(Schema):
    """The users and teams that something is shared with."""

    user_ids = UniqueList(
        Id(),
        load_default=list,
        validate=Length(max=100),
        metadata={"description": "Users to share with."},
    )
    team_ids = UniqueList(
        Id(),
        load_default=list,
        validate=Length(max=100),
        metadata={"description": "Teams to share with."},
    )


class RecipientSchema(Schema):
    """What all shares show: the user or the team."""

    id = ma.fields.Integer(required=True, metadata={"description": "Id of the share."})
    user = Embedded(PersonSchema)
    team = Embedded(TeamNameSchema)


def check_expiry(data: Mapping[str, Any]) -> None:
    """Refuse `expires_at` of a share unless it is in the future or absent."""
    if data["expires_at"] and data["expires_at"] <= utcnow():
        raise ma.ValidationError(
            _("Enter a time in the future.", code="invalid_time"), "expires_at"
        )


class TeamSummarySchema(Schema):
    """A team in a list: everything but its members."""

    id = ma.fields.Integer(required=True)
    name = ma.fields.String(required=True)
    description = ma.fields.String(required=True, allow_none=True)
    avatar = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "A URL, or a path of the front end."},
    )
    member_count = ma.fields.Integer(required=True)
    owner = Embedded(PersonSchema)
    created_at = UTCDateTimeField(required=True)
    updated_at = UTCDateTimeField(required=True)


class TeamMemberSchema(Schema):
    user = Embedded(PersonSchema)
    email = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "Null without `users:view`."}
    )
    role = ma.fields.String(
        required=True,
        metadata={"description": "Owners and admins manage the team.", "enum": list(ROLES)},
    )
    joined_at = UTCDateTimeField(required=True)


class TeamSchema(TeamSummarySchema):
    members = ma.fields.List(ma.fields.Nested(TeamMemberSchema), required=True)


class TeamUpdate(Schema):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"description": "Makes the product"}

    name = Line(validate=Length(1, 100))
    description = ma.fields.String(allow_none=True, validate=Length(max=1000))
    avatar = Url(validate=Length(max=500))


class TeamInput(TeamUpdate):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {
        "name": "Research",
        "description": "New ideas",
        "memberIds": [2, 3],
    }

    name = Line(required=True, validate=Length(1, 100))
    member_ids = UniqueList(
        Id(),
        load_default=list,
        validate=Length(max=100),
        metadata={"description": "Users who become members. You become the owner."},
    )


class MemberRoleInput(Schema):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"role": "admin"}

    role = Choice(
        *ROLES,
        required=True,
        metadata={"description": "A new owner replaces the former one, who becomes an admin."},
    )


class MemberInput(Schema):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"userId": 5, "role": "member"}

    user_id = Id(required=True)
    role = Choice(
        *ROLES,
        load_default="member",
        metadata={"description": "A new owner replaces the former one, who becomes an admin."},
    )


class TeamQuery(PageQuery):
    search = Search(
        metadata={
            "description": "Anywhere in the name; in the description, where a word begins with it."
        }
    )
    sort_by = sort_by("created_at", "name")
    sort_order = sort_order()
