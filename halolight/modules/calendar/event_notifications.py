"""Notifications about events, written in the transaction of the change."""

import dataclasses as dc
import datetime as dt
from collections.abc import Iterable
from typing import Any, Protocol

import sqlalchemy as sa

from halolight.core.access import CurrentUser
from halolight.core.i18n import Message, _
from halolight.extensions import db
from halolight.modules.notifications.sending import notify

from .ics import invitations
from .keys import EventKey, shown_id
from .models import Event, EventAttendee

ANSWERED = {
    "accepted": _("{name} accepted “{event}”, {when}."),
    "declined": _("{name} declined “{event}”, {when}."),
    "pending": _("{name} is undecided about “{event}”, {when}."),
}


_ATTENDEES = sa.select(EventAttendee.user_id).where(
    EventAttendee.event_id == sa.bindparam("event_id", type_=sa.Integer)
)

CALENDAR = "/calendar"  # where an event was, that the reader does not see any more


class Told(Protocol):
    """What a text names of an event: an entity, or some columns of it."""

    @property
    def id(self) -> int: ...
    @property
    def key(self) -> EventKey: ...
    @property
    def title(self) -> str: ...
    @property
    def start(self) -> dt.datetime: ...
    @property
    def end(self) -> dt.datetime: ...
    @property
    def all_day(self) -> bool: ...
    @property
    def location(self) -> str | None: ...


@dc.dataclass(frozen=True)
class Occurrence:
    """An occurrence that is as its series is."""

    series: Event
    start: dt.datetime
    end: dt.datetime
    all_day: bool

    def __getattr__(self, name: str) -> Any:
        return getattr(self.series, name)

    @property
    def key(self) -> EventKey:
        return EventKey(self.series.id, self.start)

    @property
    def over_at(self) -> dt.datetime:
        return self.end + (self.series.over_at - self.series.end)


def occurrence(series: Event, start: dt.datetime, end: dt.datetime, all_day: bool) -> Any:
    return Occurrence(series, start, end, all_day)


def invited(user: CurrentUser, event: Event, user_ids: Iterable[int]) -> None:
    text = _("{name} invited you to “{event}”, {when}.")
    user_ids = set(user_ids)
    _tell(user, event, user_ids, _("You are invited to an event"), text)
    invitations.request(event, user_ids - {user.id})


def moved(user: CurrentUser, event: Event) -> None:
    text = _("{name} moved “{event}” to {when}.")
    _tell(user, event, _people_of(event), _("An event was moved"), text)
    changed(user, event)


def changed(user: CurrentUser, event: Event) -> None:
    """Sent by mail only, because attendees have the event in their own calendars."""
    if invitations.are_sent():
        invitations.request(event, _attendees_of(event) - {user.id})


def cancelled(user: CurrentUser, event: Event) -> None:
    text = _("{name} cancelled “{event}”, {when}.")
    _tell(user, event, _people_of(event), _("An event was cancelled"), text, CALENDAR)
    invitations.cancel(event, _attendees_of(event) - {user.id})


def taken_off(user: CurrentUser, event: Event, user_ids: Iterable[int]) -> None:
    text = _("{name} removed you from “{event}”, {when}.")
    user_ids = set(user_ids)
    _tell(user, event, user_ids, _("You are no longer invited"), text, CALENDAR)
    invitations.cancel(event, user_ids)


def left(user: CurrentUser, event: Event) -> None:
    text = _("{name} left “{event}”, {when}.")
    _tell(user, event, _owner_of(event), _("An attendee left"), text)


def answered(user: CurrentUser, event: Event, answer: str) -> None:
    _tell(user, event, _owner_of(event), _("An invitation was answered"), ANSWERED[answer])


def reminded(event: Told, user_ids: Iterable[int]) -> None:
    text = _("All day {when}") if event.all_day else _("Starts {when}")
    content = text.format(when=_when(event))
    if event.location:
        content = _("{what}, {where}", what=content, where=event.location)
    notify(user_ids, kind="task", title=event.title, content=content, link=_link(event))


def _tell(
    user: CurrentUser,
    event: Told,
    user_ids: Iterable[int],
    title: Message,
    text: Message,
    link: str | None = None,
) -> None:
    content = text.format(name=user.name, event=event.title, when=_when(event))
    link = link or _link(event)
    notify(user_ids, kind="user", title=title, content=content, link=link, sender_id=user.id)


def _owner_of(event: Event) -> set[int]:
    return {event.owner_id} if event.owner_id else set()


def _people_of(event: Event) -> set[int]:
    """Its attendees and its owner, who may not be the one who changes it."""
    return _attendees_of(event) | _owner_of(event)


def _attendees_of(event: Event) -> set[int]:
    return {row.user_id for row in db.execute(_ATTENDEES, event_id=event.id)}


def _when(event: Told) -> str:
    """The dates of an all-day event; else the time in UTC: the reader may be in any zone."""
    if event.all_day:
        first, last = event.start.date(), event.end.date()
        return f"{first}" if first == last else _("{first} to {last}", first=first, last=last)
    return f"{event.start:%Y-%m-%d %H:%M} UTC"


def _link(event: Told) -> str:
    return f"/calendar?event={shown_id(event.key, all_day=event.all_day)}"
