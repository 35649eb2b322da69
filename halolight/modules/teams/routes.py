"""Teams and their members."""

from types import SimpleNamespace
from typing import Any

from halolight.core.access import current_user
from halolight.core.db.listing import Page
from halolight.core.http.api import Blueprint
from halolight.core.i18n import _
from halolight.core.schemas.base import page_of

from . import service
from .schemas import (
    MemberInput,
    MemberRoleInput,
    TeamInput,
    TeamQuery,
    TeamSchema,
    TeamSummarySchema,
    TeamUpdate,
)

blp = Blueprint(
    "teams",
    __name__,
    url_prefix="/api/teams",
    description="Teams and their members",
)


@blp.get("")
@blp.require("teams:view")
@blp.arguments(TeamQuery, location="query")
@blp.response(200, page_of(TeamSummarySchema))
def list_teams(query: dict[str, Any]) -> Page:
    """List teams

    Your own teams; all teams with `teams:manage`.
    """
    return service.list_teams(current_user(), query)


@blp.get("/<int:team_id>")
@blp.require("teams:view")
@blp.response(200, TeamSchema)
@blp.fails(404)
def get_team(team_id: int) -> SimpleNamespace:
    """Get a team with its members"""
    return service.get_team(current_user(), team_id)


@blp.post("")
@blp.require("teams:create")
@blp.arguments(TeamInput)
@blp.response(201, TeamSchema, message=_("Team created"))
def create_team(data: dict[str, Any]) -> SimpleNamespace:
    """Create a team

    The signed-in user becomes its owner.
    """
    return service.create_team(current_user(), data)


@blp.put_or_patch("/<int:team_id>")
@blp.require("teams:view")
@blp.arguments(TeamUpdate)
@blp.response(200, TeamSchema, message=_("Team updated"))
@blp.fails(404)
def update_team(changes: dict[str, Any], team_id: int) -> SimpleNamespace:
    """Update a team

    For its owner and admins, and for users with `teams:manage`.
    """
    return service.update_team(current_user(), team_id, changes)


@blp.delete("/<int:team_id>")
@blp.require("teams:view")
@blp.response(200, message=_("Team deleted"))
@blp.fails(404)
def delete_team(team_id: int) -> None:
    """Delete a team

    For its owner and for users with `teams:manage`.
    """
    service.delete_team(current_user(), team_id)


@blp.post("/<int:team_id>/members")
@blp.require("teams:view")
@blp.arguments(MemberInput)
@blp.response(201, TeamSchema, message=_("Member added"))
@blp.fails(404, 409)
def add_team_member(data: dict[str, Any], team_id: int) -> SimpleNamespace:
    """Add a member to a team

    For its owner and admins, and for users with `teams:manage`.
    """
    return service.add_member(current_user(), team_id, **data)


@blp.put_or_patch("/<int:team_id>/members/<int:user_id>")
@blp.require("teams:view")
@blp.arguments(MemberRoleInput)
@blp.response(200, TeamSchema, message=_("Member updated"))
@blp.fails(404, 409)
def update_team_member(data: dict[str, Any], team_id: int, user_id: int) -> SimpleNamespace:
    """Change the role of a member

    A new owner replaces the former one, who becomes an admin.
    """
    return service.set_member_role(current_user(), team_id, user_id, data["role"])


@blp.delete("/<int:team_id>/members/<int:user_id>")
@blp.require("teams:view")
@blp.response(200, message=_("Member removed"))
@blp.fails(404, 409)
def remove_team_member(team_id: int, user_id: int) -> None:
    """Remove a member from a team, or leave it"""
    service.remove_member(current_user(), team_id, user_id)
