"""Importing: events of another calendar become the user's own, all or none, in one transaction.

A repeated import updates existing events, which are identified by their UIDs.
"""

import datetime as dt
import re
from collections import Counter
from typing import Any

import sqlalchemy as sa

from halolight.core.access import CurrentUser
from halolight.core.threads import cooperate
from halolight.extensions import db
from halolight.modules.audit import trail

from .. import occurrences, relations, service, times
from ..models import Event, EventOccurrence
from ..queries import EVENTS
from ..recurrence import recurrence_of
from .reading import Read, read
from .writing import uid_of

_OWN_UID = re.compile(r"([0-9]{1,10})-[0-9]{1,20}@halolight")


def import_calendar(user: CurrentUser, content: bytes, zone: dt.tzinfo) -> dict[str, int]:
    """Returns how many events were created, updated, and left unchanged."""
    done = Counter({"created": 0, "updated": 0, "unchanged": 0})
    for each in read(content, zone):
        done[_import(user, each)] += 1
        cooperate()
    db.session.commit()
    return {name: done[name] for name in ("created", "updated", "unchanged")}


def _import(user: CurrentUser, each: Read) -> str:
    known = _known(user, each.uid)
    if known and known.owner_id != user.id:
        return "unchanged"  # they attend it, or share a team with its owner
    if each.recurrence_id is not None:
        if known and known.repeats:
            return _import_occurrence(user, known.id, each.recurrence_id, each)
        # The series is missing: a single event.
        each = each._replace(uid=f"{each.uid[:200]}_{each.recurrence_id:%Y%m%dT%H%M%SZ}")
        known = _known(user, each.uid)
    if each.cancelled:
        return "unchanged"
    data = _columns(each)
    if known is None:
        return _create(user, each, data)
    [event] = EVENTS.lock(user, [known.id], to="edit")
    return _change(user, event, each, data)


def _columns(each: Read) -> dict[str, Any]:
    """What the file says of an event, but for its reminders.

    RFC 5545 leaves a start undefined that the rule does not have. Here it is a further date.
    """
    data = {name: each.data[name] for name in each.data if name != "reminders"}
    data |= times.of_new_event(data)
    if not data["recurrence"]:
        return data
    said = recurrence_of(data["start"], data["all_day"], data["time_zone"], data["recurrence"])
    first = said.first_by_rule()
    if first is None or first == said.start:
        return data
    rdates = [*data["recurrence"]["rdates"], said.start]
    moved = {"start": first, "end": data["end"] + (first - said.start)}
    return data | moved | {"recurrence": {**data["recurrence"], "rdates": rdates}}


def _known(user: CurrentUser, uid: str) -> Any:
    """The event with this UID in the user's calendar, their own first."""
    columns = (Event.id, Event.owner_id, Event.repeats, Event.created_at)
    match = _OWN_UID.fullmatch(uid)
    same = sa.and_(Event.id == int(match[1]), Event.uid.is_(None)) if match else sa.false()
    found = sa.select(*columns, Event.uid).where(
        EVENTS.seen, Event.series_id.is_(None), sa.or_(Event.uid == uid, same)
    )
    rows = db.session.execute(found, EVENTS.params(user)).all()
    known = [row for row in rows if uid_of(row.id, row.created_at, row.uid) == uid]
    return min(known, key=lambda row: row.owner_id != user.id, default=None)


def _create(user: CurrentUser, each: Read, data: dict[str, Any]) -> str:
    EVENTS.check_room(user.id)
    event = Event(owner_id=user.id, uid=each.uid)
    service.set_columns(event, data)
    _set_reminders(user, event, each)
    trail.record(user, "calendar.create", event)
    return "created"


def _change(user: CurrentUser, event: Event, each: Read, data: dict[str, Any]) -> str:
    """Update an event from the file; nobody is invited or removed."""
    before = _state(event)
    service.change_columns(user, event, data)
    _set_reminders(user, event, each)
    if _state(event) == before:
        return "unchanged"
    trail.record(user, "calendar.update", event)
    return "updated"


def _set_reminders(user: CurrentUser, event: Event, each: Read) -> None:
    changes = relations.changes(event, {"reminders": each.data["reminders"]})
    relations.make(user, event, changes)


def _state(event: Event) -> Any:
    names = ("title", "description", "type", "start", "end", "all_day", "location", "color")
    more = ("status", "time_zone", "recurrence")
    return [getattr(event, name) for name in (*names, *more)], relations.reminders_of(event)


def _import_occurrence(user: CurrentUser, known: int, at: dt.datetime, each: Read) -> str:
    series = occurrences.lock_series(known)
    changed_id = occurrences.changed_at(known, at)
    if changed_id:
        event = db.session.get_one(Event, changed_id)
    elif db.session.get(EventOccurrence, (known, at)) is None:
        return "unchanged"  # cancelled here, or far from today
    elif each.cancelled:
        occurrences.cancel(series, at)
        trail.record(user, "calendar.update", series)
        return "updated"
    else:
        event = occurrences.take_out(series, at)
    data = _columns(each)
    data.pop("recurrence")
    return _change(user, event, each, data)
