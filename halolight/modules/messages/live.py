"""Messages in the streams of live events."""

from collections.abc import Collection
from typing import Any

from halolight.core.live.kinds import Refers
from halolight.extensions import db, live

from . import queries
from .schemas import MessageSchema

PERMISSION = "messages:view"
SCHEMA = MessageSchema()


def load(refers: Collection[Refers]) -> dict[Refers, Any]:
    users, ids = ({pair[i] for pair in refers} for i in (0, 1))
    rows = db.rows(queries.TOLD, users=users, ids=ids)
    return {(row.user_id, row.id): SCHEMA.dump(row) for row in rows}


def count(user_ids: Collection[int]) -> dict[int, int]:
    return {row.user_id: row.count for row in db.rows(queries.UNREAD_COUNTS, ids=user_ids)}


live.kind("message", permission=PERMISSION, load=load, counts=True)
live.counter("messages", permission=PERMISSION, count=count)
