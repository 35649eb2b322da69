"""Notifications about events, written in the transaction of the change."""

import dataclasses as dc
import datetime as dt
from collections.abc import Iterable
from typing import Any, Protocol

import sqlalchemy as sa

from halolight.core.access import CurrentUser
from halolight.extensions import db
from halolight.modules.notifications.sending import notify

from .ics import invitations
from .keys import EventKey, key_text
from .models import Event, EventAttendee

ANSWERED = {"accepted": "accepted", "declined": "declined", "pending": "is undecided about"}


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
    said = f"{user.name} invited you to “{event.title}”, {_when(event)}"
    user_ids = set(user_ids)
    _tell(user, user_ids, "You are invited to an event", said, _link(event))
    invitations.request(event, user_ids - {user.id})


def moved(user: CurrentUser, event: Event) -> None:
    said = f"{user.name} moved “{event.title}” to {_when(event)}"
    _tell(user, _people_of(event), "An event was moved", said, _link(event))
    changed(user, event)


def changed(user: CurrentUser, event: Event) -> None:
    """Only mail says so: attendees have the event in calendars of their own."""
    invitations.request(event, _attendees_of(event) - {user.id})


def cancelled(user: CurrentUser, event: Event) -> None:
    said = f"{user.name} cancelled “{event.title}”, {_when(event)}"
    _tell(user, _people_of(event), "An event was cancelled", said, "/calendar")
    invitations.cancel(event, _attendees_of(event) - {user.id})


def taken_off(user: CurrentUser, event: Event, user_ids: Iterable[int]) -> None:
    said = f"{user.name} took you off “{event.title}”, {_when(event)}"
    user_ids = set(user_ids)
    _tell(user, user_ids, "You are no longer invited", said, "/calendar")
    invitations.cancel(event, user_ids)


def left(user: CurrentUser, event: Event) -> None:
    _tell_owner(user, event, "An attendee left", "left")


def answered(user: CurrentUser, event: Event, answer: str) -> None:
    _tell_owner(user, event, "An invitation was answered", ANSWERED[answer])


def reminded(event: Told, user_ids: Iterable[int]) -> None:
    begins = "All day" if event.all_day else "Begins"
    said = f"{begins} {_when(event)}" + (f", {event.location}" if event.location else "")
    notify(user_ids, kind="task", title=event.title, content=said, link=_link(event))


def _tell(user: CurrentUser, user_ids: Iterable[int], title: str, said: str, link: str) -> None:
    notify(user_ids, kind="user", title=title, content=said, link=link, sender_id=user.id)


def _tell_owner(user: CurrentUser, event: Event, title: str, did: str) -> None:
    if event.owner_id:
        said = f"{user.name} {did} “{event.title}”, {_when(event)}"
        _tell(user, {event.owner_id}, title, said, _link(event))


def _people_of(event: Event) -> set[int]:
    """Its attendees and its owner, who may not be the one who changes it."""
    return _attendees_of(event) | ({event.owner_id} if event.owner_id else set())


def _attendees_of(event: Event) -> set[int]:
    attending = sa.select(EventAttendee.user_id).filter_by(event_id=event.id)
    return set(db.session.scalars(attending))


def _when(event: Told) -> str:
    """The dates of an all-day event; else the time in UTC: the reader may be in any zone."""
    if event.all_day:
        first, last = event.start.date(), event.end.date()
        return f"{first}" if first == last else f"{first} to {last}"
    return f"{event.start:%Y-%m-%d %H:%M} UTC"


def _link(event: Told) -> str:
    id_, at = event.key
    shown = id_ if at is None else key_text(id_, at, all_day=event.all_day)
    return f"/calendar?event={shown}"
