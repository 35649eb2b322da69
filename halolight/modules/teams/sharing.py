"""With whom one may share: what documents, files and events have in common."""

from collections.abc import Collection

import sqlalchemy as sa

from halolight.core.access import CurrentUser
from halolight.core.errors import Invalid
from halolight.extensions import db
from halolight.modules.users.service import check_active

from .models import Team, TeamMember, teams_of


def check_recipients(
    user: CurrentUser, user_ids: Collection[int], team_ids: Collection[int]
) -> None:
    """Refuse (400, naming the field) whom one cannot share with.

    That is anybody who is not there or not active, and the teams one does not see: one shares with
    one's own teams, and with any if one manages teams.
    """
    check_active(user_ids, "userIds")
    check_teams(user, team_ids)


def check_teams(user: CurrentUser, team_ids: Collection[int]) -> None:
    known = sa.select(Team.id).where(Team.id.in_(team_ids))
    if not user.can("teams:manage"):
        known = known.where(Team.id.in_(teams_of(sa.literal(user.id))))
    if missing := set(team_ids) - set(db.session.scalars(known)):
        raise Invalid(f"There are no such teams: {sorted(missing)}", field="teamIds")


def people_among(user_ids: Collection[int], team_ids: Collection[int]) -> set[int]:
    """The ids of all who are meant: these users, and the members of these teams."""
    members = sa.select(TeamMember.user_id).where(TeamMember.team_id.in_(team_ids))
    return {*user_ids, *(db.session.scalars(members) if team_ids else ())}
