"""Notifications in the streams of live events."""

from collections.abc import Collection
from typing import Any

from halolight.core.live.kinds import Refers
from halolight.extensions import db, live

from . import queries
from .schemas import NotificationSchema

PERMISSION = "notifications:view"
SCHEMA = NotificationSchema()


def load(refers: Collection[Refers]) -> dict[Refers, Any]:
    rows = db.rows(queries.TOLD, ids={id_ for _, id_ in refers})
    return {(row.user_id, row.id): SCHEMA.dump(row) for row in rows}


def count(user_ids: Collection[int]) -> dict[int, int]:
    return {row.user_id: row.count for row in db.rows(queries.UNREAD_COUNTS, ids=user_ids)}


live.kind("notification", permission=PERMISSION, load=load, counts=True)
live.counter("notifications", permission=PERMISSION, count=count)
