"""Sessions: begun by a login, rotated by a refresh, checked on every request."""

import datetime as dt
import logging
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask import current_app

from halolight.core.access import CurrentUser, authenticator
from halolight.core.client_info import client_info
from halolight.core.clock import utcnow
from halolight.core.db.reads import Row
from halolight.core.errors import NotFound, Unauthorized
from halolight.core.i18n import _
from halolight.core.tokens import token_hash
from halolight.extensions import db
from halolight.modules.audit import trail
from halolight.modules.notifications import security_mails
from halolight.modules.roles.models import Role
from halolight.modules.users.hooks import before_account_change
from halolight.modules.users.models import User

from . import tokens
from .models import Session

log = logging.getLogger(__name__)

ABSOLUTE_LIFE = dt.timedelta(days=30)  # however often it is refreshed (OWASP ASVS 7.3.2)
SAME_SUCCESSOR_WINDOW = dt.timedelta(seconds=10)  # for several tabs that refresh at once


_ALIVE = (Session.revoked_at.is_(None), Session.expires_at > sa.bindparam("now"))

_OWNER = (
    sa.select(User.id, User.name, User.role, Role.permissions)
    .select_from(Session)
    .join(User, User.id == Session.user_id)
    .join(Role, Role.name == User.role)
    .where(Session.id == sa.bindparam("session_id"), *_ALIVE, User.status == "ACTIVE")
)
CALLER = _OWNER.where(Session.key == sa.bindparam("key"), User.id == sa.bindparam("user_id"))

LIVE_SESSIONS = (
    sa.select(
        *(Session.id, Session.ip, Session.user_agent),
        *(Session.created_at, Session.last_used_at, Session.expires_at),
        (Session.id == sa.bindparam("current")).label("current"),
    )
    .where(Session.user_id == sa.bindparam("user_id"), *_ALIVE)
    .order_by(Session.last_used_at.desc(), Session.id.desc())
)


def account_of(user: trail.Actor) -> trail.Target:
    """The account, as the audit trail names the target of signing in and out."""
    return trail.Target("users", user.id, user.name)


@authenticator
def authenticate(token: str) -> CurrentUser:
    """The user of an access token, as the database knows them now: read on every request."""
    claims = tokens.verify(token, "access")
    user_id, session_id = claims["user_id"], claims["sid"]
    row = db.row(CALLER, session_id=session_id, key=claims["key"], user_id=user_id, now=utcnow())
    return _signed_in(row, session_id)


def owner_of(session_id: int) -> CurrentUser:
    """The user of a session. Raises `Unauthorized` if it has ended."""
    return _signed_in(db.row(_OWNER, session_id=session_id, now=utcnow()), session_id)


def _signed_in(row: Row | None, session_id: int) -> CurrentUser:
    if row is None:
        raise Unauthorized
    return CurrentUser(row.id, row.name, row.role, frozenset(row.permissions), session_id)


def begin_session(user_id: int) -> Session:
    """Add a new session to the transaction."""
    now, client = utcnow(), client_info.get()
    session = Session(
        user_id=user_id,
        ip=client.ip,
        user_agent=client.user_agent[:255],
        created_at=now,
        refresh_hash="",
    )
    _renew(session, now)
    db.session.add(session)
    db.session.flush()  # the tokens carry its id and its key
    session.refresh_hash = token_hash(tokens.refresh_token(session))
    return session


def rotate(refresh_token: str) -> Session:
    """The session of a refresh token, with the next tokens (RFC 9700, 4.14.2).

    The parent of the live token gets the same successor again for some seconds. Any other token
    that was used before ends the session, because it may have been stolen.
    """
    claims = tokens.verify(refresh_token, "refresh")
    names = {"id": claims["sid"], "key": claims["key"], "user_id": claims["user_id"]}
    session = db.session.scalar(sa.select(Session).filter_by(**names).with_for_update())
    now = utcnow()
    if session is None or session.revoked_at or session.expires_at <= now:
        raise Unauthorized
    owner = sa.select(User.id, User.name).filter_by(id=session.user_id, status="ACTIVE")
    user = db.session.execute(owner).first()
    if user is None:
        raise Unauthorized
    sent = token_hash(refresh_token)
    if sent == session.refresh_hash:
        session.parent_hash = sent
        _renew(session, now)
        session.refresh_hash = token_hash(tokens.refresh_token(session))
    elif sent != session.parent_hash or now - session.last_used_at > SAME_SUCCESSOR_WINDOW:
        _end_for_reuse(session, user)
        raise Unauthorized
    db.session.commit()
    return session


def _renew(session: Session, now: dt.datetime) -> None:
    """Give the session what its next tokens are made of."""
    session.token_id = secrets.token_hex(15)
    session.last_used_at = now
    life: dt.timedelta = current_app.config["JWT_REFRESH_EXPIRES"]
    session.expires_at = min(now + life, session.created_at + ABSOLUTE_LIFE)


def _end_for_reuse(session: Session, user: trail.Actor) -> None:
    """End it and notify its owner. The sender may be the owner or an attacker."""
    session.revoked_at, session.revoked_reason = utcnow(), "refresh token reused"
    trail.record(None, "auth.reuse", account_of(user), session=(session.id, None))
    security_mails.tell_reuse(user.id)
    db.session.commit()
    log.warning("refresh token reused: session %d of user %d ended", session.id, session.user_id)


def end_sessions(
    user_id: int, reason: str, *, only: int | None = None, keep: int | None = None
) -> int:
    """End the live sessions of a user in the transaction; return their number."""
    ending = sa.update(Session).where(
        Session.user_id == user_id, Session.revoked_at.is_(None), Session.expires_at > utcnow()
    )
    if only is not None:
        ending = ending.where(Session.id == only)
    if keep is not None:
        ending = ending.where(Session.id != keep)
    result: sa.CursorResult[Any] = db.session.execute(  # type: ignore[assignment]
        ending.values(revoked_at=utcnow(), revoked_reason=reason)
    )
    return result.rowcount


@before_account_change
def end_sessions_of_changed(user: User, changes: Mapping[str, Any]) -> None:
    if "hashed_password" in changes or changes.get("status", user.status) != user.status:
        end_sessions(user.id, "account changed")


def lock_session(user: CurrentUser) -> None:
    """Lock the session of this request. Raises `Unauthorized` if it has ended meanwhile."""
    alive = sa.select(Session.id).where(Session.id == user.session_id, *_ALIVE).with_for_update()
    if db.session.scalar(alive, {"now": utcnow()}) is None:
        raise Unauthorized


def list_sessions(user: CurrentUser) -> Sequence[Row]:
    return db.rows(LIVE_SESSIONS, user_id=user.id, current=user.session_id, now=utcnow())


def end_session(user: CurrentUser, session_id: int) -> None:
    if not end_sessions(user.id, "ended by the user", only=session_id):
        raise NotFound(_("Session not found."))
    trail.record(user, "auth.end-session", account_of(user), session=(session_id, None))
    db.session.commit()


def prune_sessions() -> int:
    """Delete sessions that can no longer be used; return their number."""
    dead = sa.or_(Session.expires_at <= utcnow(), Session.revoked_at.is_not(None))
    result: sa.CursorResult[Any] = db.session.execute(  # type: ignore[assignment]
        sa.delete(Session).where(dead)
    )
    db.session.commit()
    return result.rowcount
