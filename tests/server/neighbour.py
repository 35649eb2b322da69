"""The application in the tests' own process, beside the servers, on the same database.

Tests prepare with it what a server then finds, look at what it has done, and stand in its way.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from flask import Flask

from halolight import create_app
from halolight.config import Config
from halolight.core.db.base import Identified
from halolight.extensions import db
from tests.server.running_server import Settings

STOP_WAITING = sa.text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def application_beside(settings: Settings) -> Flask:
    return create_app(
        Config(
            NODE_ENV="test",
            DATABASE_URL=settings["DATABASE_URL"],
            JWT_SECRET=settings["JWT_SECRET"],
            STORAGE_URL=settings["STORAGE_URL"],
            LOG_LEVEL="ERROR",
        )
    )


@contextmanager
def locked(app: Flask, table: type[Identified], row_id: int) -> Iterator[None]:
    """Nobody else can change this row until the block ends."""
    with app.app_context():
        db.session.scalars(sa.select(table).filter_by(id=row_id).with_for_update()).one()
        yield
        db.session.rollback()


def cut_off_who_waits(app: Flask) -> bool:
    """End the connections that wait for a lock; whether there was one."""
    with app.app_context(), db.engine.connect() as connection:
        return bool(connection.execute(STOP_WAITING).all())
