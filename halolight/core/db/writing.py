"""Statements of a transaction without the session's work for each of them.

The session knows entities: what has changed of each, and in which order to write them. For rows
that nobody changes again, such as versions, receipts and audit entries, and for statements that
are constants, this takes more CPU than the database. They are compiled once, as reads are.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from .reads import Row, Statement

Entity = Any  # the class of a model

Values = Mapping[str, Any]  # by the names of the attributes of a model

AT_ONCE = 20  # rows that one INSERT writes


class Defaults:
    """What the columns of a row have that are not given: their defaults, or else None."""

    def __init__(self, entity: Entity) -> None:
        self._constants: dict[str, Any] = {}
        self._computed: dict[str, Any] = {}
        for name, column in columns(entity).items():
            default: Any = column.default
            if default is not None and default.is_callable:
                self._computed[name] = default.arg
            else:
                self._constants[name] = default.arg if default is not None else None
        if (version := sa.inspect(entity).version_id_col) is not None:
            self._constants[version.key] = 1

    def completed(self, values: Values) -> dict[str, Any]:
        """A whole row. Raises `TypeError` if a value is given that has no column."""
        if unknown := values.keys() - self._constants.keys() - self._computed.keys():
            raise TypeError(f"there are no columns {sorted(unknown)}")
        row = _Row(self._constants | dict(values))
        for name, compute in self._computed.items():
            if name not in values:
                row[name] = compute(row)
        return row


class _Row(dict[str, Any]):
    """The values of a row, as the functions of defaults get them from SQLAlchemy."""

    def get_current_parameters(self) -> dict[str, Any]:
        return self


@cache
def defaults(entity: Entity) -> Defaults:
    return Defaults(entity)


@cache
def columns(entity: Entity) -> dict[str, sa.Column[Any]]:
    """The columns that an INSERT writes, by the names of their attributes."""
    mapper: Any = sa.inspect(entity)
    given_by_database = mapper.local_table.autoincrement_column
    return {
        attribute.key: attribute.columns[0]
        for attribute in mapper.column_attrs
        if attribute.columns[0] is not given_by_database
    }


def inserts(
    entity: Entity, rows: Sequence[Values], *returning: Any
) -> Iterator[tuple[Statement, dict[str, Any]]]:
    """The statements, which are constants, that insert these rows, each with its parameters."""
    complete = defaults(entity).completed
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        params = {
            _parameter(name, number): value
            for number, row in enumerate(some)
            for name, value in complete(row).items()
        }
        yield _insert(entity, len(some), returning), params


@lru_cache(maxsize=1024)
def _insert(entity: Entity, number: int, returning: tuple[Any, ...]) -> Statement:
    rows = [
        {
            column: sa.bindparam(_parameter(name, each), type_=column.type)
            for name, column in columns(entity).items()
        }
        for each in range(number)
    ]
    statement = sa.insert(entity.__table__).values(rows[0] if number == 1 else rows).inline()
    return statement.returning(*returning) if returning else statement


def _parameter(name: str, number: int) -> str:
    return f"{name}_{number}_"


@cache
def loaded(entity: Entity) -> list[Any]:
    """The columns that an entity is loaded with, by the names of its attributes."""
    mapper: Any = sa.inspect(entity)
    return [
        getattr(entity, attribute.key).label(attribute.key)
        for attribute in mapper.column_attrs
        if not attribute.deferred
    ]


def entities(session: Session, entity: Entity, rows: Sequence[Row]) -> list[Any]:
    """Entities of rows that have all these columns. Those that the session has stay as they are.

    The session's own loading takes longer than all else that a change of a row does.
    """
    identity = sa.inspect(entity).identity_key_from_primary_key
    names = [column.name for column in loaded(entity)]
    found = []
    for row in rows:
        known = session.identity_map.get(identity((row.id,)))
        if known is None:
            known = entity()
            for name, value in zip(names, row, strict=False):
                set_committed_value(known, name, value)
            make_transient_to_detached(known)
            session.add(known)
        found.append(known)
    return found


def connection_of(session: Session) -> Any:
    """The connection of the transaction that is under way; one begins if there is none.

    A savepoint begins when the session is asked for the connection.
    """
    found = session.info.get("connection")
    if found is None or session.in_nested_transaction():
        found = session.connection().connection
    return found


def invalidate(session: Session) -> None:
    """Never use the connection of the transaction again, which can only be rolled back."""
    session.info.pop("connection", None)
    session.connection().invalidate()


def _remember(session: Session, _: object, connection: sa.Connection) -> None:
    session.info["connection"] = connection.connection


def _forget(session: Session, transaction: Any) -> None:
    if transaction.parent is None:  # a savepoint has one
        session.info.pop("connection", None)


def remember_connection(session: Any) -> None:
    """Have the session remember its connection, for which asking takes long."""
    sa.event.listen(session, "after_begin", _remember)
    sa.event.listen(session, "after_transaction_end", _forget)
