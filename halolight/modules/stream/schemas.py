"""The schemas of the stream's endpoints, and of the events in it."""

import marshmallow as ma

from halolight.core.schemas.base import Query, Schema
from halolight.modules.calendar.keys import EventKeyField
from halolight.modules.messages.schemas import MessageSchema
from halolight.modules.notifications.schemas import NotificationSchema


def nested(schema: type[Schema], description: str) -> ma.fields.Nested:
    return ma.fields.Nested(schema, metadata={"description": description})


class TicketSchema(Schema):
    ticket = ma.fields.String(required=True)
    expires_in = ma.fields.Integer(
        required=True, metadata={"description": "Seconds until the ticket expires."}
    )


class StreamQuery(Query):
    ticket = ma.fields.String(
        metadata={"description": "Replaces the token in the header. It works once."}
    )
    last_event_id = ma.fields.String(
        load_default="",
        metadata={
            "description": "For clients that cannot send `Last-Event-ID`, which takes precedence."
        },
    )


class CalendarChangeSchema(Schema):
    id = EventKeyField(required=True)
    action = ma.fields.String(
        required=True,
        metadata={
            "description": "As in the audit trail: `create`, `update`, `reschedule`, `delete`, "
            "`add-attendees`, `remove-attendee`, `respond`.",
            "example": "update",
        },
    )


class ShareChangeSchema(Schema):
    id = ma.fields.Integer(required=True, metadata={"description": "Id of the document or file."})
    resource = ma.fields.String(required=True, metadata={"enum": ["documents", "files"]})
    action = ma.fields.String(required=True, metadata={"enum": ["share", "unshare"]})


class UnreadCountsSchema(Schema):
    notifications = ma.fields.Integer(required=True)
    messages = ma.fields.Integer(required=True)


class StreamResetSchema(Schema):
    reason = ma.fields.String(required=True, metadata={"enum": ["gap"]})


class SessionEndSchema(Schema):
    reason = ma.fields.String(required=True, metadata={"example": "logout"})


class ReconnectSchema(Schema):
    reason = ma.fields.String(
        required=True, metadata={"enum": ["lifetime", "permissions", "stopping"]}
    )


class StreamEventsSchema(Schema):
    """The `data` of each kind of event. The name of an event is in its field `event`."""

    ENVELOPE = False

    notification = nested(NotificationSchema, "A new notification for you.")
    message = nested(MessageSchema, "A message that you received, or sent from another device.")
    calendar = nested(CalendarChangeSchema, "An event in your calendar was changed or removed.")
    share = nested(
        ShareChangeSchema, "A document or file was shared with you, or is no longer shared."
    )
    unread = nested(
        UnreadCountsSchema, "Your unread counts: when the stream opens, and when they change."
    )
    reset = nested(
        StreamResetSchema,
        "Events are missing, because they are too old or too many. Load your lists again.",
    )
    session_ended = nested(
        SessionEndSchema, "Named `session-ended`. You are signed out: do not reconnect."
    )
    reconnect = nested(ReconnectSchema, "The stream ends. Reconnect after the time in `retry`.")
