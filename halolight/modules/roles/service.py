"""Changing roles, and who may."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from halolight.core.access import CurrentUser
from halolight.core.db.reads import Row
from halolight.core.errors import Conflict, Forbidden, Invalid, NotFound
from halolight.core.i18n import _
from halolight.extensions import db
from halolight.modules.audit import trail

from .hooks import after_grants_change
from .models import Role
from .queries import HOLDER_COUNT, ONE_ROLE, ROLES, USERS
from .system import SUPER_ADMIN


def list_roles() -> Sequence[Row]:
    return db.rows(ROLES)


def get_role(name: str) -> Row:
    row = db.row(ONE_ROLE, name=name)
    if row is None:
        raise NotFound(_("Role not found."))
    return row


def create_role(user: CurrentUser, data: Mapping[str, Any]) -> Row:
    _check_holds(user, data.get("permissions", ()))
    role = Role(**{"label": data["name"], **data})
    db.session.add(role)
    _flush_unique(role.name)
    trail.record(user, "roles.create", role)
    db.session.commit()
    return get_role(role.name)


def update_role(user: CurrentUser, name: str, changes: Mapping[str, Any]) -> Row:
    """Change a role. Its users have the new permissions from their next request on."""
    role = _lock_changeable(user, name)
    _check_holds(user, changes.get("permissions", ()))
    if role.system and changes.get("name", name) != name:
        raise Forbidden(_("System roles cannot be renamed."))
    before = role.permissions
    role.assign(changes)
    _flush_unique(role.name)
    trail.record(user, "roles.update", role)
    if set(role.permissions) != set(before):
        after_grants_change.run(role)
    db.session.commit()
    return get_role(role.name)


def delete_role(user: CurrentUser, name: str) -> None:
    role = _lock_changeable(user, name)
    if role.system:
        raise Forbidden(_("System roles cannot be deleted."))
    if db.session.scalar(HOLDER_COUNT.where(USERS.c.role == name)):
        raise Conflict(_("This role is in use. Give its users another role first."))
    trail.record(user, "roles.delete", role)
    db.session.delete(role)
    db.session.commit()


def check_may_give(user: CurrentUser, name: str) -> None:
    """Refuse a role that does not exist (400) or grants more than the user holds (403)."""
    grants = db.session.scalar(sa.select(Role.permissions).filter_by(name=name))
    if grants is None:
        raise Invalid(_("There is no such role.", code="not_found"), field="role")
    _check_holds(user, grants)


def _check_holds(user: CurrentUser, permissions: Iterable[str]) -> None:
    for permission in permissions:
        if not user.can(permission):
            raise Forbidden(
                _(
                    "You cannot grant the permission {permission}, because you do not have it.",
                    permission=permission,
                )
            )


def _lock_changeable(user: CurrentUser, name: str) -> Role:
    role = db.session.scalar(sa.select(Role).filter_by(name=name).with_for_update())
    if role is None:
        raise NotFound(_("Role not found."))
    if name == SUPER_ADMIN:
        raise Forbidden(_("The super administrator role cannot be changed."))
    if not all(user.can(permission) for permission in role.permissions):
        raise Forbidden(
            _("You cannot change this role, which grants permissions that you do not have.")
        )
    if name == db.session.scalar(sa.select(USERS.c.role).where(USERS.c.id == user.id)):
        raise Forbidden(_("You cannot change your own role."))
    return role


def _flush_unique(name: str) -> None:
    try:
        db.session.flush()
    except sa.exc.IntegrityError:
        db.session.rollback()
        raise Conflict(_("This name is already taken.", code="taken"), field="name") from None
