"""Confirming mail addresses, with a link that is mailed to them (`EMAIL_VERIFICATION`).

Either that of a new account, or one that is to take the place of another. The link comes into
being when its mail is sent, as those to set a password do: 256 random bits, kept as a hash, good
once, void when a newer one exists.
"""

import datetime as dt
from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any

import sqlalchemy as sa
from flask import current_app

from halolight.core.background import mail
from halolight.core.clock import utcnow
from halolight.core.errors import Invalid
from halolight.core.i18n import _
from halolight.core.tokens import new_token, token_hash
from halolight.extensions import db, outbox
from halolight.modules.audit import trail

from .hooks import before_account_change
from .languages import language_of
from .models import EmailVerification, User
from .unique import check_free, write_unique

LINK_LIFE = dt.timedelta(days=1)
PAUSE = dt.timedelta(minutes=1)  # between two mails to the same person

SUBJECT = _("Confirm your email address")
TEXT = _("""Hello {name},

Somebody, probably you, uses this address for a HaloLight account. The username is {username}.
Confirm the address with this link, within one day:

{link}

If it was not you, ignore this mail.
""")

USED_LINK = _("This link has been used or has expired. Request a new one.", code="expired")

LIVE_LINK = sa.select(EmailVerification.user_id).where(
    EmailVerification.token_hash == sa.bindparam("token_hash"),
    EmailVerification.expires_at > sa.bindparam("now"),
)


def needs_verification() -> bool:
    """Whether mail addresses have to be confirmed."""
    needed: bool = current_app.config["EMAIL_VERIFICATION"]
    return needed


def ask_to_confirm(email: str) -> None:
    """Queue a mail with a link, in the transaction. It is sent if an account waits for it."""
    outbox.enqueue("email_verification", email=email)


def address_changes(user: User, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The new values of an account's columns when an administrator gives an address, or says
    whether it is confirmed (`email_verified`).

    Where addresses have to be confirmed a new one waits for that, and the old one goes on.
    """
    email, verified = changes.get("email", user.email), changes.get("email_verified")
    confirmed_at = None if verified is False else utcnow()
    if email != user.email and needs_verification() and not verified:
        check_free(email=email)
        return {"pending_email": email}
    if email != user.email:
        return {"email": email, "email_verified_at": confirmed_at, "pending_email": None}
    withdrawn = {"pending_email": None} if "email" in changes else {}
    if verified in (None, user.email_verified_at is not None):
        return withdrawn
    return withdrawn | {"email_verified_at": confirmed_at}


def ask_after(before: Mapping[str, Any], user: User) -> None:
    """Queue the mail that a change of an account makes necessary, in its transaction."""
    if not needs_verification():
        return
    if user.pending_email and user.pending_email != before["pending_email"]:
        ask_to_confirm(user.pending_email)
    elif user.email_verified_at is None and before["email_verified_at"]:
        ask_to_confirm(user.email)


@outbox.template("email_verification", can_be_asked_for=True)
def write_verification_mail(email: str) -> EmailMessage | None:
    """The mail with a link; None where nobody waits for it, or within `PAUSE`."""
    unconfirmed = sa.and_(User.email == email, User.email_verified_at.is_(None))
    waiting = sa.or_(unconfirmed, User.pending_email == email)
    newest = sa.select(User).where(waiting, User.status == "ACTIVE").order_by(User.id.desc())
    user = db.session.scalar(newest.limit(1).with_for_update(key_share=True))
    if user is None:
        return None
    now = utcnow()
    link = db.session.get(EmailVerification, user.id, with_for_update=True)
    if link is None:
        link = EmailVerification(user_id=user.id)
        db.session.add(link)
    elif link.email == email and link.created_at > now - PAUSE:
        return None
    token = new_token()
    values = {"email": email, "token_hash": token_hash(token)}
    link.assign({**values, "created_at": now, "expires_at": now + LINK_LIFE})
    db.session.commit()
    named = {"name": user.name, "username": user.username}
    url = mail.public_url(f"/verify-email?token={token}")
    return mail.compose(email, SUBJECT, TEXT.format(**named, link=url), language_of(user))


def use_link(token: str) -> None:
    """Confirm the address that the link was mailed to. The link works for one caller only.

    The account is locked first, as in everything that changes it. Raises `Invalid` for a link that
    does not work, and `Conflict` when somebody else has the address by now.
    """
    hashed, now = token_hash(token), utcnow()
    user_id = db.value(LIVE_LINK, token_hash=hashed, now=now)
    account = sa.select(User).filter_by(id=user_id).with_for_update(key_share=True)
    user = db.session.scalar(account.execution_options(populate_existing=True))
    this = (EmailVerification.token_hash == hashed, EmailVerification.expires_at > now)
    used = sa.delete(EmailVerification).where(*this).returning(EmailVerification.email)
    email = db.session.scalar(used)
    if user is None or email is None or email not in (user.email, user.pending_email):
        raise Invalid(USED_LINK, field="token")
    changes: dict[str, Any] = {"email_verified_at": user.email_verified_at or now}
    if email != user.email:
        changes = {"email": email, "email_verified_at": now, "pending_email": None}
    changed = {name: (getattr(user, name), value) for name, value in changes.items()}
    before_account_change.run(user, changes)
    user.assign(changes)
    write_unique(user)
    trail.record(user, "auth.verify-email", trail.Target("users", user.id, user.name), **changed)
    db.session.commit()
