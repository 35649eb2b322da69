"""The kinds of things that are searched: who sees which of them, and what is shown of one.

Each shows the same columns, so that one statement reads them all.
"""

import dataclasses as dc
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from halolight.core.access import CurrentUser
from halolight.core.db.base import UTCDateTime
from halolight.core.db.listing import EVERYTHING
from halolight.core.db.paging import Condition, Scope, Statement, number
from halolight.core.search.matching import (
    NAMED,
    NAMED_OR_ADDRESSED,
    NAMED_OR_WRITTEN,
    WRITTEN,
    Matches,
    Place,
)
from halolight.modules.calendar.models import Event
from halolight.modules.calendar.queries import EVENTS
from halolight.modules.documents.models import Document
from halolight.modules.documents.queries import DOCUMENTS
from halolight.modules.files.models import File
from halolight.modules.files.queries import FILES, IS_FOLDER
from halolight.modules.folders.queries import FOLDERS
from halolight.modules.messages.models import Message, MessageReceipt
from halolight.modules.messages.queries import MINE
from halolight.modules.teams.models import Team
from halolight.modules.teams.queries import TEAMS
from halolight.modules.users.models import User
from halolight.modules.users.queries import ACTIVE

READ_OF_TEXT = 20_000  # characters of a long text in which the excerpt is looked for

ScopeOf = Callable[[CurrentUser], Scope]

# The columns that all show, with their types. Those that a kind does not have are null.
COLUMNS: dict[str, Any] = {
    "id": sa.Integer(),
    "title": sa.String(),
    "text": sa.Text(),
    "person_id": sa.Integer(),
    "person_name": sa.String(),
    "person_avatar": sa.String(),
    "conversation_id": sa.Integer(),
    "series_id": sa.Integer(),
    "recurrence_id": UTCDateTime(),
    "all_day": sa.Boolean(),
    "updated_at": UTCDateTime(),
}


@dc.dataclass(frozen=True, eq=False)
class Kind:
    """One kind of thing: `entity`, found in `places`, the first of which come first."""

    name: str
    permission: str | None  # without which there is nothing of it; None where all may look
    entity: Any
    scope: ScopeOf
    places: tuple[Place, ...]
    item: Statement  # of `COLUMNS`
    newest: Any  # the column that says which one is newer
    also: Condition = EVERYTHING  # what else a row has to be

    def matching(self) -> list[Condition]:
        """The conditions that a search finds its rows with, the best first. None overlap."""
        return [Matches(self.entity, place) for place in self.places]


def _item(**columns: Any) -> Statement:
    """A select of all columns, in their order."""
    return sa.select(
        *(columns.get(name, sa.cast(sa.null(), kind)).label(name) for name, kind in COLUMNS.items())
    )


def _beginning(text: Any) -> Any:
    return sa.func.substr(text, number(1), number(READ_OF_TEXT), type_=sa.Text)


_OWNER: dict[str, Any] = {
    "person_id": User.id,
    "person_name": User.name,
    "person_avatar": User.avatar,
}


def _person(text: Any = None) -> Statement:
    shown = {} if text is None else {"text": text}
    return _item(id=User.id, title=User.name, **shown, **_OWNER)


def _file(name: str, resource: Any, also: Condition) -> Kind:
    item = _item(id=File.id, title=File.name, **_OWNER, updated_at=File.updated_at)
    return Kind(
        *(name, f"{name}:view", File, resource.scope, (NAMED,)),
        item=item.outerjoin(User, User.id == File.owner_id),
        newest=File.updated_at,
        also=also,
    )


def _everybody(_: CurrentUser) -> Scope:
    return (EVERYTHING,)


def _active(_: CurrentUser) -> Scope:
    return (ACTIVE,)


def _received(_: CurrentUser) -> Scope:
    return (MINE,)


# With `users:view`, and what the directory shows everybody.
PEOPLE = Kind(
    *("people", "users:view", User, _everybody, (NAMED, NAMED_OR_ADDRESSED)),
    item=_person(User.email),
    newest=User.created_at,
)
DIRECTORY = Kind(*("people", None, User, _active, (NAMED,)), item=_person(), newest=User.created_at)

_EVENT = _item(
    id=Event.id,
    title=Event.title,
    # Each text on a line of its own: they are one for the excerpt.
    text=sa.func.coalesce(Event.location, sa.literal_column("''"))
    + sa.literal_column("'\n'")
    + sa.func.coalesce(Event.description, sa.literal_column("''")),
    **_OWNER,
    series_id=Event.series_id,
    recurrence_id=Event.recurrence_id,
    all_day=Event.all_day,
    updated_at=Event.updated_at,
).outerjoin(User, User.id == Event.owner_id)

KINDS = (
    PEOPLE,
    Kind(
        *("documents", "documents:view", Document, DOCUMENTS.scope, (NAMED, NAMED_OR_WRITTEN)),
        item=_item(
            id=Document.id,
            title=Document.title,
            text=_beginning(Document.content),
            **_OWNER,
            updated_at=Document.updated_at,
        ).outerjoin(User, User.id == Document.author_id),
        newest=Document.updated_at,
    ),
    _file("files", FILES, sa.not_(IS_FOLDER)),
    _file("folders", FOLDERS, EVERYTHING),
    Kind(
        *("messages", "messages:view", Message, _received, (WRITTEN,)),
        item=_item(
            id=Message.id,
            text=_beginning(Message.content),
            **_OWNER,
            conversation_id=Message.conversation_id,
            updated_at=Message.created_at,
        ).outerjoin(User, User.id == Message.sender_id),
        newest=Message.created_at,
    ),
    Kind(
        *("events", "calendar:view", Event, EVENTS.scope, (NAMED, NAMED_OR_WRITTEN)),
        item=_EVENT,
        newest=Event.updated_at,
    ),
    Kind(
        *("teams", "teams:view", Team, TEAMS.scope, (NAMED, NAMED_OR_WRITTEN)),
        item=_item(id=Team.id, title=Team.name, text=Team.description, updated_at=Team.updated_at),
        newest=Team.updated_at,
    ),
)
NAMES = tuple(kind.name for kind in KINDS)

# What a scope of messages is about: the receipts of them.
JOINED = {Message: (MessageReceipt, MessageReceipt.message_id == Message.id)}


def kind_for(user: CurrentUser, kind: Kind) -> Kind | None:
    """The kind as this user may search it, if at all."""
    if kind.permission is None or user.can(kind.permission):
        return kind
    return DIRECTORY if kind is PEOPLE else None
