"""Alembic's environment: the application's database, one migration run at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from logging.config import fileConfig

import click
import sqlalchemy as sa
from alembic import context
from flask import current_app

# The application's own loggers go on as they are.
fileConfig(context.config.config_file_name or "", disable_existing_loggers=False)

LOCK = 4_200_817  # any number, the same for every run


def lock(connection: sa.Connection) -> None:
    """Let one of several runs at once go first: the others then find nothing left to do.

    On SQLite the transaction itself is that lock (`BEGIN IMMEDIATE`).
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
        # A table that somebody holds on to stops the run, and not all who use it behind the run.
        connection.execute(sa.text("SET LOCAL lock_timeout = '60s'"))


@contextmanager
def without_foreign_keys(connection: sa.Connection) -> Iterator[None]:
    """Let a migration make a SQLite table anew without deleting what refers to the old one.

    They can only be switched outside a transaction, so past SQLAlchemy, which would begin one.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    sqlite = connection.connection.cursor()
    sqlite.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        sqlite.execute("PRAGMA foreign_keys = ON")


def check_foreign_keys(connection: sa.Connection) -> None:
    """Stop the migration, before it commits, if a row refers to one that is not there."""
    if connection.dialect.name == "sqlite":
        violations = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if violations:
            raise RuntimeError(f"rows refer to others that are missing: {violations[:10]}")


def check_writable(engine: sa.Engine) -> None:
    """One line when the database is away or read-only, in place of a traceback."""
    try:
        with engine.begin():
            pass
    except sa.exc.OperationalError as error:
        reason = str(error.orig).strip().partition("\n")[0]
        text = f"The database cannot be written: {reason}. Run 'flask doctor'."
        raise click.ClickException(text) from error


def run() -> None:
    database = current_app.extensions["migrate"].db
    check_writable(database.engine)
    options = current_app.extensions["migrate"].configure_args
    with (
        database.engine.connect() as connection,
        without_foreign_keys(connection),
        connection.begin(),
    ):
        lock(connection)
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            transactional_ddl=True,
            **options,
        )
        context.run_migrations()
        check_foreign_keys(connection)


run()
