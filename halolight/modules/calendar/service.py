"""What can be done with events, and by whom. Each change is one transaction."""

import dataclasses as dc
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from halolight.core.access import CurrentUser
from halolight.core.clock import utcnow
from halolight.core.db.listing import Page
from halolight.core.db.reads import Row
from halolight.core.errors import Invalid, NotFound
from halolight.core.http.etags import IfMatch
from halolight.core.i18n import _
from halolight.extensions import db
from halolight.modules.audit import trail

from . import event_notifications, occurring, queries, relations, scopes, series, times
from .keys import EventKey, shown
from .models import DAY, LONGEST, TASK, Event
from .queries import EVENTS
from .schemas import ENDS_TOO_EARLY

MOST = 100  # events that an overview shows
NO_TIME = dt.timedelta(0)


def list_events(user: CurrentUser, query: Mapping[str, Any]) -> Page:
    ranged = "start" in query or "end" in query
    if not query.get("expand", ranged):
        listed = {name: value for name, value in query.items() if name not in RANGE}
        return _shown(EVENTS.page(user, queries.EVENT_LISTING, listed))
    if ranged:
        query = occurring.bounded(query, reads_all=EVENTS.manages(user))
    else:
        query = {**query, **occurring.around(utcnow())}
    return _shown(EVENTS.page(user, occurring.OCCURRENCE_LISTING, query))


def _shown(page: Page) -> Page:
    return dc.replace(page, items=[shown(row) for row in page.items])


def list_my_tasks(user: CurrentUser, limit: int) -> Sequence[Row]:
    """The tasks among the user's own events, those they attend and those of their teams.

    Of a series its next occurrence.
    """
    params = EVENTS.params(user)
    rows = db.rows(
        occurring.MY_TASKS, limit=min(limit, MOST), **params, **occurring.task_params(params["now"])
    )
    return [shown(row) for row in rows]


def list_events_between(
    user: CurrentUser, start: dt.datetime, end: dt.datetime, limit: int
) -> Sequence[Row]:
    """The user's own events of a range, those they attend and those of their teams.

    All-day events by the dates that `start` and `end` have in their own zone.
    """
    params = EVENTS.params(user) | occurring.bounded(times.range_params(start, end))
    rows = db.rows(occurring.MINE_BETWEEN, **params, limit=min(limit, MOST))
    return [shown(row) for row in rows]


def get_event(user: CurrentUser, key: EventKey) -> Row:
    if key.at is None:
        return shown(EVENTS.get(user, queries.VERSIONED_EVENT, key.id))
    statement = occurring.OCCURRENCE[EVENTS.seen_by(user)]
    row = db.row(statement, series_id=key.id, at=key.at, **EVENTS.params(user))
    if row is None:
        raise NotFound(EVENTS.not_found)
    return shown(row)


def create_event(user: CurrentUser, data: dict[str, Any]) -> Row:
    """Make an event. The signed-in user becomes its owner."""
    sent = _take_relations(data)
    EVENTS.check_room(user.id)
    event = Event(owner_id=user.id)
    set_columns(event, data | times.of_new_event(data))
    changes = relations.changes(event, sent, is_new=True)
    relations.make(user, event, changes)
    trail.record(user, "calendar.create", event, **changes)
    db.session.commit()
    return get_event(user, EventKey(event.id))


def update_event(
    user: CurrentUser,
    key: EventKey,
    changes: dict[str, Any],
    if_match: IfMatch,
    scope: str | None = None,
) -> Row:
    """Change an event, unless it has changed since the client read it (412).

    Answers with what has changed: the event, the occurrence, or the series.
    """
    opened = scopes.open_scope(user, key, scope, if_match)
    event = opened.event
    changing = relations.changes(event, _take_relations(changes))
    if event.series_id is not None:
        _refuse_recurrence_of_one(event, changes)
    elif opened.named:
        _leave_out_same_rule(opened, changes)
    if changing:
        event.updated_at = utcnow()
    change_columns(user, event, changes | scopes.changed_times(opened, changes))
    relations.make(user, event, changing)
    trail.record(user, "calendar.update", event, **changing)
    db.session.commit()
    return get_event(user, event.key)


def reschedule_event(
    user: CurrentUser,
    key: EventKey,
    *,
    start: dt.datetime,
    end: dt.datetime | None = None,
    if_match: IfMatch,
    scope: str | None = None,
) -> Row:
    """Move an event. Without an end it stays as long as it is, an all-day event in days."""
    opened = scopes.open_scope(user, key, scope, if_match)
    event, named = opened.event, opened.named
    moved = times.of_moved_event(named or event, start, end)
    if named:
        moved = scopes.moved_with(event, named, moved["start"], moved["end"])
    if moved != {"start": event.start, "end": event.end}:
        change_columns(user, event, moved)
        trail.record(user, "calendar.reschedule", event)
    db.session.commit()
    return get_event(user, event.key)


def _refuse_recurrence_of_one(event: Event, changes: dict[str, Any]) -> None:
    """An occurrence does not repeat. What was read is sent back, though, and says how it does."""
    of = db.session.get_one(Event, event.series_id)
    sent = changes.pop("recurrence", None)
    if sent and not series.is_same(of, sent):
        raise Invalid(
            _("To change the recurrence, use the scope following or all."), field="recurrence"
        )


def _leave_out_same_rule(opened: scopes.Opened, changes: dict[str, Any]) -> None:
    """The rule that an occurrence shows counts all of its series, also what is split off now."""
    sent = changes.get("recurrence")
    if sent and series.rule_text(opened.event, sent.get("rule")) == opened.rule:
        changes["recurrence"] = {k: v for k, v in sent.items() if k != "rule"}


def change_columns(user: CurrentUser, event: Event, changes: Mapping[str, Any]) -> None:
    """Set columns of an event that exists; notify its people and rearm its reminders if it moves.

    Called before the attendees are set, because new ones are invited to the new time.
    """
    before = (event.start, event.end, event.all_day, event.recurrence)
    said = (event.title, event.description, event.location)
    set_columns(event, changes)
    after = (event.start, event.end, event.all_day, event.recurrence)
    if after != before:
        event_notifications.moved(user, event)
    elif said != (event.title, event.description, event.location):
        event_notifications.changed(user, event)
    if after[0] != before[0] or after[3] != before[3]:
        relations.rearm_reminders(event)


def set_columns(event: Event, values: Mapping[str, Any]) -> None:
    """Set columns, the recurrence among them, of an event that is new or locked."""
    before = series.before_change(event)
    sent = dict(values)
    repeats = "recurrence" in sent
    recurrence = sent.pop("recurrence", None)
    event.assign(sent)
    _check(event)
    if before and (recurrence is not None or not repeats):
        series.set_recurrence(event, series.moved_dates(event, before) | (recurrence or {}))
    elif repeats and (before or recurrence is not None):
        series.set_recurrence(event, recurrence)
    db.session.add(event)
    if before or event.repeats:
        series.follow(event, before)
    else:
        db.session.flush()


def _take_relations(data: dict[str, Any]) -> dict[str, Any]:
    """Remove from `data` what is stored in tables of its own, and return it."""
    return {name: data.pop(name) for name in relations.KINDS if name in data}


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


RANGE = ("start", "end", "first", "last")
