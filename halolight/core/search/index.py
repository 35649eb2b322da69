"""The index of a table's tokens: made, filled and dropped by migrations, and rebuilt by a command.

A migration of SQLite that makes a table anew has to make its triggers anew, too.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from halolight.core.db.base import Model
from halolight.core.db.reads import Row

from .column import COLUMN
from .tokens import Sources

ENDING = "_search"  # of the name of a table of SQLite's index
_SHADOWS = ("", "_data", "_idx", "_content", "_docsize", "_config")  # FTS5 keeps these for itself

BATCH = 100  # rows: a long text has 1 MB
_ID = sa.column("id", sa.Integer)

_VIRTUAL_TABLE = """
CREATE VIRTUAL TABLE {table}_search USING fts5(
    search_key, content='{table}', content_rowid='id', tokenize='ascii', detail='none',
    columnsize=0)"""
_ADD = """INSERT INTO {table}_search (rowid, search_key)
    SELECT new.id, new.search_key WHERE new.search_key IS NOT NULL;"""
_REMOVE = """INSERT INTO {table}_search ({table}_search, rowid, search_key)
    SELECT 'delete', old.id, old.search_key WHERE old.search_key IS NOT NULL;"""
_TRIGGERS = {
    "insert": f"AFTER INSERT ON {{table}} BEGIN {_ADD} END",
    "update": f"AFTER UPDATE OF search_key ON {{table}} BEGIN {_REMOVE} {_ADD} END",
    "delete": f"AFTER DELETE ON {{table}} BEGIN {_REMOVE} END",
}


def begin_searching(connection: sa.Connection, table: str) -> None:
    """Index the column of a table from now on, and what is in it already. For migrations."""
    if connection.dialect.name == "postgresql":
        # Without a list of what is to be indexed later: each search would read it from end to end.
        connection.exec_driver_sql(
            f"CREATE INDEX ix_{table}_{COLUMN} ON {table} USING gin ({COLUMN})"
            " WITH (fastupdate = false)"
        )
        return
    connection.exec_driver_sql(_VIRTUAL_TABLE.format(table=table))
    rebuild = f"INSERT INTO {table}_search ({table}_search) VALUES ('rebuild')"  # noqa: S608
    connection.exec_driver_sql(rebuild)
    for name, trigger in _TRIGGERS.items():
        made = f"CREATE TRIGGER search_{table}_{name} {trigger.format(table=table)}"
        connection.exec_driver_sql(made)


def end_searching(connection: sa.Connection, table: str) -> None:
    """Drop the index, before the column is dropped. For migrations."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"DROP INDEX ix_{table}_{COLUMN}")
        return
    for name in _TRIGGERS:
        connection.exec_driver_sql(f"DROP TRIGGER search_{table}_{name}")
    connection.exec_driver_sql(f"DROP TABLE {table}_search")


def is_index_of_sqlite(name: str) -> bool:
    """Whether a table is one of those in which SQLite keeps an index: no model has it."""
    return name.endswith(tuple(ENDING + shadow for shadow in _SHADOWS))


def include_name(name: str | None, type_: str, parents: object) -> bool:
    """Leave out what no model has, because only one of the databases does (an Alembic hook)."""
    if name is None:
        return True
    if type_ == "index":
        return not name.endswith(f"_{COLUMN}")
    return type_ != "table" or not is_index_of_sqlite(name)


def fill(connection: sa.Connection, table: str, sources: Sources) -> None:
    """Write the tokens of all rows of a table that have none, some at a time. For migrations."""
    batch = _batch(table, sources).where(sa.column(COLUMN).is_(None))
    for rows in _batches(connection, batch):
        _write(connection, table, sources, rows)


def rebuild(session: Session) -> int:
    """Write the tokens of all rows where they are not those of the texts; return how many.

    Locks some rows at a time, and commits.
    """
    written = 0
    for table in Model.metadata.sorted_tables:
        if COLUMN in table.columns:
            sources: Sources = table.columns[COLUMN].info["searches"]
            for rows in _batches(session, _batch(table.name, sources).with_for_update()):
                written += _write(session, table.name, sources, rows)
                session.commit()
    return written


def _batch(table: str, sources: Sources) -> sa.Select[*tuple[Any, ...]]:
    columns = (_ID, *map(sa.column, sources.all))
    return sa.select(*columns).select_from(sa.table(table)).order_by(_ID).limit(BATCH)


def _batches(
    executing: sa.Connection | Session, batch: sa.Select[*tuple[Any, ...]]
) -> Iterator[Sequence[Row]]:
    last = 0
    while rows := executing.execute(batch.where(last < _ID)).all():
        yield rows
        last = rows[-1].id


def _write(
    executing: sa.Connection | Session, table: str, sources: Sources, rows: Sequence[Row]
) -> int:
    """Write the tokens of these rows, unless they have them; return how many."""
    keys = {row.id: sources.key(row._asdict()) or None for row in rows}
    bind = executing.get_bind() if isinstance(executing, Session) else executing
    if bind.dialect.name == "postgresql":
        update = f"""
            UPDATE {table} SET {COLUMN} = CAST(made.key AS tsvector)
            FROM unnest(CAST(:ids AS int[]), CAST(:keys AS text[])) AS made (id, key)
            WHERE {table}.id = made.id
            AND {table}.{COLUMN} IS DISTINCT FROM CAST(made.key AS tsvector)"""  # noqa: S608
        values: Any = {"ids": list(keys), "keys": list(keys.values())}
    else:
        update = f"""
            UPDATE {table} SET {COLUMN} = :key
            WHERE id = :id AND {COLUMN} IS NOT :key"""  # noqa: S608
        values = [{"id": id_, "key": key} for id_, key in keys.items()]
    result: Any = executing.execute(sa.text(update), values)
    number: int = result.rowcount
    return number
