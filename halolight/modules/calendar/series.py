"""Series: how an event comes to repeat, and the rows of its occurrences.

A series is locked while any of this changes.
"""

import dataclasses as dc
import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

import sqlalchemy as sa

from halolight.core.clock import utcnow
from halolight.core.errors import ApiError, Conflict, Invalid
from halolight.core.i18n import _
from halolight.extensions import db

from .models import Event, EventOccurrence
from .recurrence import Expansion, Recurrence, recurrence_of

log = logging.getLogger(__name__)

POSTPONED = dt.timedelta(days=7)  # for a series that cannot be extended
MAX_OCCURRENCES = 100_000  # that the series of one owner may have
MANY = 500  # occurrences; if more of them end, all are written anew

# The columns that a changed occurrence shares with its series until they are changed.
FOLLOWED = ("title", "description", "type", "location", "color", "status", "time_zone", "all_day")

_ROW = (EventOccurrence.start, EventOccurrence.end, EventOccurrence.all_day)


@dc.dataclass(frozen=True)
class Before:
    """What a series was before a change."""

    values: Mapping[str, Any]
    length: dt.timedelta
    recurrence: Recurrence


def recurrence(event: Event) -> Recurrence:
    return recurrence_of(event.start, event.all_day, event.time_zone, event.recurrence or {})


def before_change(event: Event) -> Before | None:
    """What `follow` has to know of an event that is a series."""
    if not event.repeats:
        return None
    values = {name: getattr(event, name) for name in FOLLOWED}
    return Before(values, event.end - event.start, recurrence(event))


def set_recurrence(event: Event, sent: Mapping[str, Any] | None) -> None:
    """Set or remove the recurrence of an event. Fields that were not sent do not change."""
    event.repeats = sent is not None
    if sent is None:
        event.recurrence = event.rule = event.extends_at = None
        return
    stored = {**(event.recurrence or {}), **sent}
    if not stored.get("rule") and not stored.get("rdates"):
        raise Invalid(
            _("A series needs a rule or additional dates.", code="required"),
            field="recurrence.rule",
        )
    if event.all_day:
        event.time_zone = None
    else:
        event.time_zone = event.time_zone or "UTC"
        event.start, event.end = _whole_seconds(event.start), _whole_seconds(event.end)
    checked = recurrence_of(event.start, event.all_day, event.time_zone, stored)
    checked.check()
    keep(event, checked)


def keep(event: Event, checked: Recurrence) -> None:
    """Store a recurrence; its rule with the changed occurrences, too, which show it."""
    event.recurrence = checked.stored()
    if event.recurrence["rule"] == event.rule:
        return
    event.rule = event.recurrence["rule"]
    if event.id is not None:  # a new one has no occurrences, and no id to find them by
        changed = sa.update(Event).where(Event.series_id == event.id).values(rule=event.rule)
        with db.session.no_autoflush:  # the series has more to change
            db.session.execute(changed)


def is_same(event: Event, sent: Mapping[str, Any]) -> bool:
    """Whether a client sends the recurrence that the series has."""
    stored = {**(event.recurrence or {}), **sent}
    same = recurrence_of(event.start, event.all_day, event.time_zone, stored)
    return same == recurrence(event)


def rule_text(event: Event, text: str | None) -> str | None:
    """A rule for the event as it is stored. Raises `Invalid`."""
    said = recurrence_of(event.start, event.all_day, event.time_zone, {"rule": text})
    stored: str | None = said.stored()["rule"]
    return stored


def _whole_seconds(moment: dt.datetime) -> dt.datetime:
    return moment.replace(microsecond=0)


def follow(event: Event, before: Before | None) -> None:
    """Write a change of a series, and have its occurrences follow, the changed ones as well."""
    stays = before and event.repeats and _times(event) == (before.recurrence, before.length)
    expansion = None if stays else _expand(event)
    db.session.flush()
    if before and event.repeats:
        _follow_changed(event, before)
    elif before:
        delete_changed(event)
    if expansion is not None:
        _write(event, expansion)


def _times(event: Event) -> tuple[Recurrence, dt.timedelta]:
    return recurrence(event), event.end - event.start


def delete_changed(event: Event, since: dt.datetime | None = None) -> None:
    """Delete the occurrences that were changed, or those from a moment on."""
    deleting = sa.delete(Event).where(Event.series_id == event.id)
    if since:
        deleting = deleting.where(Event.recurrence_id >= since)
    db.session.execute(deleting)


def lay_out(event: Event) -> None:
    """Write the rows of its occurrences according to its recurrence."""
    _write(event, _expand(event))


def _expand(event: Event) -> Expansion:
    expansion = recurrence(event).expand(utcnow()) if event.repeats else Expansion([], None)
    event.extends_at = expansion.extends_at
    return expansion


