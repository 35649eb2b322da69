"""Occurrences in the database: found, taken out of their series, cancelled, split off.

A changed occurrence is an event of its own, a copy of the series with its people; the series has no
row for it any more. The series is locked while that happens.
"""

import dataclasses as dc
import datetime as dt
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from halolight.core.clock import utcnow
from halolight.core.errors import Conflict, NotFound
from halolight.core.i18n import _
from halolight.extensions import db

from . import relations
from .models import Event, EventAttendee, EventOccurrence, EventTeam
from .queries import EVENTS
from .series import delete_changed, keep, lay_out, recurrence

# What a copy of an event does not have of it.
_OWN = ("id", "recurrence", "repeats", "extends_at", "series_id", "recurrence_id", "uid")
MAX_CHANGED = 500  # occurrences of one series: attendees, too, change one by an answer
_EVENTS: Any = Event.__table__


def lock_series(series_id: int) -> Event:
    """The series, whoever may see it, so that its occurrences stay as they are."""
    series = db.session.get(Event, series_id, with_for_update=True, populate_existing=True)
    if series is None or not series.repeats:
        raise NotFound(EVENTS.not_found)
    return series


def changed_at(series_id: int, at: dt.datetime) -> int | None:
    """The id of the event that an occurrence has become by a change, if it has."""
    changed = sa.select(Event.id).filter_by(series_id=series_id, recurrence_id=at)
    return db.session.scalar(changed)


def unchanged_at(series: Event, at: dt.datetime) -> EventOccurrence:
    """The row of an occurrence that was not changed. Raises `NotFound`."""
    occurrence = db.session.get(EventOccurrence, (series.id, at))
    if occurrence is None:
        raise NotFound(EVENTS.not_found)
    return occurrence


def take_out(series: Event, at: dt.datetime) -> Event:
    """Make an event of its own of an occurrence, still as its series is."""
    occurrence = unchanged_at(series, at)
    number = sa.select(sa.func.count()).where(Event.series_id == series.id)
    if (db.session.scalar(number) or 0) >= MAX_CHANGED:
        raise Conflict(_("A series can have at most {max} changed occurrences.", max=MAX_CHANGED))
    times = {"start_at": occurrence.start, "end_at": occurrence.end}
    changed = copy(series, **times, series_id=series.id, recurrence_id=occurrence.start)
    db.session.delete(occurrence)
    db.session.flush()
    relations.rearm_reminders(series)
    return changed


def copy(event: Event, **values: Any) -> Event:
    """A copy of an event with its people and reminders, and with other values of some columns.

    It has the version of the original, so a version that a client knows stays the same thing.
    """
    if event.owner_id:
        EVENTS.check_room(event.owner_id)
    db.session.flush()
    original = db.session.execute(sa.select(_EVENTS).where(_EVENTS.c.id == event.id)).one()
    kept = {
        name: value
        for name, value in original._mapping.items()
        if name not in _OWN and not name.endswith("_key")
    }
    insert = sa.insert(_EVENTS).values(**kept | values).returning(_EVENTS.c.id)
    new_id = db.session.scalar(insert)
    for model, names in ((EventAttendee, ("user_id", "status")), (EventTeam, ("team_id",))):
        _copy_rows(model, names, event.id, new_id)
    made = db.session.get_one(Event, new_id)
    relations.copy_reminders(event, made)
    return made


def _copy_rows(model: Any, names: Collection[str], event_id: int, new_id: int | None) -> None:
    columns = [getattr(model, name) for name in names]
    rows = sa.select(sa.literal(new_id), *columns).where(model.event_id == event_id)
    db.session.execute(sa.insert(model).from_select(["event_id", *names], rows))


def cancel(series: Event, at: dt.datetime) -> None:
    """Leave an occurrence out of its series."""
    was = recurrence(series)
    keep(series, dc.replace(was, exdates=was.exdates | {at}))
    lay_out(series)
    relations.rearm_reminders(series)


def end_before(series: Event, at: dt.datetime) -> None:
    """Leave an occurrence and all after it out of their series."""
    delete_changed(series, at)
    keep(series, recurrence(series).parts(at)[0])
    lay_out(series)
    relations.rearm_reminders(series)


def split(series: Event, at: dt.datetime) -> Event:
    """End a series before an occurrence; from there on it goes on as another one, like it."""
    ended, goes_on = recurrence(series).parts(at)
    length = series.end - series.start
    now = utcnow()
    stored: Any = goes_on.stored()
    made = copy(
        series,
        start_at=goes_on.start,
        end_at=goes_on.start + length,
        recurrence=stored,
        rule=stored["rule"],
        repeats=True,
        created_at=now,
        updated_at=now,
    )
    later = (Event.series_id == series.id, Event.recurrence_id >= at)
    moving = {"series_id": made.id, "rule": made.rule}
    db.session.execute(sa.update(Event).where(*later).values(moving))
    keep(series, ended)
    for each in (series, made):
        lay_out(each)
        relations.rearm_reminders(each)
    return made
