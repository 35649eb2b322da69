"""What is read of events: who sees which, and the columns each answer shows."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from halolight.core.access import CurrentUser
from halolight.core.db.aggregates import JsonRows, JsonValues
from halolight.core.db.listing import Listing, contains
from halolight.core.db.resource import CALLER, Resource
from halolight.extensions import db
from halolight.modules.teams.models import Team, teams_of
from halolight.modules.users.models import User

from .models import EARLIEST, LONGEST, TASK, Event, EventAttendee, EventReminder, EventTeam

# A set of ids and not an OR: so the work grows with what the caller has, not with the table.
_VISIBLE_IDS = (
    sa.select(Event.id)
    .where(Event.owner_id == CALLER)
    .union(
        sa.select(EventAttendee.event_id).where(EventAttendee.user_id == CALLER),
        sa.select(EventTeam.event_id).where(EventTeam.team_id.in_(teams_of(CALLER))),
    )
)
_VISIBLE = Event.id.in_(_VISIBLE_IDS)
EVENTS = Resource(db, Event, "Event", permission="calendar", visible=_VISIBLE, owner=Event.owner_id)

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

EVENT = sa.select(
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
# is a moment in it.
_AFTER_START = sa.or_(Event.end > _moment("start"), Event.start == _moment("start"))
_BEFORE_END = Event.start < _moment("end")

EVENT_LISTING = Listing(
    db,
    Event,
    EVENT,
    {
        "start": _AFTER_START,
        "end": _BEFORE_END,
        # Follows from "start". For users who see everything it bounds what is read of the index.
        "earliest": Event.start >= _moment("earliest"),
        "type": Event.type == sa.bindparam("type"),
        "status": Event.status == sa.bindparam("status"),
        "search": contains("search", Event.title, Event.description, Event.location),
    },
)

_FEW = sa.bindparam("limit", type_=sa.Integer)

# Those still to do first.
MY_TASKS = (
    EVENT.where(_VISIBLE, Event.type == TASK)
    .order_by(sa.case((Event.status == "done", 1), else_=0), Event.start, Event.id)
    .limit(_FEW)
)
MINE_BETWEEN = (
    EVENT.where(_VISIBLE, _AFTER_START, _BEFORE_END).order_by(Event.start, Event.id).limit(_FEW)
)


def bounded(user: CurrentUser, query: Mapping[str, Any]) -> Mapping[str, Any]:
    """The query, with the earliest start that an event of its range can have.

    Not for who sees a set of ids: PostgreSQL would read everybody's events of that year instead.
    """
    if "start" not in query or not EVENTS.manages(user):
        return query
    return {**query, "earliest": max(query["start"], EARLIEST + LONGEST) - LONGEST}
