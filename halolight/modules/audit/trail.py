"""Writing the trail: the service that changes something records it, in the same transaction.

What has changed of an entity `record` knows by itself: every flush of the session notes it. The
rows are written when the transaction commits, last of all: all writers count them in the same few
rows of `row_counts`, which so are locked for moments, and after everything else by everybody.
"""

import dataclasses as dc
import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session, SessionTransaction

from halolight.core.client_info import client_info
from halolight.core.clock import isoformat, utcnow
from halolight.core.db.base import AUDIT_OMIT, AUDIT_REDACT, Model
from halolight.core.schemas.base import camel
from halolight.extensions import db

from .models import AuditEntry

LONGEST = 200  # characters that are kept of a value, and items of a list
SELF_EVIDENT = frozenset({"id", "created_at", "updated_at", "version"})
NAMES = ("title", "name", "order_no", "label")  # what a thing is called by, the first it has

Values = tuple[Any, Any]  # before and after
UNNAMED: Values = (None, None)  # for values of which the trail only says that they changed


# What else follows a change, with its action, target and changes.
Follow = Callable[[str, Any, Mapping[str, Values]], None]
_followers: dict[str, list[Follow]] = {}


def follows(resource: str) -> Callable[[Follow], Follow]:
    """Register a function to call, in the transaction, with each change of these things."""

    def register(function: Follow) -> Follow:
        _followers.setdefault(resource, []).append(function)
        return function

    return register


class Actor(Protocol):
    """Who does something: the signed-in user, or the account that signs in."""

    @property
    def id(self) -> int: ...
    @property
    def name(self) -> str: ...


class Target(NamedTuple):
    """Something that was changed without being loaded, of another type than the action says."""

    type: str
    id: int | str | None
    name: str | None = None


@dc.dataclass
class Notes:
    """What a transaction has changed so far, by entity, and the rows that it has yet to write."""

    changes: dict[Model, dict[str, Values]] = dc.field(default_factory=dict)
    rows: list[dict[str, Any]] = dc.field(default_factory=list)
    at_savepoints: dict[SessionTransaction, "Notes"] = dc.field(default_factory=dict)

    def copy(self) -> "Notes":
        changes = {entity: dict(changed) for entity, changed in self.changes.items()}
        return Notes(changes, list(self.rows), self.at_savepoints)


def record(
    actor: Actor | None,
    action: str,
    target: Model | Target | int | str | None = None,
    **changes: Values,
) -> None:
    """Add the row for one change of state to the transaction that is under way.

    `action` is `resource:action` with a dot, `documents.update`. The target is an entity or an id
    of its resource, or any `Target`. `changes` are those that the entity's columns do not show. An
    update that changes nothing gets no row.
    """
    db.session.flush()
    notes = _notes(db.session())
    entity = target if isinstance(target, Model) else None
    noted = notes.changes.pop(entity, None) if entity else {}
    unseen = {k: v for k, v in changes.items() if v == UNNAMED or v[0] != v[1]}
    if noted is None and not unseen and (changes or action.endswith(".update")):
        return
    shown = {camel(k): _shown(v) for k, v in ((noted or {}) | unseen).items()}
    notes.rows.append(_row(actor, action, _target(target, action), shown))
    for follow in _followers.get(action.partition(".")[0], ()):
        follow(action, target, changes)


def record_row(
    actor: Actor | None,
    action: str,
    row: tuple[type[Model], int],
    values: Mapping[str, Any],
    **changes: Values,
) -> None:
    """As `record`, of a row that `db.add_row` has inserted: its model, its id, and its values."""
    entity, id_ = row
    target = Target(action.partition(".")[0], id_, _name(values.get))
    record(actor, action, target, **_inserted(entity, values), **changes)


def _inserted(entity: type[Model], values: Mapping[str, Any]) -> dict[str, Values]:
    shown: dict[str, Values] = {}
    for name, info in _columns(entity):
        if values.get(name) is None or name in SELF_EVIDENT or info == AUDIT_OMIT["audit"]:
            continue
        shown[name] = UNNAMED if info == AUDIT_REDACT["audit"] else (None, values[name])
    return shown


