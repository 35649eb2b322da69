"""Roles and the permissions that they grant."""

from collections.abc import Sequence
from typing import Any

from halolight.core.access import current_user
from halolight.core.db.reads import Row
from halolight.core.http.api import Blueprint
from halolight.core.i18n import _

from . import service
from .schemas import GrantsInput, RoleInput, RoleSchema, RoleUpdate

blp = Blueprint(
    "roles", __name__, url_prefix="/api/roles", description="Roles and their permissions"
)


@blp.get("")
@blp.require("roles:view")
@blp.response(200, RoleSchema(many=True))
def list_roles() -> Sequence[Row]:
    """List roles"""
    return service.list_roles()


@blp.get("/<string:name>")
@blp.require("roles:view")
@blp.response(200, RoleSchema)
@blp.fails(404)
def get_role(name: str) -> Row:
    """Get a role"""
    return service.get_role(name)


@blp.post("")
@blp.require("roles:create")
@blp.arguments(RoleInput)
@blp.response(201, RoleSchema, message=_("Role created"))
@blp.fails(409)
def create_role(data: dict[str, Any]) -> Row:
    """Create a role

    Users can only grant permissions that they have themselves.
    """
    return service.create_role(current_user(), data)


@blp.put_or_patch("/<string:name>")
@blp.require("roles:update")
@blp.arguments(RoleUpdate)
@blp.response(200, RoleSchema, message=_("Role updated"))
@blp.fails(404, 409)
def update_role(changes: dict[str, Any], name: str) -> Row:
    """Update a role

    Changes only the fields in the body, effective with the next request of its users. System roles
    keep their name; `super_admin` cannot be changed. Nobody can change the role that they hold.
    """
    return service.update_role(current_user(), name, changes)


@blp.delete("/<string:name>")
@blp.require("roles:delete")
@blp.response(200, message=_("Role deleted"))
@blp.fails(404, 409)
def delete_role(name: str) -> None:
    """Delete a role

    System roles and roles in use cannot be deleted.
    """
    service.delete_role(current_user(), name)


@blp.post("/<string:name>/permissions")
@blp.require("roles:update")
@blp.arguments(GrantsInput)
@blp.response(200, RoleSchema, message=_("Permissions updated"))
@blp.fails(404)
def set_role_permissions(grants: dict[str, Any], name: str) -> Row:
    """Replace the permissions of a role"""
    return service.update_role(current_user(), name, grants)
