"""Changing users, and who may."""

import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from halolight.core import mail_address
from halolight.core.access import CurrentUser
from halolight.core.clock import utcnow
from halolight.core.db.among import Among
from halolight.core.db.listing import EVERYTHING, Page
from halolight.core.db.reads import Row
from halolight.core.errors import Conflict, Forbidden, Invalid, NotFound
from halolight.core.i18n import Listed, _
from halolight.core.passwords import UNUSABLE, hash_password
from halolight.extensions import db, outbox
from halolight.modules.audit import trail
from halolight.modules.roles import service as roles
from halolight.modules.roles.models import Role
from halolight.modules.roles.system import DEFAULT_ROLE, SUPER_ADMIN

from .hooks import before_account_change
from .models import User
from .queries import (
    ACTIVE,
    DIRECTORY,
    GRANTED_LISTING,
    ME,
    ONE_USER,
    UNGRANTED_LISTING,
    USER_LISTING,
    USERS,
)
from .unique import write_unique
from .verification import address_changes, ask_after, ask_to_confirm, needs_verification


def list_users(query: Mapping[str, Any]) -> Page:
    return USER_LISTING.page(query, EVERYTHING)


def list_user_grants(user: CurrentUser, query: Mapping[str, Any]) -> Page:
    """Users with what their roles grant, for those who see it in the list of roles, too."""
    listing = GRANTED_LISTING if user.can("roles:view") else UNGRANTED_LISTING
    return listing.page(query, EVERYTHING)


def list_directory(query: Mapping[str, Any]) -> Page:
    return DIRECTORY.page(query, ACTIVE, email=mail_address.as_typed(query["search"]))


def get_user(user_id: int) -> Row:
    row = db.row(ONE_USER, id=user_id)
    if row is None:
        raise NotFound(USERS.not_found)
    return row


def get_me(user_id: int) -> Row:
    """A user with the permissions of their role."""
    row = db.row(ME, id=user_id)
    if row is None:
        raise NotFound(USERS.not_found)
    return row


def update_me(user: CurrentUser, changes: Mapping[str, Any]) -> Row:
    [me] = USERS.lock(user, [user.id], to="view")  # what is searched is made of several columns
    me.assign(changes)
    trail.record(user, "users.update", me)
    db.session.commit()
    return get_me(user.id)


def create_user(user: CurrentUser, data: dict[str, Any]) -> Row:
    """Create an account. Without a password its owner is invited by mail to set one.

    With a password its address counts as confirmed, unless `email_verified` says otherwise.
    """
    password = data.pop("password", None)
    verified = data.pop("email_verified", bool(password))
    hashed = hash_password(password) if password else UNUSABLE
    roles.check_may_give(user, data.get("role", DEFAULT_ROLE))
    created = add_user({**data, "email_verified_at": utcnow() if verified else None}, hashed)
    if not password:
        outbox.enqueue("invitation", email=created.email)
    elif not verified and needs_verification():
        ask_to_confirm(created.email)
    trail.record(user, "users.create", created)
    db.session.commit()
    return get_user(created.id)


def add_user(data: Mapping[str, Any], hashed_password: str) -> User:
    """Add an account to the transaction. 409 names the field that is taken."""
    username = data.get("username") or _free_username(data["email"])
    named = {"name": username, **data, "username": username}
    user = User(**named, hashed_password=hashed_password)
    try:
        write_unique(user)
    except Conflict as conflict:
        if "username" in data or conflict.details[0]["field"] != "username":
            raise
        return add_user({**data, "username": with_random_end(username)}, hashed_password)
    return user


