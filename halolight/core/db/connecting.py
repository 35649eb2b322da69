"""Opening connections to PostgreSQL: a few at a time, and not longer than it takes to know.

A burst of requests on a new worker wants many connections at once. PostgreSQL starts a process for
each, so all of them would be slow, and seem to be away.
"""

import logging
import threading
import time
from typing import Any

import gevent
import psycopg2
import sqlalchemy as sa
from psycogreen.gevent import gevent_wait_callback
from sqlalchemy.pool import ConnectionPoolEntry

from .driver import Connection
from .sessions import STATEMENT_TIMEOUT, open_session

log = logging.getLogger(__name__)

CONNECT_TIMEOUT = 2  # seconds until a PostgreSQL that accepts no connection counts as away
AT_ONCE = 4  # connections that a worker opens at the same time

# Seconds to wait for an answer. PostgreSQL gives up before; a pooler may have no backend for us.
ANSWER_TIMEOUT = STATEMENT_TIMEOUT + 5
BETWEEN_LOOKS = 1.0  # seconds

_waits: dict[Any, float] = {}  # the greenlets that wait for an answer, since when; oldest first


class Unanswered(psycopg2.OperationalError):
    """The database has not answered in time. Its connection is closed."""


def wait(connection: Any) -> None:
    """psycopg2's wait callback: the other greenlets run until the answer is there."""
    greenlet = gevent.getcurrent()
    _waits[greenlet] = time.monotonic()
    try:
        gevent_wait_callback(connection)
    finally:
        del _waits[greenlet]


def end_waits() -> None:
    """End those that take too long, in a greenlet of its own. Never returns.

    A timer for each wait would take a seventh of the time of a short read.
    """
    run_callback = gevent.get_hub().loop.run_callback
    while True:
        gevent.sleep(BETWEEN_LOOKS)
        latest = time.monotonic() - ANSWER_TIMEOUT
        for greenlet, since in list(_waits.items()):
            if since > latest:
                break
            run_callback(_end_wait, greenlet, since)


def _end_wait(greenlet: Any, since: float) -> None:
    if _waits.get(greenlet) == since:  # it may have its answer by now
        greenlet.throw(Unanswered("the database has not answered in time"))


class Opener:
    """Opens connections in turn. When one fails, so do those that wait for their turn."""

    def __init__(self, *, prepare: bool | None) -> None:
        self._prepare = prepare
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._failures = 0

    def connect(
        self,
        dialect: sa.Dialect,
        record: ConnectionPoolEntry,
        args: list[Any],
        params: dict[str, Any],
    ) -> Any:
        """SQLAlchemy's `do_connect`. Raises `psycopg2.OperationalError` when it is away."""
        failures = self._failures
        with self._turns:
            if self._failures != failures:
                raise psycopg2.OperationalError("PostgreSQL has just accepted no connection")
            try:
                return self._connect(record, args, params)
            except psycopg2.OperationalError:
                self._failures += 1
                raise

    def _connect(self, record: ConnectionPoolEntry, args: list[Any], params: dict[str, Any]) -> Any:
        """Connect within the time limit: under gevent the driver's own has no effect.

        It includes the first answer: a pooler accepts a login before it has a backend for it.
        """
        away = psycopg2.OperationalError("PostgreSQL accepts no connection")
        with gevent.Timeout(CONNECT_TIMEOUT, away):
            connection = psycopg2.connect(*args, **params, connection_factory=Connection)
            try:
                open_session(connection, record.info, self._prepare)
            except BaseException:
                connection.close()
                raise
            return connection


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
