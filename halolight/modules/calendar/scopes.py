"""Which part of a series a change concerns: one occurrence, it and those after, or all."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from halolight.core.access import CurrentUser
from halolight.core.errors import Invalid
from halolight.core.http.etags import IfMatch
from halolight.core.i18n import _
from halolight.modules.audit import trail

from . import occurrences, times
from .keys import EventKey
from .models import Event
from .queries import EVENTS
from .series import recurrence

To = Literal["view", "edit", "delete"]


class Times(NamedTuple):
    """When an occurrence takes place."""

    start: dt.datetime
    end: dt.datetime
    all_day: bool


class Opened(NamedTuple):
    """An event that is locked for a change.

    Where a client names an occurrence to change its series, what they say of times and of the
    recurrence refers to the occurrence as it was.
    """

    event: Event
    named: Times | None = None
    rule: str | None = None


class Found(NamedTuple):
    """An occurrence and its series, both locked. `changed` is the event that it is, if any."""

    series: Event
    changed: Event | None
    times: Times


def find(user: CurrentUser, key: EventKey, to: To, if_match: IfMatch | None = None) -> Found:
    """The occurrence that a key names, for users who may do this `to` it."""
    if key.at is None:
        raise ValueError("not the key of an occurrence")
    of = occurrences.lock_series(key.id)
    changed_id = occurrences.changed_at(key.id, key.at)
    [event] = EVENTS.lock(user, [changed_id or key.id], to=to)
    if if_match:
        if_match.check(event.version)
    if changed_id:
        return Found(of, event, Times(event.start, event.end, event.all_day))
    row = occurrences.unchanged_at(of, key.at)
    return Found(of, None, Times(row.start, row.end, of.all_day))


def open_occurrence(user: CurrentUser, key: EventKey, to: To, if_match: IfMatch) -> Event:
    """The event to change for what a key names: of an occurrence one of its own."""
    if key.at is None:
        [event] = EVENTS.lock(user, [key.id], to=to)
        if_match.check(event.version)
        return event
    found = find(user, key, to, if_match)
    return found.changed or occurrences.take_out(found.series, key.at)


def open_scope(user: CurrentUser, key: EventKey, scope: str | None, if_match: IfMatch) -> Opened:
    """The event to change for a key and a scope, which is split off its series for `following`."""
    if key.at is None or scope in {None, "this"}:
        event = open_occurrence(user, key, "edit", if_match)
        check_scope(event, key, scope)
        return Opened(event)
    found = find(user, key, "edit", if_match)
    [event] = EVENTS.lock(user, [key.id], to="edit")
    rule = event.rule
    if scope == "following" and key.at > event.start:
        ended, event = event, occurrences.split(event, key.at)
        trail.record(user, "calendar.update", ended)
    return Opened(event, found.times, rule)


def check_scope(event: Event, key: EventKey, scope: str | None) -> None:
    """Refuse to change one occurrence by the id of its series, which does not say which."""
    if event.repeats and key.at is None and scope in {"this", "following"}:
        raise Invalid(
            _("To change one occurrence or it and the following ones, use its id."),
            field="scope",
        )


def changed_times(opened: Opened, changes: Mapping[str, Any]) -> dict[str, dt.datetime]:
    """The start and end that changes give the event; a series moves as far as the occurrence."""
    event, named, _ = opened
    if named is None:
        return times.of_changed_event(event, changes)
    sent = times.of_changed_event(named, changes)
    if not sent:
        return {}
    return moved_with(event, named, sent.get("start", named.start), sent.get("end", named.end))


def moved_with(
    event: Event, named: Times, start: dt.datetime, end: dt.datetime
) -> dict[str, dt.datetime]:
    """The start and end of a series of which an occurrence moves, by the clock of the series."""
    was = recurrence(event)
    first = was.in_utc(was.local(event.start) + (was.local(start) - was.local(named.start)))
    return {"start": first, "end": first + (end - start)}
