"""Signing in and out: tokens, sessions, passwords."""

from typing import Any

from flask import current_app

from halolight.core.access import current_user
from halolight.core.db.reads import Row
from halolight.core.http.api import Blueprint, set_message
from halolight.core.i18n import _
from halolight.modules.users import service as users
from halolight.modules.users.schemas import MeSchema

from . import service
from .schemas import (
    NOT_SIGNED_IN,
    ChangePasswordInput,
    ForgotPasswordInput,
    LoginInput,
    LogoutInput,
    RefreshInput,
    RegisteredSchema,
    RegisterInput,
    ResendVerificationInput,
    ResetPasswordInput,
    TokensSchema,
    VerifyEmailInput,
)

blp = Blueprint("auth", __name__, url_prefix="/api/auth", description="Signing in and out")


@blp.post("/register")
@blp.public
@blp.arguments(RegisterInput)
@blp.response(201, RegisteredSchema, message=_("Account created"))
@blp.fails(403, 409)
def register(data: dict[str, Any]) -> dict[str, Any]:
    """Register

    Creates an account with the role `user` and signs it in. By default, the username is the part of
    the email address before the `@`.

    With `EMAIL_VERIFICATION`, all fields of the response are null, also if the address or the
    username is taken. A mail explains what happened and contains the link that is needed before the
    first sign-in. The number of registrations from one IP address is limited
    (`REGISTRATIONS_PER_ADDRESS`).
    """
    tokens = service.register(data, allowed=current_app.config["ALLOW_REGISTRATION"])
    if tokens is None:
        set_message(_("A mail with the next step is on its way"))
    return tokens or NOT_SIGNED_IN


@blp.post("/login")
@blp.public
@blp.arguments(LoginInput)
@blp.response(200, TokensSchema, message=_("Signed in"))
@blp.fails(401, 403)
def login(data: dict[str, Any]) -> dict[str, Any]:
    """Sign in

    With an email address or a username. After 10 failures for one of them, or 50 from one IP
    address (or IPv6 network), within 15 minutes, the response is 429. With `EMAIL_VERIFICATION`, it
    is 403 for the correct password of an account whose address is not confirmed.
    """
    return service.login(data["email"], data["password"])


@blp.post("/refresh")
@blp.public
@blp.arguments(RefreshInput)
@blp.response(200, TokensSchema, message=_("Token refreshed"))
@blp.fails(401)
def refresh(data: dict[str, Any]) -> dict[str, Any]:
    """Exchange a refresh token for the next pair of tokens

    Each refresh token works once. Used again within 10 seconds it gives the same pair; used
    again later it ends the session.
    """
    return service.refresh(data["refresh_token"])


@blp.post("/logout")
@blp.authenticated
@blp.ignores_idempotency_key
@blp.arguments(LogoutInput, required=False)
@blp.response(200, message=_("Signed out"))
def logout(_: dict[str, Any]) -> None:
    """Sign out

    Ends the session of this token, on every server at once.
    """
    service.logout(current_user())


@blp.post("/logout-all")
@blp.authenticated
@blp.ignores_idempotency_key
@blp.response(200, message=_("Signed out everywhere"))
def logout_all() -> None:
    """Sign out everywhere"""
    service.logout_all(current_user())


@blp.post("/forgot-password")
@blp.public
@blp.arguments(ForgotPasswordInput)
@blp.response(200, message=_("If the account exists, a mail is on its way"))
def forgot_password(data: dict[str, Any]) -> None:
    """Request a link to set a new password

    The response is the same whether or not the account exists. After 20 requests from one IP
    address within 15 minutes, it is 429. At most 5 of these mails are sent to one email address.
    """
    service.forgot_password(data["email"])


@blp.post("/verify-email")
@blp.public
@blp.arguments(VerifyEmailInput)
@blp.response(200, message=_("Email address confirmed"))
@blp.fails(409)
def verify_email(data: dict[str, Any]) -> None:
    """Confirm an email address with a link

    The link works once, for one day. A new address replaces the old one.
    """
    service.verify_email(data["token"])


@blp.post("/resend-verification")
@blp.public
@blp.arguments(ResendVerificationInput)
@blp.response(200, message=_("If the address is waiting for confirmation, a mail is on its way"))
def resend_verification(data: dict[str, Any]) -> None:
    """Request another link to confirm an email address

    The response is the same whether or not the address is waiting for confirmation.
    The limits are those of forgot-password.
    """
    service.resend_verification(data["email"])


@blp.post("/reset-password")
@blp.public
@blp.arguments(ResetPasswordInput)
@blp.response(200, message=_("Password set, please sign in"))
def reset_password(data: dict[str, Any]) -> None:
    """Set a password with a link

    The link works once, for 30 minutes. Every session of the user ends. The mail address that the
    link was sent to is confirmed.
    """
    service.reset_password(data["token"], data["password"])


@blp.post("/change-password")
@blp.authenticated
@blp.ignores_idempotency_key
@blp.arguments(ChangePasswordInput)
@blp.response(200, message=_("Password changed"))
def change_password(data: dict[str, Any]) -> None:
    """Change your password

    Ends your other sessions.
    """
    service.change_password(current_user(), data["current_password"], data["new_password"])


@blp.get("/me")
@blp.authenticated
@blp.response(200, MeSchema)
def get_current_user() -> Row:
    """Get the signed-in user

    The same as `GET /api/users/me`.
    """
    return users.get_me(current_user().id)
