"""What is read of teams: who sees which, and the columns each answer shows."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from halolight.core.access import CurrentUser
from halolight.core.listing import EVERYTHING, Condition, Listing, contains
from halolight.extensions import db
from halolight.modules.users.models import User

from .models import Team, TeamMember, teams_of

CALLER = sa.bindparam("caller", type_=sa.Integer)
MINE = Team.id.in_(teams_of(CALLER))

_Ownership = aliased(TeamMember)
_Owner = aliased(User)

TEAM = (
    sa.select(
        Team.id,
        Team.name,
        Team.description,
        Team.avatar,
        sa.select(sa.func.count())
        .where(TeamMember.team_id == Team.id)
        .correlate(Team)
        .scalar_subquery()
        .label("member_count"),
        _Owner.id.label("owner_id"),
        _Owner.name.label("owner_name"),
        _Owner.avatar.label("owner_avatar"),
        Team.created_at,
        Team.updated_at,
    )
    .outerjoin(_Ownership, sa.and_(_Ownership.team_id == Team.id, _Ownership.role == "owner"))
    .outerjoin(_Owner, _Owner.id == _Ownership.user_id)
)

TEAMS = Listing(db, Team, TEAM, {"search": contains("search", Team.name, Team.description)})

# A team and its members: one row each, or one without a member.
_Member = aliased(TeamMember)
TEAM_WITH_MEMBERS = (
    TEAM.add_columns(
        User.id.label("user_id"),
        User.name.label("user_name"),
        User.avatar.label("user_avatar"),
        _Member.role,
        _Member.joined_at,
    )
    .outerjoin(_Member, _Member.team_id == Team.id)
    .outerjoin(User, User.id == _Member.user_id)
    .where(Team.id == sa.bindparam("id"))
    .order_by(_Member.joined_at, _Member.user_id)
)
MY_TEAM_WITH_MEMBERS = TEAM_WITH_MEMBERS.where(MINE)


def scope(user: CurrentUser) -> Condition:
    """Which teams there are for this user."""
    return EVERYTHING if user.can("teams:manage") else MINE


def scope_params(user: CurrentUser) -> dict[str, Any]:
    return {"caller": user.id}
