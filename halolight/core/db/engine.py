"""The engine of a worker: its options, and what each connection and transaction begins with."""

from typing import Any

import orjson
import sqlalchemy as sa

from . import sessions
from .connecting import CONNECT_TIMEOUT, Opener
from .pool import ConnectionPool

BUSY_TIMEOUT = 5  # seconds a SQLite writer waits for another


def set_up(engine: sa.Engine, *, prepare: bool | None) -> None:
    """Prepare new connections and transactions. `prepare` is the setting `DB_PREPARE`."""
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    else:
        sa.event.listen(engine, "do_connect", Opener(prepare=prepare).connect)
        sa.event.listen(engine, "begin", sessions.begin)
        sa.event.listen(engine, "release_savepoint", sessions.release_savepoint)
        sa.event.listen(engine, "rollback_savepoint", sessions.rollback_savepoint)


def engine_options(url: str, *, pool_size: int, max_overflow: int, timeout: int) -> dict[str, Any]:
    """SQLAlchemy's options for the connections of a worker."""
    everywhere = {
        "poolclass": ConnectionPool,
        "hide_parameters": True,  # they are secrets, some of them, and errors are logged
        "json_serializer": lambda value: orjson.dumps(value, option=orjson.OPT_UTC_Z).decode(),
        "json_deserializer": orjson.loads,
    }
    if url.startswith("sqlite"):
        return everywhere | {"connect_args": {"timeout": BUSY_TIMEOUT}}
    return everywhere | {
        "pool_size": pool_size,
        "max_overflow": max_overflow,
        "pool_timeout": timeout,
        "connect_args": {
            "connect_timeout": CONNECT_TIMEOUT,
            "tcp_user_timeout": 1000 * CONNECT_TIMEOUT * 5,  # a host that has gone, seen by TCP
            "application_name": "halolight",
        },
    }


def _prepare_sqlite(connection: Any, record: object) -> None:
    """SQLite as a server needs it: readers beside a writer, foreign keys."""
    connection.isolation_level = None  # we say BEGIN ourselves, in _begin_sqlite
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    """A transaction takes the write lock at once, so that what it checks still holds at its end."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")
