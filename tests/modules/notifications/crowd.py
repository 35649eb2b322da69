"""Thousands of notifications, a fifth of them the reader's, and how their list is read."""

from typing import Any

from halolight.core.clock import utcnow
from halolight.modules.notifications.models import Notification

MODEL = Notification
PATH = "/api/notifications"
INDEX = None  # nobody is shown all of them
QUERIES = (
    "",
    "unread=true",
    "unread=false",
    "type=user",
)


def row(number: int, reader_id: int, other_id: int) -> dict[str, Any]:
    return {
        "user_id": other_id if number % 5 else reader_id,
        "type": "user",
        "title": "Hello",
        "read_at": utcnow() if number % 10 else None,
    }
