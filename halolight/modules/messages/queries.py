"""The statements that read messages. Users read their own, whatever permissions they hold."""

import sqlalchemy as sa

from halolight.core.db.among import Among
from halolight.core.db.folding import folded_form
from halolight.core.db.listing import Listing, contains
from halolight.core.db.paging import Condition
from halolight.core.db.resource import CALLER
from halolight.core.search.listing import search_by
from halolight.core.search.matching import WRITTEN, Matches
from halolight.extensions import db
from halolight.modules.users.models import User

from .models import Message, MessageReceipt

MINE = MessageReceipt.user_id == CALLER
_UNREAD = MessageReceipt.read_at.is_(None)

# The messages of the caller. Every read starts here.
SCOPES: dict[bool | None, Condition] = {
    None: MINE,
    True: sa.and_(MINE, _UNREAD),
    False: sa.and_(MINE, MessageReceipt.read_at.is_not(None)),
}

MESSAGE = (
    sa.select(
        Message.id,
        Message.conversation_id,
        Message.sender_id,
        User.name.label("sender_name"),
        User.avatar.label("sender_avatar"),
        Message.type,
        Message.content,
        MessageReceipt.read_at.is_not(None).label("read"),
        Message.created_at,
    )
    .select_from(MessageReceipt)
    .join(Message, Message.id == MessageReceipt.message_id)
    .outerjoin(User, User.id == Message.sender_id)
)

MY_MESSAGE = MESSAGE.where(Message.id == sa.bindparam("id"), MINE)

# Not a join, so that a search reads only the texts that the caller has.
_CONTENT = (
    sa.select(folded_form(Message.content))
    .where(Message.id == MessageReceipt.message_id)
    .correlate(MessageReceipt)
    .scalar_subquery()
)
_FOUND = sa.select(Message.id).where(Matches(Message, WRITTEN))

MESSAGES = Listing(
    db,
    MessageReceipt,
    MESSAGE,
    {
        "search": search_by(
            contains("search", _CONTENT), indexed=MessageReceipt.message_id.in_(_FOUND)
        ),
        "box": MessageReceipt.box == sa.bindparam("box"),
        "conversation_id": MessageReceipt.conversation_id == sa.bindparam("conversation_id"),
    },
    tiebreaker=MessageReceipt.message_id,
)

UNREAD_COUNT = sa.select(sa.func.count()).select_from(MessageReceipt).where(SCOPES[True])

# For the streams of several users.
TOLD = MESSAGE.add_columns(MessageReceipt.user_id).where(
    Among(MessageReceipt.user_id, "users"), Among(MessageReceipt.message_id, "ids")
)
UNREAD_COUNTS = (
    sa.select(MessageReceipt.user_id, sa.func.count().label("count"))
    .where(Among(MessageReceipt.user_id, "ids"), _UNREAD)
    .group_by(MessageReceipt.user_id)
)
