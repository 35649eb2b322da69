"""Who attends an event, an occurrence or a whole series: inviting, answering, leaving."""

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

from . import event_notifications, occurrences, relations, scopes, service
from .keys import EventKey
from .models import Event, EventAttendee


def add_attendees(
    user: CurrentUser, key: EventKey, user_ids: Sequence[int], if_match: IfMatch
) -> Row:
    """Invite people. Attendees who are already invited keep their response."""
    event = scopes.open_occurrence(user, key, "edit", if_match)
    invited = {*relations.attendees_of(event), *user_ids}
    changes = relations.changes(event, {"attendee_ids": invited})
    if changes:
        event.updated_at = utcnow()
        relations.make(user, event, changes)
        trail.record(user, "calendar.add-attendees", event, **changes)
    db.session.commit()
    return service.get_event(user, key)


def remove_attendee(user: CurrentUser, key: EventKey, user_id: int, if_match: IfMatch) -> None:
    """Remove an attendee, which the owner may, or leave the event."""
    to: scopes.To = "view" if user_id == user.id else "edit"
    event = scopes.open_occurrence(user, key, to, if_match)
    leaving = sa.delete(EventAttendee).filter_by(event_id=event.id, user_id=user_id)
    if db.session.scalar(leaving.returning(EventAttendee.user_id)) is None:
        raise NotFound(_("Attendee not found."))
    relations.remove_from_changed(event, user_id)
    event.updated_at = utcnow()
    if user_id == user.id:
        event_notifications.left(user, event)
    else:
        event_notifications.taken_off(user, event, [user_id])
    trail.record(user, "calendar.remove-attendee", event, attendee_id=(user_id, None))
    db.session.commit()


def respond(user: CurrentUser, key: EventKey, answer: str) -> Row:
    """Answer an invitation. The event stays as it is, and so does its version.

    An answer for a series holds for the occurrences that were answered alike.
    """
    if key.at is None:
        invitation = sa.select(EventAttendee).filter_by(event_id=key.id, user_id=user.id)
        attendee = db.session.scalar(invitation.with_for_update())
        if attendee is None:
            service.get_event(user, key)
            raise Forbidden(_("Only attendees can answer an invitation."))
    else:
        attendee = _invited_to_one(user, key)
    event = db.session.get_one(Event, attendee.event_id)
    before, attendee.status = attendee.status, answer
    if before != answer:
        relations.answer_for_changed(event, user.id, before, answer)
        event_notifications.answered(user, event, answer)
    trail.record(user, "calendar.respond", event, answer=(before, answer))
    db.session.commit()
    return service.get_event(user, key)


def _invited_to_one(user: CurrentUser, key: EventKey) -> EventAttendee:
    """The invitation to one occurrence, which becomes an event of its own."""
    found = scopes.find(user, key, "view")
    invited_to = found.changed or found.series
    if db.session.get(EventAttendee, (invited_to.id, user.id)) is None:
        raise Forbidden(_("Only attendees can answer an invitation."))
    if found.changed is None and key.at:
        invited_to = occurrences.take_out(found.series, key.at)
    return db.session.get_one(
        EventAttendee, (invited_to.id, user.id), with_for_update=True, populate_existing=True
    )
