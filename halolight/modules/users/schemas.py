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
    avatar = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "A URL, or a path of the front end."},
    )


class UserSchema(Schema):
    id = ma.fields.Integer(required=True)
    email = ma.fields.String(required=True)
    username = ma.fields.String(
        required=True,
        metadata={"description": "Unique, in lower case. Works for signing in, too."},
    )
    name = ma.fields.String(required=True)
    avatar = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "A URL, or a path of the front end."},
    )
    phone = ma.fields.String(required=True, allow_none=True)
    department = ma.fields.String(required=True, allow_none=True)
    position = ma.fields.String(required=True, allow_none=True)
    bio = ma.fields.String(required=True, allow_none=True)
    role = ma.fields.String(required=True, metadata={"description": "Name of the role."})
    role_label = ma.fields.String(
        required=True, metadata={"description": "The role as people read it."}
    )
    status = ma.fields.String(
        required=True,
        metadata={
            "description": "Only users who are `ACTIVE` can sign in.",
            "enum": list(STATUSES),
        },
    )
    email_verified = ma.fields.Boolean(
        required=True, metadata={"description": "Whether the email address is confirmed."}
    )
    pending_email = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Replaces `email` when it is confirmed."},
    )
    last_login_at = UTCDateTimeField(
        required=True,
        allow_none=True,
        metadata={"description": "Null if the user has never signed in."},
    )
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
    permissions = ma.fields.List(
        ma.fields.String(),
        required=True,
        metadata={"description": "What your role grants: `resource:action`, `resource:*` or `*`."},
    )


class ProfileInput(Schema):
    """The fields of their profile that users can change."""

    EXAMPLE: ClassVar[dict[str, Any] | None] = {"position": "Engineer", "bio": "Writes compilers"}

    name = Line(validate=Length(1, 100))
    avatar = Url(validate=Length(max=500))
    phone = Line(allow_none=True, validate=Length(max=50))
    department = Line(allow_none=True, validate=Length(max=100))
    position = Line(allow_none=True, validate=Length(max=100))
    bio = ma.fields.String(allow_none=True, validate=Length(max=2000))


class UserUpdate(ProfileInput):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"department": "Research", "status": "ACTIVE"}

    ALIASES: ClassVar[dict[str, str]] = {"roleId": "role"}

    email = Email(validate=Length(max=255))
    username = LowerLine(
        validate=USERNAME, metadata={"description": "Unique, stored in lower case."}
    )
    password = ma.fields.String(
        validate=PASSWORD_RULES,
        load_only=True,
        metadata={
            "description": "8 to 128 characters, no common password. A new one ends the sessions."
        },
    )
    role = Line(
        validate=Length(max=50),
        metadata={"description": "Also accepted as `roleId`."},
    )
    status = Choice(
        *STATUSES,
        metadata={"description": "Any value other than `ACTIVE` ends the sessions of the user."},
    )
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
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"status": "SUSPENDED"}

    status = Choice(
        *STATUSES,
        required=True,
        metadata={"description": "Any value other than `ACTIVE` ends the sessions of the user."},
    )


class UserQuery(PageQuery):
    search = Search(metadata={"description": "In name, username and email."})
    status = Choice(*STATUSES, metadata={"description": "Only users with this status."})
    role = LowerLine(metadata={"description": "Only users with this role, by its name."})
    sort_by = sort_by("created_at", "name", "username", "email")
    sort_order = sort_order()


def _refuse_short(search: str) -> None:
    """As it is compared: of a letter and something invisible the letter remains."""
    if len(fold(search)) < 2 <= len(search):
        raise ma.ValidationError(TOO_SHORT.format(min=2))


class DirectoryQuery(PageQuery):
    search = Search(
        required=True,
        validate=[Length(min=2), _refuse_short],
        metadata={
            "description": "In name and username, or a whole email address. At least 2 characters."
        },
    )
    sort_by = sort_by("name")
    sort_order = sort_order("asc")
