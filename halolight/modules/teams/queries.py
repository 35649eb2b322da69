"""The statements that read teams: which ones a user sees, and the columns of each answer."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from halolight.core.db.listing import Listing
from halolight.core.db.resource import CALLER, Resource
from halolight.core.i18n import _
from halolight.core.search.listing import indexed_search
from halolight.extensions import db
from halolight.modules.users.models import User

from .models import Team, TeamMember, teams_of

# Who may change a team, its service asks under the lock: that is what the lock protects.
TEAMS = Resource(
    *(db, Team, _("Team"), _("teams")), permission="teams", visible=Team.id.in_(teams_of(CALLER))
)

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

TEAM_LISTING = Listing(
    db, Team, TEAM, {"search": indexed_search(Team, Team.name, Team.description)}
)

_Member = aliased(TeamMember)


def _with_members(email: Any) -> sa.Select[*tuple[Any, ...]]:
    """A team and its members: one row each, or one without a member."""
    return (
        TEAM.add_columns(
            User.id.label("user_id"),
            User.name.label("user_name"),
            User.avatar.label("user_avatar"),
            email.label("email"),
            _Member.role,
            _Member.joined_at,
        )
        .outerjoin(_Member, _Member.team_id == Team.id)
        .outerjoin(User, User.id == _Member.user_id)
        .order_by(_Member.joined_at, _Member.user_id)
    )


TEAM_WITH_MEMBERS = _with_members(sa.literal_column("NULL", sa.String))
TEAM_WITH_ADDRESSES = _with_members(User.email)
