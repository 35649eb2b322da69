"""A calendar, or one event of it, for other calendars."""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from halolight.core.access import CurrentUser
from halolight.core.clock import utcnow
from halolight.core.db.listing import EVERYTHING
from halolight.core.db.reads import Row
from halolight.core.errors import NotFound
from halolight.extensions import db

from ..keys import EventKey
from ..models import EARLIEST, LONGEST, Event
from ..queries import EVENTS, REMINDERS
from . import writing

MAX_EVENTS = 10_000

_Series = aliased(Event)
# A changed occurrence has the UID of its series.
EXPORT = sa.select(
    Event.id,
    Event.title,
    Event.description,
    Event.type,
    Event.start.label("start"),
    Event.end.label("end"),
    Event.all_day,
    Event.location,
    Event.color,
    Event.status,
    Event.time_zone,
    Event.recurrence,
    Event.recurrence_id,
    REMINDERS.label("reminders"),
    sa.func.coalesce(_Series.id, Event.id).label("uid_id"),
    sa.func.coalesce(_Series.created_at, Event.created_at, type_=Event.created_at.type).label(
        "uid_created_at"
    ),
    sa.func.coalesce(_Series.uid, Event.uid).label("uid"),
    Event.version,
    Event.created_at,
    Event.updated_at,
).outerjoin(_Series, _Series.id == Event.series_id)

_FIRST_SERIES = (Event.recurrence_id.is_not(None), Event.id)
_SINCE = sa.bindparam("since", type_=Event.end.type)
_MINE = EXPORT.where(
    EVENTS.seen, sa.or_(Event.end >= _SINCE, Event.repeats, Event.series_id.is_not(None))
)
MINE = _MINE.order_by(*_FIRST_SERIES).limit(MAX_EVENTS)

_NAMED = sa.bindparam("id", type_=sa.Integer)
_ONE = EXPORT.where(sa.or_(Event.id == _NAMED, Event.series_id == _NAMED)).order_by(*_FIRST_SERIES)
ONE = {scope: _ONE.where(scope) for scope in (EVERYTHING, EVENTS.seen)}


def my_events(user: CurrentUser, since: dt.datetime | None = None) -> Sequence[Row]:
    """The user's own events, those they attend and those of their teams, that end after a time."""
    params = EVENTS.params(user) | {"since": since or EARLIEST}
    return db.rows(MINE, **params)


def export_calendar(user: CurrentUser) -> bytes:
    return b"".join(writing.calendar(my_events(user), name=user.name))


def export_event(user: CurrentUser, key: EventKey) -> bytes:
    """An event, or the whole series of an occurrence, with what was changed in it."""
    rows = db.rows(ONE[EVENTS.seen_by(user)], id=key.id, **EVENTS.params(user))
    if not rows or (key.at and rows[0].recurrence is None and rows[0].recurrence_id is None):
        raise NotFound(EVENTS.not_found)
    return b"".join(writing.calendar(rows))


def recently() -> dt.datetime:
    """The time from which on a feed contains events."""
    return utcnow() - LONGEST
