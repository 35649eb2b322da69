"""The shares of things with users and teams, as the `queries.py` of each module reads them.

Apart from `sharing`, which changes them, so that statements depend on models alone.
"""

import dataclasses as dc
from typing import Any

import sqlalchemy as sa

from halolight.core.db.paging import Condition, Statement
from halolight.core.db.resource import CALLER, NOW, Resource
from halolight.modules.users.models import User

from .models import Team, teams_of


@dc.dataclass(frozen=True)
class Shares:
    """The shares of one kind of thing: their model, and its column with the id of the thing."""

    model: Any
    thing_id: Any

    @property
    def valid(self) -> Condition:
        return sa.or_(self.model.expires_at.is_(None), self.model.expires_at > NOW)

    @property
    def with_caller(self) -> Condition:
        return sa.or_(self.model.user_id == CALLER, self.model.team_id.in_(teams_of(CALLER)))

    def of_one(self, resource: Resource[Any], *columns: sa.SQLColumnExpression[Any]) -> Statement:
        """The valid shares of one thing (for `Resource.rows`), with these columns besides.

        One row with an id of NULL when it is not shared.
        """
        return (
            sa.select(
                self.model.id,
                self.model.user_id,
                User.name.label("user_name"),
                User.avatar.label("user_avatar"),
                self.model.team_id,
                Team.name.label("team_name"),
                *columns,
                self.model.expires_at,
                self.model.created_at,
                resource.owner.label("owner_id"),
            )
            .select_from(resource.entity)
            .outerjoin(self.model, sa.and_(self.thing_id == resource.entity.id, self.valid))
            .outerjoin(User, User.id == self.model.user_id)
            .outerjoin(Team, Team.id == self.model.team_id)
            .order_by(self.model.id)
        )
