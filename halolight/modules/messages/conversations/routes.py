"""Conversations and their members."""

from types import SimpleNamespace
from typing import Any

from halolight.core.access import current_user
from halolight.core.db.listing import Page
from halolight.core.http.api import Blueprint
from halolight.core.i18n import _
from halolight.core.schemas.base import page_of

from ..schemas import ConversationMessageQuery, MessageSchema
from . import service
from .schemas import (
    ConversationInput,
    ConversationQuery,
    ConversationSchema,
    ParticipantsInput,
)

blp = Blueprint(
    "conversations", __name__, url_prefix="/api/conversations", description="Conversations"
)


@blp.get("")
@blp.require("messages:view")
@blp.arguments(ConversationQuery, location="query")
@blp.response(200, page_of(ConversationSchema))
def list_conversations(query: dict[str, Any]) -> Page:
    """List conversations

    Your conversations, those with the newest message first.
    """
    return service.list_conversations(current_user(), query)


@blp.post("")
@blp.require("messages:create")
@blp.arguments(ConversationInput)
@blp.response(201, ConversationSchema, message=_("Conversation opened"))
def create_conversation(data: dict[str, Any]) -> SimpleNamespace:
    """Open a conversation

    Two people have a private conversation, more have a group. Without a name, returns the
    conversation that exactly these people already have, if there is one. With a name or `isGroup`,
    creates a new group.
    """
    return service.create_conversation(current_user(), **data)


@blp.get("/<int:conversation_id>")
@blp.require("messages:view")
@blp.response(200, ConversationSchema)
@blp.fails(404)
def get_conversation(conversation_id: int) -> SimpleNamespace:
    """Get a conversation with all its members"""
    return service.get_conversation(current_user(), conversation_id)


@blp.get("/<int:conversation_id>/messages")
@blp.require("messages:view")
@blp.arguments(ConversationMessageQuery, location="query")
@blp.response(200, page_of(MessageSchema))
@blp.fails(404)
def list_conversation_messages(query: dict[str, Any], conversation_id: int) -> Page:
    """List the messages of a conversation

    Without the messages from before you joined and those you deleted.
    """
    return service.list_messages(current_user(), conversation_id, query)


@blp.put_or_patch("/<int:conversation_id>/read")
@blp.require("messages:update")
@blp.response(200, ConversationSchema, message=_("Conversation read"))
@blp.fails(404)
def read_conversation(conversation_id: int) -> SimpleNamespace:
    """Mark all messages of a conversation as read"""
    return service.read_conversation(current_user(), conversation_id)


@blp.post("/<int:conversation_id>/participants")
@blp.require("messages:update")
@blp.arguments(ParticipantsInput)
@blp.response(200, ConversationSchema, message=_("Participants added"))
@blp.fails(404, 409)
def add_conversation_participants(data: dict[str, Any], conversation_id: int) -> SimpleNamespace:
    """Add people to a group

    Every member can add others, who see the messages sent from then on.
    """
    return service.add_participants(current_user(), conversation_id, **data)


@blp.delete("/<int:conversation_id>")
@blp.require("messages:delete")
@blp.response(200, message=_("Conversation left"))
@blp.fails(404)
def leave_conversation(conversation_id: int) -> None:
    """Leave a conversation

    Deletes its messages for you; the other members keep theirs. A private conversation comes back,
    without the old messages, when the other member writes again.
    """
    service.leave_conversation(current_user(), conversation_id)
