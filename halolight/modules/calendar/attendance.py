"""Who attends an event: inviting, answering, leaving."""

from collections.abc import Sequence

import sqlalchemy as sa

from halolight.core.access import CurrentUser
from halolight.core.clock import utcnow
from halolight.core.db.reads import Row
from halolight.core.errors import Forbidden, NotFound
from halolight.core.http.etags import IfMatch
from halolight.core.i18n import _
from halolight.extensions import db
from halolight.modules.audit import trail

from . import event_notifications, relations, service
from .models import Event, EventAttendee
from .queries import EVENTS


def add_attendees(
    user: CurrentUser, event_id: int, user_ids: Sequence[int], if_match: IfMatch
) -> Row:
    """Invite people. Who is invited already keeps their answer."""
    [event] = EVENTS.lock(user, [event_id], to="edit")
    if_match.check(event.version)
    before, after = relations.set_attendees(
        user, event, {*relations.attendees_of(event), *user_ids}
    )
    if before != after:
        event.updated_at = utcnow()
    trail.record(user, "calendar.add-attendees", event, attendee_ids=(before, after))
    db.session.commit()
    return service.get_event(user, event_id)


def remove_attendee(user: CurrentUser, event_id: int, user_id: int, if_match: IfMatch) -> None:
    """Remove an attendee, which the owner may, or leave the event."""
    [event] = EVENTS.lock(user, [event_id], to="view" if user_id == user.id else "edit")
    if_match.check(event.version)
    leaving = sa.delete(EventAttendee).filter_by(event_id=event_id, user_id=user_id)
    if db.session.scalar(leaving.returning(EventAttendee.user_id)) is None:
        raise NotFound(_("Attendee not found."))
    event.updated_at = utcnow()
    if user_id == user.id:
        event_notifications.left(user, event)
    else:
        event_notifications.taken_off(user, event, [user_id])
    trail.record(user, "calendar.remove-attendee", event, attendee_id=(user_id, None))
    db.session.commit()


def respond(user: CurrentUser, event_id: int, answer: str) -> Row:
    """Answer an invitation. The event stays as it is, and so does its version."""
    invitation = sa.select(EventAttendee).filter_by(event_id=event_id, user_id=user.id)
    attendee = db.session.scalar(invitation.with_for_update())
    if attendee is None:
        service.get_event(user, event_id)
        raise Forbidden(_("Only attendees can answer an invitation."))
    event = db.session.get_one(Event, event_id)
    before, attendee.status = attendee.status, answer
    if before != answer:
        event_notifications.answered(user, event, answer)
    trail.record(user, "calendar.respond", event, answer=(before, answer))
    db.session.commit()
    return service.get_event(user, event_id)
