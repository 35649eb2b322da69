"""Signing in and out, and passwords."""

from typing import Any

import sqlalchemy as sa

from halolight.core import mail_address
from halolight.core.access import CurrentUser
from halolight.core.clock import utcnow
from halolight.core.db.reads import Row
from halolight.core.errors import Forbidden, Invalid, Unauthorized
from halolight.core.i18n import _
from halolight.core.metric_families import counting_logins
from halolight.core.passwords import hash_password, verify_password
from halolight.extensions import db, outbox
from halolight.modules.audit import trail
from halolight.modules.notifications import security_mails
from halolight.modules.sessions import tokens
from halolight.modules.sessions.models import Session
from halolight.modules.sessions.service import (
    account_of,
    begin_session,
    end_sessions,
    lock_session,
    rotate,
)
from halolight.modules.users import languages, shell, verification
from halolight.modules.users import service as users
from halolight.modules.users.models import User
from halolight.modules.users.verification import needs_verification

from . import registration, resets, throttle

_CREDENTIALS = sa.select(
    *(User.id, User.name, User.email, User.username),
    *(User.hashed_password, User.status, User.email_verified_at),
)
BY_IDENTIFIER = _CREDENTIALS.where(
    sa.or_(User.email == sa.bindparam("email"), User.username == sa.bindparam("username"))
)
BY_ID = _CREDENTIALS.where(User.id == sa.bindparam("id"))


def lock_compared(account: sa.Select[*tuple[Any, ...]], row: Row, **params: Any) -> Row | None:
    """Lock an account, if it is still the one whose password was compared, and active.

    Comparing takes a while, in which the password may change or the account be disabled. `account`
    and `params` are the statement that `row` was read with.
    """
    unchanged = (
        User.id == row.id,
        User.hashed_password == row.hashed_password,
        User.status == "ACTIVE",
    )
    locking = account.where(*unchanged).with_for_update(key_share=True)
    return db.session.execute(locking, params).first()


def register(data: dict[str, Any], *, allowed: bool) -> dict[str, Any] | None:
    """Make an account with the default role and sign it in.

    Where addresses have to be confirmed nothing is returned, whether or not there was one already.
    """
    if not allowed:
        raise Forbidden(_("Registration is closed. Ask an administrator for an account."))
    throttle.check_registration()
    hashed = hash_password(data.pop("password"))
    if needs_verification():
        registration.register_quietly(data, hashed)
        return None
    user = users.add_user(data, hashed)
    throttle.count_registration()
    registration.record_registration(user)
    throttle.forget_attempts(user.email, user.username)
    return _sign_in(user)


@counting_logins
def login(identifier: str, password: str) -> dict[str, Any]:
    """Sign in. Every failure is the same, and takes as long (OWASP ASVS 6.3.8)."""
    email = mail_address.as_typed(identifier)
    typed = {"email": email, "username": identifier}
    user = db.row(BY_IDENTIFIER, **typed)
    other = _other_name(user, email) if user else None
    has_room = throttle.begin_attempt(email, other, refusal=throttle.FAILED_SIGN_INS)
    right = verify_password(password, user.hashed_password if user else None) and has_room
    locked = lock_compared(BY_IDENTIFIER, user, **typed) if right else None
    if locked is None:
        raise Unauthorized(_("The email or the password is wrong."), reason="password")
    if needs_verification() and locked.email_verified_at is None:
        message = _("Please confirm your email address with the link that we have sent you.")
        raise Forbidden(message, reason="unconfirmed")
    throttle.forget_attempts(user.email, user.username)
    trail.record(user, "auth.login", account_of(user))
    return _sign_in(user)


def _other_name(user: Row, typed: str) -> str:
    """The other name that one can sign in with: the mail address or the username."""
    name: str = user.username if typed == user.email else user.email
    return name


