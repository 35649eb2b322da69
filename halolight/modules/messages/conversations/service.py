"""Changing conversations, by their members. Each change is one transaction."""

import dataclasses as dc
from collections.abc import Collection, Mapping
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from halolight.core.access import CurrentUser
from halolight.core.clock import utcnow
from halolight.core.db.listing import Page
from halolight.core.db.paging import Condition
from halolight.core.db.reads import Row
from halolight.core.errors import Conflict, Invalid, NotFound
from halolight.core.i18n import _, for_caller
from halolight.extensions import db
from halolight.modules.audit import trail
from halolight.modules.users.service import check_active

from .. import service as messages
from ..models import MessageReceipt
from . import opening, queries
from .models import MAX_PEOPLE, PRIVATE, Conversation, Participant

NOT_FOUND = _("Conversation not found.")
DELETED_USER, NOBODY_ELSE = _("Deleted user"), _("Nobody else")
NAMED = 3  # members in the name of a group without a name


def list_conversations(user: CurrentUser, query: Mapping[str, Any]) -> Page:
    page = queries.CONVERSATIONS.page(query, queries.MINE, caller=user.id)
    return dc.replace(page, items=[_shown(user, row) for row in page.items])


def get_conversation(user: CurrentUser, conversation_id: int) -> SimpleNamespace:
    row = db.row(queries.MY_CONVERSATION, caller=user.id, id=conversation_id)
    if row is None:
        raise NotFound(NOT_FOUND)
    return _shown(user, row)


def list_messages(user: CurrentUser, conversation_id: int, query: Mapping[str, Any]) -> Page:
    """The messages that the user has in a conversation."""
    page = messages.list_messages(user, {**query, "conversation_id": conversation_id})
    if not page.total:  # a user with messages in it is a member
        get_conversation(user, conversation_id)
    return page


def create_conversation(
    user: CurrentUser, *, participant_ids: Collection[int], name: str | None, is_group: bool
) -> SimpleNamespace:
    """Make a group, or open the conversation that exactly these people have already."""
    conversation, __, is_new = opening.open_with(
        user, participant_ids, "participantIds", name=name, new_group=is_group
    )
    coming_back: sa.CursorResult[Any] = db.session.execute(  # type: ignore[assignment]
        sa.update(Participant)
        .where(_own(user, conversation.id), Participant.left_at.is_not(None))
        .values(left_at=None)
    )
    if is_new:
        people = sorted({user.id, *participant_ids})
        trail.record(user, "conversations.create", conversation, people=(None, people))
    elif coming_back.rowcount:
        opened = trail.Target("conversations", conversation.id, conversation.name)
        trail.record(user, "conversations.open", opened)
    db.session.commit()
    return get_conversation(user, conversation.id)


def read_conversation(user: CurrentUser, conversation_id: int) -> SimpleNamespace:
    """Mark all messages that the user has in it read."""
    if count := messages.mark_read(user, MessageReceipt.conversation_id == conversation_id):
        trail.record(user, "conversations.read", conversation_id, messages=(None, count))
    db.session.commit()
    return get_conversation(user, conversation_id)


def leave_conversation(user: CurrentUser, conversation_id: int) -> None:
    """Leave a conversation, without the messages; the others keep theirs.

    A private one comes back with its next message. The last member to leave deletes it.
    """
    conversation = _lock(user, conversation_id)
    messages.lock_mailbox(user)
    messages.drop_receipts(user, conversation_id)
    own = _own(user, conversation_id)
    if conversation.type == PRIVATE:
        db.session.execute(sa.update(Participant).where(own).values(left_at=utcnow()))
    else:
        db.session.execute(sa.delete(Participant).where(own))
        conversation.people_key = None
    staying = sa.select(Participant.user_id).filter_by(
        conversation_id=conversation_id, left_at=None
    )
    if db.session.scalar(staying.limit(1)) is None:
        db.session.delete(conversation)
    trail.record(user, "conversations.leave", conversation_id)
    db.session.commit()


def add_participants(
    user: CurrentUser, conversation_id: int, user_ids: Collection[int]
) -> SimpleNamespace:
    """Add members to a group. They see the messages sent from now on."""
    conversation = _lock(user, conversation_id)
    if conversation.type == PRIVATE:
        raise Conflict(_("A private conversation is between two people. Start a group instead."))
    check_active(user_ids, "userIds")
    people = db.session.scalars(
        sa.select(Participant.user_id).filter_by(conversation_id=conversation_id)
    ).all()
    added = sorted(set(user_ids) - set(people))
    if len(people) + len(added) > MAX_PEOPLE:
        raise Invalid(
            _("A conversation can have at most {max} people.", code="too_many", max=MAX_PEOPLE),
            field="userIds",
        )
    if added:
        conversation.people_key = None
        opening.add_people(conversation_id, added)
        trail.record(user, "conversations.add", conversation, people=(None, added))
    db.session.commit()
    return get_conversation(user, conversation_id)


def _lock(user: CurrentUser, conversation_id: int) -> Conversation:
    conversation = opening.lock_own(user, conversation_id)
    if conversation is None:
        raise NotFound(NOT_FOUND)
    return conversation


def _own(user: CurrentUser, conversation_id: int) -> Condition:
    """The condition for the membership of the user in this conversation."""
    return sa.and_(Participant.conversation_id == conversation_id, Participant.user_id == user.id)


def _shown(user: CurrentUser, row: Row) -> SimpleNamespace:
    """A conversation with its name for this user and its last message."""
    others = [member for member in row.members if member["id"] != user.id]
    names = [other["name"] for other in others[:NAMED]]
    if row.member_count - 1 > len(names):
        names.append("…")
    unnamed = for_caller(DELETED_USER if row.type == PRIVATE else NOBODY_ELSE)
    last = SimpleNamespace(
        id=row.last_message_id,
        type=row.last_message_type,
        content=row.last_message_content,
        sender_id=row.sender_id,
        sender_name=row.sender_name,
        sender_avatar=row.sender_avatar,
        created_at=row.last_message_time,
    )
    shown = row._asdict() | {
        "name": row.name or ", ".join(names) or unnamed,
        "avatar": others[0]["avatar"] if row.type == PRIVATE and others else None,
        "last_message": last if row.last_message_id else None,
    }
    return SimpleNamespace(**shown)
