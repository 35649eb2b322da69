"""What comes in and goes out of the users' endpoints."""

from typing import Any, ClassVar

import marshmallow as ma

from halolight.core.i18n import _
from halolight.core.passwords import PASSWORD_RULES
from halolight.core.schemas.base import PageQuery, Schema
from halolight.core.schemas.fields import (
    Choice,
    Email,
    Line,
    LowerLine,
    Search,
    Url,
    UTCDateTimeField,
    sort_by,
    sort_order,
)
from halolight.core.schemas.validate import TOO_SHORT, Length
from halolight.core.text import fold

from .models import STATUSES

USERNAME = ma.validate.Regexp(
    r"^[A-Za-z0-9_.-]{2,100}$",
    error=_("Use 2 to 100 letters, digits, dots, hyphens or underscores.", code="invalid_format"),
)


class PersonSchema(Schema):
    """What every signed-in user may know about a user."""

    id = ma.fields.Integer(required=True)
    name = ma.fields.String(required=True)
    avatar = ma.fields.String(required=True, allow_none=True)


class UserSchema(Schema):
    id = ma.fields.Integer(required=True)
    email = ma.fields.String(required=True)
    username = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    avatar = ma.fields.String(required=True, allow_none=True)
    phone = ma.fields.String(required=True, allow_none=True)
    department = ma.fields.String(required=True, allow_none=True)
    position = ma.fields.String(required=True, allow_none=True)
    bio = ma.fields.String(required=True, allow_none=True)
    role = ma.fields.String(required=True)
    role_label = ma.fields.String(required=True)
    status = ma.fields.String(required=True, metadata={"enum": list(STATUSES)})
    email_verified = ma.fields.Boolean(required=True)
    pending_email = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Takes the place of `email` once it is confirmed."},
    )
    last_login_at = UTCDateTimeField(required=True, allow_none=True)
    created_at = UTCDateTimeField(required=True)
    updated_at = UTCDateTimeField(required=True)


class GrantedUserSchema(UserSchema):
    permissions = ma.fields.List(
        ma.fields.String(),
        required=True,
        allow_none=True,
        metadata={"description": "What the role grants; null without `roles:view`."},
    )


class MeSchema(UserSchema):
    permissions = ma.fields.List(ma.fields.String(), required=True)


class ProfileInput(Schema):
    """The fields of their profile that users can change."""

    name = Line(validate=Length(1, 100))
    avatar = Url(validate=Length(max=500))
    phone = Line(allow_none=True, validate=Length(max=50))
    department = Line(allow_none=True, validate=Length(max=100))
    position = Line(allow_none=True, validate=Length(max=100))
    bio = ma.fields.String(allow_none=True, validate=Length(max=2000))


class UserUpdate(ProfileInput):
    ALIASES: ClassVar[dict[str, str]] = {"roleId": "role"}

    email = Email(validate=Length(max=255))
    username = LowerLine(validate=USERNAME)
    password = ma.fields.String(validate=PASSWORD_RULES, load_only=True)
    role = Line(
        validate=Length(max=50),
        metadata={"description": "Also accepted as `roleId`."},
    )
    status = Choice(*STATUSES)
    email_verified = ma.fields.Boolean(
        metadata={"description": "Whether the address counts as confirmed."}
    )


class UserInput(UserUpdate):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {
        "email": "grace@example.com",
        "name": "Grace",
        "role": "user",
    }

    email = Email(required=True, validate=Length(max=255))
    name = Line(required=True, validate=Length(1, 100))


class StatusInput(Schema):
    status = Choice(*STATUSES, required=True)


class UserQuery(PageQuery):
    search = Search(metadata={"description": "In name, username and email."})
    status = Choice(*STATUSES)
    role = LowerLine()
    sort_by = sort_by("created_at", "name", "username", "email")
    sort_order = sort_order()


def _refuse_short(search: str) -> None:
    """As it is compared: of a letter and something invisible the letter remains."""
    if len(fold(search)) < 2 <= len(search):
        raise ma.ValidationError(TOO_SHORT.format(min=2))


class DirectoryQuery(PageQuery):
    search = Search(required=True, validate=[Length(min=2), _refuse_short])
    sort_by = sort_by("name")
    sort_order = sort_order("asc")
