"""Registering where mail addresses have to be confirmed (`EMAIL_VERIFICATION`).

Only a mail says what happened, so that no client learns who has an account (OWASP ASVS 6.3.8).
"""

from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any

import sqlalchemy as sa

from halolight.core.background import mail
from halolight.core.errors import Conflict
from halolight.core.i18n import _
from halolight.core.passwords import UNUSABLE
from halolight.extensions import db, outbox
from halolight.modules.audit import trail
from halolight.modules.sessions.service import account_of
from halolight.modules.users import languages
from halolight.modules.users import service as users
from halolight.modules.users.languages import language_of
from halolight.modules.users.models import EmailVerification, User
from halolight.modules.users.verification import ask_to_confirm

from . import throttle

KNOWN_SUBJECT = _("You already have an account")
KNOWN_TEXT = _("""Hello {name},

Somebody, probably you, tried to register at HaloLight with this address. You already have an
account: sign in with it, or set a new password with "Forgot password":

{link}

If it was not you, ignore this mail.
""")

ACCOUNT = sa.select(User.name, User.language).where(
    User.email == sa.bindparam("email"), User.status == "ACTIVE"
)


def register_quietly(data: Mapping[str, Any], hashed: str) -> None:
    """Make an account that waits for its address to be confirmed, or tell whose address it is."""
    email: str = data["email"]
    may_write = throttle.may_write_to(email)
    throttle.count_registration()  # also of a taken address: it is answered alike
    if user := _add({**data, **languages.asked()}, hashed):
        record_registration(user)
        ask_to_confirm(email)
    elif may_write:
        _register_again(email)
    db.session.commit()


def record_registration(user: User) -> None:
    given = {"email": user.email, "username": user.username, "role": user.role}
    made = {name: (None, value) for name, value in given.items()}
    trail.record(user, "auth.register", account_of(user), **made)


def _add(data: Mapping[str, Any], hashed: str) -> User | None:
    """Add the account; None where the address is taken. A taken username gets a random end."""
    try:
        return users.add_user(data, hashed)
    except Conflict as conflict:
        if conflict.details[0]["field"] == "email":
            return None
    return _add({**data, "username": users.with_random_end(data["username"][:80])}, hashed)


def _register_again(email: str) -> None:
    """Tell the owner of an address that somebody has registered with it again.

    Nobody knows who was the owner as long as it is not confirmed: so an account that nobody has
    used yet loses its password, and who gets its mail chooses one. Otherwise somebody could
    register a stranger's address, wait for the stranger to confirm it, and sign in.
    """
    account = sa.select(User).filter_by(email=email, status="ACTIVE")
    user = db.session.scalar(account.with_for_update(key_share=True))
    if user is None:
        return
    if user.email_verified_at or user.last_login_at:
        outbox.enqueue("already_registered", email=email)
        return
    user.assign(languages.asked())  # of the request: the invitation is in it
    if user.hashed_password != UNUSABLE:
        user.hashed_password = UNUSABLE
        trail.record(user, "auth.register", account_of(user), password=trail.UNNAMED)
    db.session.execute(sa.delete(EmailVerification).filter_by(user_id=user.id))
    outbox.enqueue("invitation", email=email)


@outbox.template("already_registered", can_be_asked_for=True)
def write_already_registered(email: str) -> EmailMessage | None:
    user = db.row(ACCOUNT, email=email)
    if user is None:
        return None
    text = KNOWN_TEXT.format(name=user.name, link=mail.public_url("/"))
    return mail.compose(email, KNOWN_SUBJECT, text, language_of(user))
