"""When events take place: moments of timed events, dates of all-day events, and ranges of both.

An all-day event has dates (RFC 5545, DATE) and no zone: it lies on its days in every time zone. A
date is stored as midnight UTC of that day, the last day of the event too.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Protocol

from .models import DAY, EARLIEST, LATEST

HOUR = dt.timedelta(hours=1)
TICK = dt.timedelta.resolution

# The offset of a time that is written without one. It counts as UTC unless a zone is known.
UNNAMED = dt.timezone(dt.timedelta(0), "unnamed")


class Timed(Protocol):
    """An event, or an occurrence of one."""

    @property
    def start(self) -> dt.datetime: ...
    @property
    def end(self) -> dt.datetime: ...
    @property
    def all_day(self) -> bool: ...


def midnight(moment: dt.datetime) -> dt.datetime:
    """How the date of this moment is stored: the date as it is written, whatever its offset."""
    return dt.datetime.combine(moment.date(), dt.time(), dt.UTC)


def of_new_event(data: Mapping[str, Any]) -> dict[str, dt.datetime]:
    """The start and end of a new event: an hour later, or the same day, unless it is given."""
    all_day = data.get("all_day", False)
    times = _stored(data, all_day)
    return _with_default_end(times, all_day) | times


def of_changed_event(event: Timed, changes: Mapping[str, Any]) -> dict[str, dt.datetime]:
    """The start and end that these changes give an event; empty when neither changes.

    An event that becomes an all-day event lies on the days (UTC) that it touched. One that ceases
    to be lasts from the beginning of its first day (UTC) to the end of its last, or an hour from
    the new start.
    """
    all_day = changes.get("all_day", event.all_day)
    times = _stored(changes, all_day)
    if all_day == event.all_day:
        return times
    if "start" in times:
        return _with_default_end(times, all_day) | times
    if all_day:
        last = max(event.start, event.end - TICK)
        return {"start": midnight(event.start), "end": midnight(last)} | times
    return {"start": event.start, "end": event.end + DAY} | times


def of_moved_event(
    event: Timed, start: dt.datetime, end: dt.datetime | None
) -> dict[str, dt.datetime]:
    """The start and end of an event that moves; without an end it stays as long as it is."""
    times = _stored({"start": start} | ({"end": end} if end else {}), event.all_day)
    return {"end": times["start"] + (event.end - event.start)} | times


def _stored(data: Mapping[str, Any], all_day: bool) -> dict[str, dt.datetime]:
    return {
        name: midnight(data[name]) if all_day else data[name].astimezone(dt.UTC)
        for name in ("start", "end")
        if name in data
    }


def _with_default_end(times: Mapping[str, dt.datetime], all_day: bool) -> dict[str, dt.datetime]:
    return {"end": times["start"] if all_day else times["start"] + HOUR}


def range_params(
    start: dt.datetime | None, end: dt.datetime | None, zone: dt.tzinfo | None = None
) -> dict[str, dt.datetime]:
    """What the conditions of a range compare with: moments, and the dates that they have.

    `start` and `end` are in UTC, for timed events. `first` and `last` are the dates of the range in
    the zone, or without one as they are written, for all-day events; the end is no part of the
    range, unless it is its start as well.
    """
    params: dict[str, dt.datetime] = {}
    if start:
        placed = _placed(start, zone)
        params |= {"start": placed.astimezone(dt.UTC), "first": midnight(placed)}
    if end:
        # A tick earlier where it is written, not in the zone: there an hour may come twice.
        last = midnight(_placed(_within(end) - TICK, zone))
        params |= {
            "end": _placed(end, zone).astimezone(dt.UTC),
            "last": max(last, params["first"]) if start == end else last,
        }
    return params


def _placed(moment: dt.datetime, zone: dt.tzinfo | None) -> dt.datetime:
    """The moment in the zone, which is its own where it names none."""
    within = _within(moment)
    if zone is None:
        return within
    if within.tzinfo is UNNAMED:
        return within.replace(tzinfo=zone)
    return within.astimezone(zone)


def _within(moment: dt.datetime) -> dt.datetime:
    """The moment, limited to the years of events, so that it has a date in every time zone."""
    return max(EARLIEST - 3 * DAY, min(moment, LATEST + 3 * DAY))
