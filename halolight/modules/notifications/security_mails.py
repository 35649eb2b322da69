"""Mails about changes of an account, in case its owner did not make them (OWASP ASVS 6.3.7).

Each is queued in the transaction of the event.
"""

from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any

import sqlalchemy as sa
from flask import current_app

from halolight.core.background import mail
from halolight.core.i18n import ENGLISH, Message, _
from halolight.extensions import db, outbox
from halolight.modules.users.hooks import before_account_change
from halolight.modules.users.languages import language_of
from halolight.modules.users.models import User

from .sending import notify

CHANGED_SUBJECT = _("Your password was changed")
CHANGED_TEXT = _("""Hello {name},

The password of your HaloLight account was changed.

If it was neither you nor an administrator, set another one with "Forgot password" at once:

{link}
""")

LOGIN_SUBJECT = _("Your account was changed")
LOGIN_TEXT = _("""Hello {name},

The mail address or the username of your HaloLight account was changed.

If you did not expect that, ask an administrator.
""")

REUSE_SUBJECT = _("A sign-in was ended for your safety")
REUSE_TEXT = _("""Hello {name},

Somebody used an old token of one of your sign-ins at HaloLight. It may have been stolen, so that
sign-in was ended. Your other sign-ins go on.

If you do not know why this happened, sign in and change your password:

{link}
""")

LOGIN_NAMES = ("email", "username")
ACCOUNT = sa.select(User.email, User.name, User.language, User.email_verified_at).where(
    User.id == sa.bindparam("id")
)


def tell_password_changed(user_id: int) -> None:
    outbox.enqueue("password_changed", user_id=user_id)


def tell_login_changed(email: str, name: str, language: str) -> None:
    """Write to the former address: an attacker may have set the new one."""
    outbox.enqueue("login_changed", email=email, name=name, language=language)


@before_account_change
def tell_account_changed(user: User, changes: Mapping[str, Any]) -> None:
    """Notify users when an administrator changes how they sign in."""
    if "hashed_password" in changes:
        tell_password_changed(user.id)
    old = {name: getattr(user, name) for name in LOGIN_NAMES}
    if _may_be_told(user) and any(changes.get(name, old[name]) != old[name] for name in old):
        tell_login_changed(user.email, user.name, language_of(user))


def tell_reuse(user_id: int) -> None:
    """Notify the owner that a session was ended because one of its tokens was reused."""
    notify(
        [user_id],
        kind="alert",
        title=_("A sign-in was ended"),
        content=_(
            "An old token of it was used again. If you do not know why, change your password."
        ),
        link="/settings",
    )
    outbox.enqueue("session_reused", user_id=user_id)


def _may_be_told(account: Any) -> bool:
    """Whether the address is known to be theirs, where addresses are confirmed."""
    return bool(account.email_verified_at) or not current_app.config["EMAIL_VERIFICATION"]


def _address(user_id: int) -> str | None:
    """Where to write to who has this account; None when it is gone, or nobody has confirmed it."""
    account = db.row(ACCOUNT, id=user_id)
    return account.email if account and _may_be_told(account) else None


@outbox.template("password_changed", to=_address)
def write_password_changed(user_id: int) -> EmailMessage | None:
    return _write(user_id, CHANGED_SUBJECT, CHANGED_TEXT)


@outbox.template("session_reused", to=_address)
def write_session_reused(user_id: int) -> EmailMessage | None:
    return _write(user_id, REUSE_SUBJECT, REUSE_TEXT)


@outbox.template("login_changed")
def write_login_changed(email: str, name: str, language: str = ENGLISH) -> EmailMessage:
    # Those that were queued by an older version name no language.
    return mail.compose(email, LOGIN_SUBJECT, LOGIN_TEXT.format(name=name), language)


def _write(user_id: int, subject: Message, text: Message) -> EmailMessage | None:
    """A mail to the owner of the account; None if it was deleted meanwhile."""
    user = db.row(ACCOUNT, id=user_id)
    if user is None:
        return None
    said = text.format(name=user.name, link=mail.public_url("/"))
    return mail.compose(user.email, subject, said, language_of(user))
