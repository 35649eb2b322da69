"""With whom one may share: what documents, files and events have in common."""

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from halolight.core.access import CurrentUser
from halolight.core.errors import Invalid
from halolight.extensions import db
from halolight.modules.notifications.sending import notify
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


def share_with(
    share: Any,
    of: Mapping[str, int],
    user_ids: Collection[int],
    team_ids: Collection[int],
    **terms: object,
) -> None:
    """Have each of these users and teams a share of something, on these terms.

    `share` is the model of the shares and `of` names of what: `{"file_id": 5}`. A share that exists
    already is changed.
    """
    existing = db.session.scalars(sa.select(share).filter_by(**of)).all()
    by_user = {each.user_id: each for each in existing if each.user_id}
    by_team = {each.team_id: each for each in existing if each.team_id}
    shares = [by_user.get(i) or share(**of, user_id=i) for i in user_ids]
    shares += [by_team.get(i) or share(**of, team_id=i) for i in team_ids]
    for each in shares:
        each.update(terms)
    db.session.add_all(shares)


def tell_of_share(
    user: CurrentUser, people: Collection[int], what: str, name: str, link: str
) -> None:
    """Tell people that the user has shared something with them: a `what` of this name."""
    notify(
        people,
        kind="user",
        title=f"A {what} was shared with you",
        content=f"{user.name} shared “{name}” with you",
        link=link,
        sender_id=user.id,
    )
