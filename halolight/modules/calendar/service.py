"""What can be done with events, and by whom. Each change is one transaction."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from halolight.core.access import CurrentUser
from halolight.core.clock import utcnow
from halolight.core.db.listing import Page
from halolight.core.db.reads import Row
from halolight.core.errors import Invalid
from halolight.core.http.etags import IfMatch
from halolight.core.i18n import _
from halolight.extensions import db
from halolight.modules.audit import trail

from . import event_notifications, queries, relations, times
from .models import DAY, LONGEST, TASK, Event
from .queries import EVENTS
from .schemas import ENDS_TOO_EARLY

MOST = 100  # events that an overview shows
NO_TIME = dt.timedelta(0)


def list_events(user: CurrentUser, query: Mapping[str, Any]) -> Page:
    query = queries.bounded(query, reads_all=EVENTS.manages(user))
    return EVENTS.page(user, queries.EVENT_LISTING, query)


def list_my_tasks(user: CurrentUser, limit: int) -> Sequence[Row]:
    """The tasks among the user's own events, those they attend and those of their teams."""
    return db.rows(queries.MY_TASKS, limit=min(limit, MOST), **EVENTS.params(user))


def list_events_between(
    user: CurrentUser, start: dt.datetime, end: dt.datetime, limit: int
) -> Sequence[Row]:
    """The user's own events of a range, those they attend and those of their teams.

    All-day events by the dates that `start` and `end` have in their own zone.
    """
    params = EVENTS.params(user) | queries.bounded(times.range_params(start, end))
    return db.rows(queries.MINE_BETWEEN, **params, limit=min(limit, MOST))


def get_event(user: CurrentUser, event_id: int) -> Row:
    return EVENTS.get(user, queries.VERSIONED_EVENT, event_id)


def create_event(user: CurrentUser, data: dict[str, Any]) -> Row:
    """Make an event. The signed-in user becomes its owner."""
    relations = _take_relations(data)
    EVENTS.check_room(user.id)
    event = Event(owner_id=user.id)
    _set_columns(event, data | times.of_new_event(data))
    trail.record(user, "calendar.create", event, **dict(_set_relations(user, event, relations)))
    db.session.commit()
    return get_event(user, event.id)


def update_event(
    user: CurrentUser, event_id: int, changes: dict[str, Any], if_match: IfMatch
) -> Row:
    """Change an event, unless it has changed since the client read it (412)."""
    [event] = EVENTS.lock(user, [event_id], to="edit")
    if_match.check(event.version)
    relations = _take_relations(changes)
    _change_columns(user, event, changes | times.of_changed_event(event, changes))
    changed: dict[str, trail.Values] = {}
    for name, values in _set_relations(user, event, relations):
        changed[name] = values
        event.updated_at = utcnow()
    trail.record(user, "calendar.update", event, **changed)
    db.session.commit()
    return get_event(user, event_id)


def reschedule_event(
    user: CurrentUser,
    event_id: int,
    *,
    start: dt.datetime,
    end: dt.datetime | None = None,
    if_match: IfMatch,
) -> Row:
    """Move an event. Without an end it stays as long as it is, an all-day event in days."""
    [event] = EVENTS.lock(user, [event_id], to="edit")
    if_match.check(event.version)
    moved = times.of_moved_event(event, start, end)
    if moved != {"start": event.start, "end": event.end}:
        _change_columns(user, event, moved)
        trail.record(user, "calendar.reschedule", event)
    db.session.commit()
    return get_event(user, event_id)


def delete_events(
    user: CurrentUser, event_ids: Sequence[int], if_match: IfMatch | None = None
) -> int:
    """Delete all of these events or none; return their number."""
    for event in EVENTS.lock(user, event_ids, to="delete"):
        if if_match:
            if_match.check(event.version)
        if event.over_at > utcnow():
            event_notifications.cancelled(user, event)
        trail.record(user, "calendar.delete", event)
        db.session.delete(event)
    db.session.commit()
    return len(event_ids)


def _change_columns(user: CurrentUser, event: Event, changes: Mapping[str, Any]) -> None:
    """Set columns of an event that exists; notify its people and rearm its reminders if it moves.

    Called before the attendees are set, because new ones are invited to the new time.
    """
    before = (event.start, event.end, event.all_day)
    _set_columns(event, changes)
    if (event.start, event.end, event.all_day) != before:
        event_notifications.moved(user, event)
    if event.start != before[0]:
        relations.rearm_reminders(event)


def _set_columns(event: Event, values: Mapping[str, Any]) -> None:
    event.assign(values)
    _check(event)
    db.session.add(event)
    db.session.flush()


def _take_relations(data: dict[str, Any]) -> dict[str, Any]:
    """Remove from `data` what is stored in tables of its own, and return it."""
    return {name: data.pop(name) for name in RELATIONS if name in data}


def _set_relations(
    user: CurrentUser, event: Event, relations: Mapping[str, Any]
) -> Iterator[tuple[str, trail.Values]]:
    """Set attendees, teams and reminders; yield the name of each that changed, and its values."""
    for name, value in relations.items():
        before, after = RELATIONS[name](user, event, value)
        if before != after:
            yield name, (before, after)


def _check(event: Event) -> None:
    """The rules that concern several columns."""
    if event.end < event.start:
        raise Invalid(ENDS_TOO_EARLY, field="end")
    if event.end - event.start > LONGEST - (DAY if event.all_day else NO_TIME):
        raise Invalid(
            _("An event can last at most {days} days.", code="invalid_time", days=LONGEST.days),
            field="end",
        )
    event.status = (event.status or "pending") if event.type == TASK else None


RELATIONS = {
    "attendee_ids": relations.set_attendees,
    "team_ids": relations.set_teams,
    "reminders": relations.set_reminders,
}
