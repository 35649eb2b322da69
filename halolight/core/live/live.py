"""How services send live events to users.

    live.tell(user_ids, "notification", id=5)

A module's `live.py` declares its kinds of events: the permission that a user needs for them, and
how their data is read when they are sent.
"""

from collections.abc import Collection, Iterable

import sqlalchemy as sa
from flask import Flask, current_app
from sqlalchemy.orm import Session

from halolight.core.db.base import Database

from .journal import Journal
from .kinds import Kinds
from .service import LiveService


class Live(Kinds):
    """Made once; `init_app` binds it to an application."""

    def __init__(self, db: Database) -> None:
        super().__init__()
        self._db = db
        self.journal = Journal(db, _notify)
        sa.event.listen(db.session, "after_commit", _after_commit)

    def init_app(self, app: Flask) -> None:
        app.extensions["live"] = LiveService(app, self._db, self.journal, self)

    def tell(self, user_ids: Iterable[int], kind: str, **facts: int | str) -> None:
        """Send an event to users when the current transaction commits.

        The facts are ids and single words. Users who have not opened a stream recently get nothing.
        """
        self.journal.tell(user_ids, kind, facts)


def service() -> LiveService:
    """The service of the application's streams in this process."""
    found: LiveService = current_app.extensions["live"]
    return found


def _notify(session: Session, user_ids: Collection[int]) -> None:
    service().waker.notify(session, user_ids)


def _after_commit(session: Session) -> None:
    if "woken" in session.info:
        service().waker.publish(session)
