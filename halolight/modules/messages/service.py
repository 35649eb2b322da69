"""Sending, reading and deleting messages. Each change is one transaction."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from halolight.core.access import CurrentUser
from halolight.core.clock import utcnow
from halolight.core.db.listing import Page
from halolight.core.db.paging import Condition
from halolight.core.db.reads import Row
from halolight.core.errors import Invalid, NotFound
from halolight.core.i18n import _
from halolight.core.live.kinds import UNREAD
from halolight.extensions import db, live
from halolight.modules.audit import trail
from halolight.modules.notifications.sending import notify
from halolight.modules.users.models import User

from . import queries
from .conversations import opening
from .conversations.models import Conversation, Participant
from .models import INBOX, SENT, Message, MessageReceipt

NOT_FOUND = _("Message not found.")
SNIPPET = 100  # characters of a message that its notification repeats
WITHOUT_TEXT = {"image": _("Sent an image"), "file": _("Sent a file")}


RETURN_TO = (
    sa.update(Participant)
    .where(Participant.conversation_id == sa.bindparam("id"))
    .values(
        updated_at=sa.bindparam("sent_at", type_=Participant.updated_at.type),
        left_at=None,
    )
)


def list_messages(user: CurrentUser, query: Mapping[str, Any]) -> Page:
    return queries.MESSAGES.page(query, queries.SCOPES[query.get("unread")], caller=user.id)


def count_unread(user: CurrentUser) -> int:
    count: int = db.value(queries.UNREAD_COUNT, caller=user.id)
    return count


def get_message(user: CurrentUser, message_id: int) -> Row:
    row = db.row(queries.MY_MESSAGE, caller=user.id, id=message_id)
    if row is None:
        raise NotFound(NOT_FOUND)
    return row


def send_message(user: CurrentUser, data: dict[str, Any]) -> Row:
    """Send a message to a user, to several, or to a conversation of the sender."""
    conversation_id, people, field = _open(user, data)
    if user.id not in people:  # left the group while this request waited for the lock
        raise _no_such_conversation()
    if len(people) == 1:
        raise Invalid(_("There is nobody else in this conversation."), field=field)
    sent = {
        "conversation_id": conversation_id,
        "sender_id": user.id,
        "type": data["type"],
        "content": data["content"],
        "created_at": utcnow(),
    }
    id_ = db.add_row(Message, **sent)
    message = Message(id=id_, **sent)
    deliver(message, people)
    notify(people, **announcement(message, user.name))
    live.tell(people, "message", id=id_)
    trail.record_row(user, "messages.create", (Message, id_), sent)
    db.session.commit()
    return get_message(user, id_)


def deliver(message: Message, people: Collection[int]) -> None:
    """Deliver a new message to all members, also to one who had left a private conversation."""
    sender_id, sent_at = message.sender_id, message.created_at
    of_it = {"message_id": message.id, "conversation_id": message.conversation_id}
    db.add_rows(
        MessageReceipt,
        [
            {
                **of_it,
                "user_id": user_id,
                "box": SENT if user_id == sender_id else INBOX,
                "created_at": sent_at,
                "read_at": sent_at if user_id == sender_id else None,
            }
            for user_id in people
        ],
    )
    db.later(RETURN_TO, id=message.conversation_id, sent_at=sent_at)


def announcement(message: Message, sender: str) -> dict[str, Any]:
    """The notification of a message."""
    text = WITHOUT_TEXT.get(message.type) or " ".join(message.content.split())
    return {
        "kind": "message",
        "title": _("New message from {name}", name=sender),
        "content": text if len(text) <= SNIPPET else f"{text[:SNIPPET]}…",
        "link": f"/messages/{message.conversation_id}",
        "sender_id": message.sender_id,
    }


def read_message(user: CurrentUser, message_id: int) -> Row:
    if mark_read(user, MessageReceipt.message_id == message_id):
        trail.record(user, "messages.read", message_id)
    db.session.commit()
    return get_message(user, message_id)


def read_all_messages(user: CurrentUser) -> None:
    if count := mark_read(user, sa.true()):
        trail.record(user, "messages.read-all", messages=(None, count))
    db.session.commit()


def mark_read(user: CurrentUser, which: Condition) -> int:
    """Mark these messages read for the user; return how many were unread."""
    lock_mailbox(user)
    result: sa.CursorResult[Any] = db.session.execute(  # type: ignore[assignment]
        sa.update(MessageReceipt)
        .where(MessageReceipt.user_id == user.id, MessageReceipt.read_at.is_(None), which)
        .values(read_at=utcnow())
    )
    live.tell([user.id], UNREAD)
    return result.rowcount


def lock_mailbox(user: CurrentUser) -> None:
    """Serialize the changes of many receipts of one user.

    Two at once could lock the same rows in another order. New messages are not blocked.
    """
    own = sa.select(User.id).where(User.id == user.id)
    db.session.execute(own.with_for_update(key_share=True))


def delete_message(user: CurrentUser, message_id: int) -> None:
    """Delete a message for the user. The last deletion removes its row."""
    found = sa.select(MessageReceipt.conversation_id).filter_by(
        message_id=message_id, user_id=user.id
    )
    conversation_id = db.session.scalar(found)
    if conversation_id is None or not opening.lock_own(user, conversation_id):
        raise NotFound(NOT_FOUND)
    if not drop_receipts(user, conversation_id, message_id):
        raise NotFound(NOT_FOUND)  # another call was faster
    trail.record(user, "messages.delete", message_id)
    db.session.commit()


def drop_receipts(user: CurrentUser, conversation_id: int, message_id: int | None = None) -> int:
    """Delete one or all messages of a locked conversation for the user; return their number."""
    dropped = sa.delete(MessageReceipt).filter_by(conversation_id=conversation_id, user_id=user.id)
    held = sa.exists().where(MessageReceipt.message_id == Message.id)
    without = sa.delete(Message).where(Message.conversation_id == conversation_id, ~held)
    if message_id is not None:
        dropped = dropped.filter_by(message_id=message_id)
        without = without.where(Message.id == message_id)
    result: sa.CursorResult[Any] = db.session.execute(dropped)  # type: ignore[assignment]
    db.session.execute(without)
    live.tell([user.id], UNREAD)
    return result.rowcount


def prune_messages() -> int:
    """Delete messages that no user has, after accounts were deleted; return their number."""
    taking_part = sa.exists().where(
        Participant.conversation_id == Conversation.id, Participant.left_at.is_(None)
    )
    held = sa.exists().where(MessageReceipt.message_id == Message.id)
    result: sa.CursorResult[Any] = db.session.execute(  # type: ignore[assignment]
        sa.delete(Message).where(~held)
    )
    db.session.execute(sa.delete(Conversation).where(~taking_part))
    db.session.commit()
    return result.rowcount


def _open(user: CurrentUser, data: Mapping[str, Any]) -> tuple[int, Sequence[int], str]:
    """The id of the conversation of a new message, locked, its people, and the field naming it."""
    if data.get("conversation_id") is not None:
        if not opening.lock_own(user, data["conversation_id"]):
            raise _no_such_conversation()
        conversation_id: int = data["conversation_id"]
        return conversation_id, opening.people_in(conversation_id), "conversationId"
    if data.get("recipient_id") is not None:
        recipients, field = {data["recipient_id"]}, "recipientId"
    else:
        recipients, field = set(data["recipient_ids"]), "recipientIds"
    opened = opening.open_with(user, recipients, field)
    return opened.conversation.id, opened.people, field


def _no_such_conversation() -> Invalid:
    return Invalid(_("There is no such conversation.", code="not_found"), field="conversationId")
