"""Links to set a password, for forgotten passwords and for invitations.

The link is created when its mail is sent (OWASP Forgot Password Cheat Sheet): 256 random
bits, kept as a hash, good once, void when a newer one exists.
"""

import datetime as dt
from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any

import sqlalchemy as sa

from halolight.core.background import mail
from halolight.core.clock import utcnow
from halolight.core.errors import Invalid
from halolight.core.i18n import Message, _
from halolight.core.tokens import new_token, token_hash
from halolight.extensions import db, outbox
from halolight.modules.users.hooks import before_account_change
from halolight.modules.users.languages import language_of
from halolight.modules.users.models import User
from halolight.modules.users.verification import USED_LINK

from .models import PasswordReset

RESET_LIFE = dt.timedelta(minutes=30)
INVITATION_LIFE = dt.timedelta(days=1)
PAUSE = dt.timedelta(minutes=1)  # between two mails to the same person

RESET_SUBJECT = _("Set a new password")
RESET_TEXT = _("""Hello {name},

Somebody, probably you, asked to set a new password for your HaloLight account.
You can do so with this link, once, within the next 30 minutes:

{link}

If it was not you, ignore this mail: your password stays as it is.
""")

INVITATION_SUBJECT = _("Welcome to HaloLight")
INVITATION_TEXT = _("""Hello {name},

An account at HaloLight was created for you. Your username is {username}.
Choose a password with this link, within one day:

{link}
""")


@outbox.template("password_reset", can_be_asked_for=True)
def write_reset_mail(email: str) -> EmailMessage | None:
    """The mail with a reset link; None without such an active account, or within `PAUSE`."""
    return _write(email, RESET_LIFE, RESET_SUBJECT, RESET_TEXT)


@outbox.template("invitation")
def write_invitation_mail(email: str) -> EmailMessage | None:
    return _write(email, INVITATION_LIFE, INVITATION_SUBJECT, INVITATION_TEXT)


def _write(email: str, life: dt.timedelta, subject: Message, text: Message) -> EmailMessage | None:
    # Locked, so that an email address that is being changed gets no link any more.
    account = sa.select(User).filter_by(email=email, status="ACTIVE")
    user = db.session.scalar(account.with_for_update(key_share=True))
    if user is None:
        return None
    now = utcnow()
    reset = db.session.get(PasswordReset, user.id, with_for_update=True)
    if reset is None:
        reset = PasswordReset(user_id=user.id)
        db.session.add(reset)
    elif reset.created_at > now - PAUSE:
        return None
    token = new_token()
    reset.token_hash, reset.created_at, reset.expires_at = token_hash(token), now, now + life
    db.session.commit()
    link = mail.public_url(f"/reset-password?token={token}")
    said = text.format(name=user.name, username=user.username, link=link)
    return mail.compose(email, subject, said, language_of(user))


LIVE_TOKEN = sa.select(PasswordReset.user_id).where(
    PasswordReset.token_hash == sa.bindparam("token_hash"),
    PasswordReset.expires_at > sa.bindparam("now"),
)


def check_token(token: str) -> int:
    """The user id of a token. Refuses an unusable one before the cost of hashing a password."""
    user_id: int | None = db.value(LIVE_TOKEN, token_hash=token_hash(token), now=utcnow())
    if user_id is None:
        raise _unusable()
    return user_id


def use_token(user_id: int, token: str) -> None:
    """Consume the token in the transaction. It works for one caller only.

    The account is locked first, as in everything that changes a password.
    """
    db.session.execute(sa.select(User.id).filter_by(id=user_id).with_for_update(key_share=True))
    used = db.session.scalar(
        sa.delete(PasswordReset)
        .where(PasswordReset.token_hash == token_hash(token), PasswordReset.expires_at > utcnow())
        .returning(PasswordReset.user_id)
    )
    if used is None:
        raise _unusable()


def void_link(user_id: int) -> None:
    """Void the link of a user, in the current transaction."""
    db.session.execute(sa.delete(PasswordReset).filter_by(user_id=user_id))


@before_account_change
def void_link_of_changed(user: User, changes: Mapping[str, Any]) -> None:
    if "hashed_password" in changes or "email" in changes:
        void_link(user.id)


def _unusable() -> Invalid:
    return Invalid(USED_LINK, field="token")
