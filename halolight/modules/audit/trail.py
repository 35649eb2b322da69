"""Writing the trail: the service that changes something records it, in the same transaction.

What has changed of an entity `record` knows by itself: every flush of the session notes it.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session, SessionTransaction

from halolight.core import origin
from halolight.core.database import PRIVATE, UNTOLD, Model
from halolight.core.schema import camel
from halolight.extensions import db

from .models import AuditEntry

LONGEST = 200  # characters of a value that are kept
SELF_EVIDENT = frozenset({"id", "created_at", "updated_at", "version"})
NAMES = ("title", "name", "order_no", "label")  # what a thing is called by, the first it has

Values = tuple[Any, Any]  # before and after


class Actor(Protocol):
    """Who does something: the signed-in user, or the account that signs in."""

    @property
    def id(self) -> int: ...
    @property
    def name(self) -> str: ...


def record(
    actor: Actor | None,
    action: str,
    target: Model | int | str | None = None,
    **changes: Values,
) -> None:
    """Add the row for one change of state to the transaction that is under way.

    `action` is `resource:action` with a dot, `documents.update`; its resource is the type of the
    target, which is an entity or an id. `changes` are those that the entity's columns do not show.
    """
    db.session.flush()
    entity = target if isinstance(target, Model) else None
    noted = _noted(db.session()).pop(entity, {}) | changes
    client = origin.client()
    db.session.execute(
        sa.insert(AuditEntry),
        {
            "actor_id": actor.id if actor else None,
            "actor_name": actor.name if actor else None,
            "action": action,
            "target_type": action.partition(".")[0],
            "target_id": _id(entity) if entity else target and str(target),
            "target_name": _name(entity),
            "changes": {camel(name): _told(values) for name, values in noted.items()},
            "ip": client.ip,
            "user_agent": client.user_agent[:255] or None,
            "request_id": client.request_id,
        },
    )


def _id(entity: Model) -> str:
    return "/".join(map(str, sa.inspect(entity).identity or ()))


def _name(entity: Model | None) -> str | None:
    names = (getattr(entity, name, None) for name in NAMES)
    return next((str(name)[:255] for name in names if name), None)


def _told(values: Values) -> dict[str, Any]:
    before, after = map(_short, values)
    return {"from": before, "to": after}


def _short(value: Any) -> Any:
    if isinstance(value, str) and len(value) > LONGEST:
        return f"{value[:LONGEST]}…"
    return float(value) if isinstance(value, Decimal) else value


def _noted(session: Session) -> dict[Model | None, dict[str, Values]]:
    """What this transaction has changed so far, by entity."""
    noted: dict[Model | None, dict[str, Values]] = session.info.setdefault("changes", {})
    return noted


@sa.event.listens_for(db.session, "before_flush")
def _note_changes(session: Session, *_: object) -> None:
    """A flush forgets what an attribute was before."""
    for entity in (*session.new, *session.dirty):
        changed = _changed(entity)
        first = _noted(session).setdefault(entity, {})
        for name, (before, after) in changed.items():
            first[name] = (first[name][0] if name in first else before, after)


@sa.event.listens_for(db.session, "after_transaction_end")
def _forget_changes(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:  # a savepoint has one
        session.info.pop("changes", None)


def _changed(entity: Model) -> Mapping[str, Values]:
    """The columns that are about to be written, with what they were and what they will be."""
    state = sa.inspect(entity)
    found: dict[str, Values] = {}
    for attribute in state.mapper.column_attrs:
        info = attribute.columns[0].info
        if attribute.key in SELF_EVIDENT or info == UNTOLD:
            continue
        history = state.attrs[attribute.key].history
        if history.added and history.has_changes():
            before = history.deleted[0] if history.deleted else None
            values = (before, history.added[0])
            if values != (None, None):
                found[attribute.key] = (None, None) if info == PRIVATE else values
    return found
