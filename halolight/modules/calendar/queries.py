"""The statements that read events: which ones a user sees, and the columns of each answer.

Those that read occurrences, too, are in `occurring`.
"""

import datetime as dt
from typing import Any

import sqlalchemy as sa

from halolight.core.db.aggregates import JsonRows, JsonValues
from halolight.core.db.base import UTCDateTime
from halolight.core.db.listing import Listing
from halolight.core.db.resource import CALLER, Resource
from halolight.core.i18n import _
from halolight.core.search.listing import indexed_search
from halolight.extensions import db
from halolight.modules.teams.models import Team, teams_of
from halolight.modules.users.models import User

from .models import Event, EventAttendee, EventReminder, EventTeam

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


def event_columns(
    start: Any = Event.start,
    end: Any = Event.end,
    series_id: Any = Event.series_id,
    recurrence_id: Any = Event.recurrence_id,
) -> sa.Select[*tuple[Any, ...]]:
    """The columns that answers show; `keys.shown` makes the id of an occurrence of them."""
    return sa.select(
        Event.id,
        Event.title,
        Event.description,
        Event.type,
        start.label("start"),
        end.label("end"),
        Event.all_day,
        _date_of(start).label("start_date"),
        _date_of(end).label("end_date"),
        Event.location,
        Event.color,
        Event.status,
        Event.owner_id,
        User.name.label("owner_name"),
        User.avatar.label("owner_avatar"),
        ATTENDEES.label("attendees"),
        TEAMS.label("teams"),
        REMINDERS.label("reminders"),
        Event.time_zone,
        Event.recurrence,
        Event.rule,
        series_id.label("series_id"),
        recurrence_id.label("recurrence_id"),
        Event.created_at,
        Event.updated_at,
    ).outerjoin(User, User.id == Event.owner_id)


EVENT = event_columns()
VERSIONED_EVENT = EVENT.add_columns(Event.version)

SEARCH = indexed_search(Event, Event.title, Event.description, Event.location)
FILTERS = {
    "type": Event.type == sa.bindparam("type"),
    "status": Event.status == sa.bindparam("status"),
}
# Without a range: each series once, and the occurrences that were changed.
EVENT_LISTING = Listing(db, Event, EVENT, {**FILTERS, "search": SEARCH})