def _write(event: Event, expansion: Expansion) -> None:
    _drop_changed(event, expansion)
    length = event.end - event.start
    taken = set(db.session.scalars(sa.select(Event.recurrence_id).filter_by(series_id=event.id)))
    wanted = {
        (start, start + length, event.all_day) for start in expansion.starts if start not in taken
    }
    stored = sa.select(*_ROW).where(EventOccurrence.event_id == event.id)
    existing = {(start, end, all_day) for start, end, all_day in db.session.execute(stored)}
    if gone := existing - wanted:
        ending = sa.delete(EventOccurrence).filter_by(event_id=event.id)
        if len(gone) < MANY:
            ending = ending.where(EventOccurrence.start.in_([start for start, *_ in gone]))
        else:
            existing = set()
        db.session.execute(ending)
    if new := sorted(wanted - existing):
        _check_room(event, len(new))
        rows = [
            {"event_id": event.id, "start": start, "end": end, "all_day": all_day}
            for start, end, all_day in new
        ]
        db.session.execute(sa.insert(EventOccurrence), rows)
    db.session.flush()


def _check_room(event: Event, number: int) -> None:
    """Raise `Conflict` if the owner would have too many occurrences."""
    owned = (
        sa.select(EventOccurrence.event_id)
        .join(Event, Event.id == EventOccurrence.event_id)
        .where(Event.owner_id == event.owner_id, Event.repeats)
        .limit(MAX_OCCURRENCES)
    )
    have = db.session.scalar(sa.select(sa.func.count()).select_from(owned.subquery())) or 0
    if event.owner_id and have + number > MAX_OCCURRENCES:
        raise Conflict(
            _(
                "Your series can have at most {max:,} occurrences. End some series first.",
                max=MAX_OCCURRENCES,
            )
        )


def changed_occurrences(series_id: int) -> Sequence[Event]:
    """Those that were changed, locked. The series is, too."""
    of_series = sa.select(Event).filter_by(series_id=series_id).order_by(Event.id)
    return db.session.scalars(of_series.with_for_update()).all()


def _drop_changed(event: Event, expansion: Expansion) -> None:
    """Delete changed occurrences that the series has no more; those beyond its rows may stay."""
    if not expansion.starts:
        return
    starts, first, last = set(expansion.starts), expansion.starts[0], expansion.starts[-1]
    for each in changed_occurrences(event.id):
        at = _at(each)
        beyond = at < first or (at > last and expansion.extends_at is not None)
        if not beyond and at not in starts:
            db.session.delete(each)
    db.session.flush()


def _follow_changed(event: Event, before: Before) -> None:
    """An occurrence keeps what was changed for it alone, the rest follows the series."""
    was, now = before.recurrence, recurrence(event)
    if was.all_day != now.all_day:
        delete_changed(event)
        return
    moved = now.local(event.start) - was.local(was.start)
    places = {}
    for each in changed_occurrences(event.id):
        for name in FOLLOWED:
            if getattr(each, name) == before.values[name]:
                setattr(each, name, getattr(event, name))
        places[each] = at = now.in_utc(was.local(_at(each)) + moved)
        if each.start == _at(each) and each.end - each.start == before.length:
            each.start, each.end = at, at + (event.end - event.start)
    _place_changed(places)


def _place_changed(places: Mapping[Event, dt.datetime]) -> None:
    """Give changed occurrences their starts in the series: one may get that of another."""
    moving = {each: at for each, at in places.items() if each.recurrence_id != at}
    wanted = set(moving.values())
    for each in moving:
        if each.recurrence_id in wanted:
            each.recurrence_id = None
    db.session.flush()
    for each, at in moving.items():
        each.recurrence_id = at
    db.session.flush()


def _at(changed: Event) -> dt.datetime:
    """The start that a changed occurrence had at first."""
    if changed.recurrence_id is None:
        raise ValueError("not an occurrence")
    return changed.recurrence_id


def moved_dates(event: Event, before: Before) -> dict[str, Any]:
    """The further and the cancelled dates of a series that has moved by the clock."""
    was = before.recurrence
    zone = None if event.all_day else event.time_zone
    now = recurrence_of(event.start, event.all_day, zone, {})
    if was.all_day != now.all_day:
        return {"exdates": [], "rdates": []}
    moved = now.local(now.start) - was.local(was.start)
    return {
        name: [now.in_utc(was.local(each) + moved) for each in dates]
        for name, dates in (("exdates", was.exdates), ("rdates", was.rdates))
    }


def extend_all() -> int:
    """Compute further occurrences of the series that have few to come. Returns how many have."""
    due = sa.select(Event.id).where(Event.extends_at <= utcnow()).order_by(Event.id).limit(100)
    extended = 0
    for series_id in db.session.scalars(due).all():
        series = db.session.get(Event, series_id, with_for_update=True, populate_existing=True)
        if series and series.repeats and series.extends_at and series.extends_at <= utcnow():
            extended += _extend(series)
        db.session.commit()
    return extended


def _extend(series: Event) -> bool:
    """Whether there was room for further occurrences. If not, the others must not wait for it."""
    try:
        with db.session.begin_nested():
            lay_out(series)
    except (ApiError, ZoneInfoNotFoundError) as error:
        log.warning("series %d not extended: %s", series.id, error)
        series.extends_at = utcnow() + POSTPONED
        return False
    return True
