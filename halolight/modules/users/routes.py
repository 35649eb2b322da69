"""Users: administration, the own profile, the directory."""

from typing import Any

from halolight.core.access import current_user
from halolight.core.db.listing import Page
from halolight.core.db.reads import Row
from halolight.core.http.api import Blueprint
from halolight.core.i18n import _
from halolight.core.schemas.base import page_of
from halolight.core.schemas.batch import DeletedSchema, IdsInput

from . import service
from .schemas import (
    DirectoryQuery,
    GrantedUserSchema,
    MeSchema,
    PersonSchema,
    ProfileInput,
    StatusInput,
    UserInput,
    UserQuery,
    UserSchema,
    UserUpdate,
)

blp = Blueprint("users", __name__, url_prefix="/api/users", description="Users and profiles")


@blp.get("")
@blp.require("users:view")
@blp.arguments(UserQuery, location="query")
@blp.response(200, page_of(UserSchema))
def list_users(query: dict[str, Any]) -> Page:
    """List users"""
    return service.list_users(query)


@blp.get("/me")
@blp.authenticated
@blp.response(200, MeSchema)
def get_me() -> Row:
    """Get the signed-in user"""
    return service.get_me(current_user().id)


@blp.put_or_patch("/me")
@blp.authenticated
@blp.arguments(ProfileInput)
@blp.response(200, MeSchema, message=_("Profile updated"))
def update_me(changes: dict[str, Any]) -> Row:
    """Update your profile

    Changes only the fields in the body.
    """
    return service.update_me(current_user(), changes)


@blp.get("/directory")
@blp.authenticated
@blp.arguments(DirectoryQuery, location="query")
@blp.response(200, page_of(PersonSchema))
def list_directory(query: dict[str, Any]) -> Page:
    """Find people to write to or to share with

    Active users whose name or username contains the text, or whose email address equals it.
    """
    return service.list_directory(query)


@blp.get("/grants")
@blp.require("users:view")
@blp.arguments(UserQuery, location="query")
@blp.response(200, page_of(GrantedUserSchema))
def list_user_grants(query: dict[str, Any]) -> Page:
    """List users with their permissions

    The list of users, each with the permissions of their role for callers with `roles:view`.
    """
    return service.list_user_grants(current_user(), query)


@blp.get("/<int:user_id>")
@blp.require("users:view")
@blp.response(200, UserSchema)
@blp.fails(404)
def get_user(user_id: int) -> Row:
    """Get a user"""
    return service.get_user(user_id)


@blp.post("")
@blp.require("users:create")
@blp.arguments(UserInput)
@blp.response(201, UserSchema, message=_("User created"))
@blp.fails(409)
def create_user(data: dict[str, Any]) -> Row:
    """Create a user

    Without a password the user gets an invitation by mail to set one. With a password the address
    counts as confirmed, unless `emailVerified` is false. Nobody can give a role that grants more
    than they hold themselves.
    """
    return service.create_user(current_user(), data)


@blp.put_or_patch("/<int:user_id>")
@blp.require("users:update")
@blp.arguments(UserUpdate)
@blp.response(200, UserSchema, message=_("User updated"))
@blp.fails(404, 409)
def update_user(changes: dict[str, Any], user_id: int) -> Row:
    """Update a user

    Changes only the fields in the body. A changed status or password ends all sessions of the user.
    With `EMAIL_VERIFICATION`, a new `email` is `pendingEmail` until it is confirmed, unless
    `emailVerified` is true.
    """
    return service.update_user(current_user(), user_id, changes)


@blp.patch("/<int:user_id>/status")
@blp.require("users:update")
@blp.arguments(StatusInput)
@blp.response(200, UserSchema, message=_("Status updated"))
@blp.fails(404, 409)
def set_user_status(changes: dict[str, Any], user_id: int) -> Row:
    """Activate, deactivate or suspend a user"""
    return service.update_user(current_user(), user_id, changes)


@blp.delete("/<int:user_id>")
@blp.require("users:delete")
@blp.response(200, message=_("User deleted"))
@blp.fails(400, 404, 409)
def delete_user(user_id: int) -> None:
    """Delete a user

    What the user owns is kept, without an owner. Nobody can delete themselves.
    """
    service.delete_users(current_user(), [user_id])


@blp.post("/batch-delete")
@blp.require("users:delete")
@blp.arguments(IdsInput)
@blp.response(200, DeletedSchema, message=_("Users deleted"))
@blp.fails(404, 409)
def batch_delete_users(data: dict[str, Any]) -> dict[str, int]:
    """Delete several users

    All of them or none.
    """
    return {"deleted": service.delete_users(current_user(), data["ids"])}
