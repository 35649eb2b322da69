"""The settings of a PostgreSQL session: times in UTC, and a time limit for statements.

A direct connection keeps its session. Behind a pooler (PgBouncer, RDS Proxy, Supavisor, pgcat),
each transaction may run in another session, which others use as well. So every transaction then
begins with the settings, in the message of its first statement if it is a read, nothing is left
behind in a session, and no statement is prepared.
"""

import dataclasses as dc
from collections.abc import MutableMapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import ManagesConnection

from .driver import Connection

STATEMENT_TIMEOUT = 30  # seconds a statement may take on PostgreSQL before it is given up

LOOKS = 5  # at the backend of a connection, to see whether it changes

_KEY = "halolight_session"  # in the `info` of a connection

# PostgreSQL tells each client the process id of its backend when it connects. A pooler, which does
# that before it has chosen a backend, tells another. To it, the settings are local: without effect.
_OPEN = """
SELECT pg_backend_pid() = %(pid)s,
    set_config('TimeZone', 'UTC', pg_backend_pid() <> %(pid)s),
    set_config('statement_timeout', %(timeout)s, pg_backend_pid() <> %(pid)s)
"""
_BACKEND = sa.select(sa.func.pg_backend_pid())


@dc.dataclass(frozen=True, slots=True)
class Session:
    """What is known of a connection since it was opened."""

    pooled: bool  # a pooler is between us and PostgreSQL
    prepares: bool  # statements may be prepared


def open_session(
    connection: Connection,
    info: MutableMapping[Any, Any],
    prepare: bool | None,
) -> None:
    """Set up a new connection, in one round trip. `prepare` is the setting `DB_PREPARE`."""
    with connection.cursor() as cursor:
        values = {"pid": connection.info.backend_pid, "timeout": f"{STATEMENT_TIMEOUT}s"}
        cursor.execute(_OPEN, values)
        [direct, *_] = cursor.fetchone() or [False]
    info[_KEY] = Session(pooled=not direct, prepares=direct if prepare is None else prepare)


def session_of(connection: ManagesConnection) -> Session:
    session: Session = connection.info[_KEY]
    return session


def time_limit(seconds: int) -> str:
    """SQL that limits the statements after it in the same transaction or message."""
    return f"SET LOCAL statement_timeout = '{seconds}s'; "


def local_settings(seconds: int = STATEMENT_TIMEOUT) -> str:
    """SQL with which a transaction or a message begins whose session may be any."""
    return f"SET LOCAL TimeZone = 'UTC'; {time_limit(seconds)}"


def begin(connection: sa.Connection) -> None:
    """SQLAlchemy's `begin`. Behind a pooler, the transaction has settings of its own."""
    driver: Any = connection.connection.dbapi_connection
    driver.begin(local_settings() if session_of(connection.connection).pooled else "")


def release_savepoint(connection: sa.Connection, name: str, context: object) -> None:
    """SQLAlchemy's `release_savepoint`: what is unsent may fail, and is then undone.

    SQLAlchemy does not roll back to a savepoint whose release fails.
    """
    driver: Any = connection.connection.dbapi_connection
    if not driver.unsent:
        return
    try:
        connection.exec_driver_sql("SELECT 1")
    except sa.exc.DBAPIError as error:
        if not error.connection_invalidated:
            connection.exec_driver_sql(f"ROLLBACK TO SAVEPOINT {name}")
        raise


def rollback_savepoint(connection: sa.Connection, name: str, context: object) -> None:
    """SQLAlchemy's `rollback_savepoint`. What is unsent came after the savepoint."""
    if not connection.invalidated:
        driver: Any = connection.connection.dbapi_connection
        driver.forget_unsent()


def pool_mode(engine: sa.Engine) -> str | None:
    """`transaction` or `session`: what one connection keeps of a pooler; None without a pooler.

    It is `transaction` if two connections share a backend, or if one changes its own.
    Raises `sqlalchemy.exc.DBAPIError` if there is no backend for a second connection.
    """
    with engine.connect() as one, engine.connect() as other:
        if not session_of(one.connection).pooled:
            return None
        first = _backend_of(one)
        held = other.scalar(_BACKEND)  # until the end of its transaction
        changes = any(_backend_of(one) != first for _ in range(LOOKS))
    return "transaction" if changes or first == held else "session"


def _backend_of(connection: sa.Connection) -> int | None:
    """The process id of the backend of a transaction of its own."""
    with connection.begin():
        return connection.scalar(_BACKEND)
