"""What can be done with events, and by whom. Each change is one transaction."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from halolight.core.access import CurrentUser
from halolight.core.clock import utcnow
from halolight.core.errors import Invalid
from halolight.core.listing import Page
from halolight.core.preconditions import IfMatch
from halolight.core.reads import Row
from halolight.extensions import db
from halolight.modules.audit import trail

from . import parts, queries, telling
from .models import LONGEST, TASK, Event
from .queries import EVENTS

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
MOST = 100  # events that an overview shows


def list_events(user: CurrentUser, query: Mapping[str, Any]) -> Page:
    return EVENTS.page(user, queries.EVENT_LISTING, queries.bounded(user, query))


def list_my_tasks(user: CurrentUser, limit: int) -> Sequence[Row]:
    """The tasks among the user's own events, those they attend and those of their teams."""
    return db.rows(queries.MY_TASKS, limit=min(limit, MOST), **EVENTS.params(user))


def list_events_between(
    user: CurrentUser, start: dt.datetime, end: dt.datetime, limit: int
) -> Sequence[Row]:
    """The user's own events of a range, those they attend and those of their teams."""
    params = EVENTS.params(user) | {"start": start, "end": end, "limit": min(limit, MOST)}
    return db.rows(queries.MINE_BETWEEN, **params)


def get_event(user: CurrentUser, event_id: int) -> Row:
    return EVENTS.get(user, queries.VERSIONED_EVENT, event_id)


def create_event(user: CurrentUser, data: dict[str, Any]) -> Row:
    """Make an event. The signed-in user becomes its owner."""
    data.setdefault("end", data["start"] + (DAY if data.get("all_day") else HOUR))
    return _write(user, Event(owner_id=user.id), data, "calendar.create")


def update_event(
    user: CurrentUser, event_id: int, changes: dict[str, Any], if_match: IfMatch
) -> Row:
    """Change what is sent, unless somebody else has changed the event in between (412)."""
    [event] = EVENTS.lock(user, [event_id], to="edit")
    if_match.check(event.version)
    return _write(user, event, changes, "calendar.update")


def reschedule_event(
    user: CurrentUser,
    event_id: int,
    *,
    start: dt.datetime,
    end: dt.datetime | None = None,
    if_match: IfMatch,
) -> Row:
    """Move an event. Without an end it stays as long as it is."""
    [event] = EVENTS.lock(user, [event_id], to="edit")
    if_match.check(event.version)
    times = {"start": start, "end": end or start + (event.end - event.start)}
    return _write(user, event, times, "calendar.reschedule")


def delete_events(
    user: CurrentUser, event_ids: Sequence[int], if_match: IfMatch | None = None
) -> int:
    """Delete all of these events or none; answers how many."""
    for event in EVENTS.lock(user, event_ids, to="delete"):
        if if_match:
            if_match.check(event.version)
        if event.end > utcnow():
            telling.cancelled(user, event)
        trail.record(user, "calendar.delete", event)
        db.session.delete(event)
    db.session.commit()
    return len(event_ids)


def _write(user: CurrentUser, event: Event, changes: dict[str, Any], action: str) -> Row:
    """Set what is sent, tell whom it concerns, and record it."""
    belonging = {name: changes.pop(name) for name in PARTS if name in changes}
    is_new = event.id is None
    start, end = event.start, event.end
    event.update(changes)
    _check(event)
    db.session.add(event)
    db.session.flush()
    if not is_new and (event.start, event.end) != (start, end):
        telling.moved(user, event)  # before there are new attendees, who are invited instead
    if not is_new and event.start != start:
        parts.rearm_reminders(event)
    unseen: dict[str, trail.Values] = {}
    for name, value in belonging.items():
        before, after = PARTS[name](user, event, value)
        if before != after:
            unseen[name] = (before, after)
            if not is_new:
                event.updated_at = utcnow()
    trail.record(user, action, event, **unseen)
    db.session.commit()
    return get_event(user, event.id)


def _check(event: Event) -> None:
    """The rules that concern several columns."""
    if event.end < event.start:
        raise Invalid("The end must not be before the start", field="end")
    if event.end - event.start > LONGEST:
        raise Invalid(f"An event takes at most {LONGEST.days} days", field="end")
    event.status = (event.status or "pending") if event.type == TASK else None


PARTS = {
    "attendee_ids": parts.set_attendees,
    "team_ids": parts.set_teams,
    "reminders": parts.set_reminders,
}
