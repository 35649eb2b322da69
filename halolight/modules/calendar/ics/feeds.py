"""The feed: a secret URL at which other calendars read the calendar of a user.

The address contains a random token, of which the database has only a hash.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from halolight.core.access import CurrentUser
from halolight.core.clock import utcnow
from halolight.core.db.reads import Row
from halolight.core.errors import NotFound
from halolight.core.i18n import _
from halolight.core.tokens import new_token, token_hash
from halolight.extensions import db
from halolight.modules.audit import trail
from halolight.modules.roles.models import Role
from halolight.modules.users.models import User
from halolight.modules.users.queries import ACTIVE

from ..models import CalendarFeed
from . import exporting, writing

FEED = sa.select(CalendarFeed.created_at).where(
    CalendarFeed.user_id == sa.bindparam("user_id", type_=sa.Integer)
)
# Whose feed an address shows, as they are now.
HOLDER = (
    sa.select(User.id, User.name, User.role, Role.permissions)
    .join(CalendarFeed, CalendarFeed.user_id == User.id)
    .join(Role, Role.name == User.role)
    .where(CalendarFeed.token_hash == sa.bindparam("token_hash", type_=sa.String), ACTIVE)
)
NO_FEED = _("This feed does not exist or was deleted.")


def get_feed(user: CurrentUser) -> dict[str, Any]:
    """Whether there is a feed. Its URL is returned only when it is created."""
    row = db.row(FEED, user_id=user.id)
    return {"exists": row is not None, "created_at": row and row.created_at, "url": None}


def make_feed(user: CurrentUser) -> dict[str, Any]:
    """Create a feed, which replaces an earlier one."""
    token, now = new_token(), utcnow()
    values = {"token_hash": token_hash(token), "created_at": now}
    made = db.insert(CalendarFeed).values(user_id=user.id, **values)
    db.session.execute(made.on_conflict_do_update(index_elements=["user_id"], set_=values))
    trail.record(user, "calendar.create-feed", user.id, feed=trail.UNNAMED)
    db.session.commit()
    return {"exists": True, "created_at": now, "url": f"/api/calendar/feed/{token}.ics"}


def end_feed(user: CurrentUser) -> None:
    ended = sa.delete(CalendarFeed).filter_by(user_id=user.id).returning(CalendarFeed.user_id)
    if db.session.scalar(ended) is None:
        raise NotFound(NO_FEED)
    trail.record(user, "calendar.delete-feed", user.id, feed=trail.UNNAMED)
    db.session.commit()


def open_feed(token: str) -> tuple[CurrentUser, Sequence[Row]]:
    """The owner of the feed, with their current permissions, and its events."""
    row = db.row(HOLDER, token_hash=token_hash(token))
    if row is None:
        raise NotFound(NO_FEED)
    holder = CurrentUser(row.id, row.name, row.role, frozenset(row.permissions), session_id=0)
    if not holder.can("calendar:view"):
        raise NotFound(NO_FEED)
    return holder, list(exporting.my_events(holder, exporting.recently()))


def etag_of(rows: Sequence[Row]) -> str:
    """Of what a feed shows; it can be compared before anything is written."""
    seen = repr([(row.id, row.version, row.updated_at) for row in rows])
    return hashlib.sha256(seen.encode()).hexdigest()[:32]


def written(holder: CurrentUser, rows: Sequence[Row]) -> bytes:
    return b"".join(writing.calendar(rows, name=holder.name))