def update_user(user: CurrentUser, user_id: int, changes: dict[str, Any]) -> Row:
    """Change the fields in `changes`. A changed status or password ends the user's sessions.

    Where addresses have to be confirmed, a new one counts from then on.
    """
    if "password" in changes and user_id == user.id:
        raise Invalid(
            _("Change your own password with POST /api/auth/change-password."), field="password"
        )
    if password := changes.pop("password", None):
        changes["hashed_password"] = hash_password(password)
    [target] = _lock_changeable(user, [user_id])
    _check_standing(user, target, changes)
    others = {k: v for k, v in changes.items() if k not in ("email", "email_verified")}
    changes = others | address_changes(target, changes)
    before = {name: getattr(target, name) for name in ("email_verified_at", "pending_email")}
    before_account_change.run(target, changes)
    target.assign(changes)
    write_unique(target)
    ask_after(before, target)
    unseen = {"password": trail.UNNAMED} if "hashed_password" in changes else {}
    trail.record(user, "users.update", target, **unseen)
    db.session.commit()
    return get_user(user_id)


def delete_users(user: CurrentUser, user_ids: Sequence[int]) -> int:
    """Delete all of these accounts or none; return their number. What they own is kept."""
    if user.id in user_ids:
        raise Invalid(_("You cannot delete your own account."))
    targets = _lock_changeable(user, user_ids)
    keep_a_super_admin(targets)
    for target in targets:
        trail.record(user, "users.delete", target)
        db.session.delete(target)
    db.session.commit()
    return len(targets)


ACTIVE_AMONG = sa.select(User.id).where(Among(User.id, "ids"), ACTIVE)


def check_active(user_ids: Collection[int], field: str) -> None:
    """Refuse (400, naming the field) ids of users who do not exist or are not active."""
    if missing := set(user_ids) - {row.id for row in db.execute(ACTIVE_AMONG, ids=user_ids)}:
        raise Invalid(
            _("There are no such users: {ids}.", code="not_found", ids=Listed(sorted(missing))),
            field=field,
        )


def _lock_changeable(user: CurrentUser, user_ids: Sequence[int]) -> Sequence[User]:
    """These users, locked, none of whom holds more than `user` does."""
    locked = USERS.lock(user, user_ids, to="edit")
    names = {target.role for target in locked}
    for role in db.session.scalars(sa.select(Role).where(Role.name.in_(names))):
        if not all(user.can(permission) for permission in role.permissions):
            raise Forbidden(
                _("You cannot change this user, who has permissions that you do not have.")
            )
    return locked


def _check_standing(user: CurrentUser, target: User, changes: Mapping[str, Any]) -> None:
    """The rules for a changed role or status."""
    role = changes.get("role", target.role)
    status = changes.get("status", target.status)
    if (role, status) == (target.role, target.status):
        return
    if target.id == user.id:
        raise Forbidden(_("You cannot change your own role or status."))
    if role != target.role:
        roles.check_may_give(user, role)
    if role != SUPER_ADMIN or status != "ACTIVE":
        keep_a_super_admin([target])


def keep_a_super_admin(leaving: Sequence[User]) -> None:
    """Refuse (409) to lose the last active super admin, however many try at once."""
    if not any(target.role == SUPER_ADMIN for target in leaving):
        return
    # The role's row is the lock: the second transaction counts after the first has committed.
    db.session.scalar(
        sa.select(Role.name).filter_by(name=SUPER_ADMIN).with_for_update(key_share=True)
    )
    staying = sa.select(sa.func.count()).where(
        User.role == SUPER_ADMIN, ACTIVE, User.id.not_in([target.id for target in leaving])
    )
    if not db.session.scalar(staying):
        raise Conflict(_("This is the last active super administrator. Appoint another one first."))


def _free_username(email: str) -> str:
    """The local part of the mail address, with something added where it is taken."""
    base = re.sub(r"[^a-z0-9_.-]", "", email.partition("@")[0])[:80]
    if len(base) < 2:
        base = f"user{base}"
    taken = db.session.scalar(sa.select(User.id).filter_by(username=base))
    return with_random_end(base) if taken else base


def with_random_end(username: str) -> str:
    return f"{username}-{secrets.token_hex(4)}"
