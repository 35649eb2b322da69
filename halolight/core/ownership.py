"""Changing what belongs to somebody: 404 for what is not there for the caller, 403 for the rest."""

import dataclasses as dc
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from .database import Database
from .errors import Forbidden, NotFound
from .listing import Condition


@dc.dataclass(frozen=True)
class Owned:
    """One kind of thing that people own, and how it is called: `Owned(db, Team, "Team")`."""

    db: Database
    entity: Any
    noun: str

    @property
    def not_found(self) -> str:
        return f"{self.noun} not found"

    @property
    def read_only(self) -> str:
        return f"You may see this {self.noun.lower()} but not change it"

    def lock(
        self,
        ids: Sequence[int],
        scope: Condition,
        allowed: Condition,
        params: Mapping[str, Any],
    ) -> Sequence[Any]:
        """These entities, locked in the order of their ids: two callers cannot block each other.

        Raises `NotFound` if one of them is not in `scope`, `Forbidden` if one is not `allowed`.
        """
        entity = self.entity
        rows = self.db.session.execute(
            sa.select(entity, allowed.label("allowed"))
            .where(entity.id.in_(ids), scope)
            .order_by(entity.id)
            .with_for_update(of=entity),
            params,
        ).all()
        found = [row[0] for row in rows]
        if missing := set(ids) - {each.id for each in found}:
            one = len(ids) == 1
            raise NotFound(self.not_found if one else f"{self.noun}s not found: {sorted(missing)}")
        if not all(row.allowed for row in rows):
            raise Forbidden(self.read_only)
        return found
