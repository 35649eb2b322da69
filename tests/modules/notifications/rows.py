"""A notification for the tests of the whole API."""

from typing import Any

from halolight.extensions import db
from halolight.modules.notifications.models import Notification


def add(known: dict[str, Any]) -> dict[str, Any]:
    told = Notification(
        user_id=known["owner_id"], type="user", title="Hello", sender_id=known["user_id"]
    )
    db.session.add(told)
    db.session.flush()
    return {"notification_id": told.id}
