"""The statements that read events: which ones a user sees, and the columns of each answer."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from halolight.core.db.aggregates import JsonRows, JsonValues
from halolight.core.db.base import UTCDateTime
from halolight.core.db.listing import Listing, contains
from halolight.core.db.resource import CALLER, Resource
from halolight.core.i18n import _
from halolight.extensions import db
from halolight.modules.teams.models import Team, teams_of
from halolight.modules.users.models import User

from .models import LONGEST, TASK, Event, EventAttendee, EventReminder, EventTeam

_ATTENDED = sa.select(EventAttendee.event_id).where(EventAttendee.user_id == CALLER)
_OF_TEAMS = sa.select(EventTeam.event_id).where(EventTeam.team_id.in_(teams_of(CALLER)))
EVENTS = Resource(
    *(db, Event, _("Event"), _("events")),
    permission="calendar",
    owner=Event.owner_id,
    shared=_ATTENDED.union(_OF_TEAMS),
)

ATTENDEES = (
    sa.select(JsonRows(id=User.id, name=User.name, avatar=User.avatar, status=EventAttendee.status))
    .join_from(EventAttendee, User, User.id == EventAttendee.user_id)
    .where(EventAttendee.event_id == Event.id)
    .correlate(Event)
    .scalar_subquery()
)
TEAMS = (
    sa.select(JsonRows(id=Team.id, name=Team.name))
    .join_from(EventTeam, Team, Team.id == EventTeam.team_id)
    .where(EventTeam.event_id == Event.id)
    .correlate(Event)
    .scalar_subquery()
)
REMINDERS = (
    sa.select(JsonValues(EventReminder.minutes))
    .where(EventReminder.event_id == Event.id)
    .correlate(Event)
    .scalar_subquery()
)


class _Midnight(sa.types.TypeDecorator[dt.date]):
    """A moment that is read as its date."""

    impl = UTCDateTime
    cache_ok = True

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> dt.date | None:
        return None if value is None else value.date()


def _date_of(column: Any) -> sa.ColumnElement[dt.date]:
    """The date of an all-day event, which is stored as its midnight UTC; null of a timed event."""
    return sa.type_coerce(sa.case((Event.all_day, column)), _Midnight)


EVENT = sa.select(
    Event.id,
    Event.title,
    Event.description,
    Event.type,
    Event.start.label("start"),
    Event.end.label("end"),
    Event.all_day,
    _date_of(Event.start).label("start_date"),
    _date_of(Event.end).label("end_date"),
    Event.location,
    Event.color,
    Event.status,
    Event.owner_id,
    User.name.label("owner_name"),
    User.avatar.label("owner_avatar"),
    ATTENDEES.label("attendees"),
    TEAMS.label("teams"),
    REMINDERS.label("reminders"),
    Event.created_at,
    Event.updated_at,
).outerjoin(User, User.id == Event.owner_id)

VERSIONED_EVENT = EVENT.add_columns(Event.version)


def _moment(name: str) -> sa.BindParameter[dt.datetime]:
    return sa.bindparam(name, type_=Event.start.type)


# What is under way at some time of the range, which its end is no part of. An event without length
# is a moment in it. An all-day event is compared by its dates with those of the range.
_RANGE = {
    "start": sa.or_(Event.all_day, Event.end > _moment("start"), Event.start == _moment("start")),
    "first": sa.or_(~Event.all_day, Event.end >= _moment("first")),
    "end": sa.or_(Event.all_day, Event.start < _moment("end")),
    "last": sa.or_(~Event.all_day, Event.start <= _moment("last")),
    # Follows from "end" and "last", and bounds what is read of the index.
    "latest": Event.start <= _moment("latest"),
}

EVENT_LISTING = Listing(
    db,
    Event,
    EVENT,
    {
        **_RANGE,
        # Follows from "start" and "first" in the same way, for users who see everything.
        "earliest": Event.start >= _moment("earliest"),
        "type": Event.type == sa.bindparam("type"),
        "status": Event.status == sa.bindparam("status"),
        "search": contains("search", Event.title, Event.description, Event.location),
    },
)

_FEW = sa.bindparam("limit", type_=sa.Integer)

# Those still to do first.
MY_TASKS = (
    EVENT.where(EVENTS.seen, Event.type == TASK)
    .order_by(sa.case((Event.status == "done", 1), else_=0), Event.start, Event.id)
    .limit(_FEW)
)
MINE_BETWEEN = (
    EVENT.where(EVENTS.seen, *_RANGE.values())
    .order_by(Event.all_day.desc(), Event.start, Event.id)
    .limit(_FEW)
)


def bounded(query: Mapping[str, Any], *, reads_all: bool = False) -> dict[str, Any]:
    """The query, with the earliest and the latest start that an event of its range can have.

    The earliest only for users who see everything: for a set of ids, PostgreSQL would read
    everybody's events of that year instead.
    """
    bounds = {}
    if "end" in query:
        bounds["latest"] = max(query["end"], query["last"])
    if "start" in query and reads_all:
        bounds["earliest"] = min(query["start"], query["first"]) - LONGEST
    return {**query, **bounds}
