"""What belongs to an event: its attendees, teams and reminders. The event is locked or new.

What is set takes the place of what was.
"""

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from typing import Any

import sqlalchemy as sa

from halolight.core.access import CurrentUser
from halolight.core.clock import utcnow
from halolight.core.errors import Invalid
from halolight.core.i18n import _
from halolight.extensions import db
from halolight.modules.audit import trail
from halolight.modules.teams.sharing import check_teams
from halolight.modules.users.service import check_active

from . import event_notifications
from .inputs import MAX_ATTENDEES
from .models import Event, EventAttendee, EventOccurrence, EventReminder, EventTeam

Changes = dict[str, trail.Values]
Stored = Callable[[Event], set[int]]
Setter = Callable[[CurrentUser, Event, Collection[int], Collection[int]], None]

_EVENT_ID = sa.bindparam("event_id", type_=sa.Integer)
_ATTENDEES = sa.select(EventAttendee.user_id).where(EventAttendee.event_id == _EVENT_ID)
_TEAMS = sa.select(EventTeam.team_id).where(EventTeam.event_id == _EVENT_ID)
_REMINDERS = sa.select(EventReminder.minutes).where(EventReminder.event_id == _EVENT_ID)


def attendees_of(event: Event) -> set[int]:
    return {row.user_id for row in db.execute(_ATTENDEES, event_id=event.id)}


def set_attendees(
    user: CurrentUser, event: Event, before: Collection[int], after: Collection[int]
) -> None:
    """Set the attendees. Those who stay keep their answers."""
    before, after = set(before), set(after)
    new = sorted(after - before)
    check_active(new, "attendeeIds")
    if len(after) > MAX_ATTENDEES:
        raise Invalid(
            _("An event can have at most {max} attendees.", code="too_many", max=MAX_ATTENDEES),
            field="attendeeIds",
        )
    _replace(event, EventAttendee.user_id, before - after, new)
    _relay(event, EventAttendee.user_id, new, before - after)
    event_notifications.taken_off(user, event, before - after)
    event_notifications.invited(user, event, new)


def _replace(
    event: Event,
    column: Any,
    gone: Collection[int],
    new: Collection[int],
    more: Callable[[Event, int], dict[str, Any]] = lambda *_: {},
) -> None:
    """Delete and insert rows of an event, by the values that one of their columns has."""
    model = column.class_
    if gone:
        db.session.execute(sa.delete(model).where(model.event_id == event.id, column.in_(gone)))
    rows = [{"event_id": event.id, column.key: each, **more(event, each)} for each in new]
    db.add_rows(model, rows)


def _relay(
    event: Event,
    column: Any,
    new: Collection[int],
    gone: Collection[int],
    more: Callable[[Event, int], dict[str, Any]] = lambda *_: {},
) -> None:
    """Have the changed occurrences of a series gain and lose the same rows."""
    if not event.repeats:
        return
    model = column.class_
    changed = sa.select(Event).where(Event.series_id == event.id).order_by(Event.id)
    for each in db.session.scalars(changed).all():
        of_it = model.event_id == each.id
        db.session.execute(sa.delete(model).where(of_it, column.in_(gone)))
        missing = set(new) - set(db.session.scalars(sa.select(column).where(of_it)))
        db.session.add_all(
            model(event_id=each.id, **{column.key: value}, **more(each, value))
            for value in sorted(missing)
        )


def remove_from_changed(event: Event, user_id: int) -> None:
    """Who leaves a series leaves its changed occurrences."""
    _relay(event, EventAttendee.user_id, (), {user_id})


def answer_for_changed(event: Event, user_id: int, before: str, answer: str) -> None:
    """Have an answer to a series hold for the changed occurrences that were answered alike."""
    if event.repeats:
        changed = sa.select(Event.id).where(Event.series_id == event.id)
        alike = (EventAttendee.user_id == user_id, EventAttendee.status == before)
        of_changed = EventAttendee.event_id.in_(changed)
        db.session.execute(
            sa.update(EventAttendee)
            .where(of_changed, *alike)
            .values(status=answer)
            .execution_options(synchronize_session="fetch")
        )


