"""What is read of conversations: each as one of its people has it."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from halolight.core.db.aggregates import JsonRows
from halolight.core.db.folding import folded_form
from halolight.core.db.listing import Listing, contains
from halolight.core.db.resource import CALLER
from halolight.extensions import db
from halolight.modules.users.models import User

from ..models import Message, MessageReceipt
from .models import MAX_PEOPLE, Conversation, Participant

LISTED_MEMBERS = 10  # of a conversation in a list; their number is there, too

MINE = sa.and_(Participant.user_id == CALLER, Participant.left_at.is_(None))

_Member = aliased(Participant)
_MEMBERS = (
    sa.select(User.id, User.name, User.avatar)
    .join(_Member, _Member.user_id == User.id)
    .where(_Member.conversation_id == Participant.conversation_id)
    .correlate(Participant)
)
_OTHERS_NAMES = (
    _MEMBERS.with_only_columns(sa.func.aggregate_strings(User.name_key, "\n"))
    .where(_Member.user_id != Participant.user_id)
    .scalar_subquery()
)
_MEMBER_COUNT = (
    sa.select(sa.func.count())
    .where(_Member.conversation_id == Participant.conversation_id)
    .correlate(Participant)
    .scalar_subquery()
)

_OF_CALLER = (
    MessageReceipt.conversation_id == Participant.conversation_id,
    MessageReceipt.user_id == Participant.user_id,
)
_UNREAD_COUNT = (
    sa.select(sa.func.count())
    .select_from(MessageReceipt)
    .where(*_OF_CALLER, MessageReceipt.read_at.is_(None))
    .correlate(Participant)
    .scalar_subquery()
)
_LAST_MESSAGE_ID = (
    sa.select(MessageReceipt.message_id)
    .where(*_OF_CALLER)
    .order_by(MessageReceipt.created_at.desc(), MessageReceipt.message_id.desc())
    .limit(1)
    .correlate(Participant)
    .scalar_subquery()
)
_Sender = aliased(User)

_CONVERSATION = (
    sa.select(
        Conversation.id,
        Conversation.type,
        Conversation.name,
        _MEMBER_COUNT.label("member_count"),
        _UNREAD_COUNT.label("unread_count"),
        Message.id.label("last_message_id"),
        Message.type.label("last_message_type"),
        Message.content.label("last_message_content"),
        Message.created_at.label("last_message_time"),
        _Sender.id.label("sender_id"),
        _Sender.name.label("sender_name"),
        _Sender.avatar.label("sender_avatar"),
        Conversation.created_at,
        Participant.updated_at,
    )
    .select_from(Participant)
    .join(Conversation, Conversation.id == Participant.conversation_id)
    .outerjoin(Message, Message.id == _LAST_MESSAGE_ID)
    .outerjoin(_Sender, _Sender.id == Message.sender_id)
)


def _with_members(most: int) -> sa.Select[*tuple[Any, ...]]:
    """The conversations with so many of their members, in the order of their ids."""
    rows = _MEMBERS.order_by(User.id).limit(most).subquery()
    people = sa.select(JsonRows(id=rows.c.id, name=rows.c.name, avatar=rows.c.avatar))
    return _CONVERSATION.add_columns(people.scalar_subquery().label("members"))


MY_CONVERSATION = _with_members(MAX_PEOPLE).where(
    Participant.conversation_id == sa.bindparam("id"), MINE
)

# Not a join: so a search reads the names of the caller's conversations, and no others.
_NAME = (
    sa.select(folded_form(Conversation.name))
    .where(Conversation.id == Participant.conversation_id)
    .correlate(Participant)
    .scalar_subquery()
)

CONVERSATIONS = Listing(
    db,
    Participant,
    _with_members(LISTED_MEMBERS),
    {"search": contains("search", _NAME, _OTHERS_NAMES)},
    tiebreaker=Participant.conversation_id,
)
