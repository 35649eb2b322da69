"""Reminders that are due become notifications, each exactly once, on any number of machines."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from halolight.core.clock import utcnow
from halolight.extensions import db

from . import event_notifications, relations
from .keys import EventKey
from .models import Event, EventAttendee, EventReminder

BATCH = 100  # reminders in one transaction
TOO_LATE = dt.timedelta(days=1)  # after which a reminder is not sent any more


def send_due_reminders() -> int:
    """Send all reminders that are due. Returns how many."""
    sent = 0
    while batch := _claim():
        sent += _send(batch)
        db.session.commit()
    return sent


def _claim() -> Sequence[EventReminder]:
    """The next reminders, marked as sent in this transaction. Those of another one are left out:
    PostgreSQL skips their locks, and on SQLite there is one transaction at a time."""
    now = utcnow()
    batch = db.session.scalars(
        sa.select(EventReminder)
        .where(EventReminder.sent_at.is_(None), EventReminder.due_at <= now)
        .order_by(EventReminder.due_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    for reminder in batch:
        reminder.sent_at = now
    return batch


def _send(batch: Sequence[EventReminder]) -> int:
    """Notify the owner of each event and the attendees who have not declined."""
    since = utcnow() - TOO_LATE
    ids = {reminder.event_id for reminder in batch}
    events = {row.id: row for row in db.session.execute(_TOLD.where(Event.id.in_(ids)))}
    attending = defaultdict(set)
    for event_id, user_id in db.session.execute(_ATTENDING.where(EventAttendee.event_id.in_(ids))):
        attending[event_id].add(user_id)
    in_time = [reminder for reminder in batch if reminder.due_at >= since]
    for reminder in in_time:
        event = events[reminder.event_id]
        owner = {event.owner_id} if event.owner_id else set()
        event_notifications.reminded(_told(event, reminder), attending[event.id] | owner)
    for reminder in batch:
        if events[reminder.event_id].repeats:
            _arm_again(reminder)
    return len(in_time)


def _told(event: Any, reminder: EventReminder) -> Any:
    """What a reminder comes before: the event, or an occurrence of the series."""
    values = event._asdict()
    if event.repeats:
        start = reminder.due_at + dt.timedelta(minutes=reminder.minutes)
        values |= {"start": start, "end": start + (event.end - event.start)}
        values["key"] = EventKey(event.id, start)
    elif event.series_id is not None:
        values["key"] = EventKey(event.series_id, event.recurrence_id)
    else:
        values["key"] = EventKey(event.id)
    return SimpleNamespace(**values)


def _arm_again(reminder: EventReminder) -> None:
    """Have the reminder of a series come again before its next occurrence, if there is one.

    What nobody wants to know any more is passed over.
    """
    before = dt.timedelta(minutes=reminder.minutes)
    after = max(reminder.due_at, utcnow() - TOO_LATE) + before
    if start := relations.next_start(reminder.event_id, after):
        reminder.due_at, reminder.sent_at = start - before, None


_TOLD = sa.select(
    Event.id,
    Event.title,
    Event.start.label("start"),
    Event.end.label("end"),
    Event.all_day,
    Event.location,
    Event.owner_id,
    Event.repeats,
    Event.series_id,
    Event.recurrence_id,
)
_ATTENDING = sa.select(EventAttendee.event_id, EventAttendee.user_id).where(
    EventAttendee.status != "declined"
)
