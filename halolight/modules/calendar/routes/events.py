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
    `calendar:manage`. With `start` and `end` those that overlap that range, of which the end is no
    part. All-day events are compared by their dates: add the time zone of the range as `tz`. Such a
    list has the occurrences of a series, each with an id of its own, and one without a range each
    series once, beside the occurrences that were changed.
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

    The signed-in user becomes its owner, and its attendees are invited. Without an `end` it takes
    an hour. With `allDay` it takes whole days: `start` and `end` are its first and last day, as
    dates like 2026-05-11 or as any time of that day, and without an `end` it is one day. With a
    `recurrence` it is a series, which repeats by the clock of its `timeZone`.
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

    Changes only the fields in the body. With the ETag of what you read in `If-Match` the update is
    refused if the event has changed since. `allDay` alone turns a timed event into an event on the
    days (UTC) that it touched, and an all-day event into one that lasts through its days (UTC).

    The id of an occurrence changes it alone, with `scope=following` it and those after, which
    become a series of their own, with `scope=all` the series, which moves as far as the occurrence
    does. What was changed for an occurrence alone stays so.
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
    Of a series one occurrence, it and those after, or all, as `scope` says.
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

    Who is invited already keeps their answer.
    """
    return attendance.add_attendees(current_user(), event_id, data["attendee_ids"], IfMatch())


@blp.delete("/events/<event:event_id>/attendees/<int:user_id>")
@blp.require("calendar:update")
@blp.response(200, message=_("Attendee removed"))
@blp.fails(404, 409, 412)
def remove_event_attendee(event_id: EventKey, user_id: int) -> None:
    """Take an attendee off an event, or leave it

    Its owner takes off anyone, an attendee themself.
    """
    attendance.remove_attendee(current_user(), event_id, user_id, IfMatch())


@blp.put_or_patch("/events/<event:event_id>/respond")
@blp.require("calendar:view")
@blp.arguments(EventAnswerInput)
@blp.response(200, EventSchema, message=_("Response saved"))
@blp.fails(404, 409)
def respond_to_event(data: dict[str, Any], event_id: EventKey) -> Row:
    """Answer an invitation

    For its attendees. An answer is no change of the event: its ETag stays. The id of an occurrence
    answers for it alone.
    """
    return attendance.respond(current_user(), event_id, data["status"])


@blp.get("/free-busy")
@blp.require("calendar:view")
@blp.arguments(FreeBusyQuery, location="query")
@blp.response(200, FreeBusySchema(many=True))
def list_busy_times(query: dict[str, Any]) -> list[dict[str, Any]]:
    """List when people are busy

    Times only, without what they do then: they own or attend a meeting or a task, which they have
    not declined. For yourself and those with whom you share a team; for everybody with
    `calendar:manage`.
    """
    return free_busy.list_busy_times(current_user(), **query)
