"""Opening connections to PostgreSQL: a few at a time, and not longer than it takes to know.

A burst of requests on a new worker wants many connections at once. PostgreSQL starts a process for
each, so all of them would be slow, and seem to be away.
"""

import logging
import threading
from typing import Any

import gevent
import psycopg2
import sqlalchemy as sa

log = logging.getLogger(__name__)

CONNECT_TIMEOUT = 2  # seconds until a PostgreSQL that accepts no connection counts as away
AT_ONCE = 4  # connections that a worker opens at the same time


class Opener:
    """Opens connections in turn. When one fails, so do those that wait for their turn."""

    def __init__(self) -> None:
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._failures = 0

    def connect(
        self, dialect: sa.Dialect, record: object, args: list[Any], params: dict[str, Any]
    ) -> Any:
        """SQLAlchemy's `do_connect`. Raises `psycopg2.OperationalError` when it is away."""
        failures = self._failures
        with self._turns:
            if self._failures != failures:
                raise psycopg2.OperationalError("PostgreSQL has just accepted no connection")
            try:
                return self._connect(args, params)
            except psycopg2.OperationalError:
                self._failures += 1
                raise

    @staticmethod
    def _connect(args: list[Any], params: dict[str, Any]) -> Any:
        """Connect within the time limit: under gevent the driver's own has no effect."""
        away = psycopg2.OperationalError("PostgreSQL accepts no connection")
        with gevent.Timeout(CONNECT_TIMEOUT, away):
            return psycopg2.connect(*args, **params)


def open_pool(engine: sa.Engine, size: int) -> None:
    """Open so many connections before they are needed, as far as the database is there."""
    opened = []
    try:
        for _ in range(size):
            opened.append(engine.raw_connection())
    except (sa.exc.SQLAlchemyError, psycopg2.Error) as error:
        log.warning("the pool is not open: %s", error)
    finally:
        for connection in opened:
            connection.close()
