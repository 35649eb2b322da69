"""What belongs to an event: its attendees, teams and reminders. The event is locked or new.

What is set takes the place of what was; each function answers with both, for the trail.
"""

import datetime as dt
from collections.abc import Collection

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
from .models import Event, EventAttendee, EventReminder, EventTeam
from .schemas import MAX_ATTENDEES


def attendees_of(event: Event) -> set[int]:
    attending = sa.select(EventAttendee.user_id).filter_by(event_id=event.id)
    return set(db.session.scalars(attending))


def set_attendees(user: CurrentUser, event: Event, user_ids: Collection[int]) -> trail.Values:
    """Set the attendees, without the owner. Those who stay keep their answers."""
    before, after = attendees_of(event), set(user_ids) - {event.owner_id}
    new = sorted(after - before)
    check_active(new, "attendeeIds")
    if len(after) > MAX_ATTENDEES:
        raise Invalid(
            _("An event can have at most {max} attendees.", code="too_many", max=MAX_ATTENDEES),
            field="attendeeIds",
        )
    leaving = EventAttendee.user_id.in_(before - after)
    db.session.execute(sa.delete(EventAttendee).filter_by(event_id=event.id).where(leaving))
    db.session.add_all(EventAttendee(event_id=event.id, user_id=user_id) for user_id in new)
    event_notifications.taken_off(user, event, before - after)
    event_notifications.invited(user, event, new)
    return sorted(before), sorted(after)


def set_teams(user: CurrentUser, event: Event, team_ids: Collection[int]) -> trail.Values:
    """Show the event to these teams; to new ones only if the user may share with them."""
    shared = sa.select(EventTeam.team_id).filter_by(event_id=event.id)
    before, after = set(db.session.scalars(shared)), set(team_ids)
    check_teams(user, after - before)
    leaving = EventTeam.team_id.in_(before - after)
    db.session.execute(sa.delete(EventTeam).filter_by(event_id=event.id).where(leaving))
    new = sorted(after - before)
    db.session.add_all(EventTeam(event_id=event.id, team_id=team_id) for team_id in new)
    return sorted(before), sorted(after)


def set_reminders(_: CurrentUser, event: Event, minutes: Collection[int]) -> trail.Values:
    """Remind so many minutes before it begins. What has been sent is not sent again."""
    set_ = sa.select(EventReminder.minutes).filter_by(event_id=event.id)
    before, after = set(db.session.scalars(set_)), set(minutes)
    leaving = EventReminder.minutes.in_(before - after)
    db.session.execute(sa.delete(EventReminder).filter_by(event_id=event.id).where(leaving))
    db.session.add_all(
        EventReminder(event_id=event.id, minutes=number, **_times(event, number))
        for number in sorted(after - before)
    )
    return sorted(before), sorted(after)


def rearm_reminders(event: Event) -> None:
    """Have all reminders come at their time before the new start, also those that were sent.

    Under a lock: one that is being sent at this moment has to be seen as sent.
    """
    reminders = sa.select(EventReminder).filter_by(event_id=event.id)
    locked = reminders.order_by(EventReminder.minutes).with_for_update()
    for reminder in db.session.scalars(locked.execution_options(populate_existing=True)):
        reminder.assign(_times(event, reminder.minutes))


def _times(event: Event, minutes: int) -> dict[str, dt.datetime | None]:
    """When a reminder is due: for an all-day event, before midnight UTC of its first day.

    Of what has begun already nobody is reminded: it counts as sent.
    """
    now = utcnow()
    due_at = event.start - dt.timedelta(minutes=minutes)
    return {"due_at": due_at, "sent_at": now if event.start <= now else None}
