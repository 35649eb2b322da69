"""A group with an unread message of somebody who has gone, for the tests of the whole API.

It is of everybody there is, because nobody reads a conversation without being in it, whatever else
they may do; only one is not in it and can be taken in.
"""

from typing import Any

import sqlalchemy as sa

from halolight.extensions import db
from halolight.modules.messages.conversations.models import GROUP, Conversation, Participant
from halolight.modules.messages.models import Message
from halolight.modules.messages.service import deliver
from halolight.modules.users.models import User


def add(known: dict[str, Any]) -> dict[str, Any]:
    conversation = Conversation(type=GROUP, name="Everybody")
    db.session.add(conversation)
    db.session.flush()
    of_it = {"conversation_id": conversation.id}
    people = db.session.scalars(sa.select(User.id).where(User.id != known["user_id"])).all()
    db.session.add_all(Participant(**of_it, user_id=user_id) for user_id in people)
    message = Message(**of_it, content="Hello")
    db.session.add(message)
    db.session.flush()
    deliver(message, people)
    return {**of_it, "message_id": message.id}