def unlock(email: str) -> int:
    """Forget the failed logins of an account, for `flask users unlock`; return their number."""
    user = shell.lock(email)
    forgotten = throttle.forget_everywhere(user.email, user.username)
    trail.record(None, "users.unlock", user)
    db.session.commit()
    return forgotten


def _sign_in(user: trail.Actor) -> dict[str, Any]:
    session = begin_session(user.id)
    db.session.execute(
        sa.update(User)
        .where(User.id == user.id)
        .values(last_login_at=session.created_at, updated_at=User.updated_at, **languages.asked())
    )
    db.session.commit()
    return _answer(session)


def refresh(refresh_token: str) -> dict[str, Any]:
    """Exchange a refresh token for the next pair.

    The audit trail has no row for it: the session goes on as it was, nothing was changed.
    """
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
    trail.record(user, "auth.logout", account_of(user), session=(user.session_id, None))
    db.session.commit()


def logout_all(user: CurrentUser) -> None:
    ended = end_sessions(user.id, "logout everywhere")
    trail.record(user, "auth.logout-all", account_of(user), sessions=(ended, 0))
    db.session.commit()


def forgot_password(email: str) -> None:
    """Queue a mail. Whether the account exists is looked up only when the mail is sent.

    The audit trail has no row for it, because nothing was changed.
    """
    if throttle.may_write_to(email):
        outbox.enqueue("password_reset", email=email)
        db.session.commit()


def verify_email(token: str) -> None:
    """Confirm a mail address by a link."""
    verification.use_link(token)


def resend_verification(email: str) -> None:
    """Queue another mail to confirm an address. Whether it waits for that is looked up only when
    it is sent, as in `forgot_password`.
    """
    if throttle.may_write_to(email):
        verification.ask_to_confirm(email)
        db.session.commit()


def reset_password(token: str, password: str) -> None:
    """Set a password by a link. Ends every session of the user.

    Who has the link has the address it was mailed to: that is confirmed, too.
    """
    user_id = resets.check_token(token)
    hashed = hash_password(password)
    resets.use_token(user_id, token)
    user = db.session.get_one(User, user_id, populate_existing=True)
    confirmed = user.email_verified_at, user.email_verified_at or utcnow()
    user.email_verified_at = confirmed[1]
    trail.record(user, "auth.reset-password", account_of(user), email_verified_at=confirmed)
    throttle.forget_attempts(user.email, user.username)
    set_password(user_id, hashed, "password reset")


def change_password(user: CurrentUser, current: str, new: str) -> None:
    """Change the password of the signed-in user. Ends their other sessions."""
    row = db.row(BY_ID, id=user.id)
    if row is None:
        raise _wrong_current_password()
    # Apart from logins, so that nobody else can use it up. Ids may come again, hashes do not.
    account = f"change {user.id} {row.hashed_password}"
    throttle.begin_attempt(account, refusal=throttle.WRONG_PASSWORDS)
    if not verify_password(current, row.hashed_password):
        raise _wrong_current_password()
    hashed = hash_password(new)
    if lock_compared(BY_ID, row, id=user.id) is None:
        raise _wrong_current_password()
    lock_session(user)
    throttle.forget_attempts(account, row.email, row.username)
    trail.record(user, "auth.change-password", account_of(user))
    set_password(user.id, hashed, "password changed", keep=user.session_id)


def _wrong_current_password() -> Invalid:
    return Invalid(
        _("This is not your current password.", code="wrong_password"), field="currentPassword"
    )


def set_password(user_id: int, hashed: str, reason: str, *, keep: int | None = None) -> int:
    """Set a password and end the sessions that the old one began; return their number.

    Notifies the owner. The caller records who did it, in the same transaction.
    """
    db.session.execute(
        sa.update(User)
        .where(User.id == user_id)
        .values(hashed_password=hashed, updated_at=utcnow())
    )
    ended = end_sessions(user_id, reason, keep=keep)
    resets.void_link(user_id)
    security_mails.tell_password_changed(user_id)
    db.session.commit()
    return ended
