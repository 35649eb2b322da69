"""What comes in and goes out of the stream's endpoints, and the events that are in it."""

import marshmallow as ma

from halolight.core.schemas.base import Query, Schema
from halolight.modules.messages.schemas import MessageSchema
from halolight.modules.notifications.schemas import NotificationSchema

EVENT_ID = {
    "description": "For `Last-Event-ID`: the user and the number of the event.",
    "example": "7-1024",
}


class TicketSchema(Schema):
    ticket = ma.fields.String(required=True)
    expires_in = ma.fields.Integer(required=True, metadata={"description": "In seconds."})


class StreamQuery(Query):
    ticket = ma.fields.String(
        metadata={"description": "In place of a token in the header. It works once."}
    )
    last_event_id = ma.fields.String(
        load_default="",
        metadata={
            "description": "For clients that cannot send the header `Last-Event-ID`, which wins."
        },
    )


def event_name(name: str) -> ma.fields.String:
    return ma.fields.String(required=True, metadata={"enum": [name]})


def event_id() -> ma.fields.String:
    return ma.fields.String(required=True, metadata=EVENT_ID)


class NotificationEventSchema(Schema):
    """A notification of yours that is new, or that took the place of an unread one."""

    event = event_name("notification")
    id = event_id()
    data = ma.fields.Nested(NotificationSchema, required=True)


class MessageEventSchema(Schema):
    """A message that you got, or sent from another device."""

    event = event_name("message")
    id = event_id()
    data = ma.fields.Nested(MessageSchema, required=True)


class CalendarFacts(Schema):
    id = ma.fields.Integer(required=True, metadata={"description": "Of the event."})
    action = ma.fields.String(
        required=True,
        metadata={
            "description": "As in the audit trail: `create`, `update`, `reschedule`, `delete`, "
            "`add-attendees`, `remove-attendee`, `respond`.",
            "example": "update",
        },
    )


class CalendarEventSchema(Schema):
    """An event of your calendar was changed, or is no longer in it."""

    event = event_name("calendar")
    id = event_id()
    data = ma.fields.Nested(CalendarFacts, required=True)


class ShareFacts(Schema):
    id = ma.fields.Integer(required=True, metadata={"description": "Of the document or file."})
    resource = ma.fields.String(required=True, metadata={"enum": ["documents", "files"]})
    action = ma.fields.String(required=True, metadata={"enum": ["share", "unshare"]})


class ShareEventSchema(Schema):
    """A document or file was shared with you, or is no longer."""

    event = event_name("share")
    id = event_id()
    data = ma.fields.Nested(ShareFacts, required=True)


class UnreadCounts(Schema):
    notifications = ma.fields.Integer(required=True)
    messages = ma.fields.Integer(required=True)


class UnreadEventSchema(Schema):
    """How much you have not read: at the beginning, and whenever it changes."""

    event = event_name("unread")
    id = event_id()
    data = ma.fields.Nested(UnreadCounts, required=True)


class Nothing(Schema):
    pass


class ResetEventSchema(Schema):
    """Events are missing here, because they are too old or too many: load your lists again."""

    event = event_name("reset")
    id = event_id()
    data = ma.fields.Nested(Nothing, required=True)


class SessionEnd(Schema):
    reason = ma.fields.String(required=True, metadata={"example": "logout"})


class SessionEndedEventSchema(Schema):
    """You are signed out; the stream ends. Do not reconnect."""

    event = event_name("session-ended")
    data = ma.fields.Nested(SessionEnd, required=True)


class Reconnect(Schema):
    reason = ma.fields.String(
        required=True, metadata={"enum": ["lifetime", "permissions", "stopping"]}
    )


class ReconnectEventSchema(Schema):
    """The stream ends. Reconnect after the time in `retry`."""

    event = event_name("reconnect")
    data = ma.fields.Nested(Reconnect, required=True)


EVENTS = (
    *(NotificationEventSchema, MessageEventSchema, CalendarEventSchema, ShareEventSchema),
    *(UnreadEventSchema, ResetEventSchema, SessionEndedEventSchema, ReconnectEventSchema),
)
