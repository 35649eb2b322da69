"""Opening streams: with a token, or with a ticket for browsers' `EventSource`."""

import datetime as dt
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from halolight.core.access import CurrentUser
from halolight.core.clock import utcnow
from halolight.core.db.reads import Row
from halolight.core.errors import Unauthorized
from halolight.core.live.journal import StreamPosition
from halolight.core.live.kinds import SessionState
from halolight.core.live.live import service as live_service
from halolight.core.live.streams import Stream
from halolight.core.tokens import new_token, token_hash
from halolight.extensions import db, live
from halolight.modules.sessions.service import owner_of
from halolight.modules.users.models import User

from . import queries
from .models import StreamTicket

TICKET_LIFE = dt.timedelta(seconds=30)


def create_ticket(user: CurrentUser) -> dict[str, Any]:
    """Create a ticket for the session of the user. Older unused ones are deleted."""
    now, ticket = utcnow(), new_token()
    unused = sa.delete(StreamTicket).where(
        StreamTicket.session_id == user.session_id, StreamTicket.expires_at <= now
    )
    db.session.execute(unused)
    db.session.add(
        StreamTicket(
            token_hash=token_hash(ticket),
            session_id=user.session_id,
            expires_at=now + TICKET_LIFE,
        )
    )
    db.session.commit()
    return {"ticket": ticket, "expires_in": int(TICKET_LIFE.total_seconds())}


def use_ticket(ticket: str) -> CurrentUser:
    """Use up the ticket; return its user. Raises `Unauthorized`."""
    hashed = token_hash(ticket)
    if db.value(queries.TICKET, token_hash=hashed, now=utcnow()) is None:
        raise Unauthorized  # nobody makes the database write by guessing
    using = sa.delete(StreamTicket).where(StreamTicket.token_hash == hashed)
    session_id = db.session.scalar(using.returning(StreamTicket.session_id))
    db.session.commit()
    if session_id is None:
        raise Unauthorized
    return owner_of(session_id)


def open_stream(user: CurrentUser, last_event_id: str, client: Any) -> Stream:
    return live_service().open(user, last_event_id, client)


@live.checks_sessions
def check_sessions(session_ids: Collection[int]) -> dict[int, SessionState]:
    """The states of these sessions, in one statement. Deleted sessions are missing."""
    rows = db.rows(queries.SESSIONS, ids=session_ids)
    return {
        row.id: SessionState(frozenset(row.permissions), row.last, _reason(row)) for row in rows
    }


def _reason(session: Row) -> str | None:
    """Why a session has ended, if it has."""
    if session.revoked_at:
        return session.revoked_reason or "ended"
    if session.expires_at <= utcnow():
        return "expired"
    return None if session.status == "ACTIVE" else "account disabled"


def prune_streams() -> int:
    """Delete expired entries and tickets; return the number of entries."""
    db.session.execute(sa.delete(StreamTicket).where(StreamTicket.expires_at <= utcnow()))
    known = sa.exists().where(User.id == StreamPosition.user_id)
    db.session.execute(sa.delete(StreamPosition).where(~known))
    return live.journal.prune()
