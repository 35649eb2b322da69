"""Signing in and out: tokens, sessions, passwords."""

from typing import Any

from flask import current_app

from halolight.core.access import current_user
from halolight.core.db.reads import Row
from halolight.core.http.api import Blueprint
from halolight.modules.users import service as users
from halolight.modules.users.schemas import MeSchema

from . import service
from .schemas import (
    ChangePasswordInput,
    ForgotPasswordInput,
    LoginInput,
    LogoutInput,
    RefreshInput,
    RegisterInput,
    ResetPasswordInput,
    TokensSchema,
)

blp = Blueprint("auth", __name__, url_prefix="/api/auth", description="Signing in and out")


@blp.post("/register")
@blp.public
@blp.arguments(RegisterInput)
@blp.response(201, TokensSchema, message="Account created")
@blp.fails(403, 409)
def register(data: dict[str, Any]) -> dict[str, Any]:
    """Register

    Makes an account with the role `user` and signs it in. Without a username the part of the
    mail address before the @ is taken.
    """
    return service.register(data, allowed=current_app.config["ALLOW_REGISTRATION"])


@blp.post("/login")
@blp.public
@blp.arguments(LoginInput)
@blp.response(200, TokensSchema, message="Signed in")
@blp.fails(401)
def login(data: dict[str, Any]) -> dict[str, Any]:
    """Sign in

    With mail address or username. After 10 failures for one account, or 50 from one address,
    within 15 minutes the answer is 429.
    """
    return service.login(data["email"], data["password"])


@blp.post("/refresh")
@blp.public
@blp.arguments(RefreshInput)
@blp.response(200, TokensSchema, message="Token refreshed")
@blp.fails(401)
def refresh(data: dict[str, Any]) -> dict[str, Any]:
    """Exchange a refresh token for the next pair of tokens

    Each refresh token works once. Used again within 10 seconds it gives the same pair; used
    again later it ends the session.
    """
    return service.refresh(data["refresh_token"])


@blp.post("/logout")
@blp.authenticated
@blp.arguments(LogoutInput, required=False)
@blp.response(200, message="Signed out")
def logout(_: dict[str, Any]) -> None:
    """Sign out

    Ends the session of this token, on every server at once.
    """
    service.logout(current_user())


@blp.post("/logout-all")
@blp.authenticated
@blp.response(200, message="Signed out everywhere")
def logout_all() -> None:
    """Sign out everywhere"""
    service.logout_all(current_user())


@blp.post("/forgot-password")
@blp.public
@blp.arguments(ForgotPasswordInput)
@blp.response(200, message="If the account exists, a mail is on its way")
def forgot_password(data: dict[str, Any]) -> None:
    """Ask for a link to set a new password

    The answer is the same whether or not there is such an account. After 20 from one address
    within 15 minutes it is 429; of more than 5 to one mail address the others are not sent.
    """
    service.forgot_password(data["email"])


@blp.post("/reset-password")
@blp.public
@blp.arguments(ResetPasswordInput)
@blp.response(200, message="Password set, sign in with it")
def reset_password(data: dict[str, Any]) -> None:
    """Set a password with a link

    The link works once, for 30 minutes. Every session of the user ends.
    """
    service.reset_password(data["token"], data["password"])


@blp.post("/change-password")
@blp.authenticated
@blp.arguments(ChangePasswordInput)
@blp.response(200, message="Password changed")
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
