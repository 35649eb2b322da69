"""Events, attendees, answers, free/busy."""

from typing import Any

from halolight.core.access import current_user
from halolight.core.db.listing import Page
from halolight.core.db.reads import Row
from halolight.core.http.etags import IfMatch
from halolight.core.i18n import _
from halolight.core.schemas.base import page_of
from halolight.core.schemas.batch import DeletedSchema

from .. import attendance, deleting, free_busy, service
from ..inputs import (
    EventAnswerInput,
    EventAttendeesInput,
    EventIdsInput,
    EventInput,
    EventTimesInput,
    EventUpdate,
)
from ..keys import EventKey
from ..query_inputs import EventQuery, EventScopeQuery, FreeBusyQuery
from ..schemas import EventSchema, FreeBusySchema
from . import blp


@blp.get("/events")
@blp.require("calendar:view")
@blp.arguments(EventQuery, location="query")
@blp.response(200, page_of(EventSchema))
def list_events(query: dict[str, Any]) -> Page:
    """List events

    Your events, those you attend and those shared with your teams; all events with
    `calendar:manage`. With `start` (inclusive) and `end` (exclusive), those that overlap this
    range. All-day events are compared by their dates: send the time zone of the range as `tz`. A
    list with a range contains the occurrences of a series, each with its own id. A list without a
    range contains each series once, and the occurrences that were changed.
    """
    return service.list_events(current_user(), query)


@blp.get("/events/<event:event_id>")
@blp.require("calendar:view")
@blp.conditional
@blp.response(200, EventSchema)
@blp.fails(404)
def get_event(event_id: EventKey) -> Row:
    """Get an event"""
    return service.get_event(current_user(), event_id)


@blp.post("/events")
@blp.require("calendar:create")
@blp.arguments(EventInput)
@blp.response(201, EventSchema, message=_("Event created"))
@blp.fails(409)
def create_event(data: dict[str, Any]) -> Row:
    """Create an event

    The signed-in user becomes its owner, and its attendees are invited. Without an `end`, it takes
    an hour. With `allDay`, it takes whole days: `start` and `end` are its first and last day, as
    dates like 2026-05-11 or as any time of that day; without an `end`, it takes one day. With a
    `recurrence`, it is a series, which repeats in its `timeZone`.
    """
    return service.create_event(current_user(), data)


@blp.put_or_patch("/events/<event:event_id>")
@blp.require("calendar:update")
@blp.arguments(EventScopeQuery, location="query")
@blp.arguments(EventUpdate)
@blp.response(200, EventSchema, message=_("Event updated"))
@blp.fails(404, 409, 412)
def update_event(query: dict[str, Any], changes: dict[str, Any], event_id: EventKey) -> Row:
    """Update an event

    Changes only the fields in the body. With `If-Match`, the update fails with 412 if the event has
    changed since you read this ETag. `allDay` without `start` turns a timed event into an
    all-day event on the same days (UTC), and an all-day event into a timed event that lasts from
    the beginning of its first to the end of its last day (UTC).

    With the id of an occurrence, only this occurrence changes. With `scope=following`, it and all
    following ones change and become a new series. With `scope=all`, the whole series changes; if
    the occurrence moves by an hour, so does the series. Fields that were changed for a single
    occurrence keep their values.
    """
    return service.update_event(current_user(), event_id, changes, IfMatch(), **query)


@blp.delete("/events/<event:event_id>")
@blp.require("calendar:delete")
@blp.arguments(EventScopeQuery, location="query")
@blp.response(200, message=_("Event deleted"))
@blp.fails(404, 412)
def delete_event(query: dict[str, Any], event_id: EventKey) -> None:
    """Delete an event

    For its owner and for users with `calendar:manage`. Attendees of a future event are notified.
    For a series, `scope` decides which occurrences are deleted.
    """
    deleting.delete_events(current_user(), [event_id], IfMatch(), **query)


@blp.post("/events/batch-delete")
@blp.require("calendar:delete")
@blp.arguments(EventIdsInput)
@blp.response(200, DeletedSchema, message=_("Events deleted"))
@blp.fails(404)
def batch_delete_events(data: dict[str, Any]) -> dict[str, int]:
    """Delete several events

    All of them or none.
    """
    return {"deleted": deleting.delete_events(current_user(), data["ids"])}


@blp.patch("/events/<event:event_id>/reschedule")
@blp.require("calendar:update")
@blp.arguments(EventScopeQuery, location="query")
@blp.arguments(EventTimesInput)
@blp.response(200, EventSchema, message=_("Event rescheduled"))
@blp.fails(404, 409, 412)
def reschedule_event(query: dict[str, Any], data: dict[str, Any], event_id: EventKey) -> Row:
    """Move an event to another time

    Its attendees are notified, and its reminders are sent again. An all-day event moves to other
    days.
    """
    return service.reschedule_event(current_user(), event_id, **data, if_match=IfMatch(), **query)


@blp.post("/events/<event:event_id>/attendees")
@blp.require("calendar:update")
@blp.arguments(EventAttendeesInput)
@blp.response(200, EventSchema, message=_("Attendees added"))
@blp.fails(404, 409, 412)
def add_event_attendees(data: dict[str, Any], event_id: EventKey) -> Row:
    """Invite people to an event

    Attendees who are already invited keep their response.
    """
    return attendance.add_attendees(current_user(), event_id, data["attendee_ids"], IfMatch())


@blp.delete("/events/<event:event_id>/attendees/<int:user_id>")
@blp.require("calendar:update")
@blp.response(200, message=_("Attendee removed"))
@blp.fails(404, 409, 412)
def remove_event_attendee(event_id: EventKey, user_id: int) -> None:
    """Remove an attendee from an event, or leave it

    The owner can remove everybody, attendees can remove themselves.
    """
    attendance.remove_attendee(current_user(), event_id, user_id, IfMatch())


@blp.put_or_patch("/events/<event:event_id>/respond")
@blp.require("calendar:view")
@blp.arguments(EventAnswerInput)
@blp.response(200, EventSchema, message=_("Response saved"))
@blp.fails(404, 409)
def respond_to_event(data: dict[str, Any], event_id: EventKey) -> Row:
    """Respond to an invitation

    For attendees. A response does not change the ETag of the event. With the id of an occurrence,
    it applies to this occurrence only.
    """
    return attendance.respond(current_user(), event_id, data["status"])


@blp.get("/free-busy")
@blp.require("calendar:view")
@blp.arguments(FreeBusyQuery, location="query")
@blp.response(200, FreeBusySchema(many=True))
def list_busy_times(query: dict[str, Any]) -> list[dict[str, Any]]:
    """List the times at which users are busy

    The times of the meetings and tasks that they own or attend and have not declined, without
    details. You can query yourself and the members of your teams, and with `calendar:manage`
    everybody.
    """
    return free_busy.list_busy_times(current_user(), **query)
