"""Deleting events, series, and occurrences of them."""

from collections.abc import Sequence

import sqlalchemy as sa

from halolight.core.access import CurrentUser
from halolight.core.clock import utcnow
from halolight.core.http.etags import IfMatch
from halolight.extensions import db
from halolight.modules.audit import trail

from . import event_notifications, occurrences, scopes, series
from .keys import EventKey
from .models import Event, EventOccurrence
from .queries import EVENTS


def delete_events(
    user: CurrentUser,
    keys: Sequence[EventKey],
    if_match: IfMatch | None = None,
    scope: str | None = None,
) -> int:
    """Delete all of these events and occurrences or none; return their number."""
    if ids := [key.id for key in keys if key.at is None]:
        for event in EVENTS.lock(user, ids, to="delete"):
            if if_match:
                if_match.check(event.version)
            scopes.check_scope(event, EventKey(event.id), scope)
            _delete(user, event)
    for key in sorted({key for key in keys if key.at is not None}):
        _delete_occurrence(user, key, scope, if_match)
    db.session.commit()
    return len(keys)


def _delete(user: CurrentUser, event: Event) -> None:
    if _is_to_come(event):
        event_notifications.cancelled(user, event)
    trail.record(user, "calendar.delete", event)
    series.delete_changed(event)
    series_id, at = event.series_id, event.recurrence_id
    db.session.delete(event)
    db.session.flush()
    if series_id and at:  # a changed occurrence, by the number that it has as an event
        occurrences.cancel(occurrences.lock_series(series_id), at)


def _is_to_come(event: Event) -> bool:
    if not event.repeats:
        return event.over_at > utcnow()
    last = sa.select(sa.func.max(EventOccurrence.start)).filter_by(event_id=event.id)
    start = db.session.scalar(last)
    return start is not None and start + (event.over_at - event.start) > utcnow()


def _delete_occurrence(
    user: CurrentUser, key: EventKey, scope: str | None, if_match: IfMatch | None
) -> None:
    found = scopes.find(user, key, "delete", if_match)
    assert key.at is not None  # noqa: S101 (as `find` has seen)
    if scope in {"following", "all"}:
        [event] = EVENTS.lock(user, [key.id], to="delete")
        if scope == "all" or key.at <= event.start:
            _delete(user, event)
            return
        event_notifications.cancelled(user, event_notifications.occurrence(event, *found.times))
        occurrences.end_before(event, key.at)
        trail.record(user, "calendar.update", event)
        return
    told = found.changed or event_notifications.occurrence(found.series, *found.times)
    if told.over_at > utcnow():
        event_notifications.cancelled(user, told)
    if found.changed:
        trail.record(user, "calendar.delete", found.changed)
        db.session.delete(found.changed)
        db.session.flush()
    occurrences.cancel(found.series, key.at)
    trail.record(user, "calendar.update", found.series)
