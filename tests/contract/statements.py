"""What reaches the database, watched at the driver, whichever way the application takes there."""

import re
import select
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from psycopg2.extensions import POLL_OK, POLL_READ, POLL_WRITE, set_wait_callback
from sqlalchemy.pool import ConnectionPoolEntry

from halolight.core.db import driver
from halolight.core.db.pool import ConnectionPool
from halolight.core.db.reads import Plan
from halolight.extensions import db

TIME_LIMIT = re.compile("^SET LOCAL statement_timeout = '[0-9]+s'; ")
TRANSACTION = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA")


def engine(app: Flask) -> sa.Engine:
    with app.app_context():
        return db.engine


def is_postgresql(app: Flask) -> bool:
    return engine(app).dialect.name == "postgresql"


def sql_of(plan: Plan, connection: Any) -> str:
    return plan.sql


@contextmanager
def recorded(app: Flask) -> Iterator[list[str]]:
    """The statements that run meanwhile, with their values; no BEGIN, COMMIT or time limit."""
    statements: list[str] = []
    watched: list[Any] = []

    def note(statement: str) -> None:
        statement = TIME_LIMIT.sub("", statement)
        if statement.startswith("--"):  # SQLite's own, of a trigger or of the index of the search
            return
        if not statement.lstrip().upper().startswith(TRANSACTION):
            statements.append(statement)

    class Cursor(driver.Cursor):
        def execute(self, query: Any, parameters: Any = None) -> None:
            together = [each.decode() for each in self.connection.unsent]
            super().execute(query, parameters)
            message = (self.query or b"").decode()
            for each in (*together, message[sum(len(each) + 2 for each in together) :]):
                note(each)

    def watch(pool: ConnectionPool) -> ConnectionPoolEntry:
        entry = take(pool)
        connection: Any = entry.dbapi_connection
        watched.append(connection)
        if isinstance(connection, sqlite3.Connection):
            connection.set_trace_callback(note)
        else:
            connection.cursor_factory = Cursor
        return entry

    take = ConnectionPool.take
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Plan, "_prepared_command", sql_of)  # and no EXECUTE
            patch.setattr(ConnectionPool, "take", watch)  # of a read
            patch.setattr(ConnectionPool, "_do_get", watch)  # of a session
            yield statements
    finally:
        for connection in watched:
            if isinstance(connection, sqlite3.Connection):
                with suppress(sqlite3.ProgrammingError):  # it has been closed meanwhile
                    connection.set_trace_callback(None)
            else:
                connection.cursor_factory = driver.Cursor


@contextmanager
def round_trips() -> Iterator[list[int]]:
    """How often meanwhile a PostgreSQL connection has waited for the server."""
    waits: list[int] = []

    def wait(connection: Any) -> None:
        waits.append(1)
        while (state := connection.poll()) != POLL_OK:
            reading = [connection] if state == POLL_READ else []
            writing = [connection] if state == POLL_WRITE else []
            select.select(reading, writing, [])

    set_wait_callback(wait)
    try:
        yield waits
    finally:
        set_wait_callback(None)
