"""The databases that tests run on: how one is made, hurried, and emptied between two tests."""

from collections.abc import Iterator
from contextlib import contextmanager
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


def empty_tables(engine: sa.Engine) -> None:
    """Delete every row, in one round trip: with one for each table it took a third of a test."""
    tables = [table.name for table in reversed(Model.metadata.sorted_tables)]
    deletes = "".join(f"DELETE FROM {name};" for name in tables if name not in KEPT_BY_TRIGGERS)
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        if engine.dialect.name == "sqlite":
            cursor.executescript(f"BEGIN IMMEDIATE; {deletes} COMMIT")
        else:
            cursor.execute(deletes)
        cursor.close()
        connection.commit()
    finally:
        connection.close()


def forget_counts(app: Flask) -> None:
    """Drop what earlier tests have counted and nobody has written yet: it would be written now."""
    for counter in (visits.VIEWS, documents.VIEWS):
        counter._counts.clear()
