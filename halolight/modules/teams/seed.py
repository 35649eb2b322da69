"""The teams of the demo."""

from random import Random

import sqlalchemy as sa

from halolight.extensions import db
from halolight.modules.users.models import User

from .models import Team, TeamMember

DEMO = "teams"
AFTER = ("users",)

TEAMS = (
    ("Platform", "Builds and runs the service"),
    ("Design", "How it looks and feels"),
    ("Customer success", "Helps customers get somewhere"),
    ("Leadership", "Plans the year"),
)


def seed_demo(random: Random) -> int:
    """Add the demo's teams where there is none yet."""
    if db.session.scalar(sa.select(Team.id).limit(1)):
        return 0
    people = db.session.scalars(sa.select(User.id).order_by(User.id)).all()
    for name, description in TEAMS:
        team = Team(name=name, description=description)
        db.session.add(team)
        db.session.flush()
        for number, user_id in enumerate(random.sample(people, min(6, len(people)))):
            role = ("owner", "admin")[number] if number < 2 else "member"
            db.session.add(TeamMember(team_id=team.id, user_id=user_id, role=role))
    db.session.flush()
    return len(TEAMS)