def _row(
    actor: Actor | None, action: str, target: Target, changes: dict[str, Any]
) -> dict[str, Any]:
    client = client_info.get()
    return {
        "actor_id": actor.id if actor else None,
        "actor_name": actor.name if actor else None,
        "action": action,
        "target_type": target.type,
        "target_id": None if target.id is None else str(target.id),
        "target_name": target.name,
        "changes": changes,
        "ip": client.ip,
        "user_agent": client.user_agent[:255] or None,
        "request_id": client.request_id,
        "created_at": utcnow(),
    }


def _target(target: Model | Target | int | str | None, action: str) -> Target:
    if isinstance(target, Target):
        return target
    kind = action.partition(".")[0]
    if not isinstance(target, Model):
        return Target(kind, target)
    name = _name(lambda name: getattr(target, name, None))
    return Target(kind, "/".join(map(str, sa.inspect(target).identity or ())), name)


def _name(value_of: Callable[[str], Any]) -> str | None:
    names = map(value_of, NAMES)
    return next((str(name)[:255] for name in names if name), None)


def _shown(values: Values) -> dict[str, Any]:
    before, after = map(_plain, values)
    return {"from": before, "to": after}


def _plain(value: Any) -> Any:
    """The value as JSON has it, and cut off where it gets long."""
    if isinstance(value, str):
        return value if len(value) <= LONGEST else f"{value[:LONGEST]}…"
    if isinstance(value, dt.datetime):
        return isoformat(value)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in list(value.items())[:LONGEST]}
    if isinstance(value, Collection):
        return [_plain(each) for each in list(value)[:LONGEST]]
    return value


def _notes(session: Session) -> Notes:
    notes: Notes = session.info.setdefault("notes", Notes())
    return notes


@sa.event.listens_for(db.session, "before_flush")
def _note_changes(session: Session, *_: object) -> None:
    """A flush forgets what an attribute was before."""
    changes = _notes(session).changes
    for entity in (*session.new, *session.dirty):
        for name, before, after in _changes(entity):
            first = changes.setdefault(entity, {})
            if name:
                first[name] = (first[name][0] if name in first else before, after)


@sa.event.listens_for(db.session, "before_commit")
def _write_rows(session: Session) -> None:
    notes: Notes | None = session.info.get("notes")
    if notes and notes.rows and not session.in_nested_transaction():
        session.flush()  # what has not been written yet comes before
        db.add_rows(AuditEntry, notes.rows)
        notes.rows = []


@sa.event.listens_for(db.session, "after_transaction_create")
def _remember(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        notes = _notes(session)
        notes.at_savepoints[transaction] = notes.copy()


@sa.event.listens_for(db.session, "after_soft_rollback")
def _go_back(session: Session, transaction: SessionTransaction) -> None:
    """What is undone to a savepoint has not been."""
    if transaction.nested and (then := _notes(session).at_savepoints.pop(transaction, None)):
        session.info["notes"] = then


@sa.event.listens_for(db.session, "after_transaction_end")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:  # a savepoint has one
        session.info.pop("notes", None)


def _changes(entity: Model) -> Iterator[tuple[str, Any, Any]]:
    """Which columns are about to be written, and what they were and will be.

    A column that the trail omits has no name here.
    """
    state = sa.inspect(entity)
    unmodified = state.unmodified
    for key, info in _columns(type(entity)):
        if key in unmodified:
            continue
        history = state.attrs[key].history
        if not history.has_changes():
            continue
        before = history.deleted[0] if history.deleted else None
        after = history.added[0] if history.added else None
        if key in SELF_EVIDENT or info == AUDIT_OMIT["audit"]:
            yield "", None, None
        elif info == AUDIT_REDACT["audit"]:
            yield key, *UNNAMED
        elif before != after:
            yield key, before, after


@cache
def _columns(entity: type[Model]) -> list[tuple[str, Any]]:
    """The columns of a model, with what the trail may show of each."""
    mapper = sa.inspect(entity)
    return [(each.key, each.columns[0].info.get("audit")) for each in mapper.column_attrs]
