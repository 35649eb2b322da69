"""Alembic's environment: the application's database, one migration run at a time."""

from logging.config import fileConfig

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


def run() -> None:
    database = current_app.extensions["migrate"].db
    options = current_app.extensions["migrate"].configure_args
    with database.engine.connect() as connection, connection.begin():
        lock(connection)
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            transactional_ddl=True,
            **options,
        )
        context.run_migrations()


run()
