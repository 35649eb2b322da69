"""How the workers of all machines are notified of new entries for the users they serve.

- PostgreSQL: `NOTIFY` in the transaction of the change, `LISTEN` on one connection for each worker.
- Redis, if `REDIS_URL` is set: published after the transaction.
- Otherwise (SQLite, or PostgreSQL behind a pooler, where `LISTEN` has no dedicated session), the
  worker polls twice a second.

Only ids of users are sent. A lost notification delays events by two seconds: see `hub.py`.
"""

import logging
import select
import threading
import time
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Any

import psycopg2
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from halolight.core.background.task import BackgroundTask
from halolight.core.db import sessions
from halolight.core.db.base import Database

if TYPE_CHECKING:
    from .redis_channel import RedisChannel

log = logging.getLogger(__name__)

CHANNEL = "halolight_stream"
MOST_IDS = 500  # in a payload, of which PostgreSQL allows 8000 bytes
POLL = 0.5  # seconds between two polls where nothing wakes the worker
PAUSE = 1.0  # seconds until a lost connection is opened again
PROBE = 30.0  # seconds of silence after which the connection is tried

_NOTIFY = sa.select(sa.func.pg_notify(CHANNEL, sa.bindparam("payload", type_=sa.String)))

Wake = Callable[[Iterable[int] | None], None]  # with those who have new entries; None: all


class Waker:
    """Sends and receives what wakes the workers of one application."""

    def __init__(self, app: Flask, db: Database, wake: Wake) -> None:
        self._app = app
        self._db = db
        self._wake = wake
        self._channel: RedisChannel | None = None
        if url := app.config["REDIS_URL"]:
            from . import redis_channel

            self._channel = redis_channel.RedisChannel(url, CHANNEL)
        self._unsent: set[int] = set()
        self._publishing = BackgroundTask(app, self._publish, delay=0, interval=None, at_stop=False)
        self._starting = threading.Lock()
        self._started = False

    # Sending.

    def notify(self, session: Session, user_ids: Collection[int]) -> None:
        """Called in the transaction that has written entries for these users."""
        if self._channel:
            session.info.setdefault("woken", set()).update(user_ids)
        elif session.get_bind().dialect.name == "postgresql":
            ids = sorted(user_ids)
            for start in range(0, len(ids), MOST_IDS):
                payload = _payload(ids[start : start + MOST_IDS])
                self._db.later(_NOTIFY, payload=payload)

    def publish(self, session: Session) -> None:
        """Called after the commit of that transaction."""
        if not session.in_nested_transaction():
            self._unsent |= session.info.pop("woken")
            self._publishing.ask()

    def _publish(self) -> None:
        unsent, self._unsent = self._unsent, set()
        if unsent and self._channel:
            self._channel.publish(_payload(unsent))

    # Receiving.

    def described(self) -> str:
        """How workers are woken, for people. Raises `sqlalchemy.exc.DBAPIError`."""
        if self._channel:
            return "Redis wakes the workers"
        if self._db.engine.dialect.name == "sqlite":
            return "each worker looks twice a second"
        with self._db.engine.connect() as connection:
            if sessions.session_of(connection.connection).pooled:
                return "each worker looks twice a second; with REDIS_URL they are woken"
        return "PostgreSQL wakes the workers"

    def start(self) -> None:
        """Start listening, with the first stream of this process. Not in tests."""
        with self._starting:
            if not self._started and not self._app.testing:
                self._started = True
                threading.Thread(target=self._run, name="live", daemon=True).start()

    def _run(self) -> None:
        with self._app.app_context():
            while True:
                try:
                    self._listen()
                except Exception as error:
                    log.warning("live events are late, cannot listen: %s", error)
                time.sleep(PAUSE)

    def _listen(self) -> None:
        """Wake the named users' streams until the connection is lost."""
        if self._channel:
            self._listen_to(self._channel)
        elif self._db.engine.dialect.name == "postgresql":
            self._listen_to_postgresql()
        else:
            self._poll()

    def _poll(self) -> None:
        while True:
            time.sleep(POLL)
            self._wake(None)

    def _listen_to_postgresql(self) -> None:
        pooled = self._db.engine.raw_connection()
        behind_pooler = sessions.session_of(pooled).pooled
        connection: Any = pooled.dbapi_connection
        if behind_pooler:
            pooled.close()
            self._poll()
        pooled.detach()  # it takes no place in the pool, and nobody else uses it
        try:
            _execute(connection, f"LISTEN {CHANNEL}")
            self._wake(None)  # what came while nobody listened
            poll = select.poll()
            poll.register(connection.fileno(), select.POLLIN)
            while True:
                if not poll.poll(PROBE * 1000):
                    _execute(connection, "SELECT 1")
                connection.poll()
                self._wake_all(notify.payload for notify in connection.notifies)
                connection.notifies.clear()
        finally:
            connection.close()

    def _listen_to(self, channel: "RedisChannel") -> None:
        for payload in channel.listen():
            if payload:
                self._wake_all([payload])
            else:
                self._wake(None)

    def _wake_all(self, payloads: Iterable[str]) -> None:
        ids = {int(id_) for payload in payloads for id_ in payload.split(",") if id_.isdecimal()}
        if ids:
            self._wake(ids)


def _payload(user_ids: Iterable[int]) -> str:
    return ",".join(map(str, user_ids))


def _execute(connection: psycopg2.extensions.connection, sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