def teams_of(event: Event) -> set[int]:
    return {row.team_id for row in db.execute(_TEAMS, event_id=event.id)}


def set_teams(
    user: CurrentUser, event: Event, before: Collection[int], after: Collection[int]
) -> None:
    """Show the event to these teams; to new ones only if the user may share with them."""
    before, after = set(before), set(after)
    check_teams(user, after - before)
    new = sorted(after - before)
    _replace(event, EventTeam.team_id, before - after, new)
    _relay(event, EventTeam.team_id, new, before - after)


def reminders_of(event: Event) -> set[int]:
    """How many minutes before it begins an event has its reminders."""
    return {row.minutes for row in db.execute(_REMINDERS, event_id=event.id)}


def set_reminders(
    _: CurrentUser, event: Event, before: Collection[int], after: Collection[int]
) -> None:
    """Remind so many minutes before it begins. What has been sent is not sent again."""
    before, after = set(before), set(after)
    _replace(event, EventReminder.minutes, before - after, sorted(after - before), _times)
    _relay(event, EventReminder.minutes, after - before, before - after, _times)


# What is stored of an event in tables of its own: how to read it, and how to set it. The setter
# gets what is stored and what shall be.
KINDS: dict[str, tuple[Stored, Setter]] = {
    "attendee_ids": (attendees_of, set_attendees),
    "team_ids": (teams_of, set_teams),
    "reminders": (reminders_of, set_reminders),
}


def changes(event: Event, sent: Mapping[str, Any], *, is_new: bool = False) -> Changes:
    """What is to be set, by name: what is stored and what shall be, where these differ.

    The owner is no attendee.
    """
    found: Changes = {}
    for name, value in sent.items():
        stored, _ = KINDS[name]
        before = set() if is_new else stored(event)
        after = set(value) - {event.owner_id} if name == "attendee_ids" else set(value)
        if before != after:
            found[name] = sorted(before), sorted(after)
    return found


def make(user: CurrentUser, event: Event, changing: Changes) -> None:
    """Make these changes of an event. The changed occurrences of a series follow."""
    for name, (before, after) in changing.items():
        KINDS[name][1](user, event, before, after)


def rearm_reminders(event: Event) -> None:
    """Have all reminders come at their time before the new start, also those that were sent.

    Of a series before its next occurrence.

    Under a lock: one that is being sent at this moment has to be seen as sent.
    """
    reminders = sa.select(EventReminder).filter_by(event_id=event.id)
    locked = reminders.order_by(EventReminder.minutes).with_for_update()
    for reminder in db.session.scalars(locked.execution_options(populate_existing=True)):
        reminder.assign(_times(event, reminder.minutes))


def copy_reminders(event: Event, copy: Event) -> None:
    """Give a copy of an event its reminders. Those that are due count as sent: they have been."""
    minutes = sa.select(EventReminder.minutes).filter_by(event_id=event.id)
    now = utcnow()
    for number in db.session.scalars(minutes).all():
        times = _times(copy, number)
        if times["due_at"] <= now:
            times["sent_at"] = now
        db.session.add(EventReminder(event_id=copy.id, minutes=number, **times))
    db.session.flush()


def next_start(event_id: int, after: dt.datetime) -> dt.datetime | None:
    """When the next occurrence of a series begins, of those that were not changed."""
    later = (EventOccurrence.event_id == event_id, EventOccurrence.start > after)
    return db.session.scalar(sa.select(sa.func.min(EventOccurrence.start)).where(*later))


def _times(event: Event, minutes: int) -> dict[str, Any]:
    """When a reminder is due: for an all-day event, before midnight UTC of its first day.

    Of what has begun already nobody is reminded: it counts as sent. Of a series the next occurrence
    counts whose reminder is not due yet.
    """
    now = utcnow()
    before = dt.timedelta(minutes=minutes)
    start = event.start
    if event.repeats:
        start = next_start(event.id, now + before) or start
    return {"due_at": start - before, "sent_at": now if start <= now else None}
