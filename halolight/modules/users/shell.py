"""Changes by people with shell access: without an acting user, so without permission checks."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from halolight.core import mail_address
from halolight.core.clock import utcnow
from halolight.core.errors import NotFound
from halolight.core.i18n import _
from halolight.core.passwords import hash_password
from halolight.extensions import db
from halolight.modules.audit import trail
from halolight.modules.roles.models import Role
from halolight.modules.roles.system import SUPER_ADMIN

from .hooks import before_account_change
from .models import User
from .service import add_user, keep_a_super_admin
from .unique import check_free


def check_new(data: Mapping[str, Any]) -> None:
    """Refuse an account that cannot be made, before anybody is asked for a password."""
    check_role(data["role"])
    check_free(**{name: data[name] for name in ("email", "username") if name in data})
    db.session.rollback()  # a person types slowly, and SQLite has one writer


def check_role(name: str) -> None:
    if db.session.get(Role, name) is None:
        raise NotFound(
            _("Role '{name}' does not exist. See 'flask roles list' for those that do.", name=name)
        )


def create(data: Mapping[str, Any], password: str) -> User:
    hashed = hash_password(password)  # before the transaction: it is slow
    user = add_user({**data, "email_verified_at": utcnow()}, hashed)
    trail.record(None, "users.create", user)
    db.session.commit()
    return user


def set_password(email: str, password: str) -> User:
    """Set the password of an account, which ends its sessions."""
    hashed = hash_password(password)
    user = lock(email)
    _change(user, {"hashed_password": hashed})
    trail.record(None, "users.set-password", user)
    db.session.commit()
    return user


def update(email: str, **changes: str) -> bool:
    """Change the role or the status of an account; return whether that was a change."""
    if "role" in changes:
        check_role(changes["role"])
    user = lock(email)
    if all(getattr(user, name) == value for name, value in changes.items()):
        db.session.rollback()
        return False
    if changes.get("role") != SUPER_ADMIN and changes.get("status") != "ACTIVE":
        keep_a_super_admin([user])
    _change(user, changes)
    trail.record(None, "users.update", user)
    db.session.commit()
    return True


def lock(email: str) -> User:
    """The account with this mail address, locked until the transaction ends."""
    account = sa.select(User).filter_by(email=mail_address.as_typed(email))
    user = db.session.scalar(account.with_for_update(key_share=True))
    if user is None:
        raise NotFound(
            _(
                "User '{email}' does not exist. See 'flask users list' for those that do.",
                email=email,
            )
        )
    return user


def _change(user: User, changes: Mapping[str, Any]) -> None:
    before_account_change.run(user, changes)
    user.assign(changes)


def add_first_admin(email: str, password: str) -> str | None:
    """Add a super admin to an installation without one; return what happened, if anything.

    An account that exists stays as it is. Part of the transaction under way.
    """
    if db.session.scalar(sa.select(User.id).filter_by(role=SUPER_ADMIN).limit(1)) is not None:
        return None
    if db.session.scalar(sa.select(User.id).filter_by(email=email)) is not None:
        return f"ADMIN_EMAIL: {email} exists and stays as it is; see 'flask users set-role'"
    data = {"email": email, "role": SUPER_ADMIN, "email_verified_at": utcnow()}
    user = add_user(data, hash_password(password))
    trail.record(None, "users.create", user)
    return f"Administrator added: {email}"
