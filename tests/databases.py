"""The databases that tests run on: how one is made, hurried, and emptied between two tests."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from flask import Flask

from halolight.core.db.base import Model
from halolight.modules.dashboard import visits
from halolight.modules.documents import service as documents

KEPT_BY_TRIGGERS = {"row_counts", "group_counts", "daily_sales", "product_sales"}
# What only matters when the machine crashes. A server reads these settings again while it runs.
QUICK = ("fsync", "synchronous_commit", "full_page_writes")


@contextmanager
def new_database(server: str) -> Iterator[str]:
    """The address of a PostgreSQL database without a table, which goes at the end."""
    name = f"halolight_{uuid4().hex}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        engine.dispose()


def hurry(server: str) -> None:
    """Have a PostgreSQL server of our own wait for no disk."""
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for name in QUICK:
            connection.exec_driver_sql(f"ALTER SYSTEM SET {name} = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    engine.dispose()


class Reset:
    """Empties the database of an engine but for the rows that `seed` adds, in one round trip.

    It did so before each test with a statement for each table, and added the rows anew: that was a
    third of a test. Now the rows are read once and written as the driver had them.
    """

    def __init__(self, engine: sa.Engine, seed: Callable[[], None], seeded: sa.Table) -> None:
        tables = [table.name for table in reversed(Model.metadata.sorted_tables)]
        self._deletes = "".join(f"DELETE FROM {n};" for n in tables if n not in KEPT_BY_TRIGGERS)
        self._engine = engine
        self._insert = ""  # with the values in it, on PostgreSQL
        self._rows: list[Any] = []
        self.run()
        seed()
        self._remember(seeded.name)

    def _remember(self, table: str) -> None:
        with (
            closing(self._engine.raw_connection()) as connection,
            closing(connection.cursor()) as cursor,
        ):
            if self._engine.dialect.name == "sqlite":
                self._rows = cursor.execute(f"SELECT * FROM {table}").fetchall()
                places = ", ".join("?" * len(self._rows[0]))
                self._insert = f"INSERT INTO {table} VALUES ({places})"
                return
            cursor.execute(f"SELECT json_agg({table})::text FROM {table}")
            rows = f"SELECT * FROM json_populate_recordset(NULL::{table}, %s)"
            self._insert = cursor.mogrify(f"INSERT INTO {table} {rows}", cursor.fetchone()).decode()

    def run(self) -> None:
        with (
            closing(self._engine.raw_connection()) as connection,
            closing(connection.cursor()) as cursor,
        ):
            if self._engine.dialect.name == "sqlite":
                cursor.executescript(f"BEGIN IMMEDIATE; {self._deletes}")
                if self._insert:
                    cursor.executemany(self._insert, self._rows)
            else:
                cursor.execute(self._deletes + self._insert)
            connection.commit()


def forget_counts(app: Flask) -> None:
    """Drop what earlier tests have counted and nobody has written yet: it would be written now."""
    for counter in (visits.VIEWS, documents.VIEWS):
        counter._counts.clear()
