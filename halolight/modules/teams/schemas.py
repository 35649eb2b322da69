"""What comes in and goes out of the teams' endpoints."""

import marshmallow as ma

from halolight.core.fields import Choice, Embedded, Id, Moment, Text, Unique, sort_by, sort_order
from halolight.core.schema import PageQuery, Schema
from halolight.modules.users.schemas import PersonSchema

from .models import ROLES


class TeamNameSchema(Schema):
    id = ma.fields.Integer(required=True)
    name = ma.fields.String(required=True)


class TeamSummarySchema(Schema):
    """A team in a list: everything but its members."""

    id = ma.fields.Integer(required=True)
    name = ma.fields.String(required=True)
    description = ma.fields.String(required=True, allow_none=True)
    avatar = ma.fields.String(required=True, allow_none=True)
    member_count = ma.fields.Integer(required=True)
    owner = Embedded(PersonSchema)
    created_at = Moment(required=True)
    updated_at = Moment(required=True)


class TeamMemberSchema(Schema):
    user = Embedded(PersonSchema)
    role = ma.fields.String(required=True, metadata={"enum": list(ROLES)})
    joined_at = Moment(required=True)


class TeamSchema(TeamSummarySchema):
    members = ma.fields.List(ma.fields.Nested(TeamMemberSchema), required=True)


class TeamUpdate(Schema):
    name = Text(validate=ma.validate.Length(1, 100))
    description = ma.fields.String(allow_none=True, validate=ma.validate.Length(max=1000))
    avatar = Text(allow_none=True, validate=ma.validate.Length(max=500))


class TeamInput(TeamUpdate):
    name = Text(required=True, validate=ma.validate.Length(1, 100))
    member_ids = Unique(Id(), load_default=list, validate=ma.validate.Length(max=100))


class MemberRoleInput(Schema):
    role = Choice(*ROLES, required=True)


class MemberInput(Schema):
    user_id = Id(required=True)
    role = Choice(*ROLES, load_default="member")


class TeamQuery(PageQuery):
    search = Text(metadata={"description": "In name and description."})
    sort_by = sort_by("created_at", "name")
    sort_order = sort_order()
