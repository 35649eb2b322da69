"""A team for the tests of the whole API."""

from typing import Any

from halolight.extensions import db
from halolight.modules.teams.models import Team, TeamMember


def add(known: dict[str, Any]) -> dict[str, Any]:
    team = Team(name="Team")
    db.session.add(team)
    db.session.flush()
    owner = TeamMember(team_id=team.id, user_id=known["owner_id"], role="owner")
    db.session.add_all([owner, TeamMember(team_id=team.id, user_id=known["user_id"])])
    db.session.flush()
    return {"team_id": team.id}
