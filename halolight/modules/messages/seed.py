"""The conversations of the demo and what is said in them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from random import Random

import sqlalchemy as sa

from halolight.core.clock import utcnow
from halolight.extensions import db
from halolight.modules.notifications.models import Notification
from halolight.modules.users.models import User

from .conversations.models import GROUP, PRIVATE, Conversation, Participant
from .conversations.opening import key_of
from .models import INBOX, SENT, Message, MessageReceipt
from .seed_texts import AMONG_MANY, BETWEEN_TWO, IN_THE_END
from .service import announcement

DEMO = "messages"
AFTER = ("users", "notifications")

WEEKS = 6
UNREAD = dt.timedelta(days=4)  # what is older has been read by everybody

# By whom: places in the order of ids, in which the accounts one can sign in with come first.
PAIRS = ((0, 1), (2, 0), (1, 2), (3, 1), (0, 5), (4, 2), (3, 6), (7, 1), (2, 8))
GROUPS = (
    ("Everybody", (0, 1, 2, 3, 4, 5, 6, 7, 8, 9)),
    ("Release", (0, 1, 2, 4, 5)),
    ("Support", (3, 2, 6, 7)),
    (None, (1, 0, 9, 10)),
)


def seed_demo(random: Random) -> int:
    """Add the demo's messages where there is no conversation yet."""
    if db.session.scalar(sa.select(Conversation.id).limit(1)):
        return 0
    people = db.session.scalars(sa.select(User.id).order_by(User.id)).all()
    now = utcnow()
    said: list[Message] = []
    for number, (name, places) in enumerate([*GROUPS, *((None, pair) for pair in PAIRS)]):
        members = [people[place] for place in places]
        messages = _talk(random, members, now - dt.timedelta(hours=1 + 13 * number))
        _add_conversation(name, members, messages)
        said += messages
    said.sort(key=lambda message: message.created_at)  # ids in the order of time, as they would be
    db.session.add_all(said)
    db.session.flush()
    _add_receipts(random, said, now)
    return len(said)


def _talk(random: Random, members: Sequence[int], end: dt.datetime) -> list[Message]:
    """Several exchanges over the weeks; the last one is still unanswered."""
    texts = BETWEEN_TWO if len(members) == 2 else AMONG_MANY
    exchanges = random.sample(texts, min(len(texts), random.randint(5, 7)))
    pause = dt.timedelta(weeks=WEEKS) / len(exchanges)
    messages = []
    for number, exchange in enumerate(reversed([*exchanges, random.choice(IN_THE_END)])):
        speakers = random.sample(members, len(members))  # they take turns
        moment = end - pause * number * random.uniform(0.9, 1.0)
        for place, text in reversed(list(enumerate(exchange))):
            sender_id = speakers[place % len(speakers)]
            messages.append(Message(sender_id=sender_id, content=text, created_at=moment))
            moment -= dt.timedelta(seconds=random.randint(20, 1500))
    return messages[::-1]


def _add_conversation(name: str | None, members: Sequence[int], messages: list[Message]) -> None:
    two = len(members) == 2
    began, ended = messages[0].created_at, messages[-1].created_at
    conversation = Conversation(
        type=PRIVATE if two else GROUP,
        name=name,
        people_key=None if name else key_of(members),
        created_at=began,
    )
    db.session.add(conversation)
    db.session.flush()
    of_it = {"conversation_id": conversation.id, "updated_at": ended}
    db.session.add_all(Participant(**of_it, user_id=member) for member in members)
    for message in messages:
        message.conversation_id = conversation.id


def _add_receipts(random: Random, said: Sequence[Message], now: dt.datetime) -> None:
    """Everybody has read what came before they spoke last, and what is old."""
    members = defaultdict(list)
    for conversation_id, user_id in db.session.execute(
        sa.select(Participant.conversation_id, Participant.user_id).order_by(Participant.user_id)
    ):
        members[conversation_id].append(user_id)
    spoke = {(m.conversation_id, m.sender_id): m.created_at for m in said}
    people = db.session.execute(sa.select(User.id, User.name))
    names = {person.id: person.name for person in people}
    for message in said:
        sent_at = message.created_at
        for user_id in members[message.conversation_id]:
            mine = user_id == message.sender_id
            last = spoke.get((message.conversation_id, user_id), sent_at)
            unread = not mine and sent_at >= last and now - sent_at < UNREAD
            later = dt.timedelta(0) if mine else dt.timedelta(minutes=random.randint(1, 55))
            receipt = MessageReceipt(
                message_id=message.id,
                user_id=user_id,
                conversation_id=message.conversation_id,
                box=SENT if mine else INBOX,
                created_at=sent_at,
                read_at=None if unread else sent_at + later,
            )
            db.session.add(receipt)
            if unread:
                notice = announcement(message, names[message.sender_id])
                notice |= {name: str(notice[name]) for name in ("title", "content")}
                kind = notice.pop("kind")
                db.session.add(
                    Notification(user_id=user_id, type=kind, created_at=sent_at, **notice)
                )
    db.session.flush()
