"""Finding or making conversations, and locking them.

The order of locks: first the conversation, then its people in the order of their ids, then what
is in it. The audit trail comes last, because its count of rows is a lock, too.
"""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from halolight.core.access import CurrentUser
from halolight.core.db.among import Among
from halolight.core.errors import Invalid
from halolight.core.i18n import _
from halolight.extensions import db
from halolight.modules.users.models import User
from halolight.modules.users.service import check_active

from .models import GROUP, PRIVATE, Conversation, Participant


class Opened(NamedTuple):
    """A conversation that is locked, who takes part, and whether this transaction has made it.

    `conversation` has an `id` and a `name`.
    """

    conversation: Any
    people: Sequence[int]
    is_new: bool = True


_CONVERSATION_ID = sa.bindparam("conversation_id", type_=sa.Integer)
_BY_KEY = (
    sa.select(Conversation.id, Conversation.name)
    .where(Conversation.people_key == sa.bindparam("key"))
    .with_for_update(key_share=True)
)
_WITHOUT_KEY = (
    sa.update(Conversation).where(Conversation.id == _CONVERSATION_ID).values(people_key=None)
)
_TAKES_PART = sa.select(Participant.user_id).where(
    Participant.conversation_id == _CONVERSATION_ID,
    Participant.user_id == sa.bindparam("user_id"),
    Participant.left_at.is_(None),
)


def _held(people: sa.Select[int]) -> sa.Select[int]:
    """Nobody's deletion can come in between, which would take their rows in another order."""
    return people.order_by(User.id).with_for_update(of=User, read=True, key_share=True)


_PEOPLE = _held(sa.select(User.id).where(Among(User.id, "ids")))
_PEOPLE_IN = _held(
    sa.select(User.id)
    .join(Participant, Participant.user_id == User.id)
    .where(Participant.conversation_id == _CONVERSATION_ID)
)


def open_with(
    user: CurrentUser,
    others: Collection[int],
    field: str,
    *,
    name: str | None = None,
    new_group: bool = False,
) -> Opened:
    """The conversation of the user with others: a new group if there is a name or it is asked for,
    otherwise the one that exactly these people have. `field` is the one that names the others.
    """
    people = {user.id, *others}
    if people == {user.id}:
        raise Invalid(_("Choose somebody other than yourself."), field=field)
    check_active(people - {user.id}, field)
    return _open_group(people, name) if name or new_group else _open_between(people)


def _open_group(people: Collection[int], name: str | None) -> Opened:
    conversation = Conversation(type=GROUP, name=name)
    db.session.add(conversation)
    db.session.flush()
    return Opened(conversation, add_people(conversation.id, people))


def _open_between(people: Collection[int]) -> Opened:
    key = key_of(people)
    found = next(iter(db.execute(_BY_KEY, key=key)), None)
    if found:
        taking_part = people_in(found.id)
        if set(taking_part) == set(people):
            return Opened(found, taking_part, is_new=False)
        db.later(_WITHOUT_KEY, conversation_id=found.id)  # a member was deleted
    conversation = Conversation(type=PRIVATE if len(people) == 2 else GROUP, people_key=key)
    try:
        with db.session.begin_nested():
            db.session.add(conversation)
    except sa.exc.IntegrityError:  # another request created it at the same time
        return _open_between(people)
    return Opened(conversation, add_people(conversation.id, people))


def key_of(people: Collection[int]) -> str:
    """The key of the conversation that exactly these users have."""
    return ":".join(map(str, sorted(people)))


def lock_own(user: CurrentUser, conversation_id: int) -> Conversation | None:
    """A conversation that the user takes part in, locked."""
    conversation = db.session.scalar(
        sa.select(Conversation).filter_by(id=conversation_id).with_for_update(key_share=True)
    )
    # Asked only now: while we waited for the lock the user may have left.
    own = db.execute(_TAKES_PART, conversation_id=conversation_id, user_id=user.id)
    return conversation if own else None


def add_people(conversation_id: int, user_ids: Collection[int]) -> Sequence[int]:
    """Have these people, those who still exist, take part; return their ids."""
    existing = [row.id for row in db.execute(_PEOPLE, ids=user_ids)]
    db.add_rows(
        Participant,
        [{"conversation_id": conversation_id, "user_id": user_id} for user_id in existing],
    )
    return existing


def people_in(conversation_id: int) -> Sequence[int]:
    """The ids of all who take part, who can be deleted only after this transaction."""
    return [row.id for row in db.execute(_PEOPLE_IN, conversation_id=conversation_id)]
