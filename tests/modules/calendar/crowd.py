"""Thousands of events, and how their list is read."""

import datetime as dt
from typing import Any

from halolight.core.clock import utcnow
from halolight.modules.calendar.models import Event

MODEL = Event
PATH = "/api/calendar/events"
INDEX = "ix_events_start_at_id_end_at_all_day_repeats"
QUERIES = (
    "sortBy=createdAt",
    "sortBy=title",
    "type=task",
    "status=pending",
)


def row(number: int, reader_id: int, other_id: int) -> dict[str, Any]:
    """One a day, so that few of them lie within a year."""
    kind = ("meeting", "task", "reminder", "holiday")[number % 4]
    start = utcnow() - dt.timedelta(days=number)
    return {
        "title": f"Event {number}",
        "type": kind,
        "status": "pending" if kind == "task" else None,
        "start": start,
        "end": start + dt.timedelta(hours=1),
        "version": 1,
        "owner_id": reader_id,
    }
