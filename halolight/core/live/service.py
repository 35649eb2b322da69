"""The open streams of one application in one process, and the task that serves them."""

import logging
import time
from collections.abc import Iterable
from secrets import randbelow
from typing import Any

import sqlalchemy as sa
from flask import Flask

from halolight.core.access import CurrentUser
from halolight.core.background.task import BackgroundTask
from halolight.core.db.base import Database

from .hub import Hub
from .journal import Journal
from .kinds import Kinds
from .streams import Stream, event_id, number_of, retry
from .waking import Waker

log = logging.getLogger(__name__)

LOOK = 2.0  # seconds between two checks of all streams: until an ended session is noticed
GATHER = 0.01  # seconds during which simultaneous wake-ups are collected

# Seconds after which a client has to reconnect, which spreads streams over all workers.
LIFETIME, LIFETIME_SPREAD = 3_000, 600


class LiveService:
    def __init__(self, app: Flask, db: Database, journal: Journal, kinds: Kinds) -> None:
        self._journal = journal
        self.hub = Hub(journal, kinds)
        self.waker = Waker(app, db, self.wake)
        self.lifetime: float | None = None  # seconds, instead of `LIFETIME`
        self._next_look = 0.0
        self.task = BackgroundTask(app, self._look, delay=GATHER, interval=LOOK, at_stop=False)

    def wake(self, user_ids: Iterable[int] | None) -> None:
        """Serve these users soon, or all."""
        if self.hub.wake(user_ids):
            self.task.ask()

    def open(self, user: CurrentUser, last_event_id: str, client: Any) -> Stream:
        """A stream for a user who has received all events up to that id. By default, it begins now.

        `client` is its socket, if the server has one. Raises as `Hub.open`.
        """
        last = self._journal.begin(user.id)
        after = number_of(last_event_id, user.id) if last_event_id else last
        stream = Stream(
            user_id=user.id,
            session_id=user.session_id,
            permissions=user.permissions,
            after=last + 1 if after is None else after,  # of the future: it starts anew
            client=client,
            lifetime=self._lifetime(),
        )
        position = b"" if last_event_id else f"id: {event_id(user.id, last)}\n".encode()
        stream.send(position + retry())
        self.hub.open(stream)
        self.waker.start()
        self.wake([user.id])
        return stream

    def _lifetime(self) -> float:
        if self.lifetime is not None:
            return self.lifetime
        return float(LIFETIME + randbelow(LIFETIME_SPREAD))

    def _look(self) -> None:
        now = time.monotonic()
        if at_all := now >= self._next_look:
            self._next_look = now + LOOK
        try:
            self.hub.look(at_all=at_all)
        except (sa.exc.DBAPIError, sa.exc.TimeoutError) as error:
            log.warning("live events are late, the database is away: %s", error)
