"""Signing in and out, and passwords."""

from typing import Any

import sqlalchemy as sa

from halolight.core.access import CurrentUser
from halolight.core.clock import utcnow
from halolight.core.errors import Forbidden, Invalid, Unauthorized
from halolight.core.origin import Client
from halolight.core.passwords import hash_password, verify_password
from halolight.extensions import db, outbox
from halolight.modules.users import service as users
from halolight.modules.users.models import User

from . import resets, throttle, tokens
from .models import Session
from .sessions import begin_session, end_sessions, rotate

_CREDENTIALS = sa.select(User.id, User.hashed_password, User.status)
BY_IDENTIFIER = _CREDENTIALS.where(
    sa.or_(User.email == sa.bindparam("identifier"), User.username == sa.bindparam("identifier"))
)
BY_ID = _CREDENTIALS.where(User.id == sa.bindparam("id"))


def register(data: dict[str, Any], client: Client, *, allowed: bool) -> dict[str, Any]:
    """Make an account with the default role and sign it in."""
    if not allowed:
        raise Forbidden("Registration is closed")
    hashed = hash_password(data.pop("password"))
    user = users.add_user(data, hashed)
    return _sign_in(user.id, client)


def login(identifier: str, password: str, client: Client) -> dict[str, Any]:
    """Sign in. Every failure is the same, and takes as long (OWASP ASVS 6.3.8)."""
    user = db.row(BY_IDENTIFIER, identifier=identifier.lower())
    # Mail address and username of one account count together.
    account = f"user:{user.id}" if user else f"unknown:{identifier.lower()}"
    throttle.begin_attempt(account, client.ip)
    right = verify_password(password, user.hashed_password if user else None)
    if user is None or not right or user.status != "ACTIVE":
        raise Unauthorized("Wrong email or password")
    throttle.forget_attempts(account)
    return _sign_in(user.id, client)


def _sign_in(user_id: int, client: Client) -> dict[str, Any]:
    session = begin_session(user_id, client)
    db.session.execute(
        sa.update(User)
        .where(User.id == user_id)
        .values(last_login_at=session.created_at, updated_at=User.updated_at)
    )
    db.session.commit()
    return _answer(session)


def refresh(refresh_token: str) -> dict[str, Any]:
    """Exchange a refresh token for the next pair."""
    return _answer(rotate(refresh_token))


def _answer(session: Session) -> dict[str, Any]:
    return {
        "access_token": tokens.access_token(session),
        "refresh_token": tokens.refresh_token(session),
        "expires_in": tokens.access_seconds(session),
        "token_type": "Bearer",
        "user": users.get_me(session.user_id),
    }


def logout(user: CurrentUser) -> None:
    end_sessions(user.id, "logout", only=user.session_id)
    db.session.commit()


def logout_all(user: CurrentUser) -> None:
    end_sessions(user.id, "logout everywhere")
    db.session.commit()


def forgot_password(email: str) -> None:
    """Owe a mail. Whether there is such an account is looked up only when it is sent."""
    outbox.owe("password_reset", email=email)
    db.session.commit()


def reset_password(token: str, password: str) -> None:
    """Set a password by a link. Ends every session of the user."""
    resets.check_token(token)
    hashed = hash_password(password)
    set_password(resets.use_token(token), hashed, "password reset")


def change_password(user: CurrentUser, current: str, new: str, client: Client) -> None:
    """Set one's own password. Ends one's other sessions."""
    account = f"change:{user.id}"  # apart from logins: nobody else can use it up
    throttle.begin_attempt(account, client.ip)
    row = db.row(BY_ID, id=user.id)
    if row is None or not verify_password(current, row.hashed_password):
        raise Invalid("This is not your current password", field="currentPassword")
    hashed = hash_password(new)
    throttle.forget_attempts(account)
    set_password(user.id, hashed, "password changed", keep=user.session_id)


def set_password(user_id: int, hashed: str, reason: str, *, keep: int | None = None) -> int:
    """Set a password and end what the old one began; answers how many sessions that were."""
    db.session.execute(
        sa.update(User)
        .where(User.id == user_id)
        .values(hashed_password=hashed, updated_at=utcnow())
    )
    ended = end_sessions(user_id, reason, keep=keep)
    resets.void_link(user_id)
    throttle.forget_attempts(f"user:{user_id}")
    db.session.commit()
    return ended
