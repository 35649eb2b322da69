"""What comes in and goes out of the auth endpoints."""

from typing import Any, ClassVar

import marshmallow as ma

from halolight.core.passwords import MAX_LENGTH, PASSWORD_RULES
from halolight.core.schemas.base import Schema
from halolight.core.schemas.fields import Email, Line, LowerLine, TypedPassword
from halolight.core.schemas.validate import Length
from halolight.modules.users.schemas import USERNAME, MeSchema

# A password that is being checked is only kept from being absurdly long.
given_password = Length(max=MAX_LENGTH * 8)
TOKEN = Length(max=4096)


class RegisterInput(Schema):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {
        "email": "ada@example.com",
        "password": "a long passphrase",
        "name": "Ada",
    }

    email = Email(required=True, validate=Length(max=255))
    password = ma.fields.String(
        required=True,
        load_only=True,
        validate=PASSWORD_RULES,
        metadata={"description": "8 to 128 characters, no common password."},
    )
    name = Line(validate=Length(1, 100), metadata={"description": "By default the username."})
    username = LowerLine(
        validate=USERNAME,
        metadata={
            "description": "Unique. By default the part of the email address before the `@`."
        },
    )
    phone = Line(allow_none=True, validate=Length(max=50))


class LoginInput(Schema):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"email": "admin@example.com", "password": "123456"}

    ALIASES: ClassVar[dict[str, str]] = {"username": "email"}

    email = Line(
        required=True,
        validate=Length(1, 255),
        metadata={"description": "Email address or username.", "example": "admin@example.com"},
    )
    password = TypedPassword(
        required=True, load_only=True, validate=given_password, metadata={"example": "123456"}
    )


class RefreshInput(Schema):
    refresh_token = ma.fields.String(
        required=True,
        validate=TOKEN,
        metadata={"description": "From the last login or refresh. It works once."},
    )


class LogoutInput(Schema):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {}

    refresh_token = ma.fields.String(
        allow_none=True,
        validate=TOKEN,
        metadata={"description": "Ignored: the access token identifies the session."},
    )


class TokensSchema(Schema):
    REPEATED_AT_TOP: ClassVar[bool] = True

    access_token = ma.fields.String(
        required=True, metadata={"description": "Send it as `Authorization: Bearer <token>`."}
    )
    refresh_token = ma.fields.String(
        required=True, metadata={"description": "For one call of `POST /api/auth/refresh`."}
    )
    expires_in = ma.fields.Integer(
        required=True, metadata={"description": "Seconds until the access token expires."}
    )
    token_type = ma.fields.String(
        required=True, metadata={"description": "Always `Bearer`.", "example": "Bearer"}
    )
    user = ma.fields.Nested(MeSchema, required=True)


class RegisteredSchema(Schema):
    """As `TokensSchema`; nothing but nulls where the address has to be confirmed first."""

    REPEATED_AT_TOP: ClassVar[bool] = True

    access_token = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Send it as `Authorization: Bearer <token>`."},
    )
    refresh_token = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "For one call of `POST /api/auth/refresh`."},
    )
    expires_in = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Seconds until the access token expires."},
    )
    token_type = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Always `Bearer`.", "example": "Bearer"},
    )
    user = ma.fields.Nested(MeSchema, required=True, allow_none=True)


NOT_SIGNED_IN = dict.fromkeys(("access_token", "refresh_token", "expires_in", "token_type", "user"))


class ForgotPasswordInput(Schema):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"email": "user@halolight.h7ml.cn"}

    email = Email(required=True, validate=Length(max=255))


class ResetPasswordInput(Schema):
    ALIASES: ClassVar[dict[str, str]] = {"newPassword": "password"}

    token = ma.fields.String(
        required=True,
        validate=Length(max=200),
        metadata={"description": "From the link in the mail."},
    )
    password = ma.fields.String(
        required=True,
        load_only=True,
        validate=PASSWORD_RULES,
        metadata={
            "description": "8 to 128 characters, no common one. Also accepted as `newPassword`."
        },
    )


class ChangePasswordInput(Schema):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {
        "currentPassword": "123456",
        "newPassword": "a long passphrase",
    }

    current_password = TypedPassword(required=True, load_only=True, validate=given_password)
    new_password = ma.fields.String(
        required=True,
        load_only=True,
        validate=PASSWORD_RULES,
        metadata={"description": "8 to 128 characters, no common password."},
    )


class VerifyEmailInput(Schema):
    token = ma.fields.String(
        required=True,
        validate=Length(max=200),
        metadata={"description": "From the link in the mail."},
    )


class ResendVerificationInput(ForgotPasswordInput):
    pass
