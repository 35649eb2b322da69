"""Messages: sending, reading, deleting."""

from typing import Any

from halolight.core.access import current_user
from halolight.core.db.listing import Page
from halolight.core.db.reads import Row
from halolight.core.http.api import Blueprint
from halolight.core.i18n import _
from halolight.core.schemas.base import page_of

from . import service
from .schemas import MessageInput, MessageQuery, MessageSchema, UnreadCountSchema

blp = Blueprint("messages", __name__, url_prefix="/api/messages", description="Messages")


@blp.get("")
@blp.require("messages:view")
@blp.arguments(MessageQuery, location="query")
@blp.response(200, page_of(MessageSchema))
def list_messages(query: dict[str, Any]) -> Page:
    """List messages

    The messages you received and sent.
    """
    return service.list_messages(current_user(), query)


@blp.get("/unread-count")
@blp.require("messages:view")
@blp.response(200, UnreadCountSchema)
def count_unread_messages() -> dict[str, int]:
    """Count your unread messages"""
    return {"count": service.count_unread(current_user())}


@blp.get("/<int:message_id>")
@blp.require("messages:view")
@blp.response(200, MessageSchema)
@blp.fails(404)
def get_message(message_id: int) -> Row:
    """Get a message

    It stays unread until it is marked as read.
    """
    return service.get_message(current_user(), message_id)


@blp.post("")
@blp.require("messages:create")
@blp.arguments(MessageInput)
@blp.response(201, MessageSchema, message=_("Message sent"))
def send_message(data: dict[str, Any]) -> Row:
    """Send a message

    To one user (`recipientId`), to several (`recipientIds`) or to one of your conversations
    (`conversationId`). For users, it goes to the unnamed conversation of exactly these people,
    which the first message creates.
    """
    return service.send_message(current_user(), data)


@blp.post("/send")
@blp.require("messages:create")
@blp.arguments(MessageInput)
@blp.response(201, MessageSchema, message=_("Message sent"))
def send_message_alias(data: dict[str, Any]) -> Row:
    """Send a message (alias)

    The same as `POST /api/messages`.
    """
    return service.send_message(current_user(), data)


@blp.put_or_patch("/read-all")
@blp.require("messages:update")
@blp.response(200, message=_("All messages read"))
def read_all_messages() -> None:
    """Mark all your messages as read"""
    service.read_all_messages(current_user())


@blp.put_or_patch("/<int:message_id>/read")
@blp.require("messages:update")
@blp.response(200, MessageSchema, message=_("Message read"))
@blp.fails(404)
def read_message(message_id: int) -> Row:
    """Mark a message as read"""
    return service.read_message(current_user(), message_id)


@blp.delete("/<int:message_id>")
@blp.require("messages:delete")
@blp.response(200, message=_("Message deleted"))
@blp.fails(404)
def delete_message(message_id: int) -> None:
    """Delete a message for you

    The others keep it.
    """
    service.delete_message(current_user(), message_id)
